//! The imports that are under way on this thread, innermost last.

use std::cell::RefCell;

use super::importer::Importer;

/// One call of the import wrapper.
struct Under {
    /// The absolute name that is being imported.
    target: String,
    /// The address of the Python frame that called.
    frame: usize,
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

/// Begins a call of the import of `target` from `frame`.
pub fn begin(target: &str, frame: usize) -> Guard {
    CALLS.with_borrow_mut(|calls| calls.push(Under { target: target.to_owned(), frame, passed: Vec::new() }));
    Guard(())
}

/// The frame that called the innermost import, if that is an import of `target`.
pub fn frame_of(target: &str) -> Option<usize> {
    CALLS.with_borrow(|calls| calls.last().filter(|call| call.target == target).map(|call| call.frame))
}

/// The absolute name that the innermost call imports.
pub fn target() -> Option<String> {
    CALLS.with_borrow(|calls| calls.last().map(|call| call.target.clone()))
}

/// The frame that called the innermost import, if that import leads through the module `name`.
pub fn frame_for(name: &str) -> Option<usize> {
    CALLS.with_borrow(|calls| {
        let call = calls.last()?;
        let leads = |long: &str, short: &str| {
            long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        // The dotted path up to the target, or a name imported from the target.
        (leads(&call.target, name) || leads(name, &call.target)).then_some(call.frame)
    })
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
