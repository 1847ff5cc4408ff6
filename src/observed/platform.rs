//! Where the code runs, as plain data.

/// The running interpreter and machine. Names are canonical (see `contract::names`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Platform {
    /// `platform.machine()`, canonical: `x86_64`, `aarch64`, …
    pub arch: String,
    /// `linux`, `darwin`, `windows`, …
    pub os: String,
    /// `sys.version_info[:3]`.
    pub python: (u32, u32, u32),
    /// `platform.python_version()`: the full text, `3.14.0rc1`.
    pub python_text: String,
    /// `CPython`, `PyPy`, …
    pub interpreter: String,
    /// `sys.platform`, as Python has it, for static conditions.
    pub sys_platform: String,
    /// `os.name`, as Python has it, for static conditions.
    pub os_name: String,
}
