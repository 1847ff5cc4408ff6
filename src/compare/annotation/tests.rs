use super::*;

/// Each line: spellings of one type. Different lines are different types.
const TYPES: &[&[&str]] = &[
    &["int", " int ", "'int'", "\"int\"", "builtins.int", "'\"int\"'", "(int)", "Union[int]", "'''int'''"],
    &["str", "typing.Text", "r'str'"],
    &["None", "NoneType", "types.NoneType", "'None'", "Optional[None]"],
    &["list", "List", "typing.List", "builtins.list", "typing_extensions.List"],
    &["list[int]", "List[int]", "typing.List[ int ]", "List['int']", "'list[int]'", "list[int,]", "'List[\"int\"]'"],
    &["list[str]"],
    &[
        "dict[str, int]",
        "Dict[str,int]",
        "typing.Dict[\n    str,\n    int,\n]",
        "dict[\r\n    str,  # it's a 'name'\r\n    # [\r\n    int,\r\n]",
        "dict[str, \\\n    int]",
    ],
    &["set[int]", "Set[int]", "typing.Set[int]"],
    &["AbstractSet[int]", "typing.AbstractSet[int]", "collections.abc.Set[int]"],
    &["deque[int]", "Deque[int]", "typing.Deque[int]", "collections.deque[int]"],
    &["defaultdict[str, int]", "DefaultDict[str, int]", "collections.defaultdict[str, int]"],
    &["type[P]", "Type[P]", "typing.Type['P']"],
    &[
        "int | None",
        "None|int",
        "Optional[int]",
        "typing.Optional['int']",
        "Union[int, None]",
        "Union[None, int, None]",
        "'int | None'",
        "int | (None)",
        "Optional[int | None]",
        "Optional[Union[int, None]]",
    ],
    &["int | str | None", "Optional[Union[str, int]]", "Union[int, Union[str, None]]", "str | Optional[int]"],
    &["Literal['a']", "Literal[\"a\"]", "typing.Literal['a']", "'Literal[\"a\"]'", "\"Literal['a']\""],
    &["Literal[a]"],
    &["Literal['a', 'b']", "Literal['a','b']"],
    &["Literal['int']"],
    &["Literal['List[int]']"],
    &["Literal[-1, True]", "Literal[- 1,True]"],
    &["Annotated[list[int], 'x']", "typing.Annotated[List[int], \"x\"]"],
    &["Annotated[list[int], Gt(0)]", "Annotated[List[int], Gt( 0 )]"],
    &["Callable[[int, str], bool]", "typing.Callable[[int,str],bool]", "collections.abc.Callable[['int', str], bool]"],
    &["Callable[..., None]", "Callable[ ... ,None]"],
    &["Callable[[], None]"],
    &["tuple[int, ...]", "Tuple[int, ...]"],
    &["tuple[()]", "Tuple[()]"],
    &["a.b.C", "a . b . C"],
    &["C"],
    &["Sequence[int]", "typing.Sequence[int]", "collections.abc.Sequence[int]"],
    &["tuple[*Ts]", "Tuple[* Ts]"],
    &["1 + x", "1+x", " 1+ x "],
    &["f(a)[0]", "f( a )[0]", "f(a)[  # first\n    0\n]"],
    &["Literal['#']", "Literal[  # '\n    '#',\n]"],
    &["ähm[über]", "ähm[ 'über' ]"],
];

#[test]
fn spellings_of_a_type_agree_and_different_types_do_not() {
    for (i, spellings) in TYPES.iter().enumerate() {
        for (j, others) in TYPES.iter().enumerate() {
            for a in *spellings {
                for b in *others {
                    let qualified = spellings[0] == "list[int]" && others[0].starts_with("Annotated");
                    assert_eq!(agree(a, b, None), i == j || qualified, "{a:?} and {b:?}");
                }
            }
        }
    }
}

fn form(text: &str) -> String {
    parse(text, &|_| None).map_or_else(|| exactly(text), |parsed| parsed.text())
}

#[test]
fn a_normal_form_is_its_own_normal_form() {
    for text in TYPES.iter().copied().flatten() {
        let once = form(text);
        assert_eq!(form(&once), once, "{text}");
    }
}

#[test]
fn hostile_annotations_are_compared_in_bounded_time() {
    let deep = |open: &str, close: &str| format!("{}int{}", open.repeat(50_000), close.repeat(50_000));
    let wide: String = (0..50_000).map(|i| format!("T{i}")).collect::<Vec<_>>().join(" | ");
    let hostile = [
        deep("list[", "]"),
        deep("(", ")"),
        deep("[", "]"),
        "'\"".repeat(50_000),
        "\\".repeat(50_000),
        "|".repeat(50_000),
        "'".to_owned(),
        "'''".to_owned(),
        "'\\".to_owned(),
        "Literal[".to_owned(),
        "Literal[)]".to_owned(),
        "\u{0}\u{feff}".to_owned(),
        String::new(),
        ".".to_owned(),
        "a.".to_owned(),
        "'\\ud800'".to_owned(),
        wide,
    ];
    for text in &hostile {
        assert!(agree(text, &format!("{text} "), None));
        assert!(!agree(text, "int", None));
    }
}

fn module_with(imports: &[(&str, &str, Option<&str>)]) -> Module {
    use crate::observed::model::{Binding, Certainty, ImportedName};
    let mut module = Module::default();
    for (bound, from, name) in imports {
        let import = ImportedName { module: Some((*from).to_owned()), name: name.map(str::to_owned) };
        let kind = BindingKind::Import(import);
        module.bindings.insert((*bound).to_owned(), Binding { kind, certainty: Certainty::Definite, span: None });
    }
    module
}

#[test]
fn imported_names_are_what_they_were_imported_from() {
    let module = module_with(&[
        ("t", "typing", None),
        ("L", "typing", Some("List")),
        ("Set", "collections.abc", Some("Set")),
        ("abc", "collections", Some("abc")),
        ("Path", "pathlib", Some("Path")),
        ("np", "numpy", None),
    ]);
    let cases = [
        ("list[int]", "t.List[int]", true),
        ("list[int]", "L[int]", true),
        ("int | None", "t.Optional[int]", true),
        ("AbstractSet[int]", "Set[int]", true),
        ("Sequence[int]", "abc.Sequence[int]", true),
        ("pathlib.Path", "Path", true),
        ("Path", "Path", true),
        ("numpy.ndarray", "np.ndarray", true),
        ("os.Path", "Path", false),
    ];
    for (expected, found, agrees) in cases {
        assert_eq!(agree(expected, found, Some(&module)), agrees, "{expected} and {found}");
    }
    assert!(!agree("list[int]", "t.List[int]", None), "without the import `t` can be anything");
}

#[test]
fn qualifiers_of_the_importer_do_not_count() {
    let module = module_with(&[
        ("t", "typing", None),
        ("te", "typing_extensions", None),
        ("Final", "typing", Some("Final")),
        ("dc", "dataclasses", None),
        ("InitVar", "dataclasses", Some("InitVar")),
        ("Path", "pathlib", Some("Path")),
        ("Required", "mylib", Some("Required")),
    ]);
    let cases = [
        ("int", "Final[int]", true),
        ("int", "'Final[int]'", true),
        ("int", "Final['int']", true),
        ("int", "t.Final[int]", true),
        ("int", "ClassVar[int]", true),
        ("int", "Annotated[int, 'x', Gt(0)]", true),
        ("int", "Annotated[int]", true),
        ("int", "NotRequired[int]", true),
        ("int", "t.Required[int]", true),
        ("int", "te.ReadOnly[int]", true),
        ("int", "InitVar[int]", true),
        ("int", "dc.InitVar[int]", true),
        ("int", "dataclasses.InitVar[int]", true),
        ("Path", "dc.InitVar[Path]", true),
        ("pathlib.Path", "dc.InitVar[Path]", true),
        ("Optional[int]", "Final[int | None]", true),
        ("int | str | None", "Annotated[int | None, 'x'] | str", true),
        ("int", "Annotated[int, 'x'] | int", true),
        ("dict[str, int]", "Final[dict[str, Annotated[int, 'x']]]", true),
        ("Callable[[int], str]", "Callable[[Annotated[int, 1]], Annotated[str, 2]]", true),
        ("int", "ClassVar[Final[int]]", true),
        ("int", "NotRequired[ReadOnly[Annotated[int, 'x']]]", true),
        ("int", "Annotated[Final[int], 'x']", true),
        ("ClassVar[int]", "ClassVar[Final[int]]", true),
        ("Final[int]", "Final[Annotated[int, 'x']]", true),
        ("Annotated[int, 'x']", "Final[Annotated[int, 'x']]", true),
        ("dict[str, Annotated[int, 'x']]", "Annotated[dict[str, Annotated[int, 'x']], Doc('y')]", true),
        // What the contract names counts.
        ("Final[int]", "int", false),
        ("Final[int]", "ClassVar[int]", false),
        ("Annotated[int, 'x']", "int", false),
        ("Annotated[int, 'x']", "Annotated[int, 'y']", false),
        ("Final[int]", "Final[str]", false),
        // Not qualifiers, or not where Python allows them.
        ("int", "Final[str]", false),
        ("int", "Final", false),
        ("int", "Final[()]", false),
        ("int", "Optional[int]", false),
        ("int", "Required[int]", false),
        ("list[int]", "list[Final[int]]", false),
        ("int", "Final[int] | str", false),
        ("int", "mylib.Final[int]", false),
    ];
    for (expected, found, agrees) in cases {
        assert_eq!(agree(expected, found, Some(&module)), agrees, "{expected} and {found}");
    }
    assert!(agree("int", "Required[int]", None));
    let own = crate::compare::tests::support::class(&[], vec![]);
    let kind = BindingKind::Class(std::sync::Arc::new(own));
    let binding = crate::compare::tests::support::definite(kind, 0);
    let module = Module { bindings: [("Final".to_owned(), binding)].into_iter().collect(), ..Module::default() };
    assert!(!agree("int", "Final[int]", Some(&module)), "a class of that name");
    assert!(agree("Final[int]", "Final[ int ]", Some(&module)));
    assert!(agree("int", "typing.Final[int]", Some(&module)));
}

#[test]
fn a_bare_qualifier_is_no_annotation() {
    let module = module_with(&[("t", "typing", None), ("F", "typing", Some("Final")), ("Final", "x", Some("Final"))]);
    let cases = [
        ("t.Final", true),
        ("F", true),
        ("'t.ClassVar'", true),
        ("ClassVar", true),
        ("Final", false),
        ("t.Final[int]", false),
        ("int", false),
        ("", false),
    ];
    for (written, bare) in cases {
        assert_eq!(is_bare(written, Some(&module)), bare, "{written}");
    }
}

#[test]
fn of_a_live_annotation_only_types_are_shown() {
    let cases = [
        ("dict[str, int]", "dict[str, int]"),
        ("Literal['hunter2', 5]", "Literal[…, …]"),
        ("list[typing.Annotated[int, 'hunter2']]", "list[Annotated[int, …]]"),
        ("tuple[int, ...] | None", "None | tuple[int, ...]"),
        ("hunter2 = 5", "…"),
    ];
    for (written, told) in cases {
        assert_eq!(shown(written, None), told);
    }
}

#[test]
fn the_type_of_a_literal_counts() {
    let one = || Value::Int(1);
    let text = || Value::Str("a".to_owned());
    let cases = [
        ("int", one(), Some(true)),
        ("str", one(), Some(false)),
        ("float", one(), Some(false)),
        ("bool", Value::Bool(true), Some(true)),
        ("int", Value::Bool(true), Some(false)),
        ("Optional[str]", text(), Some(true)),
        ("Optional[str]", Value::None, Some(true)),
        ("Optional[str]", one(), Some(false)),
        ("List", Value::List(vec![one()]), Some(true)),
        ("list[int]", Value::List(vec![one()]), Some(true)),
        ("list[int]", Value::List(vec![text()]), Some(false)),
        ("list[int]", Value::List(vec![]), Some(true)),
        ("list[int]", Value::Tuple(vec![one()]), Some(false)),
        ("tuple[int, str]", Value::Tuple(vec![one(), text()]), Some(true)),
        ("tuple[int, str]", Value::Tuple(vec![one()]), Some(false)),
        ("tuple[int, ...]", Value::Tuple(vec![one(), one()]), Some(true)),
        ("Mapping[str, int]", Value::Dict(vec![(text(), one())]), Some(true)),
        ("dict[str, str]", Value::Dict(vec![(text(), one())]), Some(false)),
        ("Literal['a', 'b']", text(), Some(true)),
        ("Literal['b']", text(), Some(false)),
        ("Final[int]", one(), Some(true)),
        ("ReadOnly[str]", one(), Some(false)),
        ("dataclasses.InitVar[int]", one(), Some(true)),
        ("Any", one(), Some(true)),
        ("Sequence[str]", Value::List(vec![text()]), Some(true)),
        ("pathlib.Path", text(), Some(false)),
    ];
    for (expected, value, fits) in cases {
        assert_eq!(value_fits(expected, &value), fits, "{expected} and {value:?}");
    }
}

#[test]
fn of_a_computed_value_only_the_outer_type_counts() {
    let cases = [
        ("pathlib.Path", "Path", Some(true)),
        ("list", "list", Some(true)),
        ("list[int]", "list", None),
        ("list[int]", "dict", Some(false)),
        ("Optional[Path]", "NoneType", Some(true)),
        ("Callable[[int], str]", "function", None),
        ("Callable", "function", Some(true)),
        ("Any", "whatever", Some(true)),
    ];
    for (expected, name, fits) in cases {
        assert_eq!(type_fits(expected, name), fits, "{expected} and {name}");
    }
}

#[test]
fn comments_are_not_shown() {
    let module = Module::default();
    assert_eq!(shown("dict[\n    str,  # it's\n    '#',\n]", Some(&module)), "dict[ str, '#', ]");
    assert_eq!(shown("int # [\r\n| 'open", Some(&module)), "int | 'open");
}
