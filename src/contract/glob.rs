//! Globs over dotted module names and over `/`-separated file paths.
//!
//! `?` is any one character, `[abc]`, `[a-z]`, `[!a]` one of (or none of) a set, `*` any number of
//! characters. In a path none of them crosses `/`; `**` does, and `**/` stands for any number of
//! whole folders, none included. In a module name dots are ordinary: `plugins.*` covers
//! `plugins.a` and `plugins.a.b`, but not `plugins`. Case counts.
//!
//! Matching steps once over the text with the set of places reached in the glob, so the worst
//! case is (length of glob) x (length of text), whatever is in them.

use std::fmt;
use std::sync::Arc;

/// The longest glob accepted, in bytes.
pub(super) const LONGEST: usize = 1024;

/// A compiled glob.
#[derive(Clone, Debug)]
pub struct Glob {
    /// As written.
    pub text: String,
    /// None: no wildcard in it, plain text comparison.
    tokens: Option<Arc<[Token]>>,
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    One(char),
    Any,
    Set {
        negated: bool,
        ranges: Vec<(char, char)>,
    },
    Star,
    Deep,
    /// `**/` at the start of a component: nothing, or anything that ends in `/`.
    Folders,
}

#[derive(Clone, Copy, PartialEq)]
enum Over {
    Names,
    Paths,
}

impl Glob {
    /// Compiles `text`.
    ///
    /// # Errors
    ///
    /// One sentence, if `text` is no glob.
    pub fn new(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("the glob is empty".to_owned());
        }
        if text.len() > LONGEST {
            return Err(format!("the glob is longer than {LONGEST} bytes"));
        }
        if text.contains(char::is_control) {
            return Err("the glob contains a control character".to_owned());
        }
        let tokens = if text.contains(['*', '?', '[']) { Some(tokenize(text)?.into()) } else { None };
        Ok(Self { text: text.to_owned(), tokens })
    }

    /// Whether the whole dotted module name matches.
    #[must_use]
    pub fn matches_module(&self, name: &str) -> bool {
        match &self.tokens {
            None => self.text == name,
            Some(tokens) => run(tokens, name, Over::Names, false),
        }
    }

    /// Whether the whole `/`-separated path matches.
    #[must_use]
    pub fn matches_path(&self, path: &str) -> bool {
        match &self.tokens {
            None => self.text == path,
            Some(tokens) => run(tokens, path, Over::Paths, false),
        }
    }

    /// Whether the path, or what follows one of its `/`, matches.
    pub(crate) fn matches_path_end(&self, path: &str) -> bool {
        match &self.tokens {
            None => {
                path.strip_suffix(self.text.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('/'))
            }
            Some(tokens) => run(tokens, path, Over::Paths, true),
        }
    }
}

impl fmt::Display for Glob {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for Glob {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

fn tokenize(text: &str) -> Result<Vec<Token>, String> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::with_capacity(chars.len());
    let mut i = 0;
    while i < chars.len() {
        match chars[i] {
            '?' => tokens.push(Token::Any),
            '*' if chars.get(i + 1) == Some(&'*') => {
                let starts = i == 0 || chars[i - 1] == '/';
                while chars.get(i + 1) == Some(&'*') {
                    i += 1;
                }
                if starts && chars.get(i + 1) == Some(&'/') {
                    i += 1;
                    tokens.push(Token::Folders);
                } else {
                    tokens.push(Token::Deep);
                }
            }
            '*' => tokens.push(Token::Star),
            '[' => {
                let (set, end) = set(&chars, i + 1)?;
                tokens.push(set);
                i = end;
            }
            c => tokens.push(Token::One(c)),
        }
        i += 1;
    }
    Ok(tokens)
}

/// The set that starts after the `[` before `start`, and the index of its `]`.
fn set(chars: &[char], start: usize) -> Result<(Token, usize), String> {
    let mut i = start;
    let negated = matches!(chars.get(i), Some('!' | '^'));
    if negated {
        i += 1;
    }
    let first = i;
    let mut ranges = Vec::new();
    loop {
        let Some(&low) = chars.get(i) else {
            return Err(format!("`[` at character {start} of the glob is not closed"));
        };
        if low == ']' && i > first {
            return Ok((Token::Set { negated, ranges }, i));
        }
        match (chars.get(i + 1), chars.get(i + 2)) {
            (Some('-'), Some(&high)) if high != ']' => {
                if low > high {
                    return Err(format!("the range `{low}-{high}` in the glob is empty"));
                }
                ranges.push((low, high));
                i += 3;
            }
            _ => {
                ranges.push((low, low));
                i += 1;
            }
        }
    }
}

fn run(tokens: &[Token], text: &str, over: Over, any_component: bool) -> bool {
    let mut reached = vec![false; tokens.len() + 1];
    let mut next = reached.clone();
    reach(tokens, &mut reached, 0);
    for c in text.chars() {
        let slash = c == '/' && over == Over::Paths;
        next.fill(false);
        for (i, token) in tokens.iter().enumerate() {
            if !reached[i] {
                continue;
            }
            match token {
                Token::One(wanted) if *wanted == c => reach(tokens, &mut next, i + 1),
                Token::Any if !slash => reach(tokens, &mut next, i + 1),
                Token::Set { negated, ranges }
                    if !slash && ranges.iter().any(|(low, high)| (low..=high).contains(&&c)) != *negated =>
                {
                    reach(tokens, &mut next, i + 1);
                }
                Token::Star if !slash => reach(tokens, &mut next, i),
                Token::Deep => reach(tokens, &mut next, i),
                Token::Folders => {
                    // Still inside the folders; past them only where a component ends.
                    next[i] = true;
                    if c == '/' {
                        reach(tokens, &mut next, i + 1);
                    }
                }
                _ => {}
            }
        }
        if any_component && slash {
            reach(tokens, &mut next, 0);
        }
        std::mem::swap(&mut reached, &mut next);
    }
    reached[tokens.len()]
}

/// Marks place `i`, and the places after tokens that may stand for nothing.
fn reach(tokens: &[Token], places: &mut [bool], i: usize) {
    let mut i = i;
    while !places[i] {
        places[i] = true;
        match tokens.get(i) {
            Some(Token::Star | Token::Deep | Token::Folders) => i += 1,
            _ => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_names() {
        for (glob, name, expected) in [
            ("plugin", "plugin", true),
            ("plugin", "plugins", false),
            ("plugins.*", "plugins.a", true),
            ("plugins.*", "plugins.a.b", true),
            ("plugins.*", "plugins", false),
            ("plugins*", "plugins", true),
            ("*", "anything.at.all", true),
            ("*.tests", "a.b.tests", true),
            ("*.tests", "tests", false),
            ("t?st", "test", true),
            ("t?st", "tst", false),
            ("v[0-9]", "v5", true),
            ("v[!0-9]", "v5", false),
            ("v[^0-9]", "vx", true),
            ("v[]]", "v]", true),
            ("**", "a.b", true),
            ("é*", "été", true),
            ("Plugin", "plugin", false),
        ] {
            assert_eq!(Glob::new(glob).unwrap().matches_module(name), expected, "{glob} {name}");
        }
    }

    #[test]
    fn paths() {
        for (glob, path, expected) in [
            ("a/*.py", "a/b.py", true),
            ("a/*.py", "a/b/c.py", false),
            ("a/**/c.py", "a/c.py", true),
            ("a/**/c.py", "a/x/y/c.py", true),
            ("a/**/c.py", "a/xc.py", false),
            ("**/c.py", "c.py", true),
            ("**/c.py", "x/y/c.py", true),
            ("**/c.py", "xc.py", false),
            ("a/**", "a/b/c", true),
            ("a/**", "ab", false),
            ("a?b", "a/b", false),
            ("a[!x]b", "a/b", false),
        ] {
            assert_eq!(Glob::new(glob).unwrap().matches_path(path), expected, "{glob} {path}");
        }
    }

    #[test]
    fn what_is_no_glob() {
        for glob in ["", "  ", "a[b", "[", "[]", "[!", "[z-a]", "a\nb"] {
            assert!(Glob::new(glob).is_err(), "{glob:?}");
        }
        assert!(Glob::new(&"*".repeat(2000)).is_err());
    }

    #[test]
    fn no_blow_up() {
        let glob = Glob::new(&"*a".repeat(300)).unwrap();
        let start = std::time::Instant::now();
        assert!(!glob.matches_path(&format!("{}b", "a".repeat(4000))));
        assert!(start.elapsed().as_secs() < 5);
    }
}
