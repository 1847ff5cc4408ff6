//! A draft as the text of a contract, with comments that help to loosen and to tighten it.

use std::fmt::Write as _;

use crate::contract::model::{
    ArgumentRule, AttributeKind, AttributeRule, ClassRule, Deployment, FunctionRule, System, VariableRule,
};

use super::{Draft, scalar};

/// The longest line that holds a whole mapping, in characters.
const WIDE: usize = 100;
/// How many names one comment lists.
const LISTED: usize = 8;

const HEAD: &str = "\
# Put this beside the module that it is to guard. Whoever imports that module must then declare at least what stands
# here; more is always fine. Each line asks for something: delete what you do not mean.
";
const DYNAMIC: &str = "\
# The module may bind and remove names through `globals()`, `vars()` or `exec`, which its source does not tell: once it
# has run, it may no longer fit.
";
const VERSION: &str = "\
# The importer's __version__. `>=1.2` takes every later one, `^1.2` stays below 2, `~1.2` below 1.3.
";
const VARIABLES: &str = "\
# Variables at module level. `value` asks for one value, `one_of: [a, b]` for one of several, `pattern: \"[a-z]+\"` for a
# text that matches, `annotation` for a type; `name` alone is met by anything of that name.
";
const FUNCTIONS: &str = "\
# Functions at module level. Arguments are asked for in this order; others may stand between them. An argument's `value`
# is its default. Without `annotation`, `value` and `kind` any will do; without `arguments`, any signature.
";
const CLASSES: &str = "\
# Classes at module level. Members may be inherited, also from bases in other files. `type: class` is bound in the class
# body, `type: instance` on objects; without `type` either will do.
";
const DEPLOYMENTS: &str = "\
# Where the code may run: this machine, to begin with. Lists take several names (`os: [linux, macos]`); entries are
# alternatives, of which one must fit in full. `environment: {secrets: [API_TOKEN]}` beside `os` asks for variables.
";

/// The text of a contract. `file` is the name of the file that it was drafted from.
#[must_use]
pub fn text(draft: &Draft, file: &str) -> String {
    let mut out = Text { text: String::new() };
    let shown = scalar::text(file);
    out.line(0, &format!("# A contract that {shown} fits: a starting point, written by `importspy-hook init`."));
    out.text.push_str(HEAD);
    if draft.dynamic {
        out.text.push_str(DYNAMIC);
    }
    let contract = &draft.contract;
    let module = &contract.module;
    let start = out.text.len();
    if let Some(version) = &module.version {
        out.section(VERSION);
        out.line(0, &format!("version: {}", scalar::text(&version.text)));
    }
    out.list(VARIABLES, "variables", 0, &module.variables, Text::variable);
    out.list(FUNCTIONS, "functions", 0, &module.functions, Text::function);
    out.list(CLASSES, "classes", 0, &module.classes, Text::class);
    out.list(DEPLOYMENTS, "deployments", 0, &contract.deployments, Text::deployment);
    if out.text.len() == start {
        out.section("# Nothing is asked for.\n");
        out.line(0, "{}");
    }
    out.left_out(draft);
    out.text
}

struct Text {
    text: String,
}

/// The pairs of a mapping, with values as they are written.
type Pairs = Vec<(&'static str, String)>;

impl Text {
    fn line(&mut self, indent: usize, line: &str) {
        let _ = writeln!(self.text, "{:indent$}{line}", "");
    }

    /// A comment after a blank line.
    fn section(&mut self, comment: &str) {
        self.text.push('\n');
        self.text.push_str(comment);
    }

    fn list<T>(&mut self, comment: &str, key: &str, indent: usize, items: &[T], item: fn(&mut Self, usize, &T)) {
        if items.is_empty() {
            return;
        }
        if !comment.is_empty() {
            self.section(comment);
        }
        self.line(indent, &format!("{key}:"));
        for it in items {
            item(self, indent + 2, it);
        }
    }

    /// An entry of a list: on one line if that is not too long.
    fn entry(&mut self, indent: usize, pairs: &Pairs) {
        let flow = pairs.iter().map(|(key, value)| format!("{key}: {value}")).collect::<Vec<_>>().join(", ");
        if pairs.len() == 1 {
            self.line(indent, &format!("- {flow}"));
        } else if indent + flow.chars().count() + 4 <= WIDE {
            self.line(indent, &format!("- {{{flow}}}"));
        } else {
            for (index, (key, value)) in pairs.iter().enumerate() {
                self.line(indent, &format!("{} {key}: {value}", if index == 0 { "-" } else { " " }));
            }
        }
    }

    fn variable(&mut self, indent: usize, rule: &VariableRule) {
        self.entry(indent, &pairs(rule));
    }

    fn attribute(&mut self, indent: usize, rule: &AttributeRule) {
        let mut all = pairs(&rule.variable);
        let kind = match rule.kind {
            AttributeKind::Either => None,
            AttributeKind::Class => Some("class"),
            AttributeKind::Instance => Some("instance"),
        };
        all.extend(kind.map(|kind| ("type", kind.to_owned())));
        self.entry(indent, &all);
    }

    fn argument(&mut self, indent: usize, rule: &ArgumentRule) {
        let mut pairs = vec![("name", scalar::text(&rule.name))];
        pairs.extend(rule.annotation.as_deref().map(|annotation| ("annotation", scalar::text(annotation))));
        pairs.extend(rule.value.as_ref().and_then(scalar::value).map(|value| ("value", value)));
        pairs.extend(rule.kind.map(|kind| ("kind", kind.as_str().to_owned())));
        self.entry(indent, &pairs);
    }

    fn function(&mut self, indent: usize, rule: &FunctionRule) {
        self.line(indent, &format!("- name: {}", scalar::text(&rule.name)));
        self.list("", "arguments", indent + 2, &rule.arguments, Self::argument);
        if let Some(annotation) = &rule.return_annotation {
            self.line(indent + 2, &format!("return_annotation: {}", scalar::text(annotation)));
        }
        if let Some(is_async) = rule.is_async {
            self.line(indent + 2, &format!("async: {is_async}"));
        }
    }

    fn class(&mut self, indent: usize, rule: &ClassRule) {
        self.line(indent, &format!("- name: {}", scalar::text(&rule.name)));
        if !rule.superclasses.is_empty() {
            let names: Vec<String> = rule.superclasses.iter().map(|base| scalar::text(&base.name)).collect();
            self.line(indent + 2, &format!("superclasses: [{}]", names.join(", ")));
        }
        self.list("", "attributes", indent + 2, &rule.attributes, Self::attribute);
        self.list("", "methods", indent + 2, &rule.methods, Self::function);
    }

    fn deployment(&mut self, indent: usize, rule: &Deployment) {
        self.mapping(indent, &[("arch", names(&rule.arch))]);
        self.list("", "systems", indent + 2, &rule.systems, Self::system);
    }

    fn system(&mut self, indent: usize, rule: &System) {
        self.mapping(indent, &[("os", names(&rule.os))]);
        self.list("", "pythons", indent + 2, &rule.pythons, |out, indent, python| {
            let version = python.version.as_ref().map_or("null".to_owned(), |version| scalar::text(&version.text));
            out.mapping(indent, &[("version", version), ("interpreter", names(&python.interpreter))]);
        });
    }

    fn mapping(&mut self, indent: usize, pairs: &[(&str, String)]) {
        for (index, (key, value)) in pairs.iter().enumerate() {
            self.line(indent, &format!("{} {key}: {value}", if index == 0 { "-" } else { " " }));
        }
    }

    fn left_out(&mut self, draft: &Draft) {
        if draft.left_out.is_empty() {
            return;
        }
        self.section("# Left out:\n");
        for (reason, names) in &draft.left_out {
            // A name may hold anything that a source can put into `__slots__`.
            let mut listed: Vec<String> = names.iter().take(LISTED).map(|name| scalar::text(name)).collect();
            if names.len() > LISTED {
                listed.push(format!("and {} more", names.len() - LISTED));
            }
            self.line(0, &format!("# - {} ({}): {}", reason.words(), names.len(), listed.join(", ")));
        }
    }
}

fn pairs(rule: &VariableRule) -> Pairs {
    let mut pairs = vec![("name", scalar::text(&rule.name))];
    pairs.extend(rule.annotation.as_deref().map(|annotation| ("annotation", scalar::text(annotation))));
    pairs.extend(rule.value.as_ref().and_then(scalar::value).map(|value| ("value", value)));
    pairs
}

/// One name, several, or none.
fn names(names: &[&str]) -> String {
    match names {
        [] => "null".to_owned(),
        [one] => scalar::text(one),
        several => format!("[{}]", several.iter().map(|name| scalar::text(name)).collect::<Vec<_>>().join(", ")),
    }
}
