//! `.gitignore` and `.ignore` files, read as git reads them.

use std::path::is_separator;
use std::sync::Arc;

/// The file names, the more important first.
pub(super) const FILE_NAMES: [&str; 2] = [".ignore", ".gitignore"];

/// What the ignore files of one folder say, and those above it.
#[derive(Debug)]
pub(super) struct Level {
    above: Option<Arc<Level>>,
    /// How many bytes of a path name the folder, with its last separator.
    base: usize,
    /// The last one that matches decides.
    rules: Vec<Rule>,
}

#[derive(Debug)]
struct Rule {
    components: Vec<Component>,
    /// It stands for any depth below the folder.
    floating: bool,
    folders_only: bool,
    negated: bool,
}

#[derive(Debug, PartialEq)]
enum Component {
    /// `**`: any number of folders.
    Deep,
    Glob(Vec<Token>),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Char(char),
    Any,
    Star,
    Set { negated: bool, ranges: Vec<(char, char)> },
}

impl Level {
    /// Adds the texts of a folder's ignore files, the less important first. `base` is the length of the
    /// folder's path with its last separator.
    pub fn below(above: Option<Arc<Level>>, base: usize, texts: &[String]) -> Option<Arc<Self>> {
        let rules: Vec<Rule> = texts.iter().flat_map(|text| text.lines()).filter_map(Rule::parse).collect();
        if rules.is_empty() { above } else { Some(Arc::new(Self { above, base, rules })) }
    }

    /// Whether `path`, which is below all the folders, is to be left out.
    pub fn excludes(&self, path: &str, is_folder: bool) -> bool {
        let mut level = Some(self);
        while let Some(here) = level {
            let below: Vec<&str> = path.get(here.base..).unwrap_or_default().split(is_separator).collect();
            if let Some(rule) = here.rules.iter().rev().find(|rule| rule.matches(&below, is_folder)) {
                return !rule.negated;
            }
            level = here.above.as_deref();
        }
        false
    }
}

impl Rule {
    fn parse(line: &str) -> Option<Self> {
        let line = without_trailing_spaces(line.strip_prefix('\u{FEFF}').unwrap_or(line));
        if line.is_empty() || line.starts_with('#') {
            return None;
        }
        let (negated, line) = line.strip_prefix('!').map_or((false, line), |rest| (true, rest));
        let (folders_only, line) = line.strip_suffix('/').map_or((false, line), |rest| (true, rest));
        let floating = !line.contains('/');
        let line = line.strip_prefix('/').unwrap_or(line);
        if line.is_empty() {
            return None;
        }
        let mut components: Vec<Component> = Vec::new();
        for part in line.split('/') {
            let component = if part == "**" { Component::Deep } else { Component::Glob(tokens(part)?) };
            // Two in a row mean no more than one.
            if component != Component::Deep || components.last() != Some(&Component::Deep) {
                components.push(component);
            }
        }
        Some(Self { components, floating, folders_only, negated })
    }

    fn matches(&self, path: &[&str], is_folder: bool) -> bool {
        if self.folders_only && !is_folder {
            return false;
        }
        match (self.floating, self.components.as_slice(), path.last()) {
            (true, [Component::Glob(tokens)], Some(name)) => matches_name(tokens, name),
            (true, [Component::Deep], _) => true,
            _ => matches_path(&self.components, path),
        }
    }
}

/// Trailing spaces go, unless a backslash keeps them.
fn without_trailing_spaces(line: &str) -> &str {
    let trimmed = line.trim_end_matches([' ', '\t']);
    let backslashes = trimmed.len() - trimmed.trim_end_matches('\\').len();
    // An escaped space belongs to the pattern.
    if backslashes % 2 == 1 && line.len() > trimmed.len() { &line[..=trimmed.len()] } else { trimmed }
}

/// The glob of one component; none if it can't match anything, as git has it.
fn tokens(text: &str) -> Option<Vec<Token>> {
    let mut chars = text.chars().peekable();
    let mut tokens = Vec::new();
    while let Some(c) = chars.next() {
        match c {
            '\\' => tokens.push(Token::Char(chars.next()?)),
            '?' => tokens.push(Token::Any),
            '*' if tokens.last() == Some(&Token::Star) => {}
            '*' => tokens.push(Token::Star),
            '[' => {
                let negated = chars.next_if(|c| matches!(c, '!' | '^')).is_some();
                let mut ranges = Vec::new();
                let mut first = true;
                loop {
                    let start = match chars.next()? {
                        ']' if !first => break,
                        '\\' => chars.next()?,
                        c => c,
                    };
                    first = false;
                    let mut ahead = chars.clone();
                    match (ahead.next(), ahead.next()) {
                        (Some('-'), Some(end)) if end != ']' => {
                            chars = ahead;
                            ranges.push((start, if end == '\\' { chars.next()? } else { end }));
                        }
                        _ => ranges.push((start, start)),
                    }
                }
                tokens.push(Token::Set { negated, ranges });
            }
            c => tokens.push(Token::Char(c)),
        }
    }
    Some(tokens)
}

/// Whether the components match all of `path`; in time proportional to their product.
fn matches_path(components: &[Component], path: &[&str]) -> bool {
    // `reached[i]`: the components so far match the first `i` parts.
    let mut reached = vec![false; path.len() + 1];
    reached[0] = true;
    for (at, component) in components.iter().enumerate() {
        let mut next = vec![false; path.len() + 1];
        match component {
            Component::Deep => {
                // At the end it stands for something inside, not for the folder itself.
                let least = usize::from(at + 1 == components.len());
                if let Some(first) = reached.iter().position(|reached| *reached) {
                    next.iter_mut().skip(first + least).for_each(|next| *next = true);
                }
            }
            Component::Glob(tokens) => {
                for (i, name) in path.iter().enumerate() {
                    next[i + 1] = reached[i] && matches_name(tokens, name);
                }
            }
        }
        reached = next;
    }
    reached[path.len()]
}

/// Whether the tokens match all of `name`.
fn matches_name(tokens: &[Token], name: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let (mut t, mut n) = (0, 0);
    // Where the last star stands, and how far it has eaten.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        let fits = match tokens.get(t) {
            Some(Token::Star) => {
                star = Some((t, n));
                t += 1;
                continue;
            }
            Some(Token::Any) => true,
            Some(Token::Char(c)) => *c == name[n],
            Some(Token::Set { negated, ranges }) => {
                ranges.iter().any(|(from, to)| (*from..=*to).contains(&name[n])) != *negated
            }
            None => false,
        };
        if fits {
            t += 1;
            n += 1;
        } else if let Some((at, eaten)) = star {
            star = Some((at, eaten + 1));
            t = at + 1;
            n = eaten + 1;
        } else {
            return false;
        }
    }
    tokens[t..].iter().all(|token| *token == Token::Star)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn excludes(text: &str, path: &str) -> bool {
        let level = Level::below(None, 0, &[text.to_owned()]);
        let (path, is_folder) = path.strip_suffix('/').map_or((path, false), |path| (path, true));
        level.is_some_and(|level| level.excludes(path, is_folder))
    }

    /// What git itself says of each (`git check-ignore`).
    #[test]
    fn as_git_has_it() {
        for (text, path, expected) in [
            ("build", "build", true),
            ("build", "a/build/", true),
            ("build", "building", false),
            ("build/", "build", false),
            ("build/", "a/build/", true),
            ("/build", "build", true),
            ("/build", "a/build", false),
            ("a/b", "a/b", true),
            ("a/b", "x/a/b", false),
            ("**/a/b", "x/y/a/b", true),
            ("a/**/b", "a/b", true),
            ("a/**/b", "a/x/y/b", true),
            ("a/**/b", "a/x/y/c", false),
            ("a/**", "a/", false),
            ("a/**", "a/x", true),
            ("*.py", "a/x.py", true),
            ("*.py", "x.pyc", false),
            ("/*.py", "a/x.py", false),
            ("a*c*e", "abcde", true),
            ("a*c*e", "abcd", false),
            ("?.py", "ab.py", false),
            ("[a-c]x[!0-9]", "bxy", true),
            ("[a-c]x[!0-9]", "bx5", false),
            ("[]x]", "]", true),
            ("[ab", "[ab", false),
            ("\\#x", "#x", true),
            ("#x", "#x", false),
            ("\\!x", "!x", true),
            ("x  ", "x", true),
            ("x\\ ", "x ", true),
            ("x\\ ", "x", false),
            ("*\n!keep.py", "keep.py", false),
            ("!keep.py\n*", "keep.py", true),
            ("", "x", false),
            ("/", "x", false),
            ("foo/*", "foo/a/b", false),
            ("foo/*", "foo/a", true),
        ] {
            assert_eq!(excludes(text, path), expected, "{text:?} {path:?}");
        }
    }

    #[test]
    fn the_nearest_file_decides() {
        let texts = |text: &str| [text.to_owned()];
        let above = Level::below(None, 0, &texts("*.py"));
        let below = Level::below(above, 4, &texts("!keep.py\n/only.txt")).unwrap();
        assert!(below.excludes("sub/x.py", false));
        assert!(!below.excludes("sub/keep.py", false));
        assert!(below.excludes("sub/only.txt", false));
        assert!(!below.excludes("sub/deep/only.txt", false));
    }

    #[test]
    fn no_blow_up() {
        let path = "a/".repeat(200) + "b";
        assert!(!excludes(&("**/a/".repeat(200) + "c"), &path));
        assert!(!excludes(&("*a".repeat(2000) + "c"), &"a".repeat(4000)));
    }
}
