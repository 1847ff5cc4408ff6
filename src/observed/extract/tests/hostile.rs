//! Texts that are huge, deep, broken or random.

use std::fmt::Write;
use std::thread;
use std::time::{Duration, Instant};

use super::{show, try_module};
use crate::observed::decode::Decoded;
use crate::observed::decode::decode;

/// Runs on the stack of a plain thread.
fn on_thread<T: Send + 'static>(run: impl FnOnce() -> T + Send + 'static) -> T {
    on_stack(2, run)
}

/// Runs on a stack of so many MiB.
fn on_stack<T: Send + 'static>(size: usize, run: impl FnOnce() -> T + Send + 'static) -> T {
    thread::Builder::new().stack_size(size << 20).spawn(run).expect("a thread").join().expect("no panic")
}

/// Extracts; whether it parsed. A row that isn't linear takes minutes.
fn parses(name: &str, text: &str) -> bool {
    let started = Instant::now();
    let parsed = try_module(text).is_ok();
    assert!(started.elapsed() < Duration::from_mins(1), "{name} took {:?}", started.elapsed());
    parsed
}

#[test]
fn deep_texts() {
    // What is accepted does not depend on the stack.
    on_thread(deep_rows);
    on_stack(52, deep_rows);
}

fn deep_rows() {
    for n in [3_000, 15_000, 24_000, 50_000, 1_000_000] {
        let accepted = n < 20_000;
        let rows = [
            ("negations", format!("x = {}1", "-".repeat(n)), accepted),
            ("nots", format!("x = {}1", "not ".repeat(n)), accepted),
            ("attributes", format!("x = a{}", ".b".repeat(n)), accepted),
            ("deleted attributes", format!("del a{}", ".b".repeat(n)), accepted),
            ("sums", format!("x = 1{}", "+1".repeat(n)), accepted),
            ("powers", format!("x = 1{}", "**1".repeat(n)), accepted),
            ("lambdas", format!("x = {}1", "lambda:".repeat(n.min(9_000))), n < 20_000),
            ("calls", format!("f{}", "()".repeat(n)), n < 10_000),
            ("subscripts", format!("f{}", "[0]".repeat(n)), n < 10_000),
            ("choices", format!("x = {}1", "a if b else ".repeat(n.min(4_000))), n < 15_000),
            ("sums in lines", format!("x = 1{}", "+\\\n1".repeat(n)), n < 10_000),
            ("brackets", format!("x = {}{}", "[".repeat(n), "]".repeat(n)), n < 10_000),
            ("open brackets", format!("x = {}", "(".repeat(n)), false),
            ("closing brackets", format!("x = {}", ")".repeat(n)), false),
            ("targets", format!("{}x{} = 1", "[".repeat(n), "]".repeat(n)), n < 10_000),
            ("awaits", format!("async def f(): {}a", "await ".repeat(n)), false),
            ("walrus", format!("x = {}1{}", "(y := ".repeat(n.min(3_000)), ")".repeat(n.min(3_000))), n < 10_000),
        ];
        for (name, text, expected) in rows {
            let parsed = parses(name, &text);
            // Between the extremes either answer will do.
            if n != 15_000 && !matches!(name, "awaits" | "lambdas" | "choices" | "walrus") {
                assert_eq!(parsed, expected, "{name} × {n}");
            }
        }
    }
}

#[test]
fn deep_blocks_and_strings() {
    on_thread(|| {
        let mut blocks = String::new();
        for depth in 0..99 {
            let _ = writeln!(blocks, "{}if a:", " ".repeat(depth));
        }
        let _ = writeln!(blocks, "{}x = 1", " ".repeat(99));
        assert_eq!(show(try_module(&blocks).expect("valid").bindings.get("x")), "?var = 1");
        for header in ["if a:", "class C:", "def f(self):", "for a in b:", "while a:", "with a:", "try:"] {
            let mut blocks = String::new();
            for depth in 0..2_000 {
                let _ = writeln!(blocks, "{}{header}", " ".repeat(depth));
            }
            parses(header, &blocks);
        }
        for n in [100, 5_000, 200_000] {
            parses("f-strings", &format!("x = {}1{}", "f'{".repeat(n), "}'".repeat(n)));
            parses("format specs", &format!("x = f'{}{}'", "{a:".repeat(n), "}".repeat(n)));
            parses("patterns", &format!("match a:\n case {}{}: pass", "[".repeat(n), "]".repeat(n)));
        }
    });
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn long_texts() {
    on_thread(|| {
        let n = 100_000;
        let rows = [
            ("functions", "def f(a, b=1): return [a]\n".repeat(n)),
            ("assignments", "x = 1\n".repeat(n)),
            ("elifs", format!("if a: x = 1\n{}else: x = 1\n", "elif b: x = 1\n".repeat(n))),
            ("ifs", "if a: x = 1\n".repeat(n)),
            ("tries", "try: x = 1\nexcept E: x = 2\n".repeat(n / 2)),
            ("excepts", format!("try: x = 1\n{}", "except E as e: x = 1\n".repeat(n / 2))),
            ("cases", format!("match a:\n{}", " case 1: x = 1\n".repeat(n / 2))),
            ("items", format!("with {} a: x = 1\n", "a as b, ".repeat(n))),
            ("decorators", format!("{}def x(): ...\n", "@a\n".repeat(n))),
            ("targets", format!("{}1\n", "x = ".repeat(n))),
            ("unpacked", format!("{}x = {}1\n", "x,".repeat(n), "1,".repeat(n))),
            ("copied values", format!("{}[{}]\n", "x = ".repeat(n / 10), "1, ".repeat(n))),
            ("copied annotations", format!("x: '{}' = 1\n{}", "a".repeat(n), "x = 1\n".repeat(n / 2))),
            ("annotated again", format!("x = [{}]\n{}", "1, ".repeat(n), "x: int\n".repeat(n / 2))),
            ("long module names", format!("from a{} import {}b\n", "b".repeat(n), "b, ".repeat(n))),
            ("constructors", format!("class x:\n{}", " def __init__(self): self.x = 1\n".repeat(n / 4))),
            ("big integers", format!("x = 0x{}\n", "f".repeat(1_000)).repeat(n / 200)),
            ("stars", "from a import *\nx = 1\n".repeat(n / 2)),
            ("shadowed classes", "class x(x): pass\n".repeat(n / 2)),
            ("breaks", format!("while True:\n{}", " if a: break\n x = 1\n".repeat(n / 4))),
            ("returns", format!("class x:\n def f(self):\n{}", "  if a: return\n  self.x = 1\n".repeat(n / 4))),
            ("closures", format!("class x:\n def f(self):\n{}", "  def g(a): self.x = 1\n".repeat(n / 4))),
            ("methods", format!("class x:\n{}", " def f(self): self.x = 1\n".repeat(n / 2))),
            ("globals", "def f():\n global x\n x = 1\n".repeat(n / 4)),
            ("walruses", format!("x = [{}]\n", "(y := 1), ".repeat(n / 4))),
            ("table", format!("x = [{}]\n", "(1, -2.5, 'a', {'b': None}), ".repeat(n / 4))),
            (
                "names",
                (0..n / 2).fold("for a in b:\n".into(), |mut text: String, i| {
                    let _ = writeln!(text, " if c: break\n x{i} = 1");
                    text
                }),
            ),
            ("tries in tries", {
                let mut text = String::new();
                (0..60).for_each(|depth| {
                    let _ = writeln!(text, "{}try:", " ".repeat(depth));
                });
                (0..2_000).for_each(|i| {
                    let _ = writeln!(text, "{}x{i} = 1", " ".repeat(60));
                });
                (0..60).rev().for_each(|depth| {
                    let _ = writeln!(text, "{}except E: pass", " ".repeat(depth));
                });
                text
            }),
        ];
        for (name, text) in rows {
            assert!(parses(name, &text), "{name}");
        }
    });
}

#[test]
fn refusals_say_where() {
    let error = try_module("x = 1\ny = = 2\n").expect_err("broken");
    assert_eq!(error.offset, Some(10));
    for text in ["print 'a'", "def f(:\n", "x = 'a", "x\0", "return return", "  x = 1\n y"] {
        assert!(try_module(text).is_err(), "{text:?}");
    }
    // Too new for the oldest interpreter is no error.
    assert!(try_module("type X = int\nmatch a:\n case _: pass\nexcept_ = t'{a}'\n").is_ok());
}

/// A small linear generator: the same texts on each run.
struct Random(u64);

impl Random {
    fn next(&mut self, below: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or_default() % below
    }
}

const SAMPLE: &str = "# -*- coding: utf-8 -*-\nfrom __future__ import annotations\nimport sys, a.b as c\n\
    if sys.version_info >= (3, 8):\n    x: int = -1_000\nelif y := 2:\n    del x\nelse:\n    raise E\n\
    try:\n    from .z import *\nexcept (A, B) as e:\n    f'{x!r:>{w}}' \"é\"\nfinally:\n    pass\n\
    @dataclass(frozen=True)\nclass C(c.D[int], metaclass=M):\n    __slots__ = ('a',)\n    b: 'int' = field(default=1)\n\
    \x20   def __init__(self, a, /, *b: int, c=[1, {2: b'x'}], **d) -> None:\n        self.a, (self.b, *self.c) = 1, 2\n\
    \x20       with x as self.d, y: return\n        while True:\n            break\n\
    match x:\n    case {'k': [1, *r], **s} | C(z=q): pass\n    case _: pass\n\
    for i, j in k: continue\nelse: exec('x')\nasync def g(): await h; global G; G = lambda: (yield)\ntype T[U] = U\n";

#[test]
fn broken_texts() {
    on_thread(|| {
        assert!(try_module(SAMPLE).is_ok(), "{:?}", try_module(SAMPLE));
        for end in (0..=SAMPLE.len()).filter(|end| SAMPLE.is_char_boundary(*end)) {
            let _ = try_module(&SAMPLE[..end]);
            let _ = try_module(&SAMPLE[end..]);
        }
        let mut random = Random(42);
        let words: Vec<&str> = SAMPLE.split_inclusive([' ', '\n', '(', ')', ':', ',']).collect();
        for _ in 0..1_500 {
            let mut bytes = SAMPLE.as_bytes().to_vec();
            for _ in 0..=random.next(4) {
                let at = random.next(bytes.len());
                match random.next(3) {
                    0 => bytes[at] = u8::try_from(random.next(256)).unwrap_or_default(),
                    1 => drop(bytes.drain(at..(at + random.next(20)).min(bytes.len()))),
                    _ => bytes.insert(at, SAMPLE.as_bytes()[random.next(SAMPLE.len())]),
                }
            }
            if let Ok(Decoded::Text(text)) = decode(&bytes) {
                let _ = try_module(&text);
            }
            let shuffled: String = (0..random.next(60)).map(|_| words[random.next(words.len())]).collect();
            let _ = try_module(&shuffled);
            let noise: Vec<u8> =
                (0..random.next(200)).map(|_| u8::try_from(random.next(256)).unwrap_or_default()).collect();
            let _ = try_module(&String::from_utf8_lossy(&noise));
        }
    });
}
