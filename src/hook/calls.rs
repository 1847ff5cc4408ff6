//! The imports that are under way on this thread, innermost last.

use std::cell::RefCell;

use super::importer::Importer;

/// One call of the import wrapper.
struct Under {
    /// Addresses of the arguments: an override that chains back to us passes the same objects.
    arguments: (usize, usize),
    /// The absolute name that is being imported.
    target: String,
    /// Guarded names that the finder has let through, and for whose namespace.
    passed: Vec<(String, usize)>,
}

thread_local! {
    static CALLS: RefCell<Vec<Under>> = const { RefCell::new(Vec::new()) };
}

/// A call that is under way; it ends when this is dropped.
pub struct Guard(());

impl Drop for Guard {
    fn drop(&mut self) {
        CALLS.with_borrow_mut(Vec::pop);
    }
}

/// Begins a call. None if the very same call is already the innermost: somebody's override chains
/// back to us.
pub fn begin(arguments: (usize, usize), target: &str) -> Option<Guard> {
    CALLS.with_borrow_mut(|calls| {
        if calls.last().is_some_and(|call| call.arguments == arguments) {
            return None;
        }
        calls.push(Under { arguments, target: target.to_owned(), passed: Vec::new() });
        Some(Guard(()))
    })
}

/// The absolute name that the innermost call imports.
pub fn target() -> Option<String> {
    CALLS.with_borrow(|calls| calls.last().map(|call| call.target.clone()))
}

/// Notes that the finder let `module` through for `importer`.
pub fn passed(module: &str, importer: Option<&Importer<'_>>) {
    let namespace = address(importer);
    CALLS.with_borrow_mut(|calls| {
        if let Some(call) = calls.last_mut() {
            call.passed.push((module.to_owned(), namespace));
        }
    });
}

/// Whether the finder let `module` through for `importer` in the innermost call.
pub fn has_passed(module: &str, importer: Option<&Importer<'_>>) -> bool {
    let namespace = address(importer);
    CALLS.with_borrow(|calls| {
        calls.last().is_some_and(|call| call.passed.iter().any(|(name, of)| name == module && *of == namespace))
    })
}

fn address(importer: Option<&Importer<'_>>) -> usize {
    importer.map_or(0, |importer| importer.globals.as_ptr() as usize)
}
