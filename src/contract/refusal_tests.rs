//! Contracts that are refused: what is said, and where.

use super::loader::load;

/// Contract, part of the message, underlined text, path, part of the help.
type Refusal = (&'static str, &'static str, &'static str, &'static str, &'static str);

const REFUSALS: &[Refusal] = &[
    ("varaibles: []", "unknown key `varaibles`", "varaibles", "", "did you mean `variables`?"),
    ("a: 1\n", "unknown key `a`", "a", "", "known here: schema_version, filename"),
    ("classes: [{name: C, method: []}]", "unknown key `method`", "method", "classes[0]", "`methods`"),
    ("variables: []\n\"variables\": []", "`variables` stands here twice", "\"variables\"", "", "keep one"),
    (
        "variables:\n- name: a\n  value: {k: 1, k: 2}",
        "a key stands in this mapping twice",
        "k",
        "variables[0].value",
        "",
    ),
    ("variables:\n- name: a\n  value: {[1]: 2}", "can't be a key", "[1]", "variables[0].value", ""),
    ("variables: 3", "expected a list, found a number", "3", "variables", ""),
    ("variables: {name: a}", "expected a list, found a mapping", "{name: a}", "variables", ""),
    ("variables: [a]", "expected a mapping, found text", "a", "variables[0]", ""),
    ("variables: [{name: [a]}]", "expected text, found a list", "[a]", "variables[0].name", ""),
    ("- a", "expected a mapping, found a list", "- a", "", ""),
    ("just text", "expected a mapping, found text", "just text", "", ""),
    (
        "functions: [{name: f, async: maybe}]",
        "expected `true` or `false`, found text",
        "maybe",
        "functions[0].async",
        "",
    ),
    ("variables: [{value: 1}]", "this variable has no `name`", "{value: 1}", "variables[0]", "add `name: …`"),
    ("variables:\n- name: a\n-\n", "has no `name`", "-", "variables[1]", ""),
    ("variables: [{name: ''}]", "`name` is empty text", "''", "variables[0].name", ""),
    ("variables: [{name: a b}]", "`a b` is not a name", "a b", "variables[0].name", ""),
    (
        "functions: [{name: f, arguments: [{name: '*args'}]}]",
        "not a name",
        "'*args'",
        "functions[f].arguments[0].name",
        "`args`",
    ),
    ("version: '>>1'", "`>>1` is no version requirement", "'>>1'", "version", ">=3.10,<3.13"),
    ("version: [1]", "expected text", "[1]", "version", ""),
    ("filename: 'a['", "not closed", "'a['", "filename", ""),
    ("filename: ../a.py", "`..`", "../a.py", "filename", ""),
    ("protects: [a, 'b[']", "not closed", "'b['", "protects[1]", ""),
    ("protects: []", "would guard nothing", "[]", "protects", ""),
    ("trusted_importers: [a, ~]", "entry of the list is empty", "~", "trusted_importers[1]", ""),
    ("schema_version: 2", "`schema_version: 2` is not supported", "2", "schema_version", "schema_version: 1"),
    ("schema_version: one", "not supported", "one", "schema_version", ""),
    (
        "deployments: [{arch: x86_65}]",
        "unknown architecture `x86_65`",
        "x86_65",
        "deployments[0].arch",
        "did you mean `x86_64`? known: x86_64, aarch64",
    ),
    (
        "deployments: [{arch: amd46}]",
        "unknown architecture `amd46`",
        "amd46",
        "deployments[0].arch",
        "did you mean `amd64`? known: x86_64, aarch64",
    ),
    ("deployments: [{arch: 386}]", "unknown architecture `386`", "386", "deployments[0].arch", ""),
    (
        "deployments: [{systems: [{os: [linux, beos]}]}]",
        "unknown operating system `beos`",
        "beos",
        "deployments[0].systems[0].os[1]",
        "linux, darwin",
    ),
    (
        "deployments: [{systems: [{pythons: [{interpreter: CPyton}]}]}]",
        "unknown interpreter `CPyton`",
        "CPyton",
        "deployments[0].systems[0].pythons[0].interpreter",
        "`CPython`",
    ),
    (
        "deployments: [{systems: [{environment: {variables: [{name: A, value: [1]}]}}]}]",
        "expected text, found a list",
        "[1]",
        "deployments[0].systems[0].environment.variables[0].value",
        "",
    ),
    (
        "deployments: [{systems: [{environment: {secrets: [a, '']}}]}]",
        "entry of the list is empty",
        "''",
        "deployments[0].systems[0].environment.secrets[1]",
        "",
    ),
    (
        "deployments: [{systems: [{envs: {}}]}]",
        "unknown key `envs`",
        "envs",
        "deployments[0].systems[0]",
        "environment",
    ),
    (
        "functions: [{name: f, arguments: [{name: a, kind: star}]}]",
        "unknown kind of argument `star`",
        "star",
        "functions[f].arguments[a].kind",
        "known: positional-only",
    ),
    (
        "classes: [{name: C, attributes: [{name: a, type: static}]}]",
        "unknown type of attribute `static`",
        "static",
        "classes[C].attributes[0].type",
        "known: class, instance",
    ),
    (
        "variables: [{name: a, pattern: '(x'}]",
        "unclosed group, at character 1",
        "'(x'",
        "variables[a].pattern",
        "regular expressions",
    ),
    ("variables: [{name: a, one_of: []}]", "`one_of` is empty", "[]", "variables[a].one_of", ""),
    ("variables: [{name: a, value: 5, one_of: ['5', true]}]", "not among `one_of`", "5", "variables[a].value", ""),
    ("variables: [{name: a, value: xy, pattern: x}]", "does not match `pattern`", "xy", "variables[a].value", ""),
    (
        "deployments: [{systems: [{environment: {variables: [{name: A, value: 1, one_of: [2]}]}}]}]",
        "not among `one_of`",
        "1",
        "deployments[0].systems[0].environment.variables[A].value",
        "",
    ),
    (
        "variables: [{name: a, value: 1}, {name: b}, {name: a, value: 2}]",
        "entries named `a` contradict each other in `value`",
        "2",
        "variables[a].value",
        "",
    ),
    (
        "variables: [{name: a, annotation: int}, {name: a, annotation: str}]",
        "contradict each other in `annotation`",
        "str",
        "variables[a].annotation",
        "",
    ),
    (
        "functions: [{name: f, async: true}, {name: f, async: false}]",
        "contradict each other in `async`",
        "false",
        "functions[f].async",
        "",
    ),
    (
        "functions: [{name: f, arguments: [{name: a}, {name: a}]}]",
        "argument `a` is listed twice",
        "a",
        "functions[f].arguments[a].name",
        "",
    ),
    ("classes: [{name: C, superclasses: [~]}]", "this superclass has no `name`", "~", "classes[C].superclasses[0]", ""),
    (
        "classes: [{name: C, superclasses: [3]}]",
        "expected text or a mapping, found a number",
        "3",
        "classes[0].superclasses[0]",
        "",
    ),
    ("a: !!python/object:x {}", "unknown tag `!!python/object:x`", "!!python/object:x", "", ""),
    ("variables:\n\t- name: a\n", "a tab stands where YAML wants spaces", "\t", "", "spaces"),
    ("variables: [", "did not find expected node content", "", "", ""),
    ("variables: *x", "unknown anchor", "*", "", ""),
    ("variables:\n- name: \"\\ud800\"\n", "invalid Unicode character escape", "d", "", ""),
    ("variables: [{name: \"a}]", "unexpected end of stream", "", "", ""),
    ("a: b\n---\na: b", "more than one document", "---", "", ""),
    ("variables: &a [*a]", "expected a mapping, found a list", "[*a]", "variables[0]", ""),
    ("{} }", "did not find expected <document start>", "}", "", ""),
    ("variables: [{name: a, value: &a [*a]}]", "nest", "[*a]", "variables[0].value", ""),
    ("variables: [{name: \u{7}}]", "control character U+0007", "\u{7}", "", ""),
    ("? [a]\n: b", "expected a key, found a list", "[a]", "", ""),
];

#[test]
fn refusals_are_precise() {
    let mut wrong = Vec::new();
    for (text, message, underlined, path, help) in REFUSALS {
        let Err(problem) = load(text.as_bytes()) else {
            wrong.push(format!("{text:?} loads"));
            continue;
        };
        let span = problem.span.map(|span| &text[span.start..span.end]);
        let fits = problem.message.contains(message)
            && span == Some(underlined)
            && problem.path.as_deref().unwrap_or_default() == *path
            && problem.help.as_deref().unwrap_or_default().contains(help)
            && !problem.message.contains(['\n', '\t']);
        if !fits {
            wrong.push(format!("{text:?}\n   {span:?} {problem:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_value_does_not_contradict_itself() {
    for text in ["variables: [{name: a, value: .nan}]", "variables: [{name: a, value: [.nan], one_of: [[.nan]]}]"] {
        assert!(load(text.as_bytes()).is_ok(), "{text}");
    }
}

#[test]
fn texts_that_are_no_contract_at_all() {
    for (bytes, message) in [
        (&b""[..], "the contract is empty"),
        (b"# nothing\n", "the contract is empty"),
        (b"---\n", "the contract is empty"),
        (b"~", "the contract is empty"),
        (b"null\n...\n", "the contract is empty"),
        (b"a: b\nc: \xff", "not UTF-8: byte 0xff at offset 8, in line 2"),
        (b"\xff\xfea\x00", "UTF-16"),
        (b"a: \xed\xa0\x80", "not UTF-8"),
        (b"a: \x00", "control character U+0000"),
    ] {
        let problem = load(bytes).unwrap_err();
        assert!(problem.message.contains(message), "{bytes:?}: {problem:?}");
    }
    let problem = load(&vec![b' '; (1 << 20) + 1]).unwrap_err();
    assert!(problem.message.contains("1048577 bytes long"), "{problem:?}");
}
