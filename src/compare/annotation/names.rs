//! The one name of a type that has several.

/// What the first part of a dotted name stands for in a module: `t` of `import typing as t` is `typing`.
pub(super) type Heads<'a> = &'a dyn Fn(&str) -> Option<String>;

/// The canonical form of a dotted name.
pub(super) fn canonical(dotted: &str, heads: Heads<'_>) -> String {
    let (head, tail) = dotted.split_once('.').map_or((dotted, None), |(head, tail)| (head, Some(tail)));
    let full = match (heads(head), tail) {
        (Some(full), Some(tail)) => format!("{full}.{tail}"),
        (Some(full), None) => full,
        (None, _) => dotted.to_owned(),
    };
    let Some((module, last)) = full.rsplit_once('.') else { return plain(&full).to_owned() };
    match module {
        "typing" | "typing_extensions" => plain(last).to_owned(),
        // `collections.abc.Set` is `typing.AbstractSet`; `typing.Set` is `set`.
        "collections.abc" if last == "Set" => "AbstractSet".to_owned(),
        "collections.abc" | "builtins" => last.to_owned(),
        "collections" if matches!(last, "deque" | "defaultdict" | "OrderedDict" | "Counter" | "ChainMap") => {
            last.to_owned()
        }
        "dataclasses" if last == "InitVar" => "InitVar".to_owned(),
        "types" if last == "NoneType" => "None".to_owned(),
        _ => full,
    }
}

/// Whether the dotted name belongs to a module whose names have more than one spelling.
pub(super) fn is_typing(full: &str) -> bool {
    matches!(full, "dataclasses" | "dataclasses.InitVar")
        || ["typing", "typing_extensions", "collections", "collections.abc", "builtins", "types"]
            .iter()
            .any(|module| full.strip_prefix(module).is_some_and(|rest| rest.is_empty() || rest.starts_with('.')))
}

fn plain(name: &str) -> &str {
    match name {
        "List" => "list",
        "Dict" => "dict",
        "Set" => "set",
        "FrozenSet" => "frozenset",
        "Tuple" => "tuple",
        "Type" => "type",
        "Deque" => "deque",
        "DefaultDict" => "defaultdict",
        "Text" => "str",
        "NoneType" => "None",
        other => other,
    }
}
