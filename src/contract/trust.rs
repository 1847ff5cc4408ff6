//! Importers that the program which installs the hook vouches for, whatever the contracts say.

use super::glob::Glob;
use super::model::FilePattern;

/// Some importers: by name, or, with a `/` in it, by file.
#[derive(Clone, Debug)]
pub struct Trusted {
    /// As written.
    pub text: String,
    by: By,
}

#[derive(Clone, Debug)]
enum By {
    Name(Glob),
    File(FilePattern),
}

impl Trusted {
    /// Compiles `text`: a glob over module names (`tests.*`), or over the ends of paths (`tests/**/*.py`).
    ///
    /// # Errors
    ///
    /// One sentence, if `text` is neither.
    pub fn new(text: &str) -> Result<Self, String> {
        let by =
            if text.contains(['/', '\\']) { By::File(FilePattern::new(text)?) } else { By::Name(Glob::new(text)?) };
        Ok(Self { text: text.to_owned(), by })
    }

    /// Whether it names an importer with these names (none: it is anonymous) and this file.
    #[must_use]
    pub fn covers<'a>(&self, mut names: impl Iterator<Item = &'a str>, file: &str) -> bool {
        match &self.by {
            By::Name(glob) => names.any(|name| glob.matches_module(name)),
            // Without a name, nothing vouches for the file.
            By::File(pattern) => names.next().is_some() && pattern.matches(file),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_name_or_by_file() {
        for (text, name, file, expected) in [
            ("tests.*", Some("tests.unit"), "/x/src/unit.py", true),
            ("tests.*", Some("test_unit"), "/x/tests/unit.py", false),
            ("tests.*", None, "/x/tests/unit.py", false),
            ("tests/*.py", Some("unit"), "/x/tests/unit.py", true),
            ("tests/*.py", Some("tests.unit"), "/x/unit.py", false),
            ("tests/*.py", None, "/x/tests/unit.py", false),
            ("/x/**/test_*.py", Some("test_a"), "/x/y/z/test_a.py", true),
            ("/x/**/test_*.py", Some("test_a"), "/x/test_a.py", true),
            ("/x/**/test_*.py", Some("test_a"), "/y/x/test_a.py", false),
            ("/[[]x]/*.py", Some("a"), "/[x]/a.py", true),
        ] {
            let trusted = Trusted::new(text).unwrap();
            assert_eq!(trusted.covers(name.into_iter(), file), expected, "{text} {name:?} {file}");
        }
        for text in ["", "[", "tests/", "../tests/*.py"] {
            assert!(Trusted::new(text).is_err(), "{text:?}");
        }
    }
}
