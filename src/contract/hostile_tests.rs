//! Texts made to cost much: every one must end soon, on a small stack.

use std::time::{Duration, Instant};

use super::loader::{Loaded, load};
use super::path::ContractPath;
use super::position::Index;
use super::problem::Problem;
use super::random::random;

/// On a small stack, in bounded time, each with a problem.
#[test]
fn hostile_texts() {
    let mega = 1 << 20;
    let fill = |piece: &str| piece.repeat(mega / piece.len());
    let bomb = |levels: usize, width: usize| {
        (1..levels).fold("variables:\n- name: x\n  value:\n  - &a0 [x]\n".to_owned(), |text, i| {
            format!("{text}  - &a{i} [{}]\n", format!("*a{},", i - 1).repeat(width))
        })
    };
    let patterns = (0..1000)
        .fold("variables:\n".to_owned(), |text, i| format!("{text}- {{name: a{i}, pattern: '\\w{{9}}a{{{i}}}'}}\n"));
    let merge_bomb = (1..12).fold("variables:\n- &a0 {name: x}\n".to_owned(), |text, i| {
        format!("{text}- &a{i} {{<<: [{}]}}\n", format!("*a{},", i - 1).repeat(9))
    });
    let texts: Vec<(&str, String)> = vec![
        ("[", fill("[")),
        ("{", fill("{")),
        ("{a:", fill("{a: ")),
        ("-", fill("- ")),
        ("?", fill("? ")),
        ("&a", fill("&a ")),
        ("*a", fill("*a ")),
        ("!", fill("! ")),
        ("!!str", fill("!!str ")),
        ("a: ", fill("a: ")),
        (":", fill(": ")),
        ("\"", format!("a: \"{}", fill("x"))[..mega].to_owned()),
        ("'", fill("'")),
        ("|", fill("|\n")),
        ("#", fill("#")),
        ("duplicates", fill("a: 1\n")),
        ("known duplicates", fill("version: 1\n")),
        ("in brackets", format!("{}{}", "[".repeat(60), fill("a,"))[..mega].to_owned()),
        ("brackets and comments", fill("[ # ]\n")),
        ("deep bomb", bomb(40, 2)),
        ("wide bomb", bomb(12, 9)),
        ("merge bomb", merge_bomb),
        ("patterns", patterns),
        (
            "big integers",
            format!(
                "variables: [{{name: a, value: [{}]}}]",
                "9".repeat(40) + &",9".repeat(1000) + &format!(",{}", "9".repeat(60)).repeat(15_000)
            ),
        ),
        ("self", "variables: &a [{name: x, value: *a}]".to_owned()),
        ("long alias", format!("variables: [{{name: &a {}, value: [{}]}}]", "x".repeat(1000), "*a,".repeat(200_000))),
        ("flat text", format!("variables: [{{name: {}}}]", fill("x y "))[..mega].to_owned()),
    ];
    for (name, text) in texts {
        let start = Instant::now();
        let problem = on_small_stack(text.into_bytes()).unwrap_err();
        let took = start.elapsed();
        assert!(took < Duration::from_secs(8), "{name}: {took:?}");
        assert!(
            problem.message.len() < 300 && problem.help.is_none_or(|help| help.len() < 500),
            "{name}: {}",
            problem.message
        );
    }
}

#[test]
fn large_texts_that_are_fine() {
    let mega = 1 << 20;
    let list = |head: &str, item: &dyn Fn(usize) -> String| {
        let mut text = head.to_owned();
        for i in 0.. {
            let item = item(i);
            if text.len() + item.len() > mega {
                return text;
            }
            text.push_str(&item);
        }
        text
    };
    let deep = (0..25).fold("classes:\n".to_owned(), |text, depth| {
        let pad = " ".repeat(depth * 2);
        format!("{text}{pad}- name: C\n{pad}  superclasses:\n")
    });
    for (name, text) in [
        ("variables", list("variables:\n", &|i| format!("- {{name: v{i}, value: '[{i}'}}\n"))),
        ("same name", list("variables:\n", &|_| "- {name: v, value: 1}\n".to_owned())),
        ("values", list("variables:\n- name: v\n  value:\n", &|i| format!("  - {i}\n"))),
        ("keys", list("variables:\n- name: v\n  value:\n", &|i| format!("    k{i}: {i}\n"))),
        (
            "secrets",
            list("deployments: [{systems: [{environment: {secrets: [S", &|i| format!("{i}, S"))[..mega - 200]
                .to_owned()
                + "]}}]}]",
        ),
        ("deep", deep),
    ] {
        let start = Instant::now();
        let loaded = on_small_stack(text.into_bytes());
        assert!(loaded.is_ok(), "{name}: {:?}", loaded.err());
        assert!(start.elapsed() < Duration::from_secs(20), "{name}: {:?}", start.elapsed());
    }
}

/// Loads it, and looks a place up even in what does not load.
fn on_small_stack(bytes: Vec<u8>) -> Result<Loaded, Problem> {
    let read = move || {
        let path = ContractPath::default().key("variables").item(1000, None);
        let place = Index::new(str::from_utf8(&bytes).unwrap()).locate(&path, Some("value"));
        assert!(place.is_none_or(|span| span.start <= span.end && span.end <= bytes.len()));
        load(&bytes)
    };
    std::thread::Builder::new().stack_size(512 << 10).spawn(read).unwrap().join().unwrap()
}

/// Whatever the text: a contract or a problem whose place lies in the text, and no panic.
#[test]
fn random_texts() {
    const PIECES: &[&str] = &[
        "variables:",
        "functions:",
        "classes:",
        "deployments:",
        "systems:",
        "name:",
        "value:",
        "arguments:",
        "superclasses:",
        "version:",
        "one_of:",
        "pattern:",
        "protects:",
        "<<:",
        " ",
        " ",
        " ",
        "\n",
        "\n",
        "\n  ",
        "\n- ",
        "\n  - ",
        "- ",
        "[",
        "]",
        "{",
        "}",
        ", ",
        "a",
        "b: c",
        "é",
        "'",
        "\"",
        "\\",
        "&x ",
        "*x",
        "!!str ",
        "!!null ",
        "!y ",
        "~",
        "3.10",
        "|\n",
        ">\n",
        "# c",
        "99999999999999999999999999999999999999999999",
        "? ",
        "---\n",
        "...\n",
        "\t",
        "\r\n",
        "\u{2028}",
        "\u{FEFF}",
        "(",
    ];
    let mut state = 0x2545_F491_4F6C_DD1D;
    let mut random = |below| random(&mut state, below);
    let mut loaded = 0;
    for _ in 0..6_000 {
        let text: String = (0..=random(16)).map(|_| PIECES[random(PIECES.len())]).collect();
        let shown = text.strip_prefix('\u{FEFF}').unwrap_or(&text);
        match load(text.as_bytes()) {
            Ok(_) => loaded += 1,
            Err(Problem { span: Some(span), .. }) => {
                assert!(shown.get(span.start..span.end).is_some(), "{text:?} {span:?}");
            }
            Err(_) => {}
        }
        let path = ContractPath::default().key("variables").item(random(2), None);
        let span = Index::new(shown).locate(&path, [None, Some("value"), Some("name")][random(3)]);
        assert!(span.is_none_or(|span| shown.get(span.start..span.end).is_some()), "{text:?} {span:?}");
    }
    assert!(loaded > 10, "{loaded}");
}
