//! Rows of (source, what is found), by subject.

#![allow(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bindings;
mod classes;
mod flow;
mod hostile;
mod requests;
mod values;

use super::{About, Unparsable, extract};
use crate::observed::model::{
    BaseTarget, Binding, BindingKind, Certainty, Class, Function, Known, Module, ParameterKind, Variable,
};
use crate::observed::platform::Platform;
use crate::value::Value;

fn platform() -> Platform {
    Platform {
        arch: "x86_64".into(),
        os: "linux".into(),
        python: (3, 12, 4),
        python_text: "3.12.4".into(),
        interpreter: "CPython".into(),
        sys_platform: "linux".into(),
        os_name: "posix".into(),
    }
}

fn try_module(text: &str) -> Result<Module, Unparsable> {
    let platform = platform();
    extract(text, &About { platform: &platform, module: Some("pkg.mod"), package: Some("pkg") })
}

fn module(text: &str) -> Module {
    try_module(text).unwrap_or_else(|error| panic!("{error:?} in {text}"))
}

/// Asserts, for each row, what the name `x` is.
fn assert_x(rows: &[(&str, &str)]) {
    for (text, expected) in rows {
        assert_eq!(show(module(text).bindings.get("x")), *expected, "in\n{text}");
    }
}

/// `?` possible, `~` varies; then the binding in Python's own terms.
fn show(binding: Option<&Binding>) -> String {
    let Some(binding) = binding else {
        return "-".into();
    };
    let mark = match binding.certainty {
        Certainty::Definite => "",
        Certainty::Varies => "~",
        Certainty::Possible => "?",
    };
    let kind = match &binding.kind {
        BindingKind::Variable(variable) => show_variable(variable),
        BindingKind::Function(function) => show_function(function),
        BindingKind::Class(class) => show_class(class),
        BindingKind::Import(import) => {
            let module = import.module.as_deref().unwrap_or("<above>");
            match &import.name {
                Some(name) => format!("from {module} import {name}"),
                None => format!("import {module}"),
            }
        }
        BindingKind::Deleted => "deleted".into(),
    };
    format!("{mark}{kind}")
}

fn show_variable(variable: &Variable) -> String {
    let annotation = before(": ", variable.annotation.as_deref());
    format!("var{annotation}{}", show_known(&variable.value))
}

fn before(mark: &str, text: Option<&str>) -> String {
    text.map(|text| format!("{mark}{text}")).unwrap_or_default()
}

fn show_known(known: &Known) -> String {
    match known {
        Known::Literal(value) => format!(" = {}", show_value(value)),
        Known::Computed(Some(name)) => format!(" = <{name}>"),
        Known::Computed(None) => " = <>".into(),
        Known::Unbound => String::new(),
    }
}

fn show_value(value: &Value) -> String {
    let all = |values: &[Value]| values.iter().map(show_value).collect::<Vec<_>>().join(", ");
    match value {
        Value::None => "None".into(),
        Value::Bool(true) => "True".into(),
        Value::Bool(false) => "False".into(),
        Value::Int(int) => int.to_string(),
        Value::BigInt(digits) => format!("big {digits}"),
        Value::Float(float) => format!("{float:?}"),
        Value::Str(text) => format!("{text:?}"),
        Value::Bytes(bytes) => format!("b{:?}", String::from_utf8_lossy(bytes)),
        Value::List(items) => format!("[{}]", all(items)),
        Value::Tuple(items) => format!("({})", all(items)),
        Value::Set(items) => format!("{{{}}}", all(items)),
        Value::Dict(items) => {
            let items = items.iter().map(|(key, value)| format!("{}: {}", show_value(key), show_value(value)));
            format!("{{{}}}", items.collect::<Vec<_>>().join(", "))
        }
    }
}

fn show_function(function: &Function) -> String {
    let parameters = function.parameters.iter().map(|parameter| {
        let kind = match parameter.kind {
            ParameterKind::PositionalOnly => "/",
            ParameterKind::PositionalOrKeyword => "",
            ParameterKind::VarPositional => "*",
            ParameterKind::KeywordOnly => "=",
            ParameterKind::VarKeyword => "**",
        };
        let annotation = before(": ", parameter.annotation.as_deref());
        let default = parameter.default.as_ref().map(show_known).unwrap_or_default();
        format!("{kind}{}{annotation}{default}", parameter.name)
    });
    format!(
        "{}{}def({}){}",
        function.decorators.iter().flat_map(|name| ["@", name, " "]).collect::<String>(),
        if function.is_async { "async " } else { "" },
        parameters.collect::<Vec<_>>().join(", "),
        before(" -> ", function.returns.as_deref()),
    )
}

fn show_class(class: &Class) -> String {
    let bases = class.bases.iter().map(|base| match &base.target {
        BaseTarget::Name(name) => name.clone(),
        BaseTarget::Imported(import) => {
            format!("{}:{}", import.module.as_deref().unwrap_or("<above>"), import.name.as_deref().unwrap_or(""))
        }
        BaseTarget::Known(_) => format!("known {}", base.written),
        BaseTarget::Computed => format!("computed {}", base.written),
    });
    let dynamic = if class.dynamic { "dynamic " } else { "" };
    format!("{dynamic}class({})", bases.collect::<Vec<_>>().join(", "))
}
