//! The forms of texts as regular expressions of JSON Schema.
//!
//! Only what JavaScript's and Python's dialects have in common is used, and no flags: schemas have none.

use super::Form;
use crate::contract::names::Table;

/// Nothing that a name may hold: white space, control characters, `=`.
const OUTSIDE: &str = r"\s=\u0000-\u001f\u007f-\u009f";
/// A whole number that fits 64 bits for sure.
const NUMBER: &str = "[0-9]{1,18}";
/// The same without leading zeros, as semver wants it.
const PLAIN: &str = "(0|[1-9][0-9]{0,17})";

/// The pattern for a text of this form; none if any text will do.
pub(super) fn pattern(form: Form) -> Option<String> {
    Some(match form {
        Form::Free => return None,
        Form::Filled => r"\S".to_owned(),
        Form::Name => format!(r"^\s*[^*{OUTSIDE}][^{OUTSIDE}]*\s*$"),
        Form::Secret => format!(r"^\s*[^{OUTSIDE}]+\s*$"),
        Form::Version => requirement(),
        Form::FormatVersion => format!(r"^\s*\^?\s*{}\s*$", semver("1")),
        Form::FileName => file_name(),
        Form::Glob => format!(r"^(?=[\s\S]*\S){}$", glob()),
        Form::Words(words) => whole(words.iter().map(|word| spelled(word, "[-_ ]", false))),
        Form::Known(table) => known(table),
    })
}

fn whole(alternatives: impl Iterator<Item = String>) -> String {
    format!(r"^\s*({})\s*$", alternatives.collect::<Vec<_>>().join("|"))
}

/// The text in any case, with `joint` for each hyphen or, if `loose`, as often as one likes between any two characters.
fn spelled(text: &str, joint: &str, loose: bool) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if matches!(c, '-' | '_') {
            if !loose {
                out.push_str(joint);
            }
            continue;
        }
        if loose && !out.is_empty() {
            out.push_str(joint);
        }
        if c.is_ascii_alphabetic() {
            out.extend(['[', c.to_ascii_lowercase(), c.to_ascii_uppercase(), ']']);
        } else {
            out.push(c);
        }
    }
    out
}

fn known(table: Table) -> String {
    let joint = "[-_ /]*";
    let names = table.spellings().map(|name| spelled(name, joint, true));
    // Systems report these with a version behind: `freebsd13`, `CYGWIN_NT-10.0-19045`.
    let versioned =
        table.versioned().map(|name| format!("{}({joint}[nN]{joint}[tT])?[-_ /.0-9]*", spelled(name, joint, true)));
    format!("^[-_ /]*({})[-_ /]*$", names.chain(versioned).collect::<Vec<_>>().join("|"))
}

/// A glob: wildcards, sets that are closed, no control characters.
fn glob() -> String {
    let control = r"\u0000-\u001f\u007f-\u009f";
    format!(r"([^\[{control}]|\[([!^][^{control}]|[^!^{control}])[^\]{control}]*\])*")
}

/// A glob that names a file below folders none of which is `.` or `..`.
fn file_name() -> String {
    let dots = r"\.{1,2}([/\\]|\s*$)";
    format!(r"^\s*(\.[/\\])*(?!{dots})(?![\s\S]*[/\\]{dots})(?=[\s\S]*[^/\\\s]\s*$){}$", glob())
}

/// What semver takes behind `^` and `~`, from this major version on.
fn semver(major: &str) -> String {
    let suffix = r"(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?(\+[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?";
    format!(r"{major}(\.({PLAIN}(\.({PLAIN}{suffix}|[xX*]))?|[xX*](\.[xX*])?))?")
}

/// Clauses separated by commas.
fn requirement() -> String {
    let any_case = |words: &[&str]| words.iter().map(|word| spelled(word, "", true)).collect::<Vec<_>>().join("|");
    let pre = any_case(&["alpha", "beta", "preview", "pre", "rc", "a", "b", "c"]);
    let post = any_case(&["post", "rev", "r"]);
    let dev = any_case(&["dev"]);
    let public = |least: &str| {
        format!(
            r"[vV]?({NUMBER}!)?{NUMBER}(\.{NUMBER}){least}([-_.]?({pre})[-_.]?({NUMBER})?)?(-{NUMBER}|[-_.]?({post})[-_.]?({NUMBER})?)?([-_.]?{dev}[-_.]?({NUMBER})?)?"
        )
    };
    let any = format!(r"{}(\+[0-9a-zA-Z]+([-_.][0-9a-zA-Z]+)*)?", public("*"));
    let clause = [
        r"\*".to_owned(),
        r"===\s*[^\s,]+".to_owned(),
        format!(r"[\^~]\s*{}", semver(PLAIN)),
        format!(r"~=\s*{}", public("+")),
        format!(r"[<>]=?\s*{}", public("*")),
        format!(r"([=!]=\s*)?({any}|[vV]?({NUMBER}!)?{NUMBER}(\.{NUMBER})*\.\*)"),
    ]
    .join("|");
    format!(r"^\s*({clause})\s*(,\s*({clause})\s*)*$")
}
