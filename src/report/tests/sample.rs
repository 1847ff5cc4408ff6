//! Reports to test with.

use std::sync::Arc;

use crate::compare::code::{Category, Code, Entity};
use crate::compare::violation::{Context, Violation};
use crate::contract::path::ContractPath;
use crate::observed::platform::Platform;
use crate::report::places::Places;
use crate::report::text::{Outcome, Style, render_placed};
use crate::report::{Importer, Report, Source};
use crate::text::Span;

pub(crate) const CONTRACT: &str = "\
version: ^1.4
variables:
  - name: engine
    value: docker
classes:
  - name: Extension
    methods:
      - name: add_extension
        arguments: [{name: self}, {name: msg, annotation: str}]
deployments:
  - arch: aarch64
    systems:
      - os: linux
        environment: {secrets: [PLUGIN_API_TOKEN]}
";

pub(crate) const IMPORTER: &str = "\
import framework

engine = \"podman\"


class Extension:
\tdef add_extension(self, msg: bytes): ...
";

/// Where `needle` stands in `text`.
pub(crate) fn span(text: &str, needle: &str) -> Option<Span> {
    text.find(needle).map(|start| Span::new(start, start + needle.len()))
}

pub(crate) fn source(path: &str, text: &str) -> Source {
    Source { path: path.to_owned(), text: Arc::from(text) }
}

pub(crate) fn report(contract: &str, importer: &str, violations: Vec<Violation>) -> Report {
    Report {
        module: "framework".to_owned(),
        importer: Importer {
            name: Some("plugin".to_owned()),
            source: Some(source("plugin.py", importer)),
            line: Some(1),
        },
        contract: source("framework/spymodel.yml", contract),
        platform: Platform {
            arch: "x86_64".to_owned(),
            os: "linux".to_owned(),
            python: (3, 12, 4),
            python_text: "3.12.4".to_owned(),
            interpreter: "CPython".to_owned(),
            sys_platform: "linux".to_owned(),
            os_name: "posix".to_owned(),
        },
        violations,
    }
}

pub(crate) fn violation(category: Category, entity: Entity, message: &str) -> Violation {
    Violation {
        code: Code::new(category, entity),
        context: Context::Module,
        path: ContractPath::default(),
        key: None,
        message: message.to_owned(),
        expected: None,
        found: None,
        help: String::new(),
        importer_span: None,
    }
}

/// A different variable, a missing version, a different argument, the wrong machine, a secret.
pub(crate) fn several() -> (Report, Vec<Option<Span>>) {
    let root = ContractPath::default();
    let method = root.key("classes").item(0, Some("Extension")).key("methods").item(0, Some("add_extension"));
    let violations = vec![
        Violation {
            path: root.clone(),
            key: Some("version"),
            expected: Some("`^1.4`".to_owned()),
            help: "set `__version__` in plugin.py".to_owned(),
            ..violation(Category::Missing, Entity::Version, "the importer declares no version")
        },
        Violation {
            path: root.key("variables").item(0, Some("engine")),
            key: Some("value"),
            expected: Some("`\"docker\"`".to_owned()),
            found: Some("`\"podman\"`".to_owned()),
            help: "set `engine` to `\"docker\"`".to_owned(),
            importer_span: span(IMPORTER, "engine = \"podman\""),
            ..violation(Category::Mismatch, Entity::Variable, "variable `engine` has another value")
        },
        Violation {
            context: Context::Class,
            path: method.key("arguments").item(1, Some("msg")),
            key: Some("annotation"),
            expected: Some("`str`".to_owned()),
            found: Some("`bytes`".to_owned()),
            help: "annotate `msg` with `str`".to_owned(),
            importer_span: span(IMPORTER, "msg: bytes"),
            ..violation(
                Category::Mismatch,
                Entity::Argument,
                "argument `msg` of `Extension.add_extension` has another annotation",
            )
        },
        Violation {
            context: Context::Runtime,
            path: root.key("deployments").item(0, None),
            key: Some("arch"),
            expected: Some("`aarch64`".to_owned()),
            found: Some("`x86_64`".to_owned()),
            help: "run on a machine that the contract allows".to_owned(),
            ..violation(Category::Mismatch, Entity::Architecture, "the architecture is not allowed")
        },
        Violation {
            context: Context::Environment,
            help: "set `PLUGIN_API_TOKEN` before Python starts".to_owned(),
            ..violation(Category::Missing, Entity::Secret, "secret `PLUGIN_API_TOKEN` is not set")
        },
    ];
    let spans = ["^1.4", "docker", "str", "aarch64", "PLUGIN_API_TOKEN"].map(|needle| span(CONTRACT, needle)).to_vec();
    (report(CONTRACT, IMPORTER, violations), spans)
}

/// The report as text, with the places in the contract given.
pub(crate) fn plain(report: &Report, spans: &[Option<Span>]) -> String {
    render_placed(&Places::with_contract_spans(report, spans), report, Style::Plain, Outcome::Blocked)
}
