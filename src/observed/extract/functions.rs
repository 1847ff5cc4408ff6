//! Signatures.

use ruff_python_ast::{AnyParameterRef, Decorator, Expr, StmtFunctionDef};
use ruff_text_size::Ranged;

use super::{cut, literals, slice, span};
use crate::observed::model::{Function, Parameter, ParameterKind};
use crate::text::Span;

/// The written signature of `def`.
pub(super) fn function(
    text: &str,
    def: &StmtFunctionDef,
    is_bound: &dyn Fn(&str) -> bool,
) -> Function {
    let list = &def.parameters;
    let mut parameters = Vec::with_capacity(list.len());
    let mut add = |parameter: AnyParameterRef<'_>, kind| {
        let range = parameter.as_parameter().range();
        let end = parameter.default().map_or(range.end(), Ranged::end);
        parameters.push(Parameter {
            name: parameter.name().id.to_string(),
            kind,
            annotation: parameter
                .annotation()
                .map(|annotation| slice(text, annotation.range()).to_owned()),
            default: parameter
                .default()
                .map(|default| literals::known(text, default, is_bound)),
            span: Some(Span::new(range.start().into(), end.into())),
        });
    };
    for parameter in &list.posonlyargs {
        add(
            AnyParameterRef::NonVariadic(parameter),
            ParameterKind::PositionalOnly,
        );
    }
    for parameter in &list.args {
        add(
            AnyParameterRef::NonVariadic(parameter),
            ParameterKind::PositionalOrKeyword,
        );
    }
    if let Some(parameter) = &list.vararg {
        add(
            AnyParameterRef::Variadic(parameter),
            ParameterKind::VarPositional,
        );
    }
    for parameter in &list.kwonlyargs {
        add(
            AnyParameterRef::NonVariadic(parameter),
            ParameterKind::KeywordOnly,
        );
    }
    if let Some(parameter) = &list.kwarg {
        add(
            AnyParameterRef::Variadic(parameter),
            ParameterKind::VarKeyword,
        );
    }
    Function {
        parameters,
        returns: def
            .returns
            .as_ref()
            .map(|returns| slice(text, returns.range()).to_owned()),
        returns_span: def.returns.as_ref().map(|returns| span(returns.range())),
        is_async: def.is_async,
        decorators: def
            .decorator_list
            .iter()
            .map(|decorator| decorator_text(text, decorator))
            .collect(),
    }
}

/// `def name(…) -> …`, its first line.
pub(super) fn header(text: &str, def: &StmtFunctionDef) -> Span {
    let name = usize::from(def.name.range.start());
    let keyword = if def.is_async { "async" } else { "def" };
    let end = def
        .returns
        .as_ref()
        .map_or(def.parameters.range.end(), |returns| returns.end());
    cut(
        text,
        Span::new(
            keyword_before(text, def.range.start().into(), name, keyword),
            end.into(),
        ),
    )
}

/// Where the keyword in front of a name stands.
pub(super) fn keyword_before(text: &str, from: usize, name: usize, keyword: &str) -> usize {
    // Between `async`, `def` and the name there is only white space: no need to look at decorators.
    let near = text.floor_char_boundary(name.saturating_sub(256).max(from));
    text.get(near..name)
        .and_then(|before| before.rfind(keyword))
        .map_or(name, |at| near + at)
}

/// A decorator without its arguments.
fn decorator_text(text: &str, decorator: &Decorator) -> String {
    let expr = match &decorator.expression {
        Expr::Call(call) => &*call.func,
        expr => expr,
    };
    slice(text, expr.range()).to_owned()
}
