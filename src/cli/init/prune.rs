//! The last word on a draft has the comparison itself: what the module is not seen to meet goes.

use crate::compare::violation::Violation;
use crate::compare::{Scope, Subject, compare};
use crate::contract::loader;
use crate::contract::model::{AttributeKind, AttributeRule, ClassRule, FunctionRule, ModuleRules, VariableRule};
use crate::contract::path::Step;
use crate::contract::write::{Draft, Reason, text};
use crate::observed::world::World;

/// More rounds than any draft takes: in each one something goes.
const ROUNDS: usize = 64;

/// The text of a contract that the module meets, whichever of the subjects it is.
///
/// # Errors
///
/// There is none, for people: the module asks for more than a contract can hold.
pub fn settled(mut draft: Draft, subjects: &[Subject], file: &str, world: &dyn World) -> Result<String, String> {
    for _ in 0..ROUNDS {
        let text = text(&draft, file);
        let contract = loader::load(text.as_bytes()).map_err(|problem| problem.message)?.contract;
        let falls_short = |subject| Some(compare(&contract, subject, Scope::Whole, world)).filter(|it| !it.is_empty());
        let Some(violations) = subjects.iter().find_map(falls_short) else { return Ok(text) };
        // From the end, so that places before what goes stay what they are.
        for violation in violations.iter().rev() {
            remove(&mut draft, violation);
        }
    }
    Err("no contract was found that the module meets".to_owned())
}

fn remove(draft: &mut Draft, violation: &Violation) {
    let module = &mut draft.contract.module;
    let key = violation.key;
    let gone = match violation.path.0.as_slice() {
        [Step::Key("variables"), Step::Item { index, label }] => {
            take(&mut module.variables, *index, label.as_deref(), |rule| loosen_variable(rule, key))
        }
        [Step::Key("functions"), Step::Item { index, label }, rest @ ..] => {
            take(&mut module.functions, *index, label.as_deref(), |rule| loosen_function(rule, rest, key))
        }
        [Step::Key("classes"), Step::Item { index, label }, rest @ ..] => {
            take(&mut module.classes, *index, label.as_deref(), |rule| loosen_class(rule, rest, key))
        }
        _ => rest(module, &mut draft.contract.deployments, violation),
    };
    if gone {
        let labels = violation.path.0.iter().filter_map(|step| match step {
            Step::Item { label, .. } => label.as_deref(),
            Step::Key(_) => None,
        });
        draft.leave_out(Reason::Unproven, labels.collect::<Vec<_>>().join("."));
    }
}

/// What stands once in a contract.
fn rest<T>(module: &mut ModuleRules, deployments: &mut Vec<T>, violation: &Violation) -> bool {
    match violation.path.0.first() {
        Some(Step::Key("version")) => module.version.take().is_some(),
        _ => !std::mem::take(deployments).is_empty(),
    }
}

/// Loosens the rule at `index`, or takes it out if that is not possible. False if it is gone already.
fn take<T: Named>(rules: &mut Vec<T>, index: usize, label: Option<&str>, loosen: impl FnOnce(&mut T) -> bool) -> bool {
    let Some(rule) = rules.get_mut(index).filter(|rule| Some(rule.name()) == label) else { return false };
    if !loosen(rule) {
        rules.remove(index);
    }
    true
}

fn loosen_variable(rule: &mut VariableRule, key: Option<&'static str>) -> bool {
    match key {
        Some("value") => rule.value.take().is_some(),
        Some("annotation") => rule.annotation.take().is_some(),
        _ => false,
    }
}

fn loosen_function(rule: &mut FunctionRule, rest: &[Step], key: Option<&'static str>) -> bool {
    match rest {
        [Step::Key("arguments"), Step::Item { index, label }] => {
            take(&mut rule.arguments, *index, label.as_deref(), |rule| match key {
                Some("value") => rule.value.take().is_some(),
                Some("annotation") => rule.annotation.take().is_some(),
                Some("kind") => rule.kind.take().is_some(),
                _ => false,
            });
            true
        }
        _ => match key {
            Some("return_annotation") => rule.return_annotation.take().is_some(),
            Some("async") => rule.is_async.take().is_some(),
            _ => {
                // Its name may be all that is sure of it.
                let asked = !rule.arguments.is_empty() || rule.return_annotation.is_some() || rule.is_async.is_some();
                *rule = FunctionRule { name: std::mem::take(&mut rule.name), ..FunctionRule::default() };
                asked
            }
        },
    }
}

fn loosen_class(rule: &mut ClassRule, rest: &[Step], key: Option<&'static str>) -> bool {
    match rest {
        [Step::Key("attributes"), Step::Item { index, label }] => {
            take(&mut rule.attributes, *index, label.as_deref(), |rule| match key {
                Some("type") => std::mem::take(&mut rule.kind) != AttributeKind::Either,
                key => loosen_variable(&mut rule.variable, key),
            });
            true
        }
        [Step::Key("methods"), Step::Item { index, label }, rest @ ..] => {
            take(&mut rule.methods, *index, label.as_deref(), |rule| loosen_function(rule, rest, key));
            true
        }
        [Step::Key("superclasses"), Step::Item { index, label }, ..] => {
            take(&mut rule.superclasses, *index, label.as_deref(), |_| false);
            true
        }
        _ => false,
    }
}

trait Named {
    fn name(&self) -> &str;
}

impl Named for VariableRule {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for AttributeRule {
    fn name(&self) -> &str {
        &self.variable.name
    }
}

impl Named for FunctionRule {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for ClassRule {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for crate::contract::model::ArgumentRule {
    fn name(&self) -> &str {
        &self.name
    }
}
