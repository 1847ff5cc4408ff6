//! Classes: bases, members, instance attributes.

use std::sync::Arc;

use super::{assert_x, module, show, show_variable};
use crate::observed::model::{BaseTarget, BindingKind, Certainty, Class};

fn class(text: &str) -> Arc<Class> {
    match module(text).bindings.remove("C").map(|binding| binding.kind) {
        Some(BindingKind::Class(class)) => class,
        other => panic!("{other:?} in {text}"),
    }
}

fn instance(class: &Class, name: &str) -> String {
    class.instance_attributes.get(name).map_or("-".into(), |attribute| {
        let mark = if attribute.certainty == Certainty::Possible { "?" } else { "" };
        format!("{mark}{}", show_variable(&attribute.variable))
    })
}

#[test]
fn bases() {
    assert_x(&[
        ("class x: pass", "class()"),
        ("class x(A, B): pass", "class(A, B)"),
        ("class x(Generic[T], list[int]): pass", "class(Generic, list)"),
        ("from a import A as B\nclass x(B): pass", "class(a:A)"),
        ("import a.b\nclass x(a.b.C): pass", "class(a.b:C)"),
        ("import a.b as m\nclass x(m.C[int]): pass", "class(a.b:C)"),
        ("from a import b\nclass x(b.C): pass", "class(a.b:C)"),
        ("from .a import B\nclass x(B): pass", "class(pkg.a:B)"),
        ("try: from a import B\nexcept E: B = object\nclass x(B): pass", "class(B)"),
        ("class x(f()): pass", "dynamic class(computed f())"),
        ("class x(*a): pass", "dynamic class(computed *a)"),
        ("class x(a.B): pass", "dynamic class(computed a.B)"),
        ("class x: pass\nclass x(x): pass", "class(known x)"),
        ("class A:\n class B: pass\nclass x(A.B): pass", "class(known A.B)"),
        ("class x(metaclass=M): pass", "dynamic class()"),
        ("from abc import ABCMeta as M\nclass x(metaclass=M): pass", "class()"),
        ("class x(A, key=1): pass", "class(A)"),
        ("class x(A, **k): pass", "dynamic class(A)"),
        ("@deco\nclass x: pass", "dynamic class()"),
        ("@functools.total_ordering\n@final\nclass x: pass", "class()"),
        ("@dataclass(frozen=True)\nclass x: pass", "class()"),
        ("class x:\n def __getattr__(self, n): ...", "dynamic class()"),
        ("class x:\n def f(self, n): setattr(self, n, 1)", "dynamic class()"),
        ("class x:\n def f(self, n): self.__dict__.update(n)", "dynamic class()"),
        ("class x:\n def f(self, n): self.__dict__[n] = 1", "dynamic class()"),
        ("class x:\n def f(self, n): setattr(n, n, 1)", "class()"),
        ("class x:\n exec('a = 1')", "dynamic class()"),
        ("class x:\n locals()['a'] = 1", "dynamic class()"),
        ("class x: pass\nfor a in b: setattr(x, a, 1)", "dynamic class()"),
    ]);
}

#[test]
fn bodies() {
    let class = class(
        "class C:\n a = 1\n b: int\n def run(self, msg: str) -> None: ...\n stop = run\n class D: ...\n \
         if u: c = 1\n import os\n @property\n def p(self): ...\n @classmethod\n def make(cls): cls.made = 1\n \
         del a\n for i in j: pass\nC.late = 2\n",
    );
    let rows = [
        ("a", "deleted"),
        ("b", "var: int"),
        ("run", "def(self, msg: str) -> None"),
        ("stop", "def(self, msg: str) -> None"),
        ("D", "class()"),
        ("c", "?var = 1"),
        ("os", "import os"),
        ("p", "@property def(self)"),
        ("made", "?var = 1"),
        ("late", "?var = 2"),
        ("i", "?var = <>"),
        ("j", "-"),
    ];
    for (name, expected) in rows {
        assert_eq!(show(class.body.get(name)), expected, "{name}");
    }
}

#[test]
fn instance_attributes() {
    let rows = [
        ("def __init__(self): self.x = 1", "var = 1"),
        ("def __init__(this, a): this.x: int = a", "var: int = <>"),
        ("def __init__(self): self.x: int", "-"),
        ("x: int\n def __init__(self): self.x = 5", "var: int = 5"),
        ("def __init__(self, a, /): a.x = 1", "-"),
        ("@staticmethod\n def f(obj): obj.x = 1", "-"),
        ("@classmethod\n def f(cls): cls.x = 1", "-"),
        ("@property\n def f(self): self.x = 1", "var = 1"),
        ("def f(self): self.x, self.y = 1, 2", "var = 1"),
        ("def f(self):\n  for self.x in y: pass", "?var = <>"),
        ("def f(self):\n  with y as self.x: pass", "var = <>"),
        ("def f(self): self.x += 1", "var = <>"),
        ("def f(self): self.y.x = 1", "-"),
        ("def f(self): other.x = 1", "-"),
        ("def f(self): setattr(self, 'x', 1)", "var = 1"),
        ("def f(self): object.__setattr__(self, 'x', 1)", "var = 1"),
        ("def f(self): super().__setattr__('x', 1)", "var = 1"),
        ("def __init__(self, a):\n  if a: self.x = 1", "?var = 1"),
        ("def __init__(self, a):\n  if a: self.x = 1\n  else: self.x = 2", "var = <>"),
        ("def __init__(self, a):\n  if a: self.x = 1\n  else: raise E", "var = 1"),
        ("def __init__(self, a):\n  if a: return\n  self.x = 1", "?var = 1"),
        ("def __init__(self, a):\n  if a:\n   self.x = 1\n   return\n  self.x = 1", "var = 1"),
        ("def __init__(self): self.x = 1\n def f(self): self.x = 2", "var = 1"),
        ("def f(self): self.x = 2\n def __init__(self): self.x = 1", "var = 1"),
        ("def f(self): self.x = 2\n def g(self): self.x = 1", "var = <>"),
        ("def f(self): self.x = 2\n def g(self): self.x: int = 2", "var: int = 2"),
        ("def __init__(self, a):\n  if a: self.x = 1\n def f(self): self.x = 2", "var = <>"),
        ("def f(self):\n  def g(): self.x = 1", "?var = 1"),
        ("def f(self):\n  def g(self): self.x = 1", "-"),
        ("def f(self):\n  self = y\n  self.x = 1", "-"),
        ("def f(self):\n  class D:\n   def g(self): self.x = 1", "-"),
        ("def __new__(cls):\n  self = super().__new__(cls)\n  self.x = 1\n  return self", "var = 1"),
        ("def __new__(cls): cls.x = 1", "-"),
        ("async def f(self): self.x = 1", "var = 1"),
        ("def __init__(self): self.x = 1\n def __init__(self): pass", "?var = 1"),
        ("@overload\n def __init__(self, a): ...\n def __init__(self): self.x = 1", "var = 1"),
        ("__slots__ = ('x', 'y')", "var = <>"),
        ("__slots__ = 'x'", "var = <>"),
        ("__slots__ = ['x']\n x: int", "var: int = <>"),
        ("__slots__ = ['x']\n def f(self, a):\n  if a: self.x = 1", "var = <>"),
        ("if False:\n  def f(self): self.x = 1", "-"),
        ("def f(self, sys):\n  if sys.platform == 'win32': self.x = 1", "?var = 1"),
        ("def f(self):\n  if sys.platform == 'win32': self.x = 1", "-"),
        ("x = 1", "-"),
        ("x: int = 1", "-"),
        ("f = lambda self: setattr(self, 'x', 1)", "-"),
        ("def f(): x = 1", "-"),
    ];
    for (body, expected) in rows {
        let found = class(&format!("import sys\nclass C:\n {body}\n"));
        assert_eq!(instance(&found, "x"), expected, "in\n{body}");
    }
}

#[test]
fn fields() {
    let dataclass = "from dataclasses import dataclass as dc, field\n@dc\nclass C:\n ";
    let model = "class B(pydantic.BaseModel): pass\nclass C(B):\n ";
    let attrs = "import attr\n@attr.s\nclass C:\n ";
    let tuple = "class C(typing.NamedTuple):\n ";
    let rows = [
        (dataclass, "x: int", "var: int = <>", "var: int"),
        (dataclass, "x: int = 3", "var: int = 3", "var: int = 3"),
        (dataclass, "x: int = field(default=3)", "var: int = 3", "var: int = 3"),
        (dataclass, "x: list = field(default_factory=list)", "var: list = <>", "var: list"),
        (dataclass, "x: ClassVar[int] = 3", "-", "var: ClassVar[int] = 3"),
        (dataclass, "x: 'typing.ClassVar' = 3", "-", "var: 'typing.ClassVar' = 3"),
        (dataclass, "x: InitVar[int]", "-", "var: InitVar[int]"),
        (dataclass, "x = 3", "-", "var = 3"),
        (dataclass, "x: int = 3\n def __post_init__(self): self.x = 4", "var: int = 4", "var: int = 3"),
        (dataclass, "if a: x: int", "?var: int = <>", "?var: int"),
        (model, "x: int = 3", "var: int = 3", "var: int = 3"),
        (attrs, "x = attr.ib(default=1)", "var = 1", "var = 1"),
        (attrs, "x = attr.ib()", "var = <>", "var"),
        (tuple, "x: int = 3", "var: int = 3", "var: int = 3"),
        ("class C(TypedDict):\n ", "x: int", "-", "var: int"),
        ("class C:\n ", "x: int", "-", "var: int"),
    ];
    for (head, body, of_instance, of_body) in rows {
        let found = class(&format!("{head}{body}\n"));
        assert_eq!(instance(&found, "x"), of_instance, "in\n{head}{body}");
        assert_eq!(show(found.body.get("x")), of_body, "in\n{head}{body}");
    }
}

#[test]
fn aliases() {
    let found = class("def run(a): ...\nclass C:\n def f(self, b): ...\n start = run\n stop = f\n f = 1\n");
    assert_eq!(show(found.body.get("start")), "def(a)");
    assert_eq!(show(found.body.get("stop")), "def(self, b)");
    let found = class("class C:\n exec(code)\n def f(self): ...\n x = f\n class D: ...\n y = D\n");
    assert_eq!(show(found.body.get("x")), "var = <>");
    assert_eq!(show(found.body.get("y")), "var = <>");
    // What is set through one name is there through the other.
    for text in [
        "class D: ...\nC = D\nC.mark = 1",
        "class D: ...\nC = D\nD.mark = 1",
        "class D: ...\nC = D\nD.mark = 1\nclass D: ...",
    ] {
        assert_eq!(show(class(text).body.get("mark")), "?var = 1", "in\n{text}");
    }
    assert!(class("class D: ...\nC = D\nsetattr(D, name, 1)").dynamic);
    assert_eq!(show(class("class C: ...\nC.mark = 1\nclass C: ...").body.get("mark")), "-");
}

#[test]
fn a_base_is_the_class_that_its_name_stood_for() {
    let later = ["class B: ...", "B = 1", "class O: ...\nB = O", "del B"];
    for rebound in later {
        let text = format!("class B:\n def f(self): ...\nclass C(B): ...\n{rebound}\n");
        let found = class(&text);
        let BaseTarget::Known(base) = &found.bases[0].target else { panic!("{:?} in\n{text}", found.bases) };
        assert!(base.body.contains_key("f"), "in\n{text}");
    }
    let found = class("class B:\n mark = 1\nD = B\nclass C(B): ...\n");
    assert!(matches!(&found.bases[0].target, BaseTarget::Name(name) if name == "B"));
}
