//! Files that were named, against a contract that was named.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use crate::contract::discovery::{self, Guardable};
use crate::contract::loader::Loaded;
use crate::observed::extract::{About, extract};

use super::contracts::{self, Contract};
use super::distributions::Distributions;
use super::judge::{Court, Importer};
use super::modules;
use super::reach::Reach;
use super::sources::{self, Broken};
use super::survey::{Extent, Pair, Reason, Skipped, Survey};
use super::tree;
use super::walk::{self, Root};
use super::who::Home;
use super::{Around, Options, Refusal, Watch};

/// The contract in the working folder, if there is one.
pub(super) fn of_working_folder() -> Result<Option<PathBuf>, Refusal> {
    let exists = |name: &str| Path::new(name).symlink_metadata().is_ok();
    match discovery::choose(Guardable::Package, exists) {
        Ok(choice) => Ok(choice.map(|choice| choice.file_name.into())),
        Err(ambiguous) => {
            let problem = ambiguous.problem(".");
            Err(Refusal(match problem.help {
                Some(help) => format!("{}: {help}", problem.message),
                None => problem.message,
            }))
        }
    }
}

/// Checks `named` against the contract at `path`.
pub(super) fn check(
    named: &[PathBuf],
    path: &Path,
    around: &Around<'_>,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Survey, Refusal> {
    let started = Instant::now();
    let roots = named.iter().map(|file| Root::find(file)).collect::<Result<Vec<Root>, Refusal>>()?;
    if let Some(folder) = roots.iter().find(|root| root.real.is_dir()) {
        let folder = folder.named.display();
        return Err(Refusal(format!("{folder} is a folder: a contract can be named for files only")));
    }
    path.symlink_metadata().map_err(|error| Refusal(format!("can't read the contract {}: {error}", path.display())))?;
    let contract = contracts::read(path);
    let installed = walk::installed(around.path);
    let reach = Reach::new(around.platform, &installed);
    let distributions = Distributions::new(&installed);
    let show = |it: &Path| if it == path { path.to_string_lossy().into_owned() } else { tree::show(&roots, it) };
    let court = Court { around, options, reach: &reach, distributions: &distributions, show: &show };
    let mut survey = Survey {
        roots: named.iter().map(|root| root.to_string_lossy().into_owned()).collect(),
        platform: around.platform.clone(),
        pairs: Vec::new(),
        unusable: tree::unusable(&show, path, &contract).into_iter().collect(),
        skipped: Vec::new(),
        extent: Extent { files: roots.len(), contracts: 1, guarded: 1, ..Extent::default() },
        baseline: None,
    };
    if let Contract::Usable(loaded) = &contract {
        let module = guarded(&reach, path);
        for (done, root) in roots.iter().enumerate() {
            watch.look(done, roots.len())?;
            let pair = one(&court, root, (path, loaded, &module), &mut survey)?;
            survey.pairs.push(pair);
        }
    }
    survey.extent.elapsed = started.elapsed();
    Ok(survey)
}

/// Checks `named` against the contracts of what they import; `looked` says whether the working folder has none.
pub(super) fn check_imports(
    named: &[PathBuf],
    looked: bool,
    around: &Around<'_>,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Survey, Refusal> {
    let survey = tree::check(named, around, options, watch)?;
    if !survey.pairs.is_empty() || !survey.unusable.is_empty() {
        return Ok(survey);
    }
    let is_named = |it: &&Skipped| it.reason != Reason::Dynamic && survey.roots.contains(&it.path);
    if let Some(Skipped { path, line, detail, .. }) = survey.skipped.iter().find(is_named) {
        let place = line.map_or_else(|| path.clone(), |line| format!("{path}:{line}"));
        return Err(Refusal(format!("can't check {place}: {detail}")));
    }
    let (what, who) = match named {
        [file] => (file.display().to_string(), "it imports"),
        files => (format!("these {} files", files.len()), "they import"),
    };
    let archives = walk::archives(around.path);
    let but = if archives.is_empty() { "" } else { " (archives on `sys.path` are not looked into)" };
    let here = if looked { "there is no `spymodel.yml` in the working folder, and " } else { "" };
    Err(Refusal(format!(
        "no contract to check {what} against: {here}nothing that {who} has one{but}; name one with `--spymodel FILE`"
    )))
}

fn one(
    court: &Court<'_>,
    root: &Root,
    (contract, loaded, module): (&Path, &Loaded, &str),
    survey: &mut Survey,
) -> Result<Pair, Refusal> {
    let file = root.real.as_path();
    let mut bytes = Vec::new();
    sources::read(file, &mut bytes)
        .map_err(|error| Refusal(format!("can't read {}: {error}", root.named.display())))?;
    survey.extent.bytes += bytes.len() as u64;
    let home = Home::new(&court.reach.listings, file.parent().unwrap_or(file), &root.top);
    let who = home.who(file);
    let text = sources::decode(&bytes);
    let declared = match &text {
        Ok(text) => {
            let about =
                About { platform: court.around.platform, module: Some(who.name()), package: Some(who.package()) };
            extract(text, &about).map(Arc::new).map_err(|error| Broken::syntax(text, &error))
        }
        Err(broken) => Err(broken.clone()),
    };
    if let Err(Broken { kind, reason, line }) = &declared {
        let (path, detail) = ((court.show)(file), reason.clone());
        survey.skipped.push(Skipped { path, line: *line, reason: *kind, detail });
    }
    let importer = Importer {
        path: file,
        home: &home,
        who: &who,
        is_program: false,
        text: text.as_deref().unwrap_or_default(),
        shared: OnceCell::new(),
        module: declared.map_err(|broken| broken.reason),
    };
    Ok(court.compare(&importer, None, module, contract, loaded, None))
}

/// What to call the module that the contract at `path` guards.
fn guarded(reach: &Reach<'_>, path: &Path) -> String {
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let real = std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
    let package = real.parent().map(|folder| modules::import_root(&reach.listings, folder).1).unwrap_or_default();
    let sidecar = discovery::is_contract_name(name).then(|| discovery::module_stem(name));
    match sidecar {
        Some("spymodel") if !package.is_empty() => package,
        Some(stem) if stem != "spymodel" && package.is_empty() => stem.to_owned(),
        Some(stem) if stem != "spymodel" => format!("{package}.{stem}"),
        _ => path.to_string_lossy().into_owned(),
    }
}
