//! Instances of Python's own classes, made without running their `__init__`, which takes thousands of instructions to
//! set a few attributes.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyString, PyType};

use super::api;
use super::once::intern;

/// What the `__init__` of a class makes of two arguments, as seen once. It holds as long as nobody changes the class.
pub struct Pattern {
    class: Py<PyType>,
    /// In the order in which they are set.
    attributes: Vec<(Py<PyString>, Initial)>,
}

/// How an attribute begins.
enum Initial {
    /// As the argument of this index.
    Given(usize),
    /// The same in all instances.
    Same(Py<PyAny>),
    /// A new list.
    Empty,
}

impl Pattern {
    /// Sees what `class` makes of two arguments of the right kind; none if it does more than to set plain attributes.
    pub fn of(class: &Bound<'_, PyAny>, arguments: [&Bound<'_, PyAny>; 2]) -> PyResult<Option<Self>> {
        let py = class.py();
        let class = class.cast::<PyType>()?;
        for special in [intern!(py, "__new__"), intern!(py, "__setattr__")] {
            let object = py.get_type::<PyAny>();
            if !class.get_type().is(py.get_type::<PyType>()) || !class.getattr(special)?.eq(object.getattr(special)?)? {
                return Ok(None);
            }
        }
        let instance = class.call1((arguments[0], arguments[1]))?;
        let set = instance.getattr(intern!(py, "__dict__"))?.cast_into::<PyDict>()?;
        let mut attributes = Vec::new();
        for (name, value) in set {
            let given = arguments.iter().position(|argument| value.is(*argument));
            let is_same = || value.is_none() || value.is_instance_of::<pyo3::types::PyBool>();
            let is_empty = || value.cast_exact::<PyList>().is_ok_and(PyListMethods::is_empty);
            let initial = match given {
                Some(index) => Initial::Given(index),
                None if is_same() => Initial::Same(value.unbind()),
                None if is_empty() => Initial::Empty,
                None => return Ok(None),
            };
            attributes.push((name.cast_into::<PyString>()?.unbind(), initial));
        }
        Ok(Some(Self { class: class.clone().unbind(), attributes }))
    }

    /// The instance that the class would make of `arguments`.
    pub fn make<'py>(&self, arguments: [&Bound<'py, PyAny>; 2]) -> PyResult<Bound<'py, PyAny>> {
        let py = arguments[0].py();
        let instance = api::bare_instance(self.class.bind(py))?;
        for (name, initial) in &self.attributes {
            let name = name.bind(py);
            match initial {
                Initial::Given(index) => instance.setattr(name, arguments[*index])?,
                Initial::Same(value) => instance.setattr(name, value)?,
                Initial::Empty => instance.setattr(name, PyList::empty(py))?,
            }
        }
        Ok(instance)
    }

    /// Whether it is of `class`.
    pub fn is_of(&self, class: &Bound<'_, PyAny>) -> bool {
        class.is(&self.class)
    }
}
