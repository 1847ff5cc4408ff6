//! From the tree to the deployments.

use super::checks;
use super::fields::{At, Builder, Fields};
use super::model::{Deployment, EnvironmentRule, EnvironmentRules, Python, System};
use super::names;
use super::node::Node;
use super::problem::Problem;
use super::rules::VERSION_HELP;
use super::version::Requirement;

impl Builder<'_> {
    pub(super) fn deployments(&mut self, items: Vec<Node>, at: &At<'_>) -> Result<Vec<Deployment>, Problem> {
        let mut deployments = Vec::with_capacity(items.len());
        for (index, node) in items.into_iter().enumerate() {
            let fields = &mut Fields::of(node);
            let at = at.item(index, None);
            let arch = self.names(fields, &at, "arch", names::ARCHITECTURE)?;
            deployments.push(Deployment { arch, systems: self.systems(fields.list("systems"), &at.key("systems"))? });
        }
        Ok(deployments)
    }

    fn systems(&mut self, items: Vec<Node>, at: &At<'_>) -> Result<Vec<System>, Problem> {
        let mut systems = Vec::with_capacity(items.len());
        for (index, node) in items.into_iter().enumerate() {
            let fields = &mut Fields::of(node);
            let at = at.item(index, None);
            systems.push(System {
                os: self.names(fields, &at, "os", names::OPERATING_SYSTEM)?,
                environment: self.environment(&mut Fields::of(fields.take("environment")), &at.key("environment"))?,
                pythons: self.pythons(fields.list("pythons"), &at.key("pythons"))?,
            });
        }
        Ok(systems)
    }

    fn environment(&mut self, fields: &mut Fields, at: &At<'_>) -> Result<EnvironmentRules, Problem> {
        let list = at.key("variables");
        let mut variables = Vec::new();
        for (index, node) in fields.list("variables").into_iter().enumerate() {
            variables.push(self.environment_variable(&mut Fields::of(node), &list.item(index, None))?);
        }
        checks::environment(self, &variables, &list)?;
        let secrets = self.texts(fields.list("secrets"), &at.key("secrets"), |name| {
            if name.contains(|c: char| c.is_whitespace() || c.is_control() || c == '=') {
                let help = "write the name of an environment variable".to_owned();
                return Err((format!("`{name}` is not a name"), help));
            }
            Ok(name.to_owned())
        })?;
        Ok(EnvironmentRules { variables, secrets })
    }

    fn environment_variable(&mut self, fields: &mut Fields, at: &At<'_>) -> Result<EnvironmentRule, Problem> {
        let name = self.name(fields, at, "environment variable")?;
        let at = &at.labelled(&name);
        let one_of = match fields.take("one_of") {
            Node::List(items) => {
                let texts = items.into_iter().map(|item| match item {
                    Node::Text(text) => Some(text),
                    _ => None,
                });
                Some(texts.collect::<Option<Vec<_>>>().ok_or_else(|| {
                    let help = "write the allowed texts; the empty text is `''`".to_owned();
                    self.problem(at, Some("one_of"), "`one_of` has an entry without text".to_owned(), Some(help))
                })?)
            }
            _ => None,
        };
        let rule = EnvironmentRule {
            annotation: self.text_of(fields, at, "annotation")?,
            value: fields.text("value"),
            pattern: self.pattern(fields, at)?,
            one_of,
            name: name.clone(),
        };
        checks::environment_variable(self, &rule, at)?;
        Ok(rule)
    }

    fn pythons(&mut self, items: Vec<Node>, at: &At<'_>) -> Result<Vec<Python>, Problem> {
        let mut pythons = Vec::with_capacity(items.len());
        for (index, node) in items.into_iter().enumerate() {
            let fields = &mut Fields::of(node);
            let at = at.item(index, None);
            let list = at.key("modules");
            let version = self.parsed(fields, &at, "version", Requirement::parse, VERSION_HELP)?;
            let interpreter = self.names(fields, &at, "interpreter", names::INTERPRETER)?;
            let mut modules = Vec::new();
            for (index, node) in fields.list("modules").into_iter().enumerate() {
                modules.push(self.module(&mut Fields::of(node), &list.item(index, None))?);
            }
            pythons.push(Python { version, interpreter, modules });
        }
        Ok(pythons)
    }
}
