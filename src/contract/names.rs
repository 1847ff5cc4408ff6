//! The names of architectures, operating systems and interpreters that contracts may use.
//!
//! Each has one canonical spelling; other spellings that systems report or people write fold to it.
//! Case, spaces, hyphens and underscores do not count.

use super::suggest;

/// A canonical name and its other spellings.
type Row = (&'static str, &'static [&'static str]);

const ARCHITECTURES: &[Row] = &[
    ("x86_64", &["amd64", "x64"]),
    ("aarch64", &["arm64", "armv8", "armv8l"]),
    ("arm", &["armv7", "armv7l", "armv7a", "armv6", "armv6l", "armv5tel", "armhf", "armel"]),
    ("i386", &["x86", "i486", "i586", "i686", "ia32"]),
    ("ppc64", &["powerpc64"]),
    ("ppc64le", &["powerpc64le"]),
    ("ppc", &["powerpc", "powermacintosh"]),
    ("s390x", &[]),
    ("riscv64", &["riscv64gc"]),
    ("riscv32", &[]),
    ("loongarch64", &["loong64"]),
    ("mips", &[]),
    ("mips64", &[]),
    ("sparc64", &["sun4v", "sun4u"]),
    ("ia64", &[]),
    ("alpha", &[]),
    ("wasm32", &[]),
    ("wasm64", &[]),
];

const OPERATING_SYSTEMS: &[Row] = &[
    ("linux", &["linux2", "gnulinux"]),
    ("darwin", &["macos", "macosx", "osx", "mac"]),
    ("windows", &["win32", "win64", "win", "nt"]),
    ("freebsd", &[]),
    ("openbsd", &[]),
    ("netbsd", &[]),
    ("dragonfly", &["dragonflybsd"]),
    ("aix", &[]),
    ("sunos", &["solaris", "illumos"]),
    ("android", &[]),
    ("ios", &["ipados"]),
    ("tvos", &[]),
    ("watchos", &[]),
    ("visionos", &[]),
    ("emscripten", &[]),
    ("wasi", &[]),
    ("cygwin", &[]),
    ("haiku", &[]),
    ("java", &[]),
];

/// Systems that are also reported with their version.
const VERSIONED: &[&str] = &["cygwin", "freebsd", "openbsd", "netbsd", "aix", "sunos"];

const INTERPRETERS: &[Row] = &[
    ("CPython", &[]),
    ("PyPy", &[]),
    ("Jython", &[]),
    ("IronPython", &[]),
    ("Stackless", &["stacklesspython"]),
    ("MicroPython", &[]),
    ("CircuitPython", &[]),
    ("Brython", &[]),
    ("Pyston", &[]),
    ("GraalPy", &["graalpython", "graalvm"]),
    ("RustPython", &[]),
    ("Nuitka", &[]),
    ("Transcrypt", &[]),
];

/// The canonical name of an architecture, from a contract or from `platform.machine()`.
#[must_use]
pub fn architecture(name: &str) -> Option<&'static str> {
    find(ARCHITECTURES, name)
}

/// The canonical name of an operating system, from a contract, `platform.system()` or `sys.platform`.
#[must_use]
pub fn operating_system(name: &str) -> Option<&'static str> {
    find(OPERATING_SYSTEMS, name).or_else(|| {
        // `platform.system()` is `CYGWIN_NT-10.0-19045` there; `sys.platform` once was `freebsd13`.
        let folded = fold(name);
        let bare = folded.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
        find(OPERATING_SYSTEMS, bare.strip_suffix("nt").unwrap_or(bare)).filter(|name| VERSIONED.contains(name))
    })
}

/// The canonical name of an interpreter, from a contract, `platform.python_implementation()` or
/// `sys.implementation.name`.
#[must_use]
pub fn interpreter(name: &str) -> Option<&'static str> {
    find(INTERPRETERS, name)
}

/// The names of one kind.
#[derive(Clone, Copy)]
pub struct Table {
    /// What they are the names of.
    pub what: &'static str,
    rows: &'static [Row],
    canonical: fn(&str) -> Option<&'static str>,
}

/// The names of architectures.
pub const ARCHITECTURE: Table = Table { what: "architecture", rows: ARCHITECTURES, canonical: architecture };
/// The names of operating systems.
pub const OPERATING_SYSTEM: Table =
    Table { what: "operating system", rows: OPERATING_SYSTEMS, canonical: operating_system };
/// The names of interpreters.
pub const INTERPRETER: Table = Table { what: "interpreter", rows: INTERPRETERS, canonical: interpreter };

impl Table {
    /// The canonical name that `name` is a spelling of.
    #[must_use]
    pub fn canonical(&self, name: &str) -> Option<&'static str> {
        (self.canonical)(name)
    }

    /// All canonical names.
    pub fn known(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.rows.iter().map(|row| row.0)
    }

    /// All names in all listed spellings.
    pub(super) fn spellings(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.rows.iter().flat_map(|row| std::iter::once(row.0).chain(row.1.iter().copied()))
    }

    /// Those spellings that a version may follow.
    pub(super) fn versioned(&self) -> impl Iterator<Item = &'static str> + use<> {
        let rows = self.rows.iter().filter(|row| VERSIONED.contains(&row.0));
        rows.flat_map(|row| std::iter::once(row.0).chain(row.1.iter().copied()))
    }

    /// The known spelling nearest to a name that is unknown: canonical names first, then the others.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&'static str> {
        let others = self.rows.iter().flat_map(|row| row.1.iter().copied());
        suggest::nearest(name, self.known().chain(others))
    }
}

fn fold(name: &str) -> String {
    name.chars().filter(|c| !matches!(c, ' ' | '-' | '_' | '/')).map(|c| c.to_ascii_lowercase()).collect()
}

fn find(rows: &'static [Row], name: &str) -> Option<&'static str> {
    // Almost always a canonical name, as written.
    if let Some(row) = rows.iter().find(|row| row.0 == name) {
        return Some(row.0);
    }
    if name.len() > 64 {
        return None;
    }
    let name = fold(name);
    rows.iter().find(|row| fold(row.0) == name || row.1.contains(&name.as_str())).map(|row| row.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_fold_to_one_name() {
        for (canonical, spellings) in [
            ("x86_64", "x86_64 AMD64 amd64 x64 x86-64 X86_64"),
            ("aarch64", "aarch64 ARM64 arm64"),
            ("arm", "arm armv7l armv6l"),
            ("i386", "i386 i686 x86"),
            ("ppc64", "ppc64"),
            ("ppc64le", "ppc64le"),
            ("s390x", "s390x"),
            ("riscv64", "riscv64"),
        ] {
            for spelling in spellings.split(' ') {
                assert_eq!(architecture(spelling), Some(canonical), "{spelling}");
            }
        }
        for (canonical, spellings) in [
            ("linux", "linux|Linux|linux2|GNU/Linux"),
            ("darwin", "darwin|Darwin|macos|macOS|Mac OS X|osx|OSX"),
            ("windows", "windows|Windows|win32|WIN|nt"),
            ("freebsd", "FreeBSD|freebsd13"),
            ("sunos", "SunOS|solaris|sunos5"),
            ("cygwin", "cygwin|CYGWIN_NT-10.0|CYGWIN_NT-10.0-19045"),
        ] {
            for spelling in spellings.split('|') {
                assert_eq!(operating_system(spelling), Some(canonical), "{spelling}");
            }
        }
        for (canonical, spellings) in
            [("CPython", "CPython cpython"), ("GraalPy", "GraalPython graalpy GraalVM"), ("PyPy", "PyPy pypy")]
        {
            for spelling in spellings.split(' ') {
                assert_eq!(interpreter(spelling), Some(canonical), "{spelling}");
            }
        }
    }

    #[test]
    fn the_original_format_is_covered() {
        for name in ["x86_64", "aarch64", "arm", "arm64", "i386", "ppc64", "ppc64le", "s390x"] {
            assert!(architecture(name).is_some(), "{name}");
        }
        for name in ["linux", "windows", "darwin", "macos"] {
            assert!(operating_system(name).is_some(), "{name}");
        }
        for name in "CPython PyPy Jython IronPython Stackless MicroPython Brython Pyston GraalPython \
                     RustPython Nuitka Transcrypt"
            .split_whitespace()
        {
            assert!(interpreter(name).is_some(), "{name}");
        }
    }

    #[test]
    fn unknown_names_are_unknown() {
        for name in ["", "x87", "linus", "i8086", "linux13x", "win95"] {
            assert_eq!((architecture(name), operating_system(name), interpreter(name)), (None, None, None), "{name}");
        }
    }

    #[test]
    fn slips_are_told_for_every_spelling() {
        for (table, slip, meant) in [
            (ARCHITECTURE, "amd46", Some("amd64")),
            (ARCHITECTURE, "x86-46", Some("x86_64")),
            (ARCHITECTURE, "arm65", Some("arm64")),
            (ARCHITECTURE, "aarch46", Some("aarch64")),
            (OPERATING_SYSTEM, "linus", Some("linux")),
            (OPERATING_SYSTEM, "MacSO", Some("macos")),
            (OPERATING_SYSTEM, "windwos", Some("windows")),
            (OPERATING_SYSTEM, "solarsi", Some("solaris")),
            (INTERPRETER, "cpyhton", Some("CPython")),
            (INTERPRETER, "graalpythn", Some("graalpython")),
            (INTERPRETER, "ruby", None),
            (OPERATING_SYSTEM, "plan9", None),
        ] {
            assert_eq!(table.canonical(slip), None, "{slip}");
            assert_eq!(table.nearest(slip), meant, "{slip}");
        }
    }

    #[test]
    fn every_name_is_its_own_and_every_alias_is_folded() {
        for rows in [ARCHITECTURES, OPERATING_SYSTEMS, INTERPRETERS] {
            for row in rows {
                assert_eq!(find(rows, row.0), Some(row.0));
                for alias in row.1 {
                    assert_eq!(fold(alias), **alias);
                    assert_eq!(find(rows, alias), Some(row.0), "{alias}");
                }
            }
        }
    }
}
