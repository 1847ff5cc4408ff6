//! Trees on disk, small ones; the command's own behaviour is tested from Python.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::observed::platform::Platform;
use crate::observed::world::Environment;

use super::survey::{Survey, Verdict};
use super::{Against, Around, Options, files, trees};

/// A folder that goes when the test ends.
struct Tree(PathBuf);

impl Tree {
    fn new(contents: &[(&str, &str)]) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("importspy-check-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let folder = std::env::temp_dir().join(name);
        for (path, text) in contents {
            let path = folder.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn platform() -> Platform {
    Platform {
        arch: "x86_64".into(),
        os: "linux".into(),
        python: (3, 12, 4),
        python_text: "3.12.4".into(),
        interpreter: "CPython".into(),
        sys_platform: "linux".into(),
        os_name: "posix".into(),
    }
}

fn around<R>(path: &[PathBuf], run: impl FnOnce(&Around<'_>) -> R) -> R {
    let platform = platform();
    run(&Around { platform: &platform, path, environment: &|_| Environment::Absent })
}

/// `importer: module verdict`, by the file's name below the tree.
fn told(tree: &Tree, survey: &Survey) -> Vec<String> {
    let folder = tree.0.to_string_lossy();
    let short = |path: &str| path.strip_prefix(folder.as_ref()).unwrap_or(path).trim_start_matches('/').to_owned();
    let verdict = |verdict: &Verdict| match verdict {
        Verdict::Fits => "fits".to_owned(),
        Verdict::Exempt(exemption) => format!("{exemption:?}"),
        Verdict::Blocked(report) => {
            report.violations.iter().map(|it| it.code.to_string()).collect::<Vec<_>>().join(",")
        }
    };
    survey.pairs.iter().map(|it| format!("{}: {} {}", short(&it.file), it.module, verdict(&it.verdict))).collect()
}

fn checked(tree: &Tree, path: &[PathBuf]) -> Survey {
    let root = [tree.0.clone()];
    around(path, |around| trees(&root, around, &Options::default(), &mut |_| ())).unwrap()
}

const A: &str = "variables: [{name: a}]";

#[test]
fn a_tree_is_checked_pair_by_pair() {
    let tree = Tree::new(&[
        ("lib/__init__.py", "from . import core\n"),
        ("lib/core.py", ""),
        ("lib/spymodel.yml", A),
        ("good.py", "import lib\na = 1\n"),
        ("bad.py", "\nfrom lib import core\n"),
    ]);
    let survey = checked(&tree, &[]);
    assert_eq!(
        told(&tree, &survey),
        [
            "bad.py: lib missing-variable",
            "bad.py: lib.core missing-variable",
            "good.py: lib fits",
            "lib/__init__.py: lib Boundary",
            "lib/__init__.py: lib.core Boundary",
        ]
    );
    assert_eq!(survey.pairs[0].line, Some(2));
    assert_eq!((survey.extent.files, survey.extent.contracts, survey.extent.guarded), (4, 1, 2));
}

#[test]
fn a_base_from_another_file_is_followed() {
    let tree = Tree::new(&[
        ("lib.py", "class Base:\n    def run(self): ...\n"),
        ("lib.spymodel.yml", "classes: [{name: P, methods: [{name: run}], superclasses: [Base]}]"),
        ("plugin.py", "import lib\nclass P(lib.Base): ...\n"),
    ]);
    assert_eq!(told(&tree, &checked(&tree, &[])), ["plugin.py: lib fits"]);
}

#[test]
fn the_tree_comes_before_what_is_installed() {
    let installed = Tree::new(&[("lib.py", ""), ("lib.spymodel.yml", A), ("only.py", ""), ("only.spymodel.yml", A)]);
    let tree = Tree::new(&[("lib.py", ""), ("plugin.py", "import lib, only\n")]);
    assert_eq!(told(&tree, &checked(&tree, std::slice::from_ref(&installed.0))), ["plugin.py: only missing-variable"]);
}

#[test]
fn a_regular_package_wins_over_portions() {
    let tree = Tree::new(&[("lib/spymodel.yml", A), ("src/lib/__init__.py", ""), ("plugin.py", "import lib\n")]);
    assert!(told(&tree, &checked(&tree, &[])).is_empty());
}

#[test]
fn modules_without_source_are_guarded_too() {
    let tree = Tree::new(&[
        ("one.cpython-312-x86_64-linux-gnu.so", ""),
        ("two.cpython-39-x86_64-linux-gnu.so", ""),
        ("three.abi3.so", ""),
        ("four.pyc", ""),
        ("spymodel.yml", A),
        ("plugin.py", "import one, two, three, four\n"),
    ]);
    let found = ["four", "one", "three"].map(|name| format!("plugin.py: {name} missing-variable"));
    assert_eq!(told(&tree, &checked(&tree, &[])), found);
}

#[test]
fn a_module_named_by_a_contract_is_looked_for_in_files() {
    let contract =
        "deployments: [{systems: [{pythons: [{modules: [{filename: helper.py, variables: [{name: x}]}]}]}]}]";
    let tree = Tree::new(&[("lib.py", ""), ("lib.spymodel.yml", contract), ("plugin.py", "import lib\n")]);
    assert_eq!(told(&tree, &checked(&tree, &[])), ["plugin.py: lib missing-module"]);
    fs::write(tree.path("helper.py"), "y = 1\n").unwrap();
    assert_eq!(told(&tree, &checked(&tree, &[])), ["plugin.py: lib missing-variable"]);
    fs::write(tree.path("helper.py"), "x = 1\n").unwrap();
    assert_eq!(told(&tree, &checked(&tree, &[])), ["plugin.py: lib fits"]);
}

#[test]
fn a_program_is_judged_as_one_if_only_the_program_imports() {
    let tree = Tree::new(&[
        ("lib.py", ""),
        ("lib.spymodel.yml", A),
        ("run.py", "if __name__ == '__main__':\n    a = 1\n    import lib\n"),
        ("both.py", "import lib\nif __name__ == '__main__':\n    a = 1\n"),
    ]);
    assert_eq!(told(&tree, &checked(&tree, &[])), ["both.py: lib missing-variable", "run.py: lib fits"]);
}

#[test]
fn files_against_a_contract_by_name() {
    let tree = Tree::new(&[("one.py", "a = 1\n"), ("two.py", ""), ("rules.yml", A)]);
    let named = [tree.path("one.py"), tree.path("two.py")];
    let rules = tree.path("rules.yml");
    let survey =
        around(&[], |around| files(&named, Against::Contract(&rules), around, &Options::default(), &mut |_| ()))
            .unwrap();
    let verdicts: Vec<bool> = survey.pairs.iter().map(|pair| matches!(pair.verdict, Verdict::Fits)).collect();
    assert_eq!(verdicts, [true, false]);
}

#[test]
fn refusals() {
    let tree = Tree::new(&[("one.py", "a = 1\n"), ("rules.yml", A)]);
    let one = [tree.path("one.py")];
    let against = |named: &[PathBuf], against: Against<'_>| {
        around(&[], |around| files(named, against, around, &Options::default(), &mut |_| ())).map(|_| ()).unwrap_err().0
    };
    let absent = tree.path("absent.yml");
    assert!(against(&one, Against::Contract(&absent)).contains("can't read the contract"));
    let none = format!("no contract to check {} against: ", one[0].display());
    let of_imports = "nothing that it imports has one; name one with `--spymodel FILE`";
    assert_eq!(against(&one, Against::Imports), format!("{none}{of_imports}"));
    let looked = "there is no `spymodel.yml` in the working folder, and ";
    assert_eq!(against(&one, Against::WorkingFolder), format!("{none}{looked}{of_imports}"));
    assert!(against(&[tree.path("rules.yml")], Against::Imports).contains("is no Python source"));
    fs::write(tree.path("tool.sh"), "#!/usr/bin/env python3\n").unwrap();
    assert!(against(&[tree.path("tool.sh")], Against::Imports).starts_with("no contract to check"));
    assert!(against(&[tree.path("absent.py")], Against::Imports).starts_with("can't read"));
    let folder = [tree.0.clone()];
    assert!(against(&folder, Against::Contract(Path::new("rules.yml"))).contains("is a folder"));
    let absent = [tree.path("absent")];
    let refused = around(&[], |around| trees(&absent, around, &Options::default(), &mut |_| ()).map(|_| ()));
    assert!(refused.is_err_and(|refusal| refusal.0.starts_with("can't read")));
}
