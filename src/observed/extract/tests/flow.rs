//! Branches, loops, handlers and static conditions.

use super::{About, assert_x, extract, module, platform, show};

#[test]
fn branches() {
    assert_x(&[
        ("if a: x = 1", "?var = 1"),
        ("if a: x = 1\nelse: x = 1", "var = 1"),
        ("if a: x = 1\nelse: x = 2", "~var = 2"),
        ("if a: x = 1\nelif b: x = 2", "?var = 2"),
        ("if a: x = 1\nelif b: x = 2\nelse: x = 3", "~var = 3"),
        ("x = 0\nif a: x = 1", "~var = 1"),
        ("x = 1\nif a: x = 1", "var = 1"),
        ("if a: x = 1\nelse: raise E", "var = 1"),
        ("import sys\nif a: x = 1\nelse: sys.exit(1)", "var = 1"),
        ("if a: x = 1\nelse: exit()", "var = 1"),
        ("if a: raise E\nx = 1", "var = 1"),
        ("raise E\nx = 1", "-"),
        ("if a: raise E\nelse: raise E\nx = 1", "-"),
        ("if a:\n if b: x = 1\n else: x = 1\nelse:\n x = 1", "var = 1"),
        ("if a:\n if b: x = 1\nelse:\n x = 1", "?var = 1"),
        ("if a:\n def x(b): ...\nelse:\n def x(b): ...", "def(b)"),
        ("if a:\n def x(b): ...\nelse:\n def x(c): ...", "~def(c)"),
        ("if a:\n class x: ...\nelse:\n class x: ...", "~class()"),
        ("if a:\n def x(b): ...\nelse:\n x = None", "~var = None"),
        ("if a:\n import x\nelse:\n import x", "import x"),
        ("x: int\nif a: x = 1\nelse: x = 2", "~var: int = 2"),
        ("x: int\nif a: x = 1", "?var: int = 1"),
        ("if a: x: int = 1\nelse: x: str = 1", "~var: str = 1"),
        ("match a:\n case 1: x = 1\n case _: x = 1", "var = 1"),
        ("match a:\n case 1: x = 1\n case _ if b: x = 1", "?var = 1"),
        ("match a:\n case 1: x = 1\n case 2: raise E\n case y: x = 1", "var = 1"),
    ]);
}

#[test]
fn handlers() {
    assert_x(&[
        ("try: import x\nexcept ImportError: x = None", "~var = None"),
        ("try: import x\nexcept ImportError: pass", "?import x"),
        ("try: import x\nexcept ImportError: raise", "import x"),
        ("try: x = 1\nexcept E: x = 1", "var = 1"),
        ("try: x = f()\nfinally: pass", "var = <>"),
        ("try: pass\nfinally: x = 1", "var = 1"),
        ("try: x = 1\nexcept E: x = 2\nfinally: x = 3", "var = 3"),
        ("try: pass\nexcept E: x = 1\nelse: x = 1", "var = 1"),
        ("try: pass\nexcept E: pass\nelse: x = 1", "?var = 1"),
        ("x = 0\ntry:\n x = 1\n f()\nexcept E: pass", "~var = 1"),
        ("try:\n x = 1\n raise E\nexcept E: pass", "?var = 1"),
        ("try:\n raise E\nexcept E: x = 1", "var = 1"),
        ("try: raise E\nfinally: x = 1\ny = 1", "-"),
        ("x = 1\ntry:\n del x\nexcept E: pass", "?var = 1"),
        ("try:\n try: x = 1\n except E: pass\nexcept F: pass", "?var = 1"),
        ("try: x = 1\nexcept* E: x = 1", "var = 1"),
        ("from contextlib import suppress\nwith suppress(E):\n x = 1", "?var = 1"),
        ("with open(a) as b:\n x = 1", "var = 1"),
        ("x = 1\nwith suppress(E):\n raise E\nx = 2", "var = 2"),
    ]);
}

#[test]
fn loops() {
    assert_x(&[
        ("for a in b: x = 1", "?var = 1"),
        ("x = 0\nfor a in b: x = 1", "~var = 1"),
        ("x = 1\nfor a in b: x = 1", "var = 1"),
        ("for a in b: pass\nelse: x = 1", "var = 1"),
        ("for a in b:\n if c: break\nelse: x = 1", "?var = 1"),
        ("for a in b:\n if c:\n  x = 1\n  break\nelse: x = 1", "var = 1"),
        ("for a in b:\n if c:\n  x = 1\n  break\nelse: raise E", "var = 1"),
        ("for x in b: pass\nelse: pass", "?var = <>"),
        ("for x in []: pass", "?var = <>"),
        ("for x in [*b]: pass", "?var = <>"),
        ("for x in [*b, 1]: pass", "~var = <>"),
        ("for a, x in [(1, 2)]: a = x", "~var = <>"),
        ("for x in {**b}: pass", "?var = <>"),
        ("for x in {1: 2}: pass", "~var = <>"),
        ("for x in 'ab': pass", "~var = <>"),
        ("for x in '': pass", "?var = <>"),
        ("for x in range(3): pass", "~var = <>"),
        ("for x in range(0): pass", "?var = <>"),
        ("for x in range(-1): pass", "?var = <>"),
        ("range = list\nfor x in range(3): pass", "?var = <>"),
        ("for x in [1]: del x", "?var = <>"),
        ("for x in [1]: x = 1", "~var = 1"),
        ("while a: x = 1", "?var = 1"),
        ("while True:\n x = 1\n break", "var = 1"),
        ("while True:\n x = 1\n if a: break\n x = 2", "var = 1"),
        ("while 1:\n if a: break\n x = 2", "?var = 2"),
        ("while True: pass\nx = 1", "-"),
        ("while True:\n if a: continue\n x = 1\n break", "var = 1"),
        ("while False: x = 1\nelse: x = 2", "var = 2"),
        ("while True:\n try:\n  x = 1\n except E: continue\n break", "var = 1"),
        ("for a in b:\n for c in d:\n  break\n x = 1", "?var = 1"),
        ("x = 1\nfor a in b: del x", "?var = 1"),
    ]);
}

#[test]
fn static_conditions() {
    let yes = [
        "not TYPE_CHECKING",
        "not typing.TYPE_CHECKING",
        "not t.TYPE_CHECKING",
        "not TC",
        "sys.version_info >= (3, 10)",
        "sys.version_info >= (3, 12, 4)",
        "sys.version_info[:2] == (3, 12)",
        "sys.version_info[0] == 3",
        "sys.version_info.major == 3 and sys.version_info.minor < 13",
        "(3, 8) <= sys.version_info < (4,)",
        "sys.version_info > (3,)",
        "sys.version_info > (3, 12)",
        "sys.version_info != (3, 12)",
        "vi >= (3,)",
        "s.version_info >= (3,)",
        "sys.platform == 'linux'",
        "sys.platform in ('linux', 'darwin')",
        "sys.platform not in {'win32'}",
        "sys.platform.startswith('lin')",
        "sys.platform.startswith(('win', 'lin'))",
        "os.name == 'posix'",
        "platform.system() == 'Linux'",
        "platform.python_implementation() == 'CPython'",
        "sys.implementation.name == 'cpython'",
        "not (sys.platform == 'win32' or TYPE_CHECKING)",
        "a or True",
        "True",
        "1",
        "'a'",
        "not None",
        "not 0",
        "__name__ != '__main__'",
        "__name__ == 'pkg.mod'",
    ];
    let open = [
        "a",
        "__debug__",
        "sys.version_info >= a",
        "sys.version_info == (3, 12, 4, 'final', 0)",
        "sys.version_info >= (3, 12, 4, 'beta')",
        "other.version_info >= (3,)",
        "a and True",
        "a() == 1",
        "sys.flags",
        "sys.version_info[9]",
        "sys.version_info is None",
    ];
    let head = "import sys, os, platform, typing\nimport typing as t, sys as s\n\
                from typing import TYPE_CHECKING\nfrom typing import TYPE_CHECKING as TC\nfrom sys import version_info as vi\n";
    let found = |test: &str| show(module(&format!("{head}if {test}: x = 1\nelse: x = 2\n")).bindings.get("x"));
    for test in yes {
        assert_eq!(found(test), "var = 1", "{test}");
        assert_eq!(found(&format!("not ({test})")), "var = 2", "not {test}");
    }
    for test in open {
        assert_eq!(found(test), "~var = 2", "{test}");
    }
}

#[test]
fn static_conditions_need_the_real_modules() {
    assert_x(&[
        ("if TYPE_CHECKING: x = 1", "?var = 1"),
        ("TYPE_CHECKING = False\nif TYPE_CHECKING: x = 1", "-"),
        ("if sys.platform == 'win32': x = 1", "?var = 1"),
        ("sys = f()\nif sys.platform == 'win32': x = 1", "?var = 1"),
        ("if a: import sys\nif sys.platform == 'win32': x = 1", "?var = 1"),
        ("import sys\nsys = f()\nif sys.platform == 'win32': x = 1", "?var = 1"),
        ("import sys\nif sys.platform == 'win32': x = 1", "-"),
        ("from typing import *\nif TYPE_CHECKING: x = 1", "?var = 1"),
        ("import sys\nif sys.version_info < (3,):\n x = 1\nelif a:\n x = 2\nelse:\n x = 2", "var = 2"),
    ]);
}

#[test]
fn main_is_decided_by_the_name() {
    let platform = platform();
    let text = "if __name__ == '__main__':\n x = 1\n";
    for (module, expected) in [(Some("__main__"), "var = 1"), (Some("m"), "-"), (None, "?var = 1")] {
        let about = About { platform: &platform, module, package: None };
        assert_eq!(show(extract(text, &about).expect("valid").bindings.get("x")), expected);
    }
}
