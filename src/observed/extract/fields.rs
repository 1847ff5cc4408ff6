//! Annotated names of a class body that become attributes of instances: dataclasses and the like.

use std::collections::HashMap;

use ruff_python_ast::{Expr, ExprCall};

use super::walker::{Walker, last_name};
use crate::observed::model::{Binding, BindingKind, Certainty, InstanceAttribute, Known, Variable};

/// How a class makes fields of annotated names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    /// It doesn't.
    Plain,
    /// A decorator of `dataclasses` or `attrs`: the class alone.
    Decorated,
    /// `NamedTuple`: the class alone.
    Tuple,
    /// A base of pydantic, msgspec and the like: subclasses too.
    Model,
}

/// The style that a decorator's absolute or written name stands for.
pub(super) fn of_decorator(path: &str) -> Option<Style> {
    let last = path.rsplit('.').next().unwrap_or(path);
    let known = matches!(last, "dataclass" | "define" | "mutable" | "frozen")
        || matches!(path, "attr.s" | "attr.attrs" | "attr.attributes" | "attrs");
    known.then_some(Style::Decorated)
}

/// The style that a base's name stands for. Instances of a `TypedDict` are plain dicts, and a
/// `Protocol` promises nothing about its subclasses.
pub(super) fn of_base(path: &str) -> Option<Style> {
    match path.rsplit('.').next().unwrap_or(path) {
        "NamedTuple" => Some(Style::Tuple),
        "BaseModel" | "BaseSettings" | "RootModel" | "SQLModel" | "Struct" => Some(Style::Model),
        _ => None,
    }
}

/// The instance attributes that fields make. Corrects in `body` what the decorator changes there.
pub(super) fn fields(
    walker: &Walker<'_>,
    style: Style,
    body: &mut HashMap<String, Binding>,
    values: &HashMap<&str, Option<&Expr>>,
) -> HashMap<String, InstanceAttribute> {
    let mut found = HashMap::new();
    if style == Style::Plain {
        return found;
    }
    for (name, binding) in body.iter_mut() {
        let BindingKind::Variable(variable) = &mut binding.kind else {
            continue;
        };
        let specifier = values.get(name.as_str()).copied().flatten().and_then(specifier);
        let is_field = match &variable.annotation {
            Some(annotation) => !is_special(annotation),
            // `x = attr.ib()` needs no annotation.
            None => style == Style::Decorated && specifier.is_some(),
        };
        if !is_field {
            continue;
        }
        let mut value = match &variable.value {
            Known::Unbound => Known::Computed(None),
            value => value.clone(),
        };
        if let Some(call) = specifier {
            let default = call.arguments.find_keyword("default").map(|keyword| &keyword.value);
            // `Field(1)` and `attr.ib(1)` take it by position.
            let default = default.or_else(|| call.arguments.args.first());
            value = match default.map(|default| walker.known(default)) {
                Some(known @ Known::Literal(_)) => known,
                _ => Known::Computed(None),
            };
            if style == Style::Decorated {
                // The decorator puts the default, or nothing, in the place of the call.
                variable.value = match &value {
                    Known::Literal(_) => value.clone(),
                    _ => Known::Unbound,
                };
            }
        }
        if binding.certainty == Certainty::Varies {
            value = Known::Computed(None);
        }
        let certainty = match binding.certainty {
            Certainty::Possible => Certainty::Possible,
            Certainty::Definite | Certainty::Varies => Certainty::Definite,
        };
        let variable = Variable { annotation: variable.annotation.clone(), value };
        found.insert(name.clone(), InstanceAttribute { variable, certainty, span: binding.span });
    }
    found
}

/// `field(…)`, `attr.ib(…)` and the like.
fn specifier(value: &Expr) -> Option<&ExprCall> {
    let Expr::Call(call) = value else { return None };
    matches!(last_name(&call.func)?, "field" | "Field" | "ib" | "attrib" | "PrivateAttr" | "mapped_column")
        .then_some(call)
}

/// Annotations that make no instance attribute.
pub(super) fn is_special(annotation: &str) -> bool {
    let bare = annotation.trim_start_matches(['"', '\'', ' ']);
    let head = bare.split(['[', '"', '\'']).next().unwrap_or(bare).trim();
    matches!(head.rsplit('.').next(), Some("ClassVar" | "InitVar" | "KW_ONLY"))
}
