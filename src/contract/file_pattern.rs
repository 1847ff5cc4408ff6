//! File name rules: matched against the end of a path, whole components at a time.

use super::glob::Glob;
use super::model::FilePattern;

impl FilePattern {
    /// Compiles `text`: `plugin.py`, `plugins/*.py`, `plugins/**/main.py`.
    ///
    /// # Errors
    ///
    /// One sentence, if no path can ever match.
    pub fn new(text: &str) -> Result<Self, String> {
        let path = slashes(text);
        let mut wanted = path.trim();
        while let Some(rest) = wanted.strip_prefix("./") {
            wanted = rest;
        }
        if wanted.ends_with('/') {
            return Err("the file name ends in `/`: it names a folder".to_owned());
        }
        if wanted.split('/').any(|part| part == ".." || part == ".") {
            return Err("the file name contains `.` or `..` as a component: no path has that".to_owned());
        }
        if wanted.is_empty() {
            return Err("the file name is empty".to_owned());
        }
        Ok(Self { text: text.to_owned(), glob: Glob::new(wanted)? })
    }

    /// Whether `path` (with the separators of this system) ends with this pattern, whole components at a time.
    #[must_use]
    pub fn matches(&self, path: &str) -> bool {
        // Elsewhere a backslash in a path is part of a name.
        if cfg!(windows) && path.contains('\\') {
            return self.glob.matches_path_end(&slashes(path));
        }
        self.glob.matches_path_end(path)
    }
}

fn slashes(path: &str) -> String {
    path.replace('\\', "/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_paths_by_whole_components() {
        for (pattern, path, expected) in [
            ("plugin.py", "plugin.py", true),
            ("plugin.py", "/a/b/plugin.py", true),
            ("plugin.py", "C:\\a\\plugin.py", cfg!(windows)),
            ("a/plugin.py", "x/a\\plugin.py", cfg!(windows)),
            ("plugin.py", "a/myplugin.py", false),
            ("plugin.py", "a/plugin.pyc", false),
            ("plugin.py", "plugin.py/x", false),
            ("b/plugin.py", "a/b/plugin.py", true),
            ("b/plugin.py", "a/bb/plugin.py", false),
            ("b\\plugin.py", "a/b/plugin.py", true),
            ("./plugin.py", "a/plugin.py", true),
            ("plugins/*.py", "x/plugins/a.py", true),
            ("plugins/*.py", "x/plugins/a/b.py", false),
            ("*.py", "x/y/z.py", true),
            ("plugins/**/*.py", "x/plugins/a/b.py", true),
            ("plugins/**/*.py", "x/plugins/b.py", true),
            ("plugins/**", "x/plugins/a/b.py", true),
            ("**/b.py", "x/b.py", true),
            ("/srv/b.py", "/srv/b.py", true),
            ("/srv/b.py", "/x/srv/b.py", false),
            ("pl?g[a-z]n.py", "plugin.py", true),
        ] {
            assert_eq!(FilePattern::new(pattern).unwrap().matches(path), expected, "{pattern} {path}");
        }
    }

    #[test]
    fn what_can_never_match_is_refused() {
        for pattern in ["", " ", "a/", "../a.py", "a/./b.py", "[", "./"] {
            assert!(FilePattern::new(pattern).is_err(), "{pattern:?}");
        }
    }
}
