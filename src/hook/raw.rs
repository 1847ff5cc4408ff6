//! The C functions that stand in for the interpreter's own (see `overrides`). This and `api` are the only files with
//! `unsafe`.
//!
//! A `#[pyfunction]` costs 21 to 26 ns on every `import x` of a loaded module, a raw
//! `METH_FASTCALL` function 7 to 9: every import of every program pays it.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_int};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicPtr, Ordering};

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

use super::arguments::Call;
use super::wrapper;
use super::{fast, first, loading, panics};

/// The names of loaded modules known to have no contract, as keys. A borrowed pointer to a dict that
/// the state owns for the life of the process.
static UNGUARDED: AtomicPtr<ffi::PyObject> = AtomicPtr::new(ptr::null_mut());

/// Name objects that were found in `UNGUARDED`, by address: most imports come from few statements, and a
/// look here takes a tenth of one into the dict. Each holds a reference.
static FOUND: [AtomicPtr<ffi::PyObject>; 256] = [const { AtomicPtr::new(ptr::null_mut()) }; 256];

/// The int that `import x` passes as its level, kept alive for ever.
static ZERO: AtomicPtr<ffi::PyObject> = AtomicPtr::new(ptr::null_mut());

/// Whether the original `__import__` is the interpreter's own, so that its C function can be called
/// without building a tuple.
static ORIGINAL_IS_BUILTIN: AtomicBool = AtomicBool::new(false);

/// Tells the fast path what to compare with. `unguarded` must live as long as the process.
pub fn arm(py: Python<'_>, unguarded: &Py<PyDict>, original_is_builtin: bool) {
    if ZERO.load(Ordering::Acquire).is_null()
        && let Ok(zero) = 0_i32.into_pyobject(py)
    {
        ZERO.store(zero.into_ptr(), Ordering::Release);
    }
    UNGUARDED.store(unguarded.as_ptr(), Ordering::Release);
    ORIGINAL_IS_BUILTIN.store(original_is_builtin, Ordering::Release);
}

/// Turns the fast path off: every call goes through the state.
pub fn disarm() {
    UNGUARDED.store(ptr::null_mut(), Ordering::Release);
}

/// Must be called when a name has gone from the dict that [`arm`] was given.
pub fn forget_names(_py: Python<'_>) {
    for slot in &FOUND {
        // SAFETY: the slot held a reference, which is given up; the thread is attached.
        unsafe { ffi::Py_XDECREF(slot.swap(ptr::null_mut(), Ordering::AcqRel)) };
    }
}

/// Whether the str `name` is a key of `unguarded`.
#[inline]
unsafe fn is_unguarded(unguarded: *mut ffi::PyObject, name: *mut ffi::PyObject) -> bool {
    // Objects are aligned to sixteen bytes.
    let slot = &FOUND[(name as usize >> 4) % FOUND.len()];
    if slot.load(Ordering::Acquire) == name {
        return true;
    }
    // SAFETY: a dict and a str, both borrowed; the slot owns what it holds. Freeing a str runs no code.
    unsafe {
        let known = ffi::PyDict_Contains(unguarded, name) == 1;
        if known {
            ffi::Py_INCREF(name);
            ffi::Py_XDECREF(slot.swap(name, Ordering::AcqRel));
        }
        known
    }
}

/// A method table entry in static memory, as `CPython` demands.
pub struct MethodDef(ffi::PyMethodDef);

// SAFETY: the table holds pointers to immutable static data only.
unsafe impl Sync for MethodDef {}

/// `builtins.__import__`.
pub static IMPORT: MethodDef = method(
    c"__import__",
    import_fastcall,
    c"__import__(name, globals=None, locals=None, fromlist=(), level=0)\n--\n\n\
      Import a module, as the import statement does. The importer must fit the contracts of guarded modules.",
);

/// `importlib._bootstrap._gcd_import`.
pub static GCD_IMPORT: MethodDef = method(
    c"_gcd_import",
    gcd_import_fastcall,
    c"_gcd_import(name, package=None, level=0)\n--\n\n\
      Import and return the module based on its name, the package the call is made from, and the level adjustment.",
);

/// `exec`, for the interpreter's own loaders.
pub static EXEC: MethodDef = method(
    c"exec",
    exec_fastcall,
    c"exec(source, globals=None, locals=None, /)\n--\n\n\
      Execute the code of a module for a loader, as the built-in function exec does.",
);

/// `_imp.create_dynamic`.
pub static CREATE_DYNAMIC: MethodDef = method(
    c"create_dynamic",
    create_dynamic_fastcall,
    c"create_dynamic(spec, file=None, /)\n--\n\nCreate an extension module.",
);

/// `_imp.create_builtin`.
pub static CREATE_BUILTIN: MethodDef =
    method(c"create_builtin", create_builtin_fastcall, c"create_builtin(spec, /)\n--\n\nCreate a built-in module.");

/// `exec`, for `runpy`.
pub static RUN: MethodDef = method(
    c"exec",
    run_fastcall,
    c"exec(source, globals=None, locals=None, /)\n--\n\n\
      Execute the code of a program for runpy, as the built-in function exec does.",
);

const fn method(name: &'static CStr, function: ffi::PyCFunctionFastWithKeywords, doc: &'static CStr) -> MethodDef {
    MethodDef(ffi::PyMethodDef {
        ml_name: name.as_ptr(),
        ml_meth: ffi::PyMethodDefPointer { PyCFunctionFastWithKeywords: function },
        ml_flags: ffi::METH_FASTCALL | ffi::METH_KEYWORDS,
        ml_doc: doc.as_ptr(),
    })
}

/// A new function after `method`, bound to `module` so that it pickles and prints like the original.
pub fn function<'py>(method: &'static MethodDef, module: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let name = module.getattr("__name__")?;
    // SAFETY: the table is static; CPython only reads it although it takes a mutable pointer.
    unsafe {
        let table = ptr::from_ref(&method.0).cast_mut();
        Bound::from_owned_ptr_or_err(module.py(), ffi::PyCFunction_NewEx(table, module.as_ptr(), name.as_ptr()))
    }
}

unsafe extern "C" fn import_fastcall(
    _self: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    // SAFETY: CPython passes `count` positional arguments, and calls with the interpreter attached.
    unsafe {
        let unguarded = UNGUARDED.load(Ordering::Acquire);
        if count != 5 || !keywords.is_null() || unguarded.is_null() || !ORIGINAL_IS_BUILTIN.load(Ordering::Acquire) {
            return guarded_call(args, count, keywords, wrapper::import);
        }
        // `import x` of a loaded module: most calls of all, and a few dozen instructions.
        let (name, from, level) = (*args, *args.add(3), *args.add(4));
        let is_plain = from == ffi::Py_None() && level == ZERO.load(Ordering::Acquire);
        if is_plain && ffi::PyUnicode_CheckExact(name) != 0 && is_unguarded(unguarded, name) {
            return ffi::PyImport_ImportModuleLevelObject(name, *args.add(1), *args.add(2), from, 0);
        }
        import_other(unguarded, args)
    }
}

/// The other calls with five arguments.
#[inline(never)]
unsafe fn import_other(unguarded: *mut ffi::PyObject, args: *const *mut ffi::PyObject) -> *mut ffi::PyObject {
    // SAFETY: as above.
    unsafe {
        let (name, globals, from, level) = (*args, *args.add(1), *args.add(3), *args.add(4));
        let level = if level == ZERO.load(Ordering::Acquire) { 0 } else { small(level) };
        if level >= 0 && ffi::PyUnicode_CheckExact(name) != 0 {
            // The C API passes an empty list.
            let is_empty = ffi::PyList_CheckExact(from) != 0 && ffi::PyList_Size(from) == 0;
            let way = if level == 0 && is_empty && is_unguarded(unguarded, name) {
                Way::Open
            } else {
                way(unguarded, args, level)
            };
            match way {
                Way::Open => return ffi::PyImport_ImportModuleLevelObject(name, globals, *args.add(2), from, level),
                Way::Gone(result) => return result,
                Way::Long => {}
            }
        }
        guarded_call(args, 5, ptr::null_mut(), wrapper::import)
    }
}

/// An int of the size of levels; -1 for anything else.
unsafe fn small(level: *mut ffi::PyObject) -> c_int {
    // SAFETY: a borrowed object. A huge int leaves an exception, which is not ours to raise.
    unsafe {
        if ffi::PyLong_CheckExact(level) == 0 {
            return -1;
        }
        let number = ffi::PyLong_AsLong(level);
        if number == -1 {
            ffi::PyErr_Clear();
        }
        c_int::try_from(number).unwrap_or(-1)
    }
}

/// How an import goes on.
enum Way {
    /// Nothing stands in its way.
    Open,
    /// It has been done: what it gives.
    Gone(*mut ffi::PyObject),
    /// The long way (`wrapper`).
    Long,
}

/// What is asked beyond plain names, of the five arguments of `__import__`.
unsafe fn way(unguarded: *mut ffi::PyObject, args: *const *mut ffi::PyObject, level: c_int) -> Way {
    Python::attach(|py| {
        // SAFETY: borrowed references that the caller holds; the first is a str, `unguarded` a dict.
        let (unguarded, name, globals, locals, from) = unsafe {
            (
                Bound::from_borrowed_ptr(py, unguarded),
                Bound::from_borrowed_ptr(py, *args),
                Bound::from_borrowed_ptr_or_opt(py, *args.add(1)),
                Bound::from_borrowed_ptr_or_opt(py, *args.add(2)),
                Bound::from_borrowed_ptr(py, *args.add(3)),
            )
        };
        let result = panics::caught(py, || {
            let Some(asked) = fast::Asked::new(unguarded, &name, globals.as_ref(), &from, level) else {
                return Ok(Way::Long);
            };
            if asked.passes() {
                return Ok(Way::Open);
            }
            let pass_on = || builtin_import(&name, globals.as_ref(), locals.as_ref(), Some(&from), level);
            let module = first::import(&asked, pass_on).transpose()?;
            Ok(module.map_or(Way::Long, |module| Way::Gone(module.into_ptr())))
        });
        match result {
            Ok(way) => way,
            Err(error) => {
                error.restore(py);
                Way::Gone(ptr::null_mut())
            }
        }
    })
}

unsafe extern "C" fn exec_fastcall(
    _self: *mut ffi::PyObject,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    keywords: *mut ffi::PyObject,
) -> *mut ffi::PyObject {
    called(|py| {
        // SAFETY: the arguments are borrowed for the call.
        unsafe {
            if count == 2 && keywords.is_null() {
                let (code, namespace) =
                    (Bound::from_borrowed_ptr(py, *args), Bound::from_borrowed_ptr(py, *args.add(1)));
                if let Some(result) = loading::exec_unguarded(py, &code, &namespace) {
                    return result;
                }
            }
            loading::exec(py, &collect(py, args, count, keywords)?)
        }
    })
}

/// A C function that hands its arguments to a function of ours.
macro_rules! fastcall {
    ($name:ident, $target:path) => {
        unsafe extern "C" fn $name(
            _self: *mut ffi::PyObject,
            args: *const *mut ffi::PyObject,
            count: ffi::Py_ssize_t,
            keywords: *mut ffi::PyObject,
        ) -> *mut ffi::PyObject {
            // SAFETY: as above.
            unsafe { guarded_call(args, count, keywords, $target) }
        }
    };
}

fastcall!(gcd_import_fastcall, wrapper::gcd_import);
fastcall!(create_dynamic_fastcall, loading::create_dynamic);
fastcall!(create_builtin_fastcall, loading::create_builtin);
fastcall!(run_fastcall, loading::run);

/// Calls `target` with the arguments as Python objects.
unsafe fn guarded_call(
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    keywords: *mut ffi::PyObject,
    target: fn(Python<'_>, &Call<'_>) -> PyResult<Py<PyAny>>,
) -> *mut ffi::PyObject {
    // SAFETY: the arguments are borrowed for the call, and keyword values follow the positional ones.
    called(|py| target(py, &unsafe { collect(py, args, count, keywords) }?))
}

/// What `body` gives, as C functions return it; a panic becomes an exception.
fn called(body: impl FnOnce(Python<'_>) -> PyResult<Py<PyAny>>) -> *mut ffi::PyObject {
    // The thread is attached already, but pyo3 has to know: what is freed while it believes otherwise
    // is put off to the next thread, or interpreter, that comes along.
    Python::attach(|py| match panics::caught(py, || body(py)) {
        Ok(value) => value.into_ptr(),
        Err(error) => {
            error.restore(py);
            ptr::null_mut()
        }
    })
}

unsafe fn collect<'py>(
    py: Python<'py>,
    args: *const *mut ffi::PyObject,
    count: ffi::Py_ssize_t,
    keywords: *mut ffi::PyObject,
) -> PyResult<Call<'py>> {
    // SAFETY: see `guarded_call`.
    unsafe {
        let at = |index: usize| Bound::from_borrowed_ptr(py, *args.add(index));
        let positional: Vec<Bound<'py, PyAny>> = (0..count.unsigned_abs()).map(at).collect();
        let mut named = None;
        if !keywords.is_null() {
            let keys = Bound::from_borrowed_ptr(py, keywords).cast_into::<PyTuple>()?;
            let values = PyDict::new(py);
            for (offset, name) in keys.iter().enumerate() {
                values.set_item(name, at(positional.len() + offset))?;
            }
            named = Some(values);
        }
        Ok(Call { positional, named })
    }
}

/// Calls the interpreter's own `__import__` without a further call frame: nested imports are limited by
/// the depth of C calls.
pub fn builtin_import<'py>(
    name: &Bound<'py, PyAny>,
    globals: Option<&Bound<'py, PyAny>>,
    locals: Option<&Bound<'py, PyAny>>,
    from: Option<&Bound<'py, PyAny>>,
    level: c_int,
) -> PyResult<Bound<'py, PyAny>> {
    let pointer = |value: Option<&Bound<'py, PyAny>>| value.map_or(ptr::null_mut(), Bound::as_ptr);
    // SAFETY: borrowed references and null are what the function takes; it gives a new reference.
    unsafe {
        Bound::from_owned_ptr_or_err(
            name.py(),
            ffi::PyImport_ImportModuleLevelObject(
                name.as_ptr(),
                pointer(globals),
                pointer(locals),
                pointer(from),
                level,
            ),
        )
    }
}

/// Whether calls go to the interpreter's own `__import__`.
pub fn original_is_builtin() -> bool {
    ORIGINAL_IS_BUILTIN.load(Ordering::Acquire)
}
