//! `status`: what is active in this interpreter, and why.

use std::fmt::Write as _;
use std::path::Path;

use clap::Args;
use serde::Serialize;
use serde_json::{Map, Value};

use super::activation::{Kind, Place};
use super::world::{Environment, Interpreter, World};
use super::{Exit, Failure, Outcome};

/// Say what is active in this interpreter, and why
///
/// Exit status 0: active; 1: not active. Interpreter options count: `python -I -m importspy_hook status` tells what is
/// active under -I.
#[derive(Args)]
pub struct Arguments {
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

/// What the hook does in an interpreter.
#[derive(Debug, Default, Serialize)]
pub struct Hook {
    /// The version of this package.
    pub version: String,
    /// Whether the hook is in place and looks at imports.
    pub active: bool,
    /// `enforce` or `report`; none if it is not active.
    pub mode: Option<&'static str>,
    /// Who called `install()`.
    pub installed_by: Option<Caller>,
    /// The importers that `install()` was told to trust.
    pub trusted_importers: Vec<String>,
    /// The finder in `sys.meta_path`.
    pub finder: Finder,
    /// `builtins.__import__`.
    pub import_function: Function,
    /// `importlib._bootstrap._gcd_import`, through which `importlib.import_module` goes.
    pub import_module: Function,
    /// The contracts of modules that were met so far.
    pub contracts: Vec<Contract>,
    /// The latest decisions, counted.
    pub decisions: Decisions,
    /// Guarded modules that are loaded although nobody was let in to them.
    pub undecided: Vec<Undecided>,
    /// Whether it was installed and something of it was taken out since.
    #[serde(skip)]
    pub displaced: bool,
}

/// A place in a program.
#[derive(Debug, Serialize)]
pub struct Caller {
    /// The file.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
}

/// Our finder in `sys.meta_path`.
#[derive(Debug, Default, Serialize)]
pub struct Finder {
    /// Its index; none if it is not there.
    pub position: Option<usize>,
    /// The finders that are asked before it.
    pub ahead: Vec<String>,
}

/// A function of the interpreter that we stand in for.
#[derive(Debug, Default, Serialize)]
pub struct Function {
    /// Whether ours stands there.
    pub ours: bool,
    /// What stands there: module and name.
    pub found: String,
}

/// A contract and the modules that it guards.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Contract {
    /// Its path.
    pub path: String,
    /// The guarded modules that were met so far.
    pub modules: Vec<String>,
}

/// A guarded module that is loaded although nobody was let in to it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Undecided {
    /// Its name.
    pub module: String,
    /// The path of its contract.
    pub contract: String,
}

/// Counts of the decisions that `decisions()` gives.
#[derive(Debug, Default, Serialize)]
pub struct Decisions {
    /// Let in.
    pub allowed: usize,
    /// Kept out; in report mode: would have been.
    pub blocked: usize,
}

/// A folder with activation files.
#[derive(Debug, Serialize)]
pub struct Activation {
    /// `site-packages`, `user-site`, `sitecustomize` or `run`.
    pub kind: &'static str,
    /// The folder.
    pub folder: String,
    /// The files.
    pub files: Vec<String>,
    /// The mode; none if something is missing or was changed by hand.
    pub mode: Option<&'static str>,
    /// Whether this interpreter, as it was started, looks at it.
    pub in_use: bool,
    /// By option of the interpreter: whether it is looked at under that option.
    pub options: Map<String, Value>,
}

/// Everything, as data.
///
/// # Errors
///
/// The interpreter does not say; the text is for people.
pub fn data(interpreter: &dyn Interpreter) -> Result<Value, String> {
    let hook = interpreter.hook()?;
    let activation = activation(&interpreter.environment()?);
    let mut data = serde_json::to_value(&hook).map_err(|error| error.to_string())?;
    data["activation"] = serde_json::to_value(activation).map_err(|error| error.to_string())?;
    Ok(data)
}

/// Runs the command.
///
/// # Errors
///
/// See [`Failure`].
pub fn run(arguments: &Arguments, world: &mut World<'_>) -> Outcome {
    let hook = world.interpreter.hook().map_err(Failure::Unusable)?;
    if arguments.json {
        let data = data(world.interpreter).map_err(Failure::Unusable)?;
        writeln!(world.out, "{data:#}")?;
    } else {
        let environment = world.interpreter.environment().map_err(Failure::Unusable)?;
        write!(world.out, "{}", text(&hook, &activation(&environment)))?;
    }
    Ok(if hook.active { Exit::Fits } else { Exit::Violations })
}

/// The activation files of the environment.
fn activation(environment: &Environment) -> Vec<Activation> {
    let mut found: Vec<Activation> =
        Place::all(environment).into_iter().filter(Place::is_used).map(|place| found_in(&place, environment)).collect();
    let run = environment.package.join("_site");
    for folder in &environment.python_path {
        if folder.parent() == Some(&run) {
            let mode = ["enforce", "report"].into_iter().find(|mode| folder.ends_with(mode));
            found.push(Activation {
                kind: "run",
                folder: shown(folder),
                files: vec![shown(&folder.join("sitecustomize.py"))],
                mode,
                in_use: true,
                options: options(&["-s", "-P"]),
            });
        }
    }
    found
}

fn found_in(place: &Place, environment: &Environment) -> Activation {
    let user = environment.user_site.as_ref() == Some(&place.folder);
    let (kind, under): (_, &[&str]) = match (place.kind, user) {
        (Kind::Site, true) => ("user-site", &["-E", "-P"]),
        (Kind::Site, false) => ("site-packages", &["-E", "-I", "-P", "-s"]),
        (Kind::Path, _) => ("sitecustomize", &["-P", "-s"]),
    };
    let first = environment.path.iter().find(|folder| folder.join("sitecustomize.py").is_file());
    let in_use = match (place.kind, user) {
        (Kind::Site, true) => environment.user_site_enabled,
        (Kind::Site, false) => true,
        (Kind::Path, _) => first == Some(&place.folder),
    };
    Activation {
        kind,
        folder: shown(&place.folder),
        files: place.present().iter().map(|file| shown(&file.path)).collect(),
        mode: place.mode().map(super::Mode::as_str),
        in_use,
        options: options(under),
    }
}

fn options(under: &[&str]) -> Map<String, Value> {
    ["-E", "-I", "-P", "-S", "-s"].into_iter().map(|it| (it.to_owned(), Value::Bool(under.contains(&it)))).collect()
}

fn shown(path: &Path) -> String {
    path.display().to_string()
}

/// For people.
fn text(hook: &Hook, activation: &[Activation]) -> String {
    let mut text = String::new();
    let mut line = |name: &str, value: &str| {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{name:<14} {value}");
    };
    line("importspy_hook", &hook.version);
    let inactive = if hook.displaced { "not active: a part was taken out" } else { "not active" };
    line("state", &hook.mode.map_or(inactive.to_owned(), |mode| format!("active, mode {mode}")));
    if hook.active || hook.displaced {
        if let Some(caller) = &hook.installed_by {
            line("installed by", &format!("{}:{}", caller.file, caller.line));
        }
        if !hook.trusted_importers.is_empty() {
            line("trusted", &hook.trusted_importers.join(", "));
        }
        line(
            "finder",
            &match (hook.finder.position, hook.finder.ahead.is_empty()) {
                (Some(position), true) => format!("sys.meta_path[{position}]"),
                (Some(position), false) => {
                    format!("sys.meta_path[{position}], behind {}", hook.finder.ahead.join(", "))
                }
                (None, _) => "not in sys.meta_path".to_owned(),
            },
        );
        for (name, function) in [("__import__", &hook.import_function), ("import_module", &hook.import_module)] {
            line(name, &if function.ours { "ours".to_owned() } else { format!("replaced by {}", function.found) });
        }
        line("decisions", &format!("{} allowed, {} blocked", hook.decisions.allowed, hook.decisions.blocked));
        for contract in &hook.contracts {
            line("contract", &format!("{} guards {}", contract.path, contract.modules.join(", ")));
        }
        for undecided in &hook.undecided {
            line("undecided", &format!("{} is loaded past {}", undecided.module, undecided.contract));
        }
    }
    for found in activation {
        let mode = found.mode.map_or("incomplete or changed by hand".to_owned(), |mode| format!("mode {mode}"));
        let off: Vec<&str> =
            found.options.iter().filter(|(_, on)| **on == Value::Bool(false)).map(|(name, _)| name.as_str()).collect();
        let unused = if found.in_use { "" } else { ", not looked at by this process" };
        line("enabled in", &format!("{} ({}, {mode}, not under {}{unused})", found.folder, found.kind, off.join(" ")));
    }
    if activation.is_empty() {
        line("enabled in", "no folder of this environment");
    }
    text
}
