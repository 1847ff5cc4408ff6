//! Statements that bind names.

use super::{assert_x, module, show};
use crate::observed::model::{BindingKind, Certainty};

#[test]
fn assignments() {
    assert_x(&[
        ("x = 1", "var = 1"),
        ("x = 1\nx = 2", "var = 2"),
        ("x = y = 'a'", "var = \"a\""),
        ("y = x = 'a'", "var = \"a\""),
        ("a, x = 1, 2", "var = 2"),
        ("[a, (x, b)] = 1, (2, 3)", "var = 2"),
        ("a, x = f()", "var = <>"),
        ("a, x = 1, 2, 3", "var = <>"),
        ("*a, x = 1, 2, 3", "var = 3"),
        ("a, *x = 1, 2, 3", "var = <list>"),
        ("x, *a = 1, 2, 3", "var = 1"),
        ("*a, x = 1, *b", "var = <>"),
        ("x: int = 5", "var: int = 5"),
        ("x: int", "var: int"),
        ("x: int\nx = 5", "var: int = 5"),
        ("x = 5\nx: int", "var: int = 5"),
        ("x: 'list[ int ]' = f()", "var: 'list[ int ]' = <>"),
        ("x = 1\nx += 1", "var = <>"),
        ("x: int = 1\nx += 1", "var: int = <>"),
        ("(x := 5)", "var = 5"),
        ("print(x := 5)", "var = 5"),
        ("y = [x := 5 for _ in z]", "?var = 5"),
        ("y = a and (x := 5)", "?var = 5"),
        ("y = (x := 5) and a", "var = 5"),
        ("y = lambda: (x := 5)", "-"),
        ("if (x := f()): pass", "var = <>"),
        ("if a: pass\nelif (x := 1): pass", "?var = 1"),
        ("def f(a=(x := 1)): pass", "var = 1"),
        ("type x = int", "var = <TypeAliasType>"),
        ("type x[T] = list[T]", "var = <TypeAliasType>"),
        ("globals()['x'] = 3", "var = 3"),
        ("a.x = 1", "-"),
        ("a['x'] = 1", "-"),
        ("del x", "deleted"),
        ("x = 1\ndel x", "deleted"),
        ("x = 1\ndel (a, x)", "deleted"),
        ("x = 1\ndel x\nx = 2", "var = 2"),
        ("x = 1\nif a: del x", "?var = 1"),
        ("x = 1\ndel x.y", "var = 1"),
        ("def f():\n x = 1", "-"),
        ("\u{feff}x = 1", "var = 1"),
        ("a = 1\r\nx = 2\r\n", "var = 2"),
        ("a = 1\rx = 2\r", "var = 2"),
        ("a = 1\n\x0cx = 2\n", "var = 2"),
        ("x = \\\n  5", "var = 5"),
    ]);
}

#[test]
fn imports() {
    assert_x(&[
        ("import x", "import x"),
        ("import x.y.z", "import x"),
        ("import a.b as x", "import a.b"),
        ("from a import x", "from a import x"),
        ("from a.b import c as x", "from a.b import c"),
        ("from . import x", "from pkg import x"),
        ("from .a import x", "from pkg.a import x"),
        ("from .. import x", "from <above> import x"),
        ("import a, x", "import x"),
    ]);
    let found = module("from .a import *\nfrom ...b import *\nif False:\n from dead import *");
    let names: Vec<_> = found.star_imports.iter().map(|star| star.module.as_deref()).collect();
    assert_eq!(names, [Some("pkg.a"), None]);
}

#[test]
fn a_package_binds_its_submodules() {
    let platform = super::platform();
    let about = super::About { platform: &platform, module: Some("p.q"), package: Some("p.q") };
    let text = "from .a.b import c\nfrom .x import x\nfrom .. import y\n";
    let found = super::extract(text, &about).expect("valid");
    assert_eq!(show(found.bindings.get("a")), "import p.q.a");
    assert_eq!(show(found.bindings.get("x")), "from p.q.x import x");
    assert_eq!(show(found.bindings.get("y")), "from p import y");
}

#[test]
fn a_star_import_may_bind_what_stands_before_it() {
    let found = module("x = 1\nfrom a import *\nz = 1\nfrom b import *\n");
    let after = |name: &str| -> Vec<_> {
        let stars = found.bindings.get(name).map(|binding| found.stars_after(binding));
        stars.into_iter().flatten().map(|star| star.module.as_deref()).collect()
    };
    assert_eq!(after("x"), [Some("b"), Some("a")]);
    assert_eq!(after("z"), [Some("b")]);
}

#[test]
fn other_targets() {
    assert_x(
        &[
            ("for x in y: pass", "?var = <>"),
            ("for a, (b, x) in y: pass", "?var = <>"),
            ("with a as x: pass", "var = <>"),
            ("with a as (b, x), c: pass", "var = <>"),
            ("async def f():\n async with a as x: pass", "-"),
            ("try: pass\nexcept E as x: pass", "deleted"),
            ("x = 1\ntry: pass\nexcept E as x: pass", "?var = 1"),
            ("match a:\n case x: pass", "var = <>"),
            ("match a:\n case {'k': x}: pass", "?var = <>"),
            ("match a:\n case {**x}: pass", "?var = <dict>"),
            ("match a:\n case [1, *x]: pass", "?var = <list>"),
            ("match a:\n case C(y, z=(1 as x)): pass", "?var = <>"),
            ("match a:\n case int() as x | str() as x: pass", "-"),
        ][..12],
    );
}

#[test]
fn functions() {
    assert_x(&[
        ("def x(): pass", "def()"),
        ("async def x(a): pass", "async def(a)"),
        (
            "def x(a, /, b: int, c=1, *d: str, e, f='a', **g) -> 'None': pass",
            "def(/a, b: int, c = 1, *d: str, =e, =f = \"a\", **g) -> 'None'",
        ),
        ("def x(a, *, b: list[int] = [1]) -> dict[str, int]: pass", "def(a, =b: list[int] = [1]) -> dict[str, int]"),
        ("def x(a=b(), c=lambda: 0): pass", "def(a = <>, c = <function>)"),
        ("@a.b(1)\n@c\ndef x(): pass", "@a.b @c def()"),
        ("@overload\ndef x(a: int): ...\n@overload\ndef x(a: str): ...\ndef x(a): ...", "def(a)"),
        ("def x[T](a: T) -> T: pass", "def(a: T) -> T"),
        ("x = lambda a: a", "var = <function>"),
    ]);
}

#[test]
fn global_in_functions() {
    assert_x(&[
        ("def f():\n global x\n x = 1", "?var = <>"),
        ("def f():\n global x\n print(x)", "-"),
        ("x = 1\ndef f():\n global x\n x = 2", "~var = 1"),
        ("def f():\n global x\n x = 2\nx = 1", "~var = 1"),
        ("def f():\n def g():\n  global x\n  import x", "?var = <>"),
        ("def f():\n global x\n def g():\n  x = 1", "-"),
        ("class C:\n def f(self):\n  global x\n  for x in y: pass", "?var = <>"),
        ("def f():\n global x\n if (x := 1): pass", "?var = <>"),
        ("class C:\n global x\n x = 1", "var = 1"),
        ("if a:\n def f():\n  global x\n  with b as x: pass", "?var = <>"),
        ("if False:\n def f():\n  global x\n  x = 1", "-"),
    ]);
}

#[test]
fn dynamic_modules() {
    let rows = [
        ("globals()['x'] = 1", false),
        ("globals()[a] = 1", true),
        ("globals().update(a)", true),
        ("a = globals()", true),
        ("print(globals()['a'], 'b' in globals(), globals().get('c'), len(globals()))", false),
        ("vars()['a'] = 1", false),
        ("vars()[a] = 1", true),
        ("vars(a)[b] = 1", false),
        ("exec('a = 1')", true),
        ("exec('a = 1', {})", false),
        ("exec('a = 1', globals())", true),
        ("import sys\nsetattr(sys.modules[__name__], a, 1)", true),
        ("def __getattr__(name): ...", true),
        ("class C:\n def __getattr__(self, name): ...", false),
        ("def f():\n globals()[a] = 1", true),
        ("def f():\n locals()[a] = 1\n exec('b')", false),
        ("if False:\n exec('a')", false),
        ("class C:\n locals()['a'] = 1", false),
        ("'exec(1)'", false),
    ];
    for (text, dynamic) in rows {
        assert_eq!(module(text).dynamic, dynamic, "in\n{text}");
    }
}

#[test]
fn places() {
    let text = "@d\nasync def f(a: int = 1,\n b=2) -> int:\n  pass\nx, y = (1,\n 2)\nz: int = 3 # c\nclass C(B):\n  pass\ndef g(a) -> str: ...\nimport a.b as c\n";
    let found = module(text);
    let at = |name: &str| {
        let span = found.bindings[name].span.expect("static");
        &text[span.start..span.end]
    };
    assert_eq!(
        ["f", "x", "y", "z", "C", "g", "c"].map(at),
        ["async def f(a: int = 1,", "x, y = (1,", "y = (1,", "z: int = 3", "class C(B)", "def g(a) -> str", "a.b as c"]
    );
    let BindingKind::Function(f) = &found.bindings["f"].kind else { panic!() };
    let spans = f.parameters.iter().filter_map(|parameter| parameter.span).chain(f.returns_span);
    let places: Vec<_> = spans.map(|span| &text[span.start..span.end]).collect();
    assert_eq!(places, ["a: int = 1", "b=2", "int"]);
    assert_eq!(found.bindings["f"].certainty, Certainty::Definite);
}

#[test]
fn aliases() {
    assert_x(&[
        ("def f(a): ...\nx = f", "def(a)"),
        ("@deco\nasync def f(a=1): ...\nx = y = f", "@deco async def(a = 1)"),
        ("class A(B): ...\nx = A", "class(B)"),
        ("class A: ...\nB = A\nx = B", "class()"),
        ("import a.b as m\nx = m", "import a.b"),
        ("A = 'a'\nx = A", "var = \"a\""),
        ("x: str = ''\nA = 'a'\nx = A", "var: str = \"a\""),
        // The target may change afterwards.
        ("def f(a): ...\nx = f\ndel f", "def(a)"),
        ("def f(a): ...\nx = f\ndef f(b): ...", "def(a)"),
        ("def f(a): ...\nx = f\nfrom m import *", "def(a)"),
        ("from m import *\ndef f(a): ...\nx = f", "def(a)"),
        // Both ways lead to the same.
        ("class A: ...\nif c: x = A\nelse: x = A", "class()"),
        ("def f(a): ...\nif c: x = f", "?def(a)"),
        // What the name holds isn't sure, or may change with its object.
        ("x = f", "var = <>"),
        ("if c:\n def f(a): ...\nx = f", "var = <>"),
        ("if c:\n def f(a): ...\nelse:\n def f(b): ...\nx = f", "var = <>"),
        ("A = [1]\nx = A\nA.append(2)", "var = <>"),
        ("def f(a): ...\nfrom m import *\nx = f", "var = <>"),
        ("def f(a): ...\nexec(code)\nx = f", "var = <>"),
        ("def f(a): ...\ndef g():\n global f\n f = 1\ng()\nx = f", "var = <>"),
        ("def f(a): ...\nclass C:\n def g(self):\n  global f\n  f = 1\nC().g()\nx = f", "var = <>"),
        ("def f(a): ...\ndef g(): globals()[n] = 1\ng()\nx = f", "var = <>"),
        ("def f(a): ...\nwhile True:\n x = f\n if c: break\n def f(b): ...", "var = <>"),
        ("x: int\ndef f(a): ...\nx = f", "var: int = <>"),
        // All values come first.
        ("def f(a): ...\ndef x(b): ...\nx, y = f, x", "var = <>"),
    ]);
    let found = module("def f(a): ...\n\nx = f  # here\n");
    let span = found.bindings.get("x").and_then(|binding| binding.span).expect("a place");
    assert_eq!((span.start, span.end), (15, 20));
}

#[test]
fn many_aliases_stay_small() {
    let parameters: String = (0..1_000).flat_map(|i| [format!("parameter_{i}"), ", ".into()]).collect();
    let text = format!(
        "def f({parameters}): ...\n{}",
        (0..1_000).flat_map(|i| [format!("x{i}"), " = f\n".into()]).collect::<String>()
    );
    let found = module(&text);
    let copies = found.bindings.values().filter(|binding| matches!(binding.kind, BindingKind::Function(_))).count();
    assert!((5..100).contains(&copies), "{copies}");
}
