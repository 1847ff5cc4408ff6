//! Version requirements (DESIGN 6).
//!
//! A requirement is one or more clauses, separated by commas, that must all hold:
//!
//! - PEP 440 specifiers: `>=3.10`, `<4`, `~=1.4`, `==1.2.*`, `!=1.5`, `===1.0+build`;
//! - caret and tilde as semver defines them: `^1.2` is `>=1.2,<2`, `^0.3` is `>=0.3,<0.4`, `~1.2` is
//!   `>=1.2,<1.3`. The upper bound does not admit its own pre-releases;
//! - bare: up to two numbers are a prefix (`3.11` admits 3.11.x), three or more, or any suffix
//!   (`1.0rc1`), name exactly one version; `*` is any version.
//!
//! Versions are ordered as PEP 440 orders them. Pre-releases are candidates like any other: what
//! runs is what it is, there is nothing else to choose. So `>=3.13` admits 3.14.0rc1, but not 3.13.0rc1.

use std::fmt;
use std::str::FromStr;

use pep440_rs::{Operator, Version, VersionSpecifier};
use semver::{Comparator, Op};

/// A version requirement.
#[derive(Clone, Debug, PartialEq)]
pub struct Requirement {
    /// As written.
    pub text: String,
    clauses: Vec<Clause>,
}

#[derive(Clone, Debug, PartialEq)]
enum Clause {
    Any,
    /// Release numbers that the version must start with.
    Prefix {
        version: Version,
        negated: bool,
    },
    Compare {
        operator: Operator,
        version: Version,
    },
    /// `===`: the text itself, case folded.
    Text(String),
}

impl Requirement {
    /// Reads a requirement.
    ///
    /// # Errors
    ///
    /// One sentence, if `text` is none.
    pub fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() {
            return Err("the version requirement is empty".to_owned());
        }
        let mut clauses = Vec::new();
        for part in text.split(',') {
            clause(part.trim(), &mut clauses)?;
        }
        Ok(Self { text: text.to_owned(), clauses })
    }

    /// Whether `version` fits; none if `version` is not a version.
    #[must_use]
    pub fn matches(&self, version: &str) -> Option<bool> {
        let written = version.trim();
        if let [Clause::Text(wanted)] = self.clauses.as_slice()
            && written.eq_ignore_ascii_case(wanted)
        {
            return Some(true);
        }
        // Some distributors' Pythons call themselves `3.13.0+`.
        let version = Version::from_str(written.strip_suffix('+').unwrap_or(written)).ok()?;
        Some(self.clauses.iter().all(|clause| clause.admits(&version, written)))
    }
}

impl fmt::Display for Requirement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

fn clause(part: &str, clauses: &mut Vec<Clause>) -> Result<(), String> {
    if part.is_empty() {
        return Err("there is nothing between two commas of the version requirement".to_owned());
    }
    if part == "*" {
        clauses.push(Clause::Any);
    } else if let Some(text) = part.strip_prefix("===") {
        let text = text.trim();
        if text.is_empty() || text.contains(char::is_whitespace) {
            return Err(format!("`{part}` names no version"));
        }
        clauses.push(Clause::Text(text.to_ascii_lowercase()));
    } else if part.starts_with('^') || (part.starts_with('~') && !part.starts_with("~=")) {
        let comparator =
            Comparator::parse(part).map_err(|error| format!("`{part}` is no version requirement: {error}"))?;
        let (low, high) = bounds(&comparator).ok_or_else(|| format!("`{part}` is no version requirement"))?;
        clauses.push(Clause::Compare { operator: Operator::GreaterThanEqual, version: low });
        clauses.push(Clause::Compare { operator: Operator::LessThan, version: high });
    } else if part.starts_with(['<', '>', '=', '!', '~']) {
        clauses.push(specifier(part)?);
    } else {
        clauses.push(bare(part)?);
    }
    Ok(())
}

fn bare(part: &str) -> Result<Clause, String> {
    if part.ends_with(".*") {
        return specifier(&format!("=={part}")).map_err(|_| not_a_version(part));
    }
    let version = Version::from_str(part).map_err(|_| not_a_version(part))?;
    let plain = version.is_stable() && !version.is_post() && !version.is_local();
    Ok(if plain && version.release().len() < 3 {
        Clause::Prefix { version, negated: false }
    } else {
        Clause::Compare { operator: Operator::Equal, version }
    })
}

fn not_a_version(part: &str) -> String {
    format!("`{part}` is neither a version nor a version requirement")
}

fn specifier(part: &str) -> Result<Clause, String> {
    let parsed = VersionSpecifier::from_str(part).map_err(|error| {
        // The last lines draw the place; the first says it.
        let text = error.to_string();
        format!("`{part}` is no version requirement: {}", text.lines().next().unwrap_or_default().trim_end_matches(':'))
    })?;
    let (operator, version) = parsed.into_parts();
    Ok(match operator {
        Operator::EqualStar => Clause::Prefix { version, negated: false },
        Operator::NotEqualStar => Clause::Prefix { version, negated: true },
        operator => Clause::Compare { operator, version },
    })
}

/// The least version that fits, and the first that no longer does.
fn bounds(comparator: &Comparator) -> Option<(Version, Version)> {
    let Comparator { op, major, minor, patch, pre } = comparator;
    let mut text = format!("{major}.{}.{}", minor.unwrap_or(0), patch.unwrap_or(0));
    if !pre.is_empty() {
        text = format!("{text}-{pre}");
    }
    let low = Version::from_str(&text).ok()?;
    let after = |n: u64| n.checked_add(1);
    let high = match (op, major, minor, patch) {
        (Op::Tilde, major, Some(minor), _) => vec![*major, after(*minor)?],
        (Op::Caret, 0, Some(0), Some(patch)) => vec![0, 0, after(*patch)?],
        (Op::Caret, 0, Some(minor), _) => vec![0, after(*minor)?],
        (_, major, _, _) => vec![after(*major)?],
    };
    Some((low, Version::new(high)))
}

impl Clause {
    fn admits(&self, version: &Version, written: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Text(wanted) => written.eq_ignore_ascii_case(wanted),
            Self::Prefix { version: prefix, negated } => {
                starts_with(version, prefix, prefix.release().len()) != *negated
            }
            Self::Compare { operator, version: bound } => compare(*operator, version, bound),
        }
    }
}

/// `==prefix.*` with the first `length` numbers of `prefix`.
fn starts_with(version: &Version, prefix: &Version, length: usize) -> bool {
    let mut release = version.release().iter().copied().chain(std::iter::repeat(0));
    version.epoch() == prefix.epoch() && prefix.release().iter().take(length).all(|n| release.next() == Some(*n))
}

/// PEP 440's comparison operators, as `packaging` reads them.
fn compare(operator: Operator, version: &Version, bound: &Version) -> bool {
    let public = if bound.is_local() { version.clone() } else { version.clone().without_local() };
    let same_release = || version.epoch() == bound.epoch() && version.only_release() == bound.only_release();
    match operator {
        Operator::Equal => public == *bound,
        Operator::NotEqual => public != *bound,
        Operator::TildeEqual => {
            public >= *bound && starts_with(version, bound, bound.release().len().saturating_sub(1))
        }
        Operator::GreaterThanEqual => public >= *bound,
        Operator::LessThanEqual => public <= *bound,
        // Neither a pre-release of the bound is below it, nor a post-release or a local build above,
        // unless the bound itself is of that kind.
        Operator::LessThan => {
            version < bound && (bound.any_prerelease() || !version.any_prerelease() || !same_release())
        }
        Operator::GreaterThan => {
            version > bound
                && (bound.is_post() || !version.is_post() || !same_release())
                && !(version.is_local() && same_release())
        }
        // The reader turns these into clauses of their own.
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::Requirement;

    /// Requirement, versions that fit, versions that don't.
    const TABLE: &[(&str, &str, &str)] = &[
        (">=3.10,<3.13", "3.10 3.10.0 3.12.9 3.12.9+local", "3.9.18 3.13 3.13.0 3.13.0rc1 4"),
        (" >= 3.10 , < 3.13 ", "3.11", "3.13"),
        (">=3.13", "3.13.0 3.14.0rc1 3.13.0+ 4", "3.13.0rc1 3.12"),
        ("~=1.4", "1.4 1.4.5 1.5 1.99", "1.3 2.0 2.0rc1"),
        ("~=1.4.2", "1.4.2 1.4.9 1.4.2.1", "1.5 1.4.1"),
        ("==1.2.*", "1.2 1.2.0 1.2.9 1.2.3rc1", "1.20 1.3 1"),
        ("!=1.2.*", "1.3 1.20", "1.2 1.2.7"),
        ("==1.2", "1.2 1.2.0 1.2+abc v1.2", "1.2.1 1.2rc1"),
        ("==1.2+abc", "1.2+abc", "1.2 1.2+abd"),
        ("!=1.5", "1.4 1.5.1 1.5rc1", "1.5 1.5.0 1.5+x"),
        ("===1.0+Build", "1.0+build 1.0+BUILD", "1.0"),
        ("===1.0", "1.0", "1.0.0 1.0+x"),
        ("<3.1", "3.0 3.0.9rc1 3.0.dev1", "3.1rc1 3.1.dev0 3.1"),
        ("<3.1.0rc2", "3.1.0rc1 3.0", "3.1.0rc2 3.1"),
        (">3.1", "3.1.1 3.2 4", "3.1 3.1.post1 3.1+x"),
        ("<=3.1", "3.1 3.1.0 3.1+x 3.1rc1", "3.1.1 3.1.post1"),
        ("^1.2", "1.2 1.2.0 1.9.9 1.3rc1", "1.1.9 2.0 2.0rc1 1.2rc1"),
        ("^1.2.3", "1.2.3 1.3", "1.2.2 2"),
        ("^0.3", "0.3 0.3.9", "0.4 0.2 0.4.0rc1"),
        ("^0.0.3", "0.0.3 0.0.3.1", "0.0.4 0.0.2"),
        ("^0.0", "0.0.1 0.0.9", "0.1"),
        ("^0", "0.0 0.9.9", "1.0"),
        ("^1", "1.0 1.99", "2 0.9"),
        ("^1.2.3-rc.1", "1.2.3rc1 1.2.3rc2 1.2.3 1.9", "1.2.3b1 2"),
        ("~1.2", "1.2 1.2.9", "1.3 1.1"),
        ("~1.2.3", "1.2.3 1.2.9", "1.3 1.2.2"),
        ("~1", "1.0 1.9", "2.0"),
        ("^1.2,!=1.5", "1.4 1.6", "1.5 2"),
        ("3", "3 3.0 3.13.1 3.14.0rc1", "4 30 2.7"),
        ("3.11", "3.11 3.11.0 3.11.9 3.11.0rc1 3.11.2+local", "3.1 3.12 3.110"),
        ("3.10", "3.10.4", "3.1 3.1.0"),
        ("3.12.4", "3.12.4 3.12.4.0 3.12.4+local 3.12.4+", "3.12.40 3.12 3.12.4rc1 3.12.4.post1 3.12.4.1"),
        ("1.4", "1.4.2 1.4", "1.5"),
        ("1.0rc1", "1.0rc1 1.0.0rc1", "1.0 1.0rc2 1.0.1"),
        ("1.0.post1", "1.0.post1", "1.0 1.0.post2"),
        ("1.0+x", "1.0+x", "1.0"),
        ("v1.2", "1.2.9", "1.3"),
        ("1!2.0", "1!2.0.3", "2.0.3"),
        ("1.2.*", "1.2.5", "1.3"),
        ("*", "0.1 99 1.0rc1", ""),
    ];

    #[test]
    fn table() {
        for (requirement, fit, unfit) in TABLE {
            let parsed = Requirement::parse(requirement).unwrap_or_else(|error| panic!("{requirement}: {error}"));
            assert_eq!(&parsed.to_string(), requirement);
            for version in fit.split_whitespace() {
                assert_eq!(parsed.matches(version), Some(true), "{requirement} {version}");
            }
            for version in unfit.split_whitespace() {
                assert_eq!(parsed.matches(version), Some(false), "{requirement} {version}");
            }
            assert_eq!(parsed.matches("not a version"), None, "{requirement}");
        }
    }

    #[test]
    fn what_is_no_requirement() {
        for text in [
            "",
            "  ",
            ">>1",
            ">=",
            "abc",
            "1.2,",
            ",1",
            "^",
            "^x",
            "^1.2.3.4",
            "~",
            "==1.*.2",
            ">=1.*",
            "~=1",
            "=1",
            "=>1",
            "1.x",
            ">=3.8 <4",
            "^18446744073709551615",
            "99999999999999999999999",
            "===",
            "1.2 || 1.3",
            "!1",
            "1.2.3-x y",
        ] {
            let error = Requirement::parse(text).expect_err(text);
            assert!(!error.contains('\n'), "{error}");
        }
    }

    #[test]
    fn what_is_no_version() {
        let requirement = Requirement::parse(">=1").unwrap();
        for version in ["", "unknown", "1.0-SNAPSHOT", "++", "1..2"] {
            assert_eq!(requirement.matches(version), None, "{version}");
        }
    }

    #[test]
    fn long_texts_are_no_trouble() {
        let long = "1.".repeat(200_000) + "1";
        let requirement = Requirement::parse(&format!("=={long}")).unwrap();
        assert_eq!(requirement.matches(&long), Some(true));
        assert_eq!(requirement.matches("1"), Some(false));
    }
}
