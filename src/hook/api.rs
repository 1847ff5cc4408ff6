//! Calls of the stable ABI for which pyo3 has no safe ones: frames, attributes past the program's code, the inside of
//! namespaces.
#![allow(unsafe_code)]

use std::ffi::c_long;
use std::ptr;
use std::sync::atomic::{AtomicIsize, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString, PyType};

/// The running Python frame; none if no Python code runs on this thread.
pub fn current_frame(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    // SAFETY: a borrowed reference or null.
    unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetFrame().cast()) }
}

/// The address of the running Python frame, to tell it from others while it runs.
pub fn frame_address() -> usize {
    // SAFETY: a borrowed reference or null, not followed.
    unsafe { ffi::PyEval_GetFrame() as usize }
}

/// The code object of `frame`, which must be a frame.
pub fn frame_code<'py>(frame: &Bound<'py, PyAny>) -> Bound<'py, PyAny> {
    // SAFETY: callers pass frames only (from `current_frame` and `f_back`); a new reference.
    unsafe { Bound::from_owned_ptr(frame.py(), ffi::PyFrame_GetCode(frame.as_ptr().cast()).cast()) }
}

/// The line that `frame`, which must be a frame, is executing, from 1.
pub fn frame_line(frame: &Bound<'_, PyAny>) -> usize {
    // SAFETY: as above.
    usize::try_from(unsafe { ffi::PyFrame_GetLineNumber(frame.as_ptr().cast()) }).unwrap_or(0)
}

/// An int as a C long; none if it does not fit or is none.
pub fn as_long(value: &Bound<'_, PyAny>) -> Option<c_long> {
    value.extract::<c_long>().ok()
}

/// `text` as exactly `str`: a subclass can compare and hash as it likes.
pub fn exact_text<'py>(text: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyString>> {
    // SAFETY: a borrowed str in, a new str or null with an exception set out.
    let exact = unsafe { Bound::from_owned_ptr_or_err(text.py(), ffi::PyUnicode_FromObject(text.as_ptr())) }?;
    Ok(exact.cast_into()?)
}

/// An attribute looked up as `object` does it, past any `__getattribute__` or `__getattr__` that the
/// program has written: asking must not run its code.
pub fn plain_attribute<'py>(object: &Bound<'py, PyAny>, name: &Bound<'py, PyString>) -> Option<Bound<'py, PyAny>> {
    let py = object.py();
    // SAFETY: borrowed references in, a new reference or null with an exception set out.
    let found =
        unsafe { Bound::from_owned_ptr_or_err(py, ffi::PyObject_GenericGetAttr(object.as_ptr(), name.as_ptr())) };
    found.ok().filter(|value| !value.is_none())
}

/// The number of the running interpreter: subinterpreters have others than the first.
pub fn interpreter_id(_py: Python<'_>) -> i64 {
    // SAFETY: an attached thread has an interpreter.
    unsafe { ffi::PyInterpreterState_GetID(ffi::PyInterpreterState_Get()) }
}

/// The modules that the interpreter hands out: what `sys.modules` is unless a program rebinds that name.
pub fn interpreters_modules(py: Python<'_>) -> Option<Bound<'_, PyDict>> {
    // SAFETY: a borrowed reference.
    let modules = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyImport_GetModuleDict()) };
    modules?.cast_into().ok()
}

/// The globals of the running Python frame, without making a frame object; none if no Python code runs.
pub fn current_globals(py: Python<'_>) -> Option<Bound<'_, PyAny>> {
    // SAFETY: a borrowed reference or null.
    unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetGlobals()) }
}

/// What the running Python code finds when it looks past its module.
pub fn current_builtins(py: Python<'_>) -> Option<Bound<'_, PyDict>> {
    // SAFETY: a borrowed reference or null.
    let all = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetBuiltins()) };
    all?.cast_into().ok()
}

/// The live namespace of a module or class: the dict itself, where `__dict__` of a class is a view of it.
pub fn namespace<'py>(owner: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyDict>> {
    // SAFETY: an object in, a new reference or null with an exception set out.
    let all = unsafe {
        Bound::from_owned_ptr_or_err(owner.py(), ffi::PyObject_GenericGetDict(owner.as_ptr(), ptr::null_mut()))
    };
    Ok(all?.cast_into()?)
}

/// Where an entry of a dict stands in the order of the dict, as far as is known.
#[derive(Default)]
pub struct Position(AtomicIsize);

impl Position {
    /// Whether `all` has just this `value` under `name`.
    pub fn holds(&self, all: &Bound<'_, PyDict>, name: &Bound<'_, PyString>, value: &Bound<'_, PyAny>) -> bool {
        let next = |position: &mut ffi::Py_ssize_t| {
            let (mut key, mut found) = (ptr::null_mut(), ptr::null_mut());
            // SAFETY: borrowed references out, which are not followed. Any number will do for a position.
            let is_entry = unsafe { ffi::PyDict_Next(all.as_ptr(), position, &raw mut key, &raw mut found) } != 0;
            is_entry.then_some((key, found))
        };
        if let Some((key, found)) = next(&mut self.0.load(Ordering::Relaxed))
            && key == name.as_ptr()
        {
            return found == value.as_ptr();
        }
        // It stands elsewhere, if at all.
        let mut position = 0;
        loop {
            let here = position;
            match next(&mut position) {
                Some((key, found)) if key == name.as_ptr() => {
                    self.0.store(here, Ordering::Relaxed);
                    return found == value.as_ptr();
                }
                Some(_) => {}
                None => return false,
            }
        }
    }
}

/// `one` followed by `other`.
pub fn concatenated<'py>(one: &Bound<'py, PyString>, other: &Bound<'py, PyString>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: two str in, a new str or null with an exception set out.
    unsafe { Bound::from_owned_ptr_or_err(one.py(), ffi::PyUnicode_Concat(one.as_ptr(), other.as_ptr())) }
}

/// An instance of `class` on which no `__init__` has run. `class` must have no `__new__` of its own.
pub fn bare_instance<'py>(class: &Bound<'py, PyType>) -> PyResult<Bound<'py, PyAny>> {
    // SAFETY: what `object.__new__` does without arguments; a new reference or null with an exception set out.
    unsafe {
        let new = ffi::PyType_GenericNew(class.as_type_ptr(), ptr::null_mut(), ptr::null_mut());
        Bound::from_owned_ptr_or_err(class.py(), new)
    }
}
