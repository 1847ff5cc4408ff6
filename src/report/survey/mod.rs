//! What came of checking files, in every output format: one file each.

mod text;

pub use text::render;
