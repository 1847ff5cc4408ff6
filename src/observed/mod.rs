//! The *actual* side: what an importer declares and where it runs, as plain data.

pub mod decode;
pub mod extract;
pub mod lines;
pub mod model;
pub mod platform;
pub mod world;
