//! A hand-made outside world, and short ways to build contracts and modules.

use std::cell::Cell;
use std::collections::HashMap;
use std::sync::Arc;

use crate::compare::violation::Violation;
use crate::compare::{Scope, Subject, compare};
use crate::contract::model::{
    ArgumentRule, AttributeKind, AttributeRule, ClassRule, Contract, FilePattern, FunctionRule, VariableRule,
};
use crate::contract::pattern::Pattern;
use crate::contract::version::Requirement;
use crate::observed::model::{
    Base, BaseTarget, Binding, BindingKind, Certainty, Class, Function, ImportedName, InstanceAttribute, Known, Module,
    Parameter, ParameterKind, StarImport, Variable,
};
use crate::observed::platform::Platform;
use crate::observed::world::{Environment, Imported, Located, Phase, World};
use crate::text::Span;
use crate::value::Value;

pub fn pattern(text: &str) -> Arc<Pattern> {
    Arc::new(Pattern::new(text).unwrap())
}
pub fn requirement(text: &str) -> Requirement {
    Requirement::parse(text).unwrap()
}
pub fn file_pattern(text: &str) -> FilePattern {
    FilePattern::new(text).unwrap()
}

pub struct TestWorld {
    pub platform: Platform,
    pub environment: HashMap<String, Environment>,
    pub phase: Phase,
    pub live: HashMap<String, Binding>,
    pub imported: HashMap<(String, String), Imported>,
    /// Sources of modules that are not loaded.
    pub sources: HashMap<String, Arc<Module>>,
    pub located: HashMap<String, Located>,
    pub distribution: Option<String>,
    pub asked: Cell<usize>,
}

impl Default for TestWorld {
    fn default() -> Self {
        let text = str::to_owned;
        Self {
            platform: Platform {
                arch: text("x86_64"),
                os: text("linux"),
                python: (3, 12, 1),
                python_text: text("3.12.1"),
                interpreter: text("CPython"),
                sys_platform: text("linux"),
                os_name: text("posix"),
            },
            environment: HashMap::new(),
            phase: Phase::Absent,
            live: HashMap::new(),
            imported: HashMap::new(),
            sources: HashMap::new(),
            located: HashMap::new(),
            distribution: None,
            asked: Cell::new(0),
        }
    }
}

impl World for TestWorld {
    fn platform(&self) -> &Platform {
        &self.platform
    }
    fn environment_variable(&self, name: &str) -> Environment {
        self.environment.get(name).cloned().unwrap_or(Environment::Absent)
    }
    fn phase(&self) -> Phase {
        self.phase
    }
    fn live(&self, name: &str) -> Option<Binding> {
        assert_ne!(self.phase, Phase::Absent, "there is no live namespace to ask");
        self.live.get(name).cloned()
    }
    fn imported(&self, module: &str, name: &str) -> Imported {
        self.asked.set(self.asked.get() + 1);
        if let Some(answer) = self.imported.get(&(module.to_owned(), name.to_owned())) {
            return answer.clone();
        }
        self.sources.get(module).map_or(Imported::Unknown, |source| Imported::Source(Arc::clone(source)))
    }
    fn locate(&self, filename: &str) -> Located {
        self.located.get(filename).cloned().unwrap_or(Located::Absent)
    }
    fn distribution_version(&self) -> Option<String> {
        self.distribution.clone()
    }
}

impl TestWorld {
    /// At an import in a line that starts at byte `offset`.
    pub fn at(offset: usize) -> Self {
        Self { phase: Phase::Initialising { offset: Some(offset) }, ..Self::default() }
    }
    pub fn initialised() -> Self {
        Self { phase: Phase::Initialised, ..Self::default() }
    }
    pub fn live(mut self, name: &str, kind: BindingKind) -> Self {
        self.live.insert(name.to_owned(), Binding { kind, certainty: Certainty::Definite, span: None });
        self
    }
    pub fn imports(mut self, module: &str, name: &str, answer: Imported) -> Self {
        self.imported.insert((module.to_owned(), name.to_owned()), answer);
        self
    }
    pub fn source(mut self, name: &str, module: Module) -> Self {
        self.sources.insert(name.to_owned(), Arc::new(module));
        self
    }
}

/// Violations as `code path key`.
pub fn summary(violations: &[Violation]) -> Vec<String> {
    violations
        .iter()
        .map(|v| match v.key {
            Some(key) => format!("{} {} {key}", v.code, v.path),
            None => format!("{} {}", v.code, v.path),
        })
        .collect()
}

pub fn run(contract: &Contract, module: Module, world: &TestWorld) -> Vec<Violation> {
    let subject = Subject { file: Some("/app/plugin.py".to_owned()), module: Some(Arc::new(module)), no_source: None };
    let violations = compare(contract, &subject, Scope::Whole, world);
    for violation in &violations {
        assert!(!violation.message.is_empty() && !violation.help.is_empty(), "{violation:?}");
        assert_eq!(violation.message.matches('`').count() % 2, 0, "{violation:?}");
    }
    violations
}

#[track_caller]
pub fn expect(contract: &Contract, module: Module, world: &TestWorld, wanted: &[&str]) {
    assert_eq!(summary(&run(contract, module, world)), wanted);
}

// Contracts.
pub fn s(text: &str) -> Value {
    Value::Str(text.to_owned())
}
pub fn wants(name: &str) -> VariableRule {
    VariableRule { name: name.to_owned(), ..VariableRule::default() }
}
pub fn wants_value(name: &str, value: Value) -> VariableRule {
    VariableRule { value: Some(value), ..wants(name) }
}
pub fn wants_type(name: &str, annotation: &str) -> VariableRule {
    VariableRule { annotation: Some(annotation.to_owned()), ..wants(name) }
}
pub fn variables(rules: Vec<VariableRule>) -> Contract {
    let mut contract = Contract::default();
    contract.module.variables = rules;
    contract
}
pub fn argument(name: &str) -> ArgumentRule {
    ArgumentRule { name: name.to_owned(), ..ArgumentRule::default() }
}
pub fn wants_def(name: &str, arguments: Vec<ArgumentRule>) -> FunctionRule {
    FunctionRule { name: name.to_owned(), arguments, ..FunctionRule::default() }
}
pub fn functions(rules: Vec<FunctionRule>) -> Contract {
    let mut contract = Contract::default();
    contract.module.functions = rules;
    contract
}
pub fn wants_class(name: &str) -> ClassRule {
    ClassRule { name: name.to_owned(), ..ClassRule::default() }
}
pub fn classes(rules: Vec<ClassRule>) -> Contract {
    let mut contract = Contract::default();
    contract.module.classes = rules;
    contract
}
pub fn attribute(variable: VariableRule, kind: AttributeKind) -> AttributeRule {
    AttributeRule { variable, kind }
}

// Observed modules.
pub fn var(annotation: Option<&str>, value: Known) -> BindingKind {
    BindingKind::Variable(Variable { annotation: annotation.map(str::to_owned), value })
}
pub fn literal(value: Value) -> BindingKind {
    var(None, Known::Literal(value))
}
pub fn computed() -> BindingKind {
    var(None, Known::Computed(None))
}
pub fn object(type_name: &str) -> BindingKind {
    var(None, Known::Computed(Some(type_name.to_owned())))
}
pub fn import(module: &str, name: Option<&str>) -> BindingKind {
    BindingKind::Import(ImportedName { module: Some(module.to_owned()), name: name.map(str::to_owned) })
}
pub fn def(parameters: &[Parameter]) -> Function {
    Function { parameters: parameters.to_vec(), returns: None, returns_span: None, is_async: false, decorators: vec![] }
}
pub fn function(names: &[&str]) -> BindingKind {
    BindingKind::Function(def(&names.iter().map(|name| parameter(name)).collect::<Vec<_>>()))
}
pub fn parameter(name: &str) -> Parameter {
    Parameter {
        name: name.to_owned(),
        kind: ParameterKind::PositionalOrKeyword,
        annotation: None,
        default: None,
        span: None,
    }
}
pub fn class(bases: &[&str], body: Vec<(&str, BindingKind)>) -> Class {
    Class {
        bases: bases.iter().map(|name| base(name, BaseTarget::Name((*name).to_owned()))).collect(),
        body: body.into_iter().map(|(name, kind)| (name.to_owned(), definite(kind, 0))).collect(),
        ..Class::default()
    }
}
pub fn base(written: &str, target: BaseTarget) -> Base {
    Base { written: written.to_owned(), target, span: None }
}
pub fn instance(name: &str, value: Known) -> (String, InstanceAttribute) {
    let variable = Variable { annotation: None, value };
    (name.to_owned(), InstanceAttribute { variable, certainty: Certainty::Definite, span: None })
}
pub fn a(class: Class) -> BindingKind {
    BindingKind::Class(Arc::new(class))
}
pub fn definite(kind: BindingKind, at: usize) -> Binding {
    Binding { kind, certainty: Certainty::Definite, span: Some(Span::new(at, at + 1)) }
}

/// A module whose bindings stand at bytes 10, 20, 30, …
pub fn module(bindings: Vec<(&str, BindingKind)>) -> Module {
    let bindings = bindings.into_iter().enumerate();
    Module {
        bindings: bindings.map(|(i, (name, kind))| (name.to_owned(), definite(kind, 10 * (i + 1)))).collect(),
        ..Module::default()
    }
}

impl Module {
    pub(super) fn certainty(mut self, name: &str, certainty: Certainty) -> Self {
        self.bindings.entry(name.to_owned()).and_modify(|binding| binding.certainty = certainty);
        self
    }
    pub(super) fn star(mut self, module: &str, at: usize) -> Self {
        let star = StarImport { module: Some(module.to_owned()), span: Span::new(at, at + 1) };
        self.star_imports.push(star);
        self
    }
}
