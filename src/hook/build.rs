//! Tells the linker in which order to lay out the extension's code, where that is known to work.

use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs};

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=startup.ld");
    let is_usual = var("CARGO_CFG_TARGET_OS") == "linux" && var("CARGO_CFG_TARGET_ENV") == "gnu";
    // Whoever chooses a linker has reasons. It makes no difference to what runs.
    let flags = var("CARGO_ENCODED_RUSTFLAGS");
    let is_chosen = env::var_os("RUSTC_LINKER").is_some() || flags.contains("fuse-ld") || flags.contains("linker");
    let script = format!("{}/startup.ld", var("CARGO_MANIFEST_DIR"));
    if is_usual && !is_chosen && is_understood(&script, &flags) {
        println!("cargo:rustc-cdylib-link-arg=-T");
        println!("cargo:rustc-cdylib-link-arg={script}");
    }
}

fn var(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

/// Whether the linker takes the script: gold and mold, which may stand behind any name, do not. A build must not fail
/// for the sake of an order.
fn is_understood(script: &str, flags: &str) -> bool {
    let folder = var("OUT_DIR");
    let source = Path::new(&folder).join("probe.rs");
    if fs::write(&source, "#[unsafe(no_mangle)] pub extern \"C\" fn probe(it: &str) -> String { it.repeat(2) }")
        .is_err()
    {
        return false;
    }
    let tried = Command::new(var("RUSTC"))
        .args(["--crate-type=cdylib", "--edition=2024", "--cap-lints=allow", "--target", &var("TARGET")])
        .args(flags.split('\x1f').filter(|flag| !flag.is_empty()))
        .args(["-C", "link-arg=-T", "-C", &format!("link-arg={script}"), "-o"])
        .args([Path::new(&folder).join("libprobe.so"), source])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    tried.is_ok_and(|status| status.success())
}
