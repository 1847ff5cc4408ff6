//! The interpreter's functions that ours stand in for: put over them, found again, taken out.

use parking_lot::Mutex;
use pyo3::prelude::*;

use super::python;
use super::raw::{self, MethodDef};
use super::trimmed::Trimmed;

/// A function of the interpreter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Site {
    /// What every `import` statement calls.
    Import,
    /// What `importlib.import_module` calls.
    GcdImport,
    /// With which loaders run what they have compiled.
    Exec,
    /// With which loaders load extension modules.
    CreateDynamic,
    /// With which the interpreter makes `builtins` and the like.
    CreateBuiltin,
    /// With which `zipimporter.load_module` runs what it has compiled.
    ZipExec,
    /// With which `runpy` runs programs.
    Run,
    /// `importlib.import_module`.
    ImportModule,
    /// `importlib.reload`.
    Reload,
    /// `importlib.__import__`.
    ImportlibImport,
}

/// What stands in for a function.
enum Stand {
    /// One of ours, which looks at what is asked for, in a module that every interpreter has loaded.
    Governing(&'static MethodDef),
    /// The same, in a module that may be loaded later.
    Late(&'static MethodDef),
    /// The function itself, without its frames in tracebacks.
    Trimming,
}

/// Where each function stands, in the order of [`Site`].
const TABLE: [(Site, &str, &str, Stand); 10] = [
    (Site::Import, "builtins", "__import__", Stand::Governing(&raw::IMPORT)),
    (Site::GcdImport, "_frozen_importlib", "_gcd_import", Stand::Governing(&raw::GCD_IMPORT)),
    // There is none: the loaders find the built-in one, and nobody else shall find ours.
    (Site::Exec, "_frozen_importlib_external", "exec", Stand::Governing(&raw::EXEC)),
    (Site::CreateDynamic, "_imp", "create_dynamic", Stand::Governing(&raw::CREATE_DYNAMIC)),
    (Site::CreateBuiltin, "_imp", "create_builtin", Stand::Governing(&raw::CREATE_BUILTIN)),
    (Site::ZipExec, "zipimport", "exec", Stand::Late(&raw::EXEC)),
    (Site::Run, "runpy", "exec", Stand::Late(&raw::RUN)),
    (Site::ImportModule, "importlib", "import_module", Stand::Trimming),
    (Site::Reload, "importlib", "reload", Stand::Trimming),
    (Site::ImportlibImport, "importlib", "__import__", Stand::Trimming),
];

/// All that were replaced.
#[derive(Default)]
pub struct Overrides {
    replaced: [Mutex<Override>; TABLE.len()],
}

/// One replaced function.
#[derive(Default)]
struct Override {
    /// What stood there; none if nothing did.
    original: Option<Py<PyAny>>,
    /// What stood there the first time: certainly not something that leads back to us.
    first: Option<Py<PyAny>>,
    /// What stands there now, unless somebody replaced it in turn.
    ours: Option<Py<PyAny>>,
}

/// What stands at a site.
pub struct Standing<'py> {
    /// Whether it is ours.
    pub ours: bool,
    /// It, if there is anything.
    pub present: Option<Bound<'py, PyAny>>,
    /// Whether it is what stood there before ours: then nothing leads to ours any more.
    pub put_back: bool,
}

impl Overrides {
    /// Puts the functions that govern in place, where they are not yet.
    pub fn govern(&self, py: Python<'_>) -> PyResult<()> {
        for (site, module, name, stand) in &TABLE {
            if let Stand::Governing(method) = stand {
                let module = python::modules(py)?.as_any().get_item(module)?;
                self.put(py, *site, &module, name, |_| raw::function(method, &module))?;
            }
        }
        Ok(())
    }

    /// Puts the other functions in place, where their modules are loaded: start-up does not load them, and
    /// neither do we.
    pub fn complete(&self, py: Python<'_>) -> PyResult<()> {
        for (site, module, name, stand) in &TABLE {
            let Some(module) = python::loaded(py, module)? else { continue };
            match stand {
                Stand::Governing(_) => {}
                Stand::Late(method) => self.put(py, *site, &module, name, |_| raw::function(method, &module))?,
                // Without it, somebody is loading the module right now.
                Stand::Trimming if !module.hasattr(*name)? => {}
                Stand::Trimming => self.put(py, *site, &module, name, |original| {
                    let trimmed = Trimmed::new(original.clone().unbind(), name);
                    Ok(Bound::new(py, trimmed)?.into_any())
                })?,
            }
        }
        Ok(())
    }

    /// Puts back what stood there, unless somebody else has put something in place of ours.
    pub fn restore(&self, py: Python<'_>) -> PyResult<()> {
        for (site, module, name, _) in &TABLE {
            let Some(module) = python::loaded(py, module)? else { continue };
            let this = self.copy(py, *site);
            let (Some(present), Some(ours)) = (module.getattr_opt(*name)?, this.ours) else { continue };
            if present.is(&ours) {
                match this.original {
                    Some(original) => module.setattr(*name, original)?,
                    None => module.delattr(*name)?,
                }
            }
        }
        Ok(())
    }

    /// Puts ours to `site` again if what stood there before was put back.
    pub fn again(&self, py: Python<'_>, site: Site) -> PyResult<()> {
        if self.standing(py, site)?.put_back {
            let (_, module, name, _) = &TABLE[site as usize];
            python::modules(py)?.as_any().get_item(module)?.setattr(*name, self.copy(py, site).ours)?;
        }
        Ok(())
    }

    /// What stood at `site` before ours, lately and the first time.
    pub fn originals(&self, py: Python<'_>, site: Site) -> (Option<Py<PyAny>>, Option<Py<PyAny>>) {
        let this = self.copy(py, site);
        (this.original, this.first)
    }

    /// What stood at `site` before ours, lately.
    pub fn original(&self, py: Python<'_>, site: Site) -> Option<Py<PyAny>> {
        self.replaced[site as usize].lock().original.as_ref().map(|it| it.clone_ref(py))
    }

    /// Whether `present` is ours for `site`.
    pub fn is_ours(&self, site: Site, present: &Bound<'_, PyAny>) -> bool {
        self.replaced[site as usize].lock().ours.as_ref().is_some_and(|ours| present.is(ours))
    }

    /// What stands at `site` now.
    pub fn standing<'py>(&self, py: Python<'py>, site: Site) -> PyResult<Standing<'py>> {
        let this = self.copy(py, site);
        let (_, module, name, _) = &TABLE[site as usize];
        let present = python::modules(py)?.as_any().get_item(module)?.getattr_opt(*name)?;
        let is = |known: &Option<Py<PyAny>>| match (known, &present) {
            (Some(known), Some(present)) => present.is(known),
            (None, None) => true,
            _ => false,
        };
        let ours = this.ours.is_some() && is(&this.ours);
        Ok(Standing { ours, put_back: !ours && (is(&this.original) || is(&this.first)), present })
    }

    /// Whether one of the functions that govern was taken out, and what stood there put back.
    pub fn put_back(&self, py: Python<'_>) -> PyResult<bool> {
        for (site, module, _, stand) in &TABLE {
            let governs = match stand {
                Stand::Governing(_) => true,
                Stand::Late(_) => self.copy(py, *site).ours.is_some() && python::loaded(py, module)?.is_some(),
                Stand::Trimming => false,
            };
            if governs && self.standing(py, *site)?.put_back {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Notes what stands at `module.name` now, and puts ours there. Python code may run in between: no
    /// lock is held.
    fn put<'py>(
        &self,
        py: Python<'py>,
        site: Site,
        module: &Bound<'py, PyAny>,
        name: &str,
        make: impl FnOnce(&Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>>,
    ) -> PyResult<()> {
        let present = module.getattr_opt(name)?;
        let mut this = self.copy(py, site);
        if let (Some(present), Some(ours)) = (&present, &this.ours)
            && present.is(ours)
        {
            return Ok(());
        }
        // What only trims leads to the one function that it was made for.
        if this.ours.is_none() || matches!(TABLE[site as usize].3, Stand::Trimming) {
            this.ours = Some(make(present.as_ref().unwrap_or(module))?.unbind());
        }
        this.original = present.map(Bound::unbind);
        this.first = this.first.or_else(|| this.original.as_ref().map(|it| it.clone_ref(py)));
        let ours = this.ours.as_ref().map(|ours| ours.clone_ref(py));
        let old = std::mem::replace(&mut *self.replaced[site as usize].lock(), this);
        drop(old);
        module.setattr(name, ours)
    }

    fn copy(&self, py: Python<'_>, site: Site) -> Override {
        let this = self.replaced[site as usize].lock();
        let copy = |it: &Option<Py<PyAny>>| it.as_ref().map(|it| it.clone_ref(py));
        Override { original: copy(&this.original), first: copy(&this.first), ours: copy(&this.ours) }
    }
}
