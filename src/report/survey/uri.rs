//! Paths as they are named elsewhere: relative to the working folder, and as URIs.

use std::fmt::Write as _;
use std::path::Path;

use crate::check::paths::{absolute, between, is_within};

/// `path` relative to `folder`, with `/`; none if it is not below it.
pub(super) fn relative(path: &str, folder: &str) -> Option<String> {
    let folder = absolute("", Path::new(folder));
    let way = between(&folder, &absolute(path, &folder));
    is_within(&way, ".").then_some(way)
}

/// A URI reference for `path`, and whether it is relative to `folder`.
pub(super) fn reference(path: &str, folder: &str) -> (String, bool) {
    if let Some(relative) = relative(path, folder) {
        return (encoded(&relative), true);
    }
    let path = absolute(path, Path::new(folder)).to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/");
    let slash = if path.starts_with('/') { "" } else { "/" };
    (format!("file://{slash}{}", encoded(&path)), false)
}

/// Percent-encoded as RFC 3986 asks for, but for `/`.
fn encoded(path: &str) -> String {
    path.bytes().fold(String::with_capacity(path.len()), |mut text, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => text.push(char::from(byte)),
            // Writing to a string can't fail.
            _ => drop(write!(text, "%{byte:02X}")),
        }
        text
    })
}

#[cfg(test)]
mod tests {
    use super::{reference, relative};

    #[test]
    fn what_is_below_the_folder_is_relative() {
        let of = |path| reference(path, "/srv/app");
        assert_eq!(of("a b/ü.py"), ("a%20b/%C3%BC.py".to_owned(), true));
        assert_eq!(of("./x/../c:d.py"), ("c%3Ad.py".to_owned(), true));
        assert_eq!(of("/srv/app/%\n?#.py"), ("%25%0A%3F%23.py".to_owned(), true));
        assert_eq!(of("/srv/application/x.py"), ("file:///srv/application/x.py".to_owned(), false));
        assert_eq!(of("../lib/[x].py"), ("file:///srv/lib/%5Bx%5D.py".to_owned(), false));
        assert_eq!(relative(".", "/srv/app").as_deref(), Some("."));
        assert_eq!(relative("../../../../etc", "/srv/app"), None);
    }
}
