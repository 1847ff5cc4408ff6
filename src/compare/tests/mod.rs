mod support;

mod functions;
mod values;
mod variables;
