//! Guarded modules that are loaded although nobody was let in to them: what came past the hook, and what
//! was there before it.

use pyo3::prelude::*;

use importspy_hook::cli::status::Undecided;
use importspy_hook::contract::discovery;

use super::contracts::{Place, Reading};
use super::guards::{self, Guard, Guarding};
use super::once::intern;
use super::state::{self, State, quietly};
use super::{files, python};

/// All of them, by name. Contracts are looked for anew: a listing that was read before proves nothing here.
pub fn all(py: Python<'_>, state: &State) -> PyResult<Vec<Undecided>> {
    for (name, module) in state::loaded_modules(py)? {
        let Some(name) = python::string(&name) else { continue };
        // The program itself is nobody's import.
        if module.is_none() || name == "__main__" || state.decisions.has_opened(&name) {
            continue;
        }
        let spec = state.modules.notes.spec(py, &name).or_else(|| python::spec(&module));
        if let Some(contract) = spec.and_then(|spec| contract(py, state, &name, &spec)) {
            state.decisions.came_past(&name, &contract);
        }
    }
    let past = state.decisions.past().into_iter();
    let past = past.filter(|(module, _)| !state.decisions.has_opened(module));
    Ok(past.map(|(module, contract)| Undecided { module, contract }).collect())
}

/// Notes that a guarded module runs as a program, which `sys.modules` need not show.
pub fn note_run(py: Python<'_>, state: &State, guard: &Guard) {
    let contract = quietly(|| guard.contracts.iter().find_map(|guarding| protecting(py, state, guarding)));
    if let Some(contract) = contract {
        state.decisions.came_past(&guard.module, &contract);
    }
}

/// The path of a contract that guards the module which `spec` describes.
fn contract(py: Python<'_>, state: &State, name: &str, spec: &Bound<'_, PyAny>) -> Option<String> {
    let located =
        python::attribute(spec, intern!(py, "has_location")).is_some_and(|it| it.is_truthy().unwrap_or(false));
    let file = python::text(spec, intern!(py, "origin")).filter(|file| located && files::exists(file));
    let Some(file) = file else {
        let guard = quietly(|| state.modules.discovery.guard(name, spec)).ok()??;
        return guard.contracts.iter().find_map(|guarding| protecting(py, state, guarding));
    };
    // A contract beside the file that a link leads to guards nothing, but tells whose code it is.
    let is_link = std::fs::symlink_metadata(&file).is_ok_and(|metadata| metadata.is_symlink());
    let linked = is_link.then(|| state.real_paths.of(&file));
    [Some(file), linked]
        .iter()
        .flatten()
        .filter_map(|file| guards::on_disk(file))
        .find_map(|guarding| protecting(py, state, &guarding))
}

/// The contract's path, if it is there and means the module.
fn protecting(py: Python<'_>, state: &State, guarding: &Guarding) -> Option<String> {
    let Ok(place) = &guarding.place else { return Some(guarding.folder.clone()) };
    let protects = match state.contracts.read(py, place).0 {
        Reading::Fit(loaded) => discovery::is_protected(&loaded.contract, guarding.rank, &guarding.relative),
        Reading::Unfit(..) => true,
        Reading::Gone => false,
    };
    protects.then(|| Place::path(place).to_owned())
}
