#![allow(clippy::too_many_lines, clippy::type_complexity, reason = "tables of cases are long and have many columns")]
#![allow(clippy::panic, clippy::unwrap_used, reason = "a test ends this way")]

pub(super) mod support;

mod classes;
mod environment;
mod functions;
mod modules;
mod secrets;
mod values;
mod variables;
mod volume;
