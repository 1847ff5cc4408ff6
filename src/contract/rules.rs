//! From the tree to the rules on modules, and what in them can't hold together.

use super::checks;
use super::fields::{At, Builder, Fields};
use super::model::{
    ArgumentRule, AttributeKind, AttributeRule, ClassRule, FilePattern, FunctionRule, ModuleRules, VariableRule,
};
use super::node::Node;
use super::problem::Problem;
use super::version::Requirement;
use crate::observed::model::ParameterKind;
use crate::value::Value;

pub(super) const VERSION_HELP: &str = "write for example `>=3.10,<3.13`, `~=1.4`, `^1.2` or `3.11`";

const KINDS: [ParameterKind; 5] = [
    ParameterKind::PositionalOnly,
    ParameterKind::PositionalOrKeyword,
    ParameterKind::VarPositional,
    ParameterKind::KeywordOnly,
    ParameterKind::VarKeyword,
];

impl Builder<'_> {
    pub(super) fn module(&mut self, fields: &mut Fields, at: &At<'_>) -> Result<ModuleRules, Problem> {
        let filename =
            self.parsed(fields, at, "filename", FilePattern::new, "write `plugin.py`, `plugins/*.py` or the like")?;
        let version = self.parsed(fields, at, "version", Requirement::parse, VERSION_HELP)?;
        let list = at.key("variables");
        let mut variables = Vec::new();
        for (index, node) in fields.list("variables").into_iter().enumerate() {
            variables.push(self.variable(&mut Fields::of(node), &list.item(index, None), "variable")?);
        }
        checks::variables(self, &variables, &list)?;
        Ok(ModuleRules {
            filename,
            version,
            variables,
            functions: self.functions(fields.list("functions"), &at.key("functions"), "function")?,
            classes: self.classes(fields.list("classes"), &at.key("classes"))?,
        })
    }

    fn variable(&mut self, fields: &mut Fields, at: &At<'_>, what: &str) -> Result<VariableRule, Problem> {
        let name = self.name(fields, at, what)?;
        let at = &at.labelled(&name);
        let one_of = match fields.take("one_of") {
            Node::List(items) => {
                let list = at.key("one_of");
                let mut values = Vec::with_capacity(items.len());
                for (index, item) in items.into_iter().enumerate() {
                    values.push(self.value(item, &list.item(index, None))?.unwrap_or(Value::None));
                }
                Some(values)
            }
            _ => None,
        };
        let rule = VariableRule {
            annotation: self.text_of(fields, at, "annotation")?,
            value: self.value(fields.take("value"), &at.key("value"))?,
            pattern: self.pattern(fields, at)?,
            one_of,
            name: name.clone(),
        };
        checks::variable(self, &rule, at)?;
        Ok(rule)
    }

    fn functions(&mut self, items: Vec<Node>, at: &At<'_>, what: &str) -> Result<Vec<FunctionRule>, Problem> {
        let mut functions = Vec::with_capacity(items.len());
        for (index, node) in items.into_iter().enumerate() {
            let fields = &mut Fields::of(node);
            let at = at.item(index, None);
            let name = self.name(fields, &at, what)?;
            let at = at.labelled(&name);
            let list = at.key("arguments");
            let mut arguments = Vec::new();
            for (index, node) in fields.list("arguments").into_iter().enumerate() {
                arguments.push(self.argument(&mut Fields::of(node), &list.item(index, None))?);
            }
            checks::arguments(self, &arguments, &list)?;
            functions.push(FunctionRule {
                arguments,
                return_annotation: self.text_of(fields, &at, "return_annotation")?,
                is_async: match fields.take("async") {
                    Node::Bool(value) => Some(value),
                    _ => None,
                },
                name,
            });
        }
        checks::functions(self, &functions, at)?;
        Ok(functions)
    }

    fn argument(&mut self, fields: &mut Fields, at: &At<'_>) -> Result<ArgumentRule, Problem> {
        let name = self.name(fields, at, "argument")?;
        let at = &at.labelled(&name);
        let annotation = self.text_of(fields, at, "annotation")?;
        let value = self.value(fields.take("value"), &at.key("value"))?;
        let kind = match self.text_of(fields, at, "kind")? {
            Some(text) => Some(kind(&text).ok_or_else(|| {
                let known = KINDS.map(ParameterKind::as_str).join(", ");
                let message = format!("unknown kind of argument `{text}`");
                self.problem(at, Some("kind"), message, Some(format!("known: {known}")))
            })?),
            None => None,
        };
        Ok(ArgumentRule { name, annotation, value, kind })
    }

    fn classes(&mut self, items: Vec<Node>, at: &At<'_>) -> Result<Vec<ClassRule>, Problem> {
        let mut classes = Vec::with_capacity(items.len());
        for (index, node) in items.into_iter().enumerate() {
            classes.push(self.class(node, &at.item(index, None), "class")?);
        }
        Ok(classes)
    }

    fn class(&mut self, node: Node, at: &At<'_>, what: &str) -> Result<ClassRule, Problem> {
        let mut fields = match node {
            Node::Text(name) => Fields::named(name),
            node => Fields::of(node),
        };
        let fields = &mut fields;
        let name = self.name(fields, at, what)?;
        let at = at.labelled(&name);
        let list = at.key("attributes");
        let mut attributes = Vec::new();
        for (index, node) in fields.list("attributes").into_iter().enumerate() {
            attributes.push(self.attribute(&mut Fields::of(node), &list.item(index, None))?);
        }
        checks::attributes(self, &attributes, &list)?;
        let bases = at.key("superclasses");
        let mut superclasses = Vec::new();
        for (index, node) in fields.list("superclasses").into_iter().enumerate() {
            superclasses.push(self.class(node, &bases.item(index, None), "superclass")?);
        }
        Ok(ClassRule {
            attributes,
            methods: self.functions(fields.list("methods"), &at.key("methods"), "method")?,
            superclasses,
            name,
        })
    }

    fn attribute(&mut self, fields: &mut Fields, at: &At<'_>) -> Result<AttributeRule, Problem> {
        let kind = |text: &str| match text.to_lowercase().as_str() {
            "class" => Ok(AttributeKind::Class),
            "instance" => Ok(AttributeKind::Instance),
            _ => Err(format!("unknown type of attribute `{text}`")),
        };
        let kind = self.parsed(fields, at, "type", kind, "known: class, instance")?.unwrap_or_default();
        Ok(AttributeRule { variable: self.variable(fields, at, "attribute")?, kind })
    }
}

fn kind(text: &str) -> Option<ParameterKind> {
    let folded = text.to_lowercase().replace(['_', ' '], "-");
    KINDS.into_iter().find(|kind| kind.as_str() == folded)
}
