//! Tells the linker in which order to lay out the extension's code, where that is known to work.

use std::env;

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed=startup.ld");
    let var = |name: &str| env::var(name).unwrap_or_default();
    let is_usual = var("CARGO_CFG_TARGET_OS") == "linux" && var("CARGO_CFG_TARGET_ENV") == "gnu";
    // Whoever chooses a linker may have chosen one that takes no scripts (mold). It makes no difference to what runs.
    let linker = format!("CARGO_TARGET_{}_LINKER", var("TARGET").to_uppercase().replace(['-', '.'], "_"));
    let flags = var("CARGO_ENCODED_RUSTFLAGS");
    let is_chosen = env::var_os(linker).is_some() || flags.contains("fuse-ld") || flags.contains("linker");
    if is_usual && !is_chosen {
        println!("cargo:rustc-cdylib-link-arg=-T");
        println!("cargo:rustc-cdylib-link-arg={}/startup.ld", var("CARGO_MANIFEST_DIR"));
    }
}
