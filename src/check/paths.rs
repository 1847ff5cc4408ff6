//! Paths by their text alone: links are not looked at.

use std::path::{Component, Path, PathBuf};

/// `path`, absolute and without `.` and `..`, taken from the absolute `folder`.
#[must_use]
pub fn absolute(path: &str, folder: &Path) -> PathBuf {
    let mut clean = PathBuf::new();
    for component in folder.join(path).components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir => drop(clean.pop()),
            other => clean.push(other),
        }
    }
    clean
}

/// The way from `folder` to `path`, with `/`; both are absolute and clean.
#[must_use]
pub fn between(folder: &Path, path: &Path) -> String {
    let common = folder.components().zip(path.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(common).map(|_| "..".into());
    let down = path.components().skip(common).map(|part| part.as_os_str().to_string_lossy());
    let parts: Vec<_> = up.chain(down).collect();
    if parts.is_empty() { ".".to_owned() } else { parts.join("/") }
}

/// Whether `path` is `folder` or below it; both are ways from one folder.
#[must_use]
pub fn is_within(path: &str, folder: &str) -> bool {
    match folder {
        "." => path != ".." && !path.starts_with("../"),
        _ => path.strip_prefix(folder).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{absolute, between, is_within};

    #[test]
    fn ways_lead_up_and_down() {
        let way = |folder, path| between(Path::new(folder), &absolute(path, Path::new("/srv/app")));
        assert_eq!(way("/srv/app", "a/./b/../c.py"), "a/c.py");
        assert_eq!(way("/srv/app/a", "b.py"), "../b.py");
        assert_eq!(way("/srv/app", "/etc/x"), "../../etc/x");
        assert_eq!(way("/srv/app", "../../../.."), "../..");
        assert_eq!(way("/srv/app", "."), ".");
    }

    #[test]
    fn what_is_within() {
        assert!(is_within("a/b", "a") && is_within("a", "a") && is_within("a/b", ".") && is_within("../x/y", "../x"));
        assert!(!is_within("ab", "a") && !is_within("../a", ".") && !is_within("..", "."));
        assert!(is_within("..a", "."));
    }
}
