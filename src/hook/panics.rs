//! A Rust panic must not reach a user: it becomes an exception that blocks the import.

use std::cell::RefCell;

use pyo3::panic::PanicException;
use pyo3::prelude::*;

use super::errors;

thread_local! {
    static LAST: RefCell<String> = const { RefCell::new(String::new()) };
}

/// Keeps the place and text of a panic for the exception instead of printing them.
///
/// The hook belongs to this extension's own copy of the standard library: it changes nothing for others.
///
/// pyo3's class for panics is made here: else that happens at the first exception which it is shown, and if that is one
/// of too deep a recursion, making the class raises another one, and waits for itself.
pub fn keep_quiet(py: Python<'_>) {
    let _ = py.get_type::<PanicException>();
    std::panic::set_hook(Box::new(|info| {
        let text = info.to_string();
        LAST.with(|last| *last.borrow_mut() = text);
    }));
}

/// The exception for the panic that has just been caught on this thread.
pub fn error(py: Python<'_>) -> PyErr {
    let text = LAST.take();
    errors::internal(py, &text)
}

/// Runs `body`; a panic becomes an exception.
pub fn caught<T>(py: Python<'_>, body: impl FnOnce() -> PyResult<T>) -> PyResult<T> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(body)).unwrap_or_else(|_| Err(error(py)))
}
