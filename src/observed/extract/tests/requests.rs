//! What a source asks the import system for.

use std::borrow::Cow;

use super::super::{About, parsed};
use super::platform;

/// Absolute names with what is taken from them; `!` in front: as the program only; `?`: computed.
fn asked(text: &str) -> Vec<String> {
    let platform = platform();
    let about = About { platform: &platform, module: Some("pkg.mod"), package: Some("pkg") };
    parsed(text, |parsed| {
        let show = |request: &super::super::Request<'_>| {
            let target = request.target("pkg.mod", "pkg").map_or_else(|| "?".to_owned(), Cow::into_owned);
            let mark = if request.program { "!" } else { "" };
            let from = if request.from.is_empty() { String::new() } else { format!(":{}", request.from.join(",")) };
            format!("{mark}{target}{from}")
        };
        parsed.asked(&about).requests.iter().map(show).collect()
    })
    .unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

#[test]
fn statements_and_calls() {
    for (text, expected) in [
        ("import a, b.c as d", "a b.c"),
        ("from a.b import c as d, e", "a.b:c,e"),
        ("from a import *", "a:*"),
        ("from . import x", "pkg:x"),
        ("from .a import x", "pkg.a:x"),
        ("from .. import x", "?:x"),
        ("import_module('a.b')", "a.b"),
        ("il.import_module('.b', 'a')", "a.b"),
        ("il.import_module('..b', package='a.c')", "a.b"),
        ("il.import_module('.b', __package__)", "pkg.b"),
        ("il.import_module('.b', package=__name__)", "pkg.mod.b"),
        ("importlib.import_module(x)", "?"),
        ("import_module('.a', x)", "?"),
        ("self.import_module(x)", ""),
        ("__import__('a.b', fromlist=('c', 'd'))", "a.b:c,d"),
        ("__import__('a', globals(), locals(), ['c'], 1)", "pkg.a:c"),
        ("__import__('a', level=x)", "?"),
        ("importlib.__import__('a')", "a"),
        ("x = [lambda: f(__import__('a'))]", "a"),
        ("def f(x=__import__('a')):\n async def g():\n  class C:\n   import b", "a b"),
        ("from importlib import import_module as load\nload('a.b')\nload(x)", "importlib:import_module a.b ?"),
        ("from importlib import __import__ as load\nload('a', level=1)", "importlib:__import__ pkg.a"),
        ("load = importlib.import_module\nload('.b', 'a')", "a.b"),
        ("load = again = __import__\nagain('a', fromlist=['c'])", "a:c"),
        ("from theirs import import_module as load\nload('a')", "theirs:import_module"),
        ("load = self.import_module\nload('a')", ""),
        ("import_module(f'{x}')\nimport_module('a' 'b')", "? ab"),
    ] {
        assert_eq!(asked(text).join(" "), expected, "in\n{text}");
    }
}

#[test]
fn what_never_runs_does_not_count() {
    for (text, expected) in [
        ("import typing\nif typing.TYPE_CHECKING:\n import a\nelse:\n import b", "typing b"),
        ("import sys\ndef f():\n if sys.version_info >= (3, 12): import a\n else: import b", "sys a"),
        ("import sys\nif sys.platform == 'win32': import a\nelif x: import b\nelse: import c", "sys b c"),
        ("if x: import a\nelif True: import b\nelse: import c", "a b"),
        ("if __name__ == '__main__':\n import a\n if y: import b\nimport c", "!a !b c"),
        ("if __name__ == '__main__':\n import a\nelse:\n import b", "!a b"),
        ("if __name__ != '__main__':\n import a", "a"),
        // Only in the program's name does this one hold; elsewhere it is not known to be false.
        ("if x == '__main__':\n import a", "a"),
    ] {
        assert_eq!(asked(text).join(" "), expected, "in\n{text}");
    }
}

#[test]
fn the_quick_look_sees_at_least_as_much_and_can_be_ended() {
    let text = "import sys\nif sys.platform == 'win32':\n import a\nimport b\n";
    let seen = |limit: usize| {
        parsed(text, |parsed| {
            let mut seen = 0;
            parsed.all_requests(&mut |_| {
                seen += 1;
                seen < limit
            });
            seen
        })
    };
    assert_eq!(seen(usize::MAX), Ok(3));
    assert_eq!(seen(2), Ok(2));
}

#[test]
fn nesting_is_survived() {
    let blocks: Vec<String> = (0..190).map(|depth| " ".repeat(depth) + "if x:\n").collect();
    let blocks = blocks.concat();
    let text = format!("{blocks}{}import a\n", " ".repeat(190));
    assert_eq!(asked(&text), ["a"]);
    let chain = format!("import_module('a'){}\n", ".x()".repeat(2_000));
    assert_eq!(asked(&chain), ["a"]);
}
