//! A whole tree: every importer, every contract that it reaches, on all processors.

use std::cell::OnceCell;
use std::collections::{BTreeMap, HashSet};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Instant;

use crate::observed::extract::{self, About, Asked, Parsed};
use crate::report::lines::Lines;

use super::contracts::{Contract, Guard};
use super::distributions::Distributions;
use super::judge::{Court, Importer};
use super::modules::Location;
use super::reach::Reach;
use super::sources::{self, Broken};
use super::survey::{Extent, Pair, Reason, Skipped, Survey, Unusable};
use super::walk::{self, File, Root, Walked};
use super::who::Home;
use super::{Around, Options, Progress, Refusal, Watch};

/// Stack of a worker: enough for as deep a tree as most files could have if each of their bytes made it deeper,
/// so that it needn't be grown, nor the depth be counted. Only what is used of it costs memory.
const STACK: usize = 52 << 20;
/// More threads than any machine makes use of.
const MOST_JOBS: usize = 256;
/// Fewer files are not worth threads.
const FEW: usize = 4;

/// See [`super::trees`].
pub(super) fn check(
    named: &[PathBuf],
    around: &Around<'_>,
    options: &Options,
    watch: &mut Watch<'_>,
) -> Result<Survey, Refusal> {
    let started = Instant::now();
    let roots = named.iter().map(|root| Root::find(root)).collect::<Result<Vec<Root>, Refusal>>()?;
    let path = walk::installed(around.path);
    let mut reach = Reach::new(around.platform, &path);
    let walked = walk::walk(&roots, &reach.listings, options.ignore_files, watch)?;
    for (folder, root) in &walked.guarded {
        reach.note(folder, &roots[*root].top);
    }
    let distributions = Distributions::new(&path);
    let show = |path: &Path| show(&roots, path);
    let court = Court { around, options, reach: &reach, distributions: &distributions, show: &show };
    let Walked { files, guarded, mut skipped } = walked;
    let Watch { progress, stop, .. } = watch;
    let done = Work { court: &court, roots: &roots, files: &files, stop }.run(options.jobs, *progress);
    watch.go_on()?;
    let own = of_folders(&reach, &guarded);
    let mut pairs = done.pairs;
    skipped.extend(done.skipped);
    skipped.extend(walk::archives(around.path));
    skipped.extend_from_slice(&reach.editable.skipped);
    pairs.sort_unstable_by(|a, b| order(a).cmp(&order(b)));
    skipped
        .sort_unstable_by(|a, b| (&a.path, a.line, a.reason, &a.detail).cmp(&(&b.path, b.line, b.reason, &b.detail)));
    let all = reach.contracts.all();
    let mut unusable: Vec<Unusable> =
        all.iter().filter_map(|(path, contract)| unusable(&show, path, contract)).collect();
    unusable.sort_unstable_by(|a, b| (&a.path, &a.problem.message).cmp(&(&b.path, &b.problem.message)));
    let guarded: HashSet<(PathBuf, String)> = own.into_iter().chain(done.guarded).collect();
    let extent = Extent {
        files: files.len(),
        bytes: done.bytes,
        contracts: all.iter().filter(|(path, _)| path.is_file()).count(),
        guarded: guarded.len(),
        elapsed: started.elapsed(),
    };
    Ok(Survey {
        roots: named.iter().map(|root| root.to_string_lossy().into_owned()).collect(),
        platform: around.platform.clone(),
        pairs,
        unusable,
        skipped,
        extent,
        baseline: None,
    })
}

fn order(pair: &Pair) -> (&str, &str, Option<usize>, &str, &str) {
    (&pair.file, &pair.importer, pair.line, &pair.module, &pair.contract)
}

/// `path` as the user named its root; what is in no root, from the working folder if it is below.
pub(super) fn show(roots: &[Root], path: &Path) -> String {
    if let Some(root) = roots.iter().find(|root| path.starts_with(&root.real)) {
        return root.show(path);
    }
    let here = std::env::current_dir().ok().and_then(|here| std::fs::canonicalize(here).ok());
    let rest = here.as_deref().and_then(|here| path.strip_prefix(here).ok());
    rest.unwrap_or(path).to_string_lossy().into_owned()
}

pub(super) fn unusable(show: &dyn Fn(&Path) -> String, path: &Path, contract: &Contract) -> Option<Unusable> {
    match contract {
        Contract::Usable(_) => None,
        Contract::Unusable(problem, text) => {
            Some(Unusable { path: show(path), text: text.clone(), problem: problem.clone() })
        }
    }
}

/// The modules that the contracts in these folders guard, whoever imports them; reads all contracts there.
fn of_folders(reach: &Reach<'_>, folders: &[(PathBuf, usize)]) -> HashSet<(PathBuf, String)> {
    let mut guarded = HashSet::new();
    for (folder, _) in folders {
        let listing = reach.listings.of(folder);
        for name in &listing.contracts {
            reach.contracts.of_file(&folder.join(name.as_ref()));
        }
        for (stem, has) in listing.names().filter(|(_, has)| has.is_module()) {
            let folder = folder.clone();
            let location = match stem {
                "__init__" => Location::Package { folder, has },
                stem => Location::Module { folder, stem: stem.to_owned(), has },
            };
            if let Some(guard) = reach.contracts.guard(&reach.listings, stem, &location) {
                guarded.extend(identity(&guard));
            }
        }
    }
    guarded
}

/// What tells guarded modules apart, whatever name they are imported under.
fn identity(guard: &Guard) -> Option<(PathBuf, String)> {
    let guarding = guard.contracts.iter().find(|guarding| guarding.applies())?;
    Some((guarding.folder.clone(), guarding.relative.clone()))
}

/// What the workers share.
struct Work<'w> {
    court: &'w Court<'w>,
    roots: &'w [Root],
    files: &'w [File],
    stop: &'w AtomicBool,
}

/// What came of files.
#[derive(Default)]
struct Done {
    pairs: Vec<Pair>,
    skipped: Vec<Skipped>,
    guarded: HashSet<(PathBuf, String)>,
    bytes: u64,
}

impl Done {
    fn add(&mut self, other: Self) {
        self.pairs.extend(other.pairs);
        self.skipped.extend(other.skipped);
        self.guarded.extend(other.guarded);
        self.bytes += other.bytes;
    }
}

impl Work<'_> {
    fn run(&self, jobs: Option<NonZeroUsize>, progress: &mut dyn FnMut(Progress<'_>)) -> Done {
        let jobs = jobs.or_else(|| thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        let (next, finished) = (AtomicUsize::new(0), AtomicUsize::new(0));
        if jobs == 1 && self.files.len() < FEW || self.files.len() <= 1 {
            return self.worker(&next, &finished);
        }
        let total = Mutex::new(Done::default());
        let (running, ended) = mpsc::channel::<()>();
        thread::scope(|scope| {
            for _ in 0..jobs.min(self.files.len()).min(MOST_JOBS) {
                let running = running.clone();
                let (next, finished, total) = (&next, &finished, &total);
                let work = move || {
                    let done = self.worker(next, finished);
                    total.lock().unwrap_or_else(PoisonError::into_inner).add(done);
                    drop(running);
                };
                // A machine that has no more threads to give still has this one.
                let _ = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, work);
            }
            drop(running);
            while ended.recv_timeout(Watch::TICK) == Err(RecvTimeoutError::Timeout) {
                let done = finished.load(Ordering::Relaxed);
                progress(Progress { done, total: self.files.len(), stop: self.stop });
            }
        });
        let total = total.into_inner().unwrap_or_else(PoisonError::into_inner);
        if next.load(Ordering::Relaxed) < self.files.len() { self.worker(&next, &finished) } else { total }
    }

    fn worker(&self, next: &AtomicUsize, finished: &AtomicUsize) -> Done {
        let mut done = Done::default();
        let mut bytes = Vec::new();
        let mut home: Option<Home> = None;
        while let Some(file) = self.files.get(next.fetch_add(1, Ordering::Relaxed)) {
            if self.stop.load(Ordering::Relaxed) {
                break;
            }
            let folder = file.path.parent().unwrap_or(&file.path);
            let home = match &mut home {
                Some(home) if home.folder == folder => home,
                home => home.insert(Home::new(&self.court.reach.listings, folder, &self.roots[file.root].top)),
            };
            self.file(file, home, &mut bytes, &mut done);
            finished.fetch_add(1, Ordering::Relaxed);
        }
        done
    }

    fn file(&self, file: &File, home: &Home, bytes: &mut Vec<u8>, done: &mut Done) {
        let mut skip = |reason: Reason, detail: String, line: Option<usize>| {
            let path = self.roots[file.root].show(&file.path);
            done.skipped.push(Skipped { path, line, reason, detail });
        };
        if let Err(error) = sources::read(&file.path, bytes) {
            return skip(Reason::Unreadable, format!("it can't be read: {error}"), None);
        }
        done.bytes += bytes.len() as u64;
        let text = match sources::decode(bytes) {
            Ok(text) => text,
            Err(Broken { kind, reason, line }) => return skip(kind, reason, line),
        };
        let looked = extract::parsed(&text, |parsed| self.look(file, home, &text, parsed, done));
        if let Err(error) = looked {
            let Broken { kind, reason: detail, line } = Broken::syntax(&text, &error);
            let path = self.roots[file.root].show(&file.path);
            done.skipped.push(Skipped { path, line, reason: kind, detail });
        }
    }

    fn look(&self, file: &File, home: &Home, text: &str, parsed: &Parsed<'_>, done: &mut Done) {
        let reach = self.court.reach;
        let who = home.who(&file.path);
        // Most files meet no contract; for them this look is all.
        let mut meets = false;
        parsed.all_requests(&mut |request| {
            meets = request.dynamic || !reach.of_request(home, &who, &request).is_empty();
            !meets
        });
        if !meets {
            return;
        }
        let about =
            About { platform: self.court.around.platform, module: Some(who.name()), package: Some(who.package()) };
        let Asked { module, requests, is_program } = parsed.asked(&about);
        let lines = Lines::new(text);
        let mut met: BTreeMap<(String, PathBuf), Met> = BTreeMap::new();
        for request in &requests {
            if request.dynamic {
                done.skipped.push(Skipped {
                    path: self.roots[file.root].show(&file.path),
                    line: Some(lines.locate(request.offset).line),
                    reason: Reason::Dynamic,
                    detail: "what it imports is computed when it runs".to_owned(),
                });
            }
            for guard in reach.of_request(home, &who, request) {
                done.guarded.extend(identity(&guard));
                for (index, guarding) in guard.contracts.iter().enumerate().filter(|(_, it)| it.applies()) {
                    let met = met.entry((guard.module.clone(), guarding.path.clone())).or_insert_with(|| Met {
                        guard: Arc::clone(&guard),
                        index,
                        offset: request.offset,
                        program: true,
                    });
                    met.program &= request.program;
                }
            }
        }
        if met.is_empty() {
            return;
        }
        let is_program = is_program || text.starts_with("#!");
        let importer = |module| Importer {
            path: &file.path,
            home,
            who: &who,
            is_program,
            text,
            shared: OnceCell::new(),
            module: Ok(Arc::new(module)),
        };
        let as_module = importer(module);
        let mut as_program = None;
        for met in met.into_values() {
            let Some(guarding) = met.guard.contracts.get(met.index) else { continue };
            let Contract::Usable(loaded) = &*guarding.contract else { continue };
            let importer = if met.program {
                // Only as a program does it import the module at all.
                let about = About { module: Some("__main__"), ..about };
                as_program.get_or_insert_with(|| importer(parsed.module(&about)))
            } else {
                &as_module
            };
            let line = lines.locate(met.offset).line;
            done.pairs.push(self.court.judge(importer, Some(line), &met.guard, guarding, loaded));
        }
    }
}

/// The first of an importer's requests that reach a contract.
struct Met {
    guard: Arc<Guard>,
    index: usize,
    offset: usize,
    /// None of them is reached when the file is imported.
    program: bool,
}
