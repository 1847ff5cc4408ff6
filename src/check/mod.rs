//! Files and whole trees, checked without running anything (DESIGN 11).

pub mod baseline;
pub mod identity;
pub mod paths;
pub mod survey;
