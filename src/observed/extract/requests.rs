//! What a source asks the import system for: statements, and calls with literal names.

use std::borrow::Cow;

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Alias, Arguments, ElifElseClause, ExceptHandler, Expr, Number, Stmt, StmtAssign, StmtIf};
use ruff_text_size::Ranged;

use super::has;
use super::names::name_of;
use crate::observed::model::Module;

const RED_ZONE: usize = 128 * 1024;
const MORE_STACK: usize = 1024 * 1024;

/// One import, anywhere in a source: also in functions, classes and handlers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The name as written, without leading dots; empty for `from . import x`.
    pub written: &'a str,
    /// How many dots lead it.
    pub level: u32,
    /// What leading dots count from.
    pub base: Base<'a>,
    /// The names after `from … import`; `*` among them is a star import.
    pub from: Vec<&'a str>,
    /// The byte where it begins.
    pub offset: usize,
    /// It is reached only if the source runs as the program (`if __name__ == "__main__"`).
    pub program: bool,
    /// The target is computed: only the running program knows it, and `written` is empty.
    pub dynamic: bool,
}

/// What a source declares and asks for, from one walk.
#[derive(Debug)]
pub struct Asked<'a> {
    /// What it declares when it is imported.
    pub module: Module,
    /// Where it runs, it asks for these.
    pub requests: Vec<Request<'a>>,
    /// Part of it runs only as the program (`if __name__ == "__main__"`).
    pub is_program: bool,
}

/// What a relative name counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Base<'a> {
    /// The package of the source.
    Package,
    /// The name of the source's own module, taken for a package.
    Module,
    /// This package.
    Named(&'a str),
}

impl<'a> Request<'a> {
    /// The absolute name, for a source that is `module` in `package`; none if it goes past the top.
    #[must_use]
    pub fn target(&self, module: &str, package: &str) -> Option<Cow<'a, str>> {
        let base = match self.base {
            Base::Package => package,
            Base::Module => module,
            Base::Named(name) => name,
        };
        absolute(base, self.level, self.written)
    }

    /// Whether all names are asked for.
    #[must_use]
    pub fn is_star(&self) -> bool {
        self.from.contains(&"*")
    }
}

/// The absolute name of `written` behind `level` dots in `package`, as `importlib` resolves it.
pub(super) fn absolute<'a>(package: &str, level: u32, written: &'a str) -> Option<Cow<'a, str>> {
    let Some(up) = level.checked_sub(1) else {
        return (!written.is_empty()).then_some(Cow::Borrowed(written));
    };
    let mut base = Some(package).filter(|package| !package.is_empty())?;
    for _ in 0..up {
        base = base.rsplit_once('.')?.0;
    }
    Some(Cow::Owned(if written.is_empty() { base.to_owned() } else { format!("{base}.{written}") }))
}

/// Whether a branch runs when the source is imported, and when it is the program.
#[derive(Clone, Copy)]
pub(super) struct Truth {
    pub imported: Option<bool>,
    pub program: Option<bool>,
}

/// Gives `see` every request in `body`; where it answers false, no more are looked for. Whether something
/// in it runs only if it is the program.
///
/// `decide` tells which branches run; what it does not know counts as running.
pub(super) fn collect<'a>(
    text: &'a str,
    body: &'a [Stmt],
    decide: &dyn Fn(&'a Expr) -> Truth,
    see: &mut dyn FnMut(Request<'a>) -> bool,
) -> bool {
    // Most sources call neither: then expressions need no look.
    let calls = ["import_module", "__import__"].into_iter().any(|word| has(text, word));
    let mut collector = Collector { decide, see: Some(see), calls, aliases: Vec::new(), program: false, runs: false };
    collector.visit_body(body);
    collector.runs
}

struct Collector<'a, 'c> {
    decide: &'c dyn Fn(&'a Expr) -> Truth,
    /// None: enough was seen.
    see: Option<&'c mut dyn FnMut(Request<'a>) -> bool>,
    calls: bool,
    /// Other names of `import_module` and `__import__`, wherever in the source they are given.
    aliases: Vec<(&'a str, &'a str)>,
    program: bool,
    /// There is something that runs only as the program.
    runs: bool,
}

impl<'a> Collector<'a, '_> {
    fn found(&mut self, request: Request<'a>) {
        let program = self.program;
        if self.see.as_mut().is_some_and(|see| !see(Request { program, ..request })) {
            self.see = None;
        }
    }

    /// The branches of an `if` that may run.
    fn conditional(&mut self, branches: &'a StmtIf) {
        let first = std::iter::once((Some(&*branches.test), &branches.body));
        let others = branches.elif_else_clauses.iter().map(|clause| (clause.test.as_ref(), &clause.body));
        let before = self.program;
        // Whether the branch that comes next can be reached.
        let (mut imported, mut program) = (!before, true);
        for (test, body) in first.chain(others) {
            if let Some(test) = test.filter(|_| self.calls) {
                self.visit_expr(test);
            }
            let truth = test.map_or(Truth { imported: Some(true), program: Some(true) }, |test| (self.decide)(test));
            let runs_imported = imported && truth.imported != Some(false);
            let runs_program = program && truth.program != Some(false);
            if runs_imported || runs_program {
                self.program = !runs_imported;
                self.runs |= self.program;
                self.visit_body(body);
            }
            imported &= truth.imported != Some(true);
            program &= truth.program != Some(true);
        }
        self.program = before;
    }

    /// What a function is called where it is defined, and whether it is surely that one.
    fn function(&self, callee: &'a Expr) -> Option<(&'a str, bool)> {
        match callee {
            Expr::Name(name) => {
                let name = name.id.as_str();
                let alias = self.aliases.iter().find(|(alias, _)| *alias == name);
                Some((alias.map_or(name, |(_, function)| function), true))
            }
            Expr::Attribute(attribute) => {
                Some((attribute.attr.id.as_str(), name_of(&attribute.value) == Some("importlib")))
            }
            _ => None,
        }
    }

    /// Notes `alias = importlib.import_module` and the like.
    fn assigned(&mut self, assign: &'a StmtAssign) {
        if let Some((function @ ("import_module" | "__import__"), true)) = self.function(&assign.value) {
            let names = assign.targets.iter().filter_map(name_of);
            self.aliases.extend(names.map(|alias| (alias, function)));
        }
    }

    fn call(&mut self, callee: &'a Expr, arguments: &'a Arguments, offset: usize) {
        let Some((name, plain)) = self.function(callee) else { return };
        let request = match name {
            "import_module" => import_module(arguments),
            "__import__" => dunder_import(arguments),
            _ => return,
        };
        match request {
            Some(request) => self.found(Request { offset, ..request }),
            // Methods of that name are other people's.
            None if plain => self.found(Request { offset, dynamic: true, ..EMPTY }),
            None => {}
        }
    }
}

const EMPTY: Request<'static> =
    Request { written: "", level: 0, base: Base::Package, from: Vec::new(), offset: 0, program: false, dynamic: false };

/// `import_module("name")`, `import_module(".name", "package")`.
fn import_module(arguments: &Arguments) -> Option<Request<'_>> {
    let name = literal(arguments.find_argument_value("name", 0)?)?;
    let written = name.trim_start_matches('.');
    let level = u32::try_from(name.len() - written.len()).ok()?;
    let base = match arguments.find_argument_value("package", 1) {
        Some(Expr::Name(name)) if name.id.as_str() == "__name__" => Base::Module,
        Some(package) if level > 0 && name_of(package) != Some("__package__") => Base::Named(literal(package)?),
        _ => Base::Package,
    };
    Some(Request { written, level, base, ..EMPTY })
}

/// `__import__("name", globals(), locals(), ["child"], 0)`.
fn dunder_import(arguments: &Arguments) -> Option<Request<'_>> {
    let written = literal(arguments.find_argument_value("name", 0)?)?;
    let level = match arguments.find_argument_value("level", 4) {
        None => 0,
        Some(Expr::NumberLiteral(number)) => match &number.value {
            Number::Int(int) => u32::try_from(int.as_i64()?).ok()?,
            _ => return None,
        },
        Some(_) => return None,
    };
    let from = match arguments.find_argument_value("fromlist", 3) {
        Some(Expr::List(list)) => list.elts.iter().filter_map(literal).collect(),
        Some(Expr::Tuple(tuple)) => tuple.elts.iter().filter_map(literal).collect(),
        _ => Vec::new(),
    };
    Some(Request { written, level, from, ..EMPTY })
}

fn literal(expr: &Expr) -> Option<&str> {
    match expr {
        Expr::StringLiteral(text) => Some(text.value.to_str()),
        _ => None,
    }
}

impl<'a> Visitor<'a> for Collector<'a, '_> {
    fn visit_body(&mut self, body: &'a [Stmt]) {
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || {
            for statement in body {
                if self.see.is_none() {
                    return;
                }
                self.visit_stmt(statement);
            }
        });
    }

    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Import(import) => {
                let offset = import.range.start().into();
                for alias in &import.names {
                    self.found(Request { written: alias.name.id.as_str(), offset, ..EMPTY });
                }
            }
            Stmt::ImportFrom(import) => {
                let written = import.module.as_ref().map_or("", |module| module.id.as_str());
                let from = import.names.iter().map(|alias| alias.name.id.as_str()).collect();
                if self.calls && import.level == 0 && written == "importlib" {
                    let renamed = |alias: &'a Alias| Some((alias.asname.as_ref()?.id.as_str(), alias.name.id.as_str()));
                    self.aliases.extend(import.names.iter().filter_map(renamed));
                }
                let offset = import.range.start().into();
                self.found(Request { written, level: import.level, from, offset, ..EMPTY });
            }
            Stmt::If(branches) => self.conditional(branches),
            statement if self.calls => {
                if let Stmt::Assign(assign) = statement {
                    self.assigned(assign);
                }
                walk_stmt(self, statement);
            }
            // Without calls only what can hold further statements matters.
            Stmt::FunctionDef(def) => self.visit_body(&def.body),
            Stmt::ClassDef(def) => self.visit_body(&def.body),
            Stmt::For(repeat) => {
                self.visit_body(&repeat.body);
                self.visit_body(&repeat.orelse);
            }
            Stmt::While(repeat) => {
                self.visit_body(&repeat.body);
                self.visit_body(&repeat.orelse);
            }
            Stmt::With(with) => self.visit_body(&with.body),
            Stmt::Match(choice) => choice.cases.iter().for_each(|case| self.visit_body(&case.body)),
            Stmt::Try(attempt) => {
                self.visit_body(&attempt.body);
                for ExceptHandler::ExceptHandler(handler) in &attempt.handlers {
                    self.visit_body(&handler.body);
                }
                self.visit_body(&attempt.orelse);
                self.visit_body(&attempt.finalbody);
            }
            _ => {}
        }
    }

    fn visit_elif_else_clause(&mut self, _: &'a ElifElseClause) {}

    fn visit_expr(&mut self, expr: &'a Expr) {
        if self.see.is_none() || !self.calls {
            return;
        }
        stacker::maybe_grow(RED_ZONE, MORE_STACK, || {
            if let Expr::Call(call) = expr {
                self.call(&call.func, &call.arguments, call.range().start().into());
            }
            walk_expr(self, expr);
        });
    }
}
