//! What makes a violation the same one after lines moved, the tool reworded a message, or it ran elsewhere.

use std::fmt::Write as _;

use crate::compare::violation::Violation;
use crate::contract::path::{ContractPath, Step};
use crate::text::digest;

use super::survey::Pair;

/// Who breaks which rule, and how. Not what was found: that may differ from one machine to the next, and may be secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    /// The importing file, relative to some folder, with `/`.
    pub importer: String,
    /// The guarded module.
    pub module: String,
    /// The contract, relative to the same folder.
    pub contract: String,
    /// The rule, with the key below it that disagrees: `variables[engine].value`.
    pub rule: String,
    /// The violation's code.
    pub code: String,
}

impl Identity {
    /// The identity of a violation of `pair`, whose paths `relative` makes relative.
    pub fn of(pair: &Pair, violation: &Violation, relative: &dyn Fn(&str) -> String) -> Self {
        Self {
            importer: portable(relative(&pair.file)),
            module: pair.module.clone(),
            contract: portable(relative(&pair.contract)),
            rule: rule(&violation.path, violation.key),
            code: violation.code.to_string(),
        }
    }

    /// Sixteen hexadecimal digits.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let parts = [&self.importer, &self.module, &self.contract, &self.rule, &self.code];
        format!("{:016x}", digest(&parts.map(String::as_str).join("\0")))
    }
}

/// A path in a folder of installed packages, from that folder on: where it lies differs between environments.
#[must_use]
pub fn portable(path: String) -> String {
    let mut start = None;
    let mut from = 0;
    for part in path.split('/') {
        if matches!(part, "site-packages" | "dist-packages") {
            start = Some(from);
        }
        from += part.len() + 1;
    }
    match start {
        Some(start) => path[start..].replacen("dist-packages", "site-packages", 1),
        None => path,
    }
}

/// Whether a [`portable`] path is one of an installed package.
#[must_use]
pub fn is_installed(path: &str) -> bool {
    path.starts_with("site-packages/")
}

/// As [`ContractPath`] is shown, but without the numbers of list items: which of several deployments comes closest
/// depends on the machine, and a new one in front of it changes nothing.
fn rule(path: &ContractPath, key: Option<&str>) -> String {
    let mut text = String::new();
    // Writing to a string can't fail.
    for step in &path.0 {
        let _ = match step {
            Step::Key(key) if text.is_empty() => write!(text, "{key}"),
            Step::Key(key) => write!(text, ".{key}"),
            Step::Item { label, .. } => write!(text, "[{}]", label.as_deref().unwrap_or_default()),
        };
    }
    match key {
        Some(key) if text.is_empty() => text.push_str(key),
        Some(key) => text.extend([".", key]),
        None => {}
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{portable, rule};
    use crate::contract::path::ContractPath;

    #[test]
    fn installed_packages_are_the_same_in_every_environment() {
        for (path, expected) in [
            ("../.venv/lib/python3.13/site-packages/a/spymodel.yml", "site-packages/a/spymodel.yml"),
            ("../../usr/lib/python3/dist-packages/a/spymodel.yml", "site-packages/a/spymodel.yml"),
            ("x/site-packages/y/site-packages/a.py", "site-packages/a.py"),
            ("src/my-site-packages/a.py", "src/my-site-packages/a.py"),
        ] {
            assert_eq!(portable(path.to_owned()), expected);
        }
    }

    #[test]
    fn rules_are_known_by_names_not_by_numbers() {
        let root = ContractPath::default();
        let variable = |index| root.key("variables").item(index, Some("engine"));
        assert_eq!(rule(&variable(3), Some("value")), "variables[engine].value");
        assert_eq!(rule(&variable(3), None), rule(&variable(0), None));
        assert_eq!(rule(&root, Some("version")), "version");
        let system = |index| root.key("deployments").item(index, None).key("systems").item(index, None).key("os");
        assert_eq!(rule(&system(2), None), "deployments[].systems[].os");
    }
}
