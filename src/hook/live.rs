//! Live objects as observed facts. Nothing here runs code of the objects: dictionaries are read
//! directly, and only objects of exactly the built-in types are looked into.

use std::collections::HashMap;
use std::sync::Arc;

use pyo3::prelude::*;
use pyo3::types::{
    PyBool, PyBytes, PyDict, PyFloat, PyFrozenSet, PyInt, PyList, PyMappingProxy, PyModule, PySet, PyString, PyTuple,
    PyType,
};

use importspy_hook::observed::model::{
    Base, BaseTarget, Binding, BindingKind, Certainty, Class, Function, ImportedName, InstanceAttribute, Known,
    Parameter, ParameterKind, Variable,
};
use importspy_hook::value::Value;

use super::once::intern;
use super::{api, python};

/// How deep containers and base classes are followed. A list can contain itself.
const DEEPEST: usize = 32;
/// How many values one fact may hold.
const MOST: usize = 10_000;

const VARARGS: u32 = 0x04;
const VARKEYWORDS: u32 = 0x08;
const COROUTINE: u32 = 0x80;
const ASYNC_GENERATOR: u32 = 0x200;

/// What `object` is, as a binding. A live fact has no place.
pub fn binding(object: &Bound<'_, PyAny>) -> Binding {
    Binding { kind: kind(object, 0), certainty: Certainty::Definite, span: None }
}

fn kind(object: &Bound<'_, PyAny>, depth: usize) -> BindingKind {
    match function(object) {
        Some(function) => BindingKind::Function(function),
        None => kind_of_other(object, depth),
    }
}

/// What `object` is, if it is known to be no function.
fn kind_of_other(object: &Bound<'_, PyAny>, depth: usize) -> BindingKind {
    if let Ok(class) = object.cast::<PyType>() {
        return BindingKind::Class(Arc::new(self::class(class, depth)));
    }
    if object.is_instance_of::<PyModule>() {
        let module = python::namespace(object)
            .and_then(|all| all.get_item(intern!(object.py(), "__name__")).ok().flatten())
            .and_then(|name| python::string(&name));
        return BindingKind::Import(ImportedName { module, name: None });
    }
    BindingKind::Variable(Variable { annotation: None, value: known(object) })
}

/// The value of `object`, if it is of the built-in types all through; else its type's name.
pub fn known(object: &Bound<'_, PyAny>) -> Known {
    let mut budget = MOST;
    match value(object, 0, &mut budget) {
        Some(value) => Known::Literal(value),
        None => Known::Computed(python::plain_text(object.get_type().as_any(), intern!(object.py(), "__name__"))),
    }
}

fn value(object: &Bound<'_, PyAny>, depth: usize, budget: &mut usize) -> Option<Value> {
    *budget = budget.checked_sub(1)?;
    if depth > DEEPEST {
        return None;
    }
    let mut all = |items: &mut dyn Iterator<Item = Bound<'_, PyAny>>| -> Option<Vec<Value>> {
        items.map(|item| value(&item, depth + 1, budget)).collect()
    };
    if object.is_none() {
        Some(Value::None)
    } else if object.is_exact_instance_of::<PyBool>() {
        object.is_truthy().ok().map(Value::Bool)
    } else if object.is_exact_instance_of::<PyInt>() {
        match object.extract::<i128>() {
            Ok(number) => Some(Value::Int(number)),
            Err(_) => object.str().ok().map(|digits| Value::BigInt(digits.to_string_lossy().into_owned())),
        }
    } else if object.is_exact_instance_of::<PyFloat>() {
        object.extract().ok().map(Value::Float)
    } else if object.is_exact_instance_of::<PyString>() {
        object.extract().ok().map(Value::Str)
    } else if let Ok(bytes) = object.cast_exact::<PyBytes>() {
        Some(Value::Bytes(bytes.as_bytes().to_vec()))
    } else if let Ok(list) = object.cast_exact::<PyList>() {
        all(&mut list.iter()).map(Value::List)
    } else if let Ok(tuple) = object.cast_exact::<PyTuple>() {
        all(&mut tuple.iter()).map(Value::Tuple)
    } else if object.is_exact_instance_of::<PySet>() || object.is_exact_instance_of::<PyFrozenSet>() {
        let (items, result) = python::items(object);
        result.ok()?;
        all(&mut items.into_iter()).map(Value::Set)
    } else if let Ok(dict) = object.cast_exact::<PyDict>() {
        let pairs: Vec<_> = dict.items().iter().filter_map(|pair| pair.extract().ok()).collect();
        let (keys, values): (Vec<Bound<'_, PyAny>>, Vec<Bound<'_, PyAny>>) = pairs.into_iter().unzip();
        let keys = all(&mut keys.into_iter())?;
        let values = all(&mut values.into_iter())?;
        Some(Value::Dict(keys.into_iter().zip(values).collect()))
    } else {
        None
    }
}

/// The signature of a Python function, read from its code object; none for anything else.
///
/// `functools.wraps` leaves the written function in `__wrapped__`: that is the one that counts.
fn function(object: &Bound<'_, PyAny>) -> Option<Function> {
    let py = object.py();
    let mut object = object.clone();
    let mut left = DEEPEST;
    loop {
        if !is_function(&object) {
            return None;
        }
        match wrapped(&object).filter(|_| left > 0) {
            Some(inner) => object = inner,
            None => break,
        }
        left -= 1;
    }
    let code = object.getattr(intern!(py, "__code__")).ok()?;
    let number = |name| code.getattr(name).ok()?.extract::<usize>().ok();
    let positional = number(intern!(py, "co_argcount"))?;
    let positional_only = number(intern!(py, "co_posonlyargcount"))?;
    let keyword_only = number(intern!(py, "co_kwonlyargcount"))?;
    let flags: u32 = code.getattr(intern!(py, "co_flags")).ok()?.extract().ok()?;
    let names: Vec<String> = code.getattr(intern!(py, "co_varnames")).ok()?.extract().ok()?;
    let annotations = annotations(&object);
    let annotation = |name: &str| {
        annotations.as_ref().and_then(|all| all.get_item(name).ok().flatten()).and_then(|it| annotation_text(&it))
    };
    let defaults: Vec<Bound<'_, PyAny>> = python::attribute(&object, intern!(py, "__defaults__"))
        .and_then(|it| it.cast_into::<PyTuple>().ok())
        .map(|it| it.iter().collect())
        .unwrap_or_default();
    let keyword_defaults =
        python::attribute(&object, intern!(py, "__kwdefaults__")).and_then(|it| it.cast_into::<PyDict>().ok());
    let parameter = |name: &String, kind, default: Option<Known>| Parameter {
        name: name.clone(),
        kind,
        annotation: annotation(name),
        default,
        span: None,
    };
    let mut parameters = Vec::new();
    for (index, name) in names.iter().take(positional).enumerate() {
        let kind =
            if index < positional_only { ParameterKind::PositionalOnly } else { ParameterKind::PositionalOrKeyword };
        let default = (index + defaults.len()).checked_sub(positional).and_then(|at| defaults.get(at)).map(known);
        parameters.push(parameter(name, kind, default));
    }
    let mut rest = names.iter().skip(positional + keyword_only);
    if flags & VARARGS != 0 {
        parameters.extend(rest.next().map(|name| parameter(name, ParameterKind::VarPositional, None)));
    }
    for name in names.iter().skip(positional).take(keyword_only) {
        let default = keyword_defaults.as_ref().and_then(|all| all.get_item(name).ok().flatten()).map(|it| known(&it));
        parameters.push(parameter(name, ParameterKind::KeywordOnly, default));
    }
    if flags & VARKEYWORDS != 0 {
        parameters.extend(rest.next().map(|name| parameter(name, ParameterKind::VarKeyword, None)));
    }
    Some(Function {
        parameters,
        returns: annotation("return"),
        returns_span: None,
        is_async: flags & (COROUTINE | ASYNC_GENERATOR) != 0,
        decorators: Vec::new(),
    })
}

/// A class, from its own `__dict__` and those of its bases.
fn class(class: &Bound<'_, PyType>, depth: usize) -> Class {
    let py = class.py();
    let mut seen = Class::default();
    if depth > DEEPEST {
        seen.dynamic = true;
        return seen;
    }
    let bases = api::plain_attribute(class, intern!(py, "__bases__")).and_then(|it| it.cast_into::<PyTuple>().ok());
    if let Some(bases) = bases {
        for base in bases.iter().filter_map(|base| base.cast_into::<PyType>().ok()) {
            seen.bases.push(Base {
                written: name_of(&base),
                target: BaseTarget::Known(Arc::new(self::class(&base, depth + 1))),
                span: None,
            });
        }
    }
    let Some(members) = own_members(class) else { return seen };
    let mut hints = HashMap::new();
    for (name, member) in members {
        match name.as_str() {
            "__annotations__" => {
                if let Ok(all) = member.cast::<PyDict>() {
                    hints = texts(all);
                }
            }
            "__slots__" => {
                for slot in strings(&member) {
                    add_instance_attribute(&mut seen, slot, None);
                }
            }
            "__dataclass_fields__" => {
                for field in member.cast::<PyDict>().map(PyDictMethods::keys).iter().flatten() {
                    seen_field(&mut seen, &field);
                }
            }
            _ => {
                let kind = match function_of_member(&member) {
                    Some(function) => BindingKind::Function(function),
                    None => kind_of_other(&member, depth + 1),
                };
                seen.body.insert(name, Binding { kind, certainty: Certainty::Definite, span: None });
            }
        }
    }
    for (name, hint) in hints {
        if let Some(attribute) = seen.instance_attributes.get_mut(&name) {
            attribute.variable.annotation = Some(hint.clone());
        }
        if let Some(Binding { kind: BindingKind::Variable(variable), .. }) = seen.body.get_mut(&name) {
            variable.annotation = Some(hint);
        }
    }
    // Python code may set instance attributes that no class object tells.
    seen.instances_unknown = seen
        .body
        .values()
        .any(|member| matches!(&member.kind, BindingKind::Function(function) if !function.parameters.is_empty()));
    seen
}

fn seen_field(class: &mut Class, field: &Bound<'_, PyAny>) {
    if let Some(name) = python::string(field) {
        add_instance_attribute(class, name, None);
    }
}

fn add_instance_attribute(class: &mut Class, name: String, annotation: Option<String>) {
    class.instance_attributes.insert(
        name,
        InstanceAttribute {
            variable: Variable { annotation, value: Known::Computed(None) },
            certainty: Certainty::Definite,
            span: None,
        },
    );
}

/// The function inside a static method, class method or property.
fn function_of_member(member: &Bound<'_, PyAny>) -> Option<Function> {
    let py = member.py();
    let kind = member.get_type();
    let (inner, decorator) = match builtin(&kind) {
        Builtin::Function => return function(member),
        Builtin::StaticMethod => (intern!(py, "__func__"), "staticmethod"),
        Builtin::ClassMethod => (intern!(py, "__func__"), "classmethod"),
        Builtin::Property => (intern!(py, "fget"), "property"),
        Builtin::Other => return None,
    };
    let mut found = function(&member.getattr(inner).ok()?)?;
    found.decorators.push(decorator.to_owned());
    Some(found)
}

/// Whether a class is built in and can't be changed.
pub fn is_static(class: &Bound<'_, PyType>) -> bool {
    /// `Py_TPFLAGS_HEAPTYPE`: made at run time.
    const HEAP: u64 = 1 << 9;
    let flags = api::plain_attribute(class, intern!(class.py(), "__flags__"));
    flags.and_then(|flags| flags.extract::<u64>().ok()).is_some_and(|flags| flags & HEAP == 0)
}

/// Whether `object` is a function written in Python.
pub fn is_function(object: &Bound<'_, PyAny>) -> bool {
    builtin(&object.get_type()) == Builtin::Function
}

/// The built-in types that hold functions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Builtin {
    Function,
    StaticMethod,
    ClassMethod,
    Property,
    Other,
}

/// Which built-in type `kind` is. Its name alone can be imitated, so the module counts too.
fn builtin(kind: &Bound<'_, PyType>) -> Builtin {
    let py = kind.py();
    let attribute = |name| api::plain_attribute(kind, name)?.cast_into::<PyString>().ok();
    let Some(name) = attribute(intern!(py, "__name__")) else { return Builtin::Other };
    let found = match name.to_str() {
        Ok("function") => Builtin::Function,
        Ok("staticmethod") => Builtin::StaticMethod,
        Ok("classmethod") => Builtin::ClassMethod,
        Ok("property") => Builtin::Property,
        _ => return Builtin::Other,
    };
    let module = attribute(intern!(py, "__module__"));
    if module.is_some_and(|module| module.to_str().is_ok_and(|it| it == "builtins")) { found } else { Builtin::Other }
}

fn own_members<'py>(class: &Bound<'py, PyType>) -> Option<Vec<(String, Bound<'py, PyAny>)>> {
    let proxy = api::plain_attribute(class, intern!(class.py(), "__dict__"))?.cast_into::<PyMappingProxy>().ok()?;
    let items = proxy.items().ok()?;
    Some(items.iter().filter_map(|pair| pair.extract().ok()).collect())
}

/// What `functools.wraps` has left in a function.
fn wrapped<'py>(function: &Bound<'py, PyAny>) -> Option<Bound<'py, PyAny>> {
    let py = function.py();
    let dict = function.getattr(intern!(py, "__dict__")).ok()?.cast_into::<PyDict>().ok()?;
    dict.get_item(intern!(py, "__wrapped__")).ok().flatten()
}

fn annotations<'py>(function: &Bound<'py, PyAny>) -> Option<Bound<'py, PyDict>> {
    let py = function.py();
    // From Python 3.14 on, reading `__annotations__` runs code unless they have been evaluated.
    if python::attribute(function, intern!(py, "__annotate__")).is_some() {
        return None;
    }
    python::attribute(function, intern!(py, "__annotations__"))?.cast_into::<PyDict>().ok()
}

fn texts(annotations: &Bound<'_, PyDict>) -> HashMap<String, String> {
    annotations
        .iter()
        .filter_map(|(name, annotation)| Some((python::string(&name)?, annotation_text(&annotation)?)))
        .collect()
}

/// The text that would have been written for an annotation object.
fn annotation_text(annotation: &Bound<'_, PyAny>) -> Option<String> {
    let py = annotation.py();
    if annotation.is_none() {
        return Some("None".to_owned());
    }
    if let Some(text) = python::string(annotation) {
        return Some(text);
    }
    if let Ok(class) = annotation.cast_exact::<PyType>() {
        return Some(name_of(class));
    }
    let module = python::plain_text(annotation.get_type().as_any(), intern!(py, "__module__"))?;
    // Only the representations of the standard types are safe to ask for.
    if matches!(module.as_str(), "typing" | "types" | "builtins") {
        return annotation.repr().ok().map(|text| text.to_string_lossy().into_owned());
    }
    None
}

fn name_of(class: &Bound<'_, PyType>) -> String {
    python::plain_text(class.as_any(), intern!(class.py(), "__qualname__")).unwrap_or_default()
}

fn strings(object: &Bound<'_, PyAny>) -> Vec<String> {
    if let Some(text) = python::string(object) {
        return vec![text];
    }
    match object.cast_exact::<PyTuple>() {
        Ok(names) => names.iter().filter_map(|name| python::string(&name)).collect(),
        Err(_) => object
            .cast_exact::<PyList>()
            .map(|names| names.iter().filter_map(|name| python::string(&name)).collect())
            .unwrap_or_default(),
    }
}
