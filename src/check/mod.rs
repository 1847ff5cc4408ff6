//! Files and whole trees, checked without running anything (DESIGN 11).

pub mod survey;
