//! Literals.

use super::{assert_x, module, show};

#[test]
fn literals() {
    assert_x(&[
        ("x = 1_000", "var = 1000"),
        ("x = 0xFF", "var = 255"),
        ("x = 0b101", "var = 5"),
        ("x = 0o17", "var = 15"),
        ("x = -5", "var = -5"),
        ("x = - - +5", "var = 5"),
        ("x = 18446744073709551616", "var = 18446744073709551616"),
        ("x = 0xffff_ffff_ffff_ffff_ff", "var = 4722366482869645213695"),
        ("x = 170141183460469231731687303715884105728", "var = big 170141183460469231731687303715884105728"),
        ("x = -170141183460469231731687303715884105728", "var = -170141183460469231731687303715884105728"),
        ("x = --170141183460469231731687303715884105728", "var = big 170141183460469231731687303715884105728"),
        ("x = -1000000000000000000000000000000000000000000", "var = big -1000000000000000000000000000000000000000000"),
        ("x = 0x10000000000000000000000000000000000", "var = big 87112285931760246646623899502532662132736"),
        ("x = 1.5e3", "var = 1500.0"),
        ("x = -0.5", "var = -0.5"),
        ("x = 1j", "var = <complex>"),
        ("x = -True", "var = <>"),
        ("x = not True", "var = <bool>"),
        ("x = ~1", "var = <>"),
        ("x = None", "var = None"),
        ("x = True", "var = True"),
        ("x = ...", "var = <ellipsis>"),
        ("x = ((('a')))", "var = \"a\""),
        ("x = 'a' \"b\"\n", "var = \"ab\""),
        ("x = ('a'\n 'b')", "var = \"ab\""),
        ("x = '\\n\\x41\\u00e9\\N{BULLET}'", "var = \"\\nA\u{e9}\u{2022}\""),
        ("x = r'\\n'", "var = \"\\\\n\""),
        ("x = '\\ud800'", "var = <str>"),
        ("x = '\u{fffd}'", "var = \"\u{fffd}\""),
        ("x = '''a\nb'''", "var = \"a\\nb\""),
        ("x = f'a'", "var = \"a\""),
        ("x = f'a{{' 'b'", "var = \"a{b\""),
        ("x = f'a{b}'", "var = <str>"),
        ("x = t'a'", "var = <Template>"),
        ("x = b'a' b'\\x00'", "var = b\"a\\0\""),
        ("x = [1, 'a', [None]]", "var = [1, \"a\", [None]]"),
        ("x = 1, 2", "var = (1, 2)"),
        ("x = ()", "var = ()"),
        ("x = {1, 2}", "var = {1, 2}"),
        ("x = {'a': 1, 'b': {}}", "var = {\"a\": 1, \"b\": {}}"),
        ("x = {'a': 1, 'a': 2}", "var = <dict>"),
        ("x = {1: 1, True: 2}", "var = <dict>"),
        ("x = {1: 1, 1.0: 2}", "var = <dict>"),
        ("x = {1: 1, '1': 2}", "var = {1: 1, \"1\": 2}"),
        ("x = [1, *a]", "var = <list>"),
        ("x = {**a}", "var = <dict>"),
        ("x = [a]", "var = <list>"),
        ("x = 1 + 1", "var = <>"),
        ("x = [a for a in b]", "var = <list>"),
        ("x = (a for a in b)", "var = <generator>"),
        ("x = dict(a=1)", "var = <dict>"),
        ("dict = f\nx = dict(a=1)", "var = <>"),
        ("x = f()", "var = <>"),
        ("x = 1 if a else 2", "var = <>"),
    ]);
}

#[test]
fn changed_containers_are_computed() {
    assert_x(&[
        ("x: list = []\nx.append(1)", "var: list = <list>"),
        ("x = {}\nx['a'] = 1", "var = <dict>"),
        ("x = {'a': {}}\nx['a']['b'] = 1", "var = <dict>"),
        ("x = [[]]\nx[0].append(1)", "var = <list>"),
        ("x = {1, 2}\ndel x[0]", "var = <set>"),
        ("x = [1]\nfor y in z: x.append(y)", "~var = <list>"),
        ("x = (1,)\nx.index(1)", "var = (1)"),
        ("x = []\ny.append(1)", "var = []"),
        ("x = []\ndef f():\n x.append(1)", "var = []"),
        ("x = []\nclass C:\n def f(self): x.append(1)", "var = []"),
    ]);
}

#[test]
fn too_much_is_computed() {
    let deep = format!("x = {}{}", "[".repeat(300), "]".repeat(300));
    assert_eq!(show(module(&deep).bindings.get("x")), "var = <list>");
    let long = format!("x = 0x{}", "f".repeat(5_000));
    assert_eq!(show(module(&long).bindings.get("x")), "var = <int>");
}
