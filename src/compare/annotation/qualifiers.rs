//! Type qualifiers: what an annotation says beyond the type.

use super::parse::{Type, union};

/// Whether the canonical name is that of a qualifier.
pub(super) fn is(name: &str) -> bool {
    is_outer(name) || name == "Annotated"
}

/// Whether it may stand only around a whole annotation, or within another qualifier.
fn is_outer(name: &str) -> bool {
    matches!(name, "Final" | "ClassVar" | "InitVar" | "Required" | "NotRequired" | "ReadOnly")
}

/// Whether `found` is `wanted`, with the text `text`, but for qualifiers of its own.
pub(super) fn agree(wanted: &Type, text: &str, found: Type) -> bool {
    let mut peeled = without(found, &|name| !names(wanted, name), true);
    loop {
        if peeled.text() == text {
            return true;
        }
        // The contract names it too, but perhaps further in.
        match peeled {
            Type::Named(name, Some(arguments)) if is(&name) => match arguments.into_iter().next() {
                Some(inner) => peeled = inner,
                None => return false,
            },
            _ => return false,
        }
    }
}

/// Whether the type names `name` anywhere.
fn names(wanted: &Type, name: &str) -> bool {
    match wanted {
        Type::Named(own, arguments) => own == name || arguments.iter().flatten().any(|inner| names(inner, name)),
        Type::Union(members) | Type::List(members) => members.iter().any(|member| names(member, name)),
        Type::Exact(_) => false,
    }
}

/// The type without the qualifiers that are to go.
fn without(found: Type, goes: &dyn Fn(&str) -> bool, outer: bool) -> Type {
    let all = |types: Vec<Type>| -> Vec<Type> { types.into_iter().map(|item| without(item, goes, false)).collect() };
    match found {
        Type::Named(name, Some(mut arguments)) if is(&name) && (outer || !is_outer(&name)) && !arguments.is_empty() => {
            let inner = without(arguments.remove(0), goes, outer);
            if goes(&name) {
                return inner;
            }
            arguments.insert(0, inner);
            Type::Named(name, Some(arguments))
        }
        Type::Named(name, arguments) => Type::Named(name, arguments.map(all)),
        Type::Union(members) => union(all(members)).unwrap_or_else(Type::none),
        Type::List(items) => Type::List(all(items)),
        exact @ Type::Exact(_) => exact,
    }
}
