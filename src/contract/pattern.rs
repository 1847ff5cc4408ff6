//! Regular expressions of a contract.

use std::fmt;

use regex::{Regex, RegexBuilder};

/// The longest pattern accepted, in bytes.
const LONGEST: usize = 4096;
/// The most memory that one compiled pattern may take, in bytes. `\w{64}` takes a third of it.
const LARGEST: usize = 8 << 20;

/// A regular expression that must match a whole text, in linear time.
#[derive(Clone, Debug)]
pub struct Pattern {
    /// As written.
    pub text: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles `text`.
    ///
    /// # Errors
    ///
    /// One sentence with the place in the pattern, if `text` is no regular expression of the
    /// linear-time kind or would grow too large.
    pub fn new(text: &str) -> Result<Self, String> {
        Self::within(text, LARGEST)
    }

    /// The `index`th different pattern of one contract: the more there are, the less memory each
    /// may take, so that all of them together stay below some 200 MB.
    pub(crate) fn numbered(text: &str, index: usize) -> Result<Self, String> {
        Self::within(text, LARGEST >> (index / 8).min(4))
    }

    fn within(text: &str, limit: usize) -> Result<Self, String> {
        if text.len() > LONGEST {
            return Err(format!("the pattern is longer than {LONGEST} bytes"));
        }
        // Alone first: so that places are the user's, and `a)|(b` can't close a group of ours.
        // With no room to compile into, this is hardly more than a look at the syntax.
        if let Err(error @ regex::Error::Syntax(_)) = build(text, 0) {
            return Err(reason(&error));
        }
        let regex = match build(&format!(r"\A(?:{text})\z"), limit) {
            // In verbose mode a comment swallows our closing bracket; a line end there means nothing.
            Err(regex::Error::Syntax(_)) => build(&format!("\\A(?:{text}\n)\\z"), limit),
            other => other,
        }
        .map_err(|error| reason(&error))?;
        Ok(Self { text: text.to_owned(), regex })
    }

    /// Whether the whole of `text` matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

fn build(text: &str, limit: usize) -> Result<Regex, regex::Error> {
    RegexBuilder::new(text).size_limit(limit).dfa_size_limit(2 << 20).nest_limit(64).build()
}

/// The engine draws several lines with a caret; we say the same in one.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::Syntax(drawing) => {
            let what = drawing.lines().last().map_or("", |line| line.trim_start_matches("error: ").trim());
            // A one-line pattern is drawn indented by four, the caret on the line below it.
            match drawing.lines().collect::<Vec<_>>()[..] {
                [_, _, carets, _] => match carets.find('^') {
                    Some(at) if at >= 4 => format!("{what}, at character {} of the pattern", at - 3),
                    _ => what.to_owned(),
                },
                _ => what.to_owned(),
            }
        }
        regex::Error::CompiledTooBig(limit) => format!("the compiled pattern is larger than {limit} bytes"),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matches_the_whole_text() {
        for (pattern, text, expected) in [
            ("a", "a", true),
            ("a", "ab", false),
            ("a", "a\n", false),
            ("a|ab", "ab", true),
            ("a|b", "xb", false),
            ("(?i)abc", "ABC", true),
            ("(?i)été", "ÉTÉ", true),
            ("(?i-u)abc", "ABC", true),
            ("(?m)^a$", "a\nb", false),
            ("(?x) a b # comment", "ab", true),
            ("(?x) a b # comment )", "ab", true),
            ("(?x)\n a # one\n b # two\n", "ab", true),
            ("a#b", "a#b", true),
            (r"\d+\.\d+", "3.10", true),
            (".*", "a\nb", false),
            ("(?s).*", "a\nb", true),
            ("", "", true),
            ("", "a", false),
            (r"\w{1,64}", "été", true),
            ("a$", "a", true),
        ] {
            assert_eq!(Pattern::new(pattern).unwrap().matches(text), expected, "{pattern:?} {text:?}");
        }
    }

    #[test]
    fn errors_tell_the_place_in_one_line() {
        for (pattern, expected) in [
            ("(abc", "unclosed group, at character 1"),
            ("ab[c", "unclosed character class, at character 3"),
            ("a)|(?:b", "unopened group, at character 2"),
            ("*a", "repetition operator missing expression"),
            (r"(?=a)", "look-around"),
            (r"(a)\1", "backreferences are not supported"),
            ("a\n(", "unclosed group"),
            ("(((a{1000}){1000}){1000})", "larger than"),
        ] {
            let error = Pattern::new(pattern).unwrap_err();
            assert!(error.contains(expected), "{pattern:?}: {error}");
            assert!(!error.contains('\n'), "{error}");
        }
        assert!(Pattern::new(&"a".repeat(5000)).is_err());
        assert!(Pattern::new(&"(".repeat(4000)).is_err());
    }

    #[test]
    fn time_is_linear() {
        let start = std::time::Instant::now();
        assert!(!Pattern::new("(a*)*b").unwrap().matches(&"a".repeat(100_000)));
        assert!(start.elapsed().as_secs() < 5);
    }
}
