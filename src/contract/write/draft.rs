//! What to ask for: what the source shows beyond doubt.

use crate::contract::model::{
    ArgumentRule, AttributeKind, AttributeRule, ClassRule, Contract, Deployment, FunctionRule, ModuleRules, Python,
    System, VariableRule,
};
use crate::contract::names;
use crate::contract::version::Requirement;
use crate::observed::model::{
    BaseTarget, Binding, BindingKind, Certainty, Class, Function, InstanceAttribute, Known, Module, Parameter,
    ParameterKind, Variable,
};
use crate::observed::platform::Platform;
use crate::text::Span;
use crate::value::Value;

use super::{Draft, Options, Reason, values};

/// Members that every object has: a class that writes them keeps a promise that needs no contract.
const COMMON: [&str; 21] = [
    "__class_getitem__",
    "__del__",
    "__delattr__",
    "__dir__",
    "__eq__",
    "__format__",
    "__ge__",
    "__getattribute__",
    "__getstate__",
    "__gt__",
    "__hash__",
    "__init_subclass__",
    "__le__",
    "__lt__",
    "__ne__",
    "__reduce__",
    "__reduce_ex__",
    "__repr__",
    "__setattr__",
    "__sizeof__",
    "__str__",
];

/// What a module that declares `module` can be asked for on `platform`.
#[must_use]
pub fn draft(module: &Module, platform: &Platform, options: Options) -> Draft {
    let mut drafter = Drafter { options, draft: Draft::default(), owner: None, fixed: !module.dynamic };
    let rules = drafter.module(module);
    let deployments = if options.environment { deployments(platform) } else { Vec::new() };
    let contract = Contract { module: rules, deployments, ..Contract::default() };
    Draft { contract, dynamic: module.dynamic, ..drafter.draft }
}

struct Drafter<'a> {
    options: Options,
    draft: Draft,
    /// The class that is being drafted.
    owner: Option<&'a str>,
    /// Whether nothing but what is spelled binds names: only then a literal stays what it is.
    fixed: bool,
}

impl<'a> Drafter<'a> {
    fn module(&mut self, module: &'a Module) -> ModuleRules {
        let mut rules = ModuleRules::default();
        for (name, binding) in in_order(module.bindings.iter().map(|(name, it)| (name.as_str(), it, it.span))) {
            if name == "__version__" {
                rules.version = version(binding);
            }
            // A later star import may bind it again.
            let behind = |span: Span| module.star_imports.iter().any(|star| star.span.start > span.start);
            let overtaken = binding.span.is_some_and(behind);
            match &binding.kind {
                _ if self.is_unwanted(name, matches!(binding.kind, BindingKind::Function(_))) => {}
                BindingKind::Import(_) => self.leave_out(Reason::Imported, name),
                _ if overtaken => self.leave_out(Reason::Unproven, name),
                kind if !self.is_bound(name, kind, binding.certainty) => {}
                _ if binding.certainty == Certainty::Varies => rules.variables.push(named(name)),
                BindingKind::Function(function) => rules.functions.push(self.function(name, function)),
                BindingKind::Class(class) => rules.classes.push(self.class(name, class)),
                BindingKind::Variable(variable) => rules.variables.push(self.variable(name, variable)),
                BindingKind::Deleted => {}
            }
        }
        rules
    }

    fn class(&mut self, name: &'a str, class: &'a Class) -> ClassRule {
        let outer = self.owner.replace(name);
        let mut rule = ClassRule { name: name.to_owned(), ..ClassRule::default() };
        for base in &class.bases {
            let last = base.written.rsplit('.').next().unwrap_or_default();
            let told = !matches!(base.target, BaseTarget::Computed) && is_path(&base.written);
            let wanted = last != "object" && (self.options.private || !last.starts_with('_'));
            if told && wanted && !rule.superclasses.iter().any(|other| other.name == base.written) {
                rule.superclasses.push(ClassRule { name: base.written.clone(), ..ClassRule::default() });
            }
        }
        for (name, binding) in in_order(class.body.iter().map(|(name, it)| (name.as_str(), it, it.span))) {
            let is_function = matches!(binding.kind, BindingKind::Function(_));
            let field = class.instance_attributes.get(name);
            let unset = matches!(&binding.kind, BindingKind::Variable(Variable { value: Known::Unbound, .. }));
            match &binding.kind {
                _ if self.is_unwanted(name, is_function) => {}
                // Told by the instances.
                BindingKind::Variable(_) if unset && field.is_some() => {}
                BindingKind::Import(_) => {}
                kind if !self.is_bound(name, kind, binding.certainty) => {}
                _ if binding.certainty == Certainty::Varies => self.leave_out(Reason::Conditional, name),
                BindingKind::Function(function) if function.is_property() => {
                    let annotation = function.returns.as_deref().map(one_line);
                    rule.attributes
                        .push(attribute(VariableRule { annotation, ..named(name) }, AttributeKind::Instance));
                }
                BindingKind::Function(function) => rule.methods.push(self.function(name, function)),
                BindingKind::Class(_) => rule.attributes.push(attribute(named(name), AttributeKind::Class)),
                BindingKind::Variable(variable) => {
                    let kind = if field.is_some() { AttributeKind::Either } else { AttributeKind::Class };
                    rule.attributes.push(attribute(self.variable(name, variable), kind));
                }
                BindingKind::Deleted => {}
            }
        }
        self.instances(class, &mut rule);
        self.owner = outer;
        rule
    }

    fn instances(&mut self, class: &'a Class, rule: &mut ClassRule) {
        let attributes = class.instance_attributes.iter().map(|(name, it)| (name.as_str(), it, it.span));
        for (name, InstanceAttribute { variable, certainty, .. }) in in_order(attributes) {
            if rule.attributes.iter().any(|other| other.variable.name == name) || self.is_unwanted(name, false) {
                continue;
            }
            match certainty {
                _ if !is_name(name) => self.leave_out(Reason::Unspeakable, name),
                Certainty::Possible => self.leave_out(Reason::Conditional, name),
                // What it holds changes with the object; what it is annotated to hold does not.
                Certainty::Definite | Certainty::Varies => {
                    let definite = *certainty == Certainty::Definite;
                    let annotation = variable.annotation.as_deref().filter(|_| definite).map(one_line);
                    rule.attributes
                        .push(attribute(VariableRule { annotation, ..named(name) }, AttributeKind::Instance));
                }
            }
        }
    }

    fn variable(&mut self, name: &str, variable: &Variable) -> VariableRule {
        let mut rule = named(name);
        rule.annotation = variable.annotation.as_deref().map(one_line);
        let Known::Literal(value) = &variable.value else { return rule };
        if !self.fixed {
            return rule;
        }
        rule.value = self.value(name, name, value);
        if rule.value.is_none() && rule.annotation.is_none() {
            rule.annotation = values::annotation(value);
        }
        rule
    }

    /// The value, if it is to be asked for; `shown` is what to call it.
    fn value(&mut self, name: &str, shown: &str, value: &Value) -> Option<Value> {
        if !self.options.values {
            return None;
        }
        match values::worth(name, value) {
            Ok(()) => return Some(value.clone()),
            Err(Some(reason)) => self.leave_out(reason, shown),
            Err(None) => {}
        }
        None
    }

    fn function(&mut self, name: &str, function: &Function) -> FunctionRule {
        FunctionRule {
            name: name.to_owned(),
            arguments: function.parameters.iter().map(|parameter| self.argument(name, parameter)).collect(),
            return_annotation: function.returns.as_deref().map(one_line),
            is_async: function.is_async.then_some(true),
        }
    }

    fn argument(&mut self, function: &str, parameter: &Parameter) -> ArgumentRule {
        let name = parameter.name.as_str();
        let value = match &parameter.default {
            Some(Known::Literal(value)) => self.value(name, &format!("{function}({name})"), value),
            _ => None,
        };
        ArgumentRule {
            name: name.to_owned(),
            annotation: parameter.annotation.as_deref().map(one_line),
            value,
            kind: Some(parameter.kind).filter(|kind| *kind != ParameterKind::PositionalOrKeyword),
        }
    }

    /// Whether the name is not part of what a module shows. Names with two underscores on either side are Python's own:
    /// as methods they are part of how a class is used, else they say something about the module.
    fn is_unwanted(&mut self, name: &str, is_function: bool) -> bool {
        let special = name.len() > 4 && name.starts_with("__") && name.ends_with("__");
        let wanted = match special {
            true if is_function && self.owner.is_some() => self.options.private || !COMMON.contains(&name),
            true => return true,
            false => self.options.private || !name.starts_with('_'),
        };
        if !wanted {
            self.leave_out(Reason::Private, name);
        }
        !wanted
    }

    /// Whether it is surely bound; if not, that is noted.
    fn is_bound(&mut self, name: &str, kind: &BindingKind, certainty: Certainty) -> bool {
        let reason = match (kind, certainty) {
            (BindingKind::Deleted, Certainty::Definite) => return false,
            (BindingKind::Deleted, _) | (_, Certainty::Possible) => Reason::Conditional,
            (BindingKind::Variable(Variable { value: Known::Unbound, .. }), _) => Reason::Unset,
            _ if !is_name(name) => Reason::Unspeakable,
            _ => return true,
        };
        self.leave_out(reason, name);
        false
    }

    fn leave_out(&mut self, reason: Reason, name: &str) {
        let name = self.owner.map_or_else(|| name.to_owned(), |owner| format!("{owner}.{name}"));
        self.draft.leave_out(reason, name);
    }
}

/// In the order in which they stand in the source.
fn in_order<'m, T>(items: impl Iterator<Item = (&'m str, &'m T, Option<Span>)>) -> Vec<(&'m str, &'m T)> {
    let mut items: Vec<_> = items.map(|(name, it, span)| (span.map_or(0, |span| span.start), name, it)).collect();
    items.sort_unstable_by(|a, b| (a.0, a.1).cmp(&(b.0, b.1)));
    items.into_iter().map(|(_, name, it)| (name, it)).collect()
}

fn named(name: &str) -> VariableRule {
    VariableRule { name: name.to_owned(), ..VariableRule::default() }
}

fn attribute(variable: VariableRule, kind: AttributeKind) -> AttributeRule {
    AttributeRule { variable, kind }
}

/// What a contract takes for a name, and source can spell.
fn is_name(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars
            .all(|c| !c.is_whitespace() && !c.is_control() && (!c.is_ascii() || c.is_ascii_alphanumeric() || c == '_'))
}

fn is_path(written: &str) -> bool {
    written.split('.').all(is_name)
}

/// An annotation that is spread over lines, if that can be told to mean the same on one.
fn one_line(annotation: &str) -> String {
    if !annotation.contains(['\n', '\r']) || annotation.contains(['\'', '"', '#', '\\']) {
        return annotation.to_owned();
    }
    let joined = annotation.split_whitespace().collect::<Vec<_>>().join(" ");
    joined.replace("[ ", "[").replace(" ]", "]").replace(",]", "]")
}

/// Its version or any later one.
fn version(binding: &Binding) -> Option<Requirement> {
    let BindingKind::Variable(Variable { value: Known::Literal(Value::Str(text)), .. }) = &binding.kind else {
        return None;
    };
    (binding.certainty == Certainty::Definite).then(|| from(text)).flatten()
}

/// At least this version, or just this one.
fn from(version: &str) -> Option<Requirement> {
    [format!(">={version}"), version.to_owned()]
        .iter()
        .filter_map(|text| Requirement::parse(text).ok())
        .find(|requirement| requirement.matches(version) == Some(true))
}

fn deployments(platform: &Platform) -> Vec<Deployment> {
    let (major, minor, _) = platform.python;
    let minor = Requirement::parse(&format!(">={major}.{minor}")).ok();
    // The series does not admit its own pre-releases.
    let version = minor
        .filter(|version| version.matches(&platform.python_text) == Some(true))
        .or_else(|| from(platform.python_text.trim_end_matches('+')));
    let interpreter = names::interpreter(&platform.interpreter).into_iter().collect();
    let python = Python { version, interpreter, modules: Vec::new() };
    let os = names::operating_system(&platform.os).into_iter().collect();
    let system = System { os, pythons: vec![python], ..System::default() };
    vec![Deployment { arch: names::architecture(&platform.arch).into_iter().collect(), systems: vec![system] }]
}
