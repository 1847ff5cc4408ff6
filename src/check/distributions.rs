//! Versions of installed distributions, from their metadata files.

use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// The folders that distributions are installed in, read when first asked.
pub(super) struct Distributions<'a> {
    folders: &'a [PathBuf],
    versions: OnceLock<HashMap<String, String>>,
}

impl<'a> Distributions<'a> {
    pub fn new(folders: &'a [PathBuf]) -> Self {
        Self { folders, versions: OnceLock::new() }
    }

    /// The version of the distribution that provides the top-level package of `module`.
    pub fn version_of(&self, module: &str) -> Option<String> {
        let versions = self.versions.get_or_init(|| {
            let mut versions = HashMap::new();
            // Where two provide one package, the first on the path is meant.
            self.folders.iter().for_each(|folder| collect(folder, &mut versions));
            versions
        });
        versions.get(module.split('.').next()?).cloned()
    }
}

fn collect(folder: &Path, versions: &mut HashMap<String, String>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort_unstable();
    for path in paths {
        let file = match path.extension().and_then(|extension| extension.to_str()) {
            Some("dist-info") => "METADATA",
            Some("egg-info") => "PKG-INFO",
            _ => continue,
        };
        // An egg-info may be a file by itself.
        let metadata = fs::read(path.join(file)).or_else(|_| fs::read(&path));
        let Some(version) = metadata.ok().and_then(|bytes| version(&String::from_utf8_lossy(&bytes))) else { continue };
        for package in packages(&path) {
            versions.entry(package).or_insert_with(|| version.clone());
        }
    }
}

/// The version in a metadata file's header.
fn version(metadata: &str) -> Option<String> {
    let header = metadata.lines().take_while(|line| !line.is_empty());
    let mut fields = header.filter_map(|line| line.split_once(':'));
    fields.find(|(name, _)| name.eq_ignore_ascii_case("version")).map(|(_, value)| value.trim().to_owned())
}

/// The top-level packages of a distribution: as it declares them, else by its files.
fn packages(path: &Path) -> Vec<String> {
    if let Ok(declared) = fs::read_to_string(path.join("top_level.txt")) {
        return declared.split_whitespace().map(str::to_owned).collect();
    }
    let read = |name: &str| fs::read_to_string(path.join(name)).ok();
    let Some(files) = read("RECORD").or_else(|| read("SOURCES.txt")) else { return Vec::new() };
    let mut packages: Vec<String> = files.lines().filter_map(package_of).map(str::to_owned).collect();
    packages.dedup();
    packages
}

/// The top-level package that a file of a distribution belongs to.
fn package_of(line: &str) -> Option<&str> {
    let file = line.split(',').next()?.trim_matches('"');
    let name = match file.split_once('/') {
        Some((package, _)) => package,
        None => file.strip_suffix(".py").or_else(|| file.strip_suffix(".so")?.split('.').next())?,
    };
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_') && name != "__pycache__";
    is_name.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_record_line_tells() {
        for (line, expected) in [
            ("yaml/__init__.py,sha256=x,12", Some("yaml")),
            ("six.py,sha256=x,12", Some("six")),
            ("_cffi.cpython-312-x86_64-linux-gnu.so,,", Some("_cffi")),
            ("six-1.16.dist-info/METADATA,,", None),
            ("__pycache__/six.cpython-312.pyc,,", None),
            ("../../../bin/tool,,", None),
        ] {
            assert_eq!(package_of(line), expected, "{line}");
        }
    }

    #[test]
    fn the_header_ends_at_an_empty_line() {
        assert_eq!(version("Metadata-Version: 2.1\nVersion: 1.4\n\nVersion: 9\n").as_deref(), Some("1.4"));
        assert_eq!(version("Name: x\n\nVersion: 9\n"), None);
    }
}
