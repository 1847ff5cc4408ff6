//! The tables as a JSON Schema, for editors and other tools.
//!
//! Draft 7, because the language server that most editors have for YAML promises that one and no later one.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::contract::glob::LONGEST as LONGEST_GLOB;

use super::{CONTRACT, Form, Key, Keys, Shape, patterns};

const ABOUT: &str = "What a module that imports the guarded one must declare, and where it may run. A key that is null asks \
                     for nothing; what is not mentioned is free.";

/// The JSON Schema of `spymodel.yml`, as text with a line end.
#[must_use]
pub fn text() -> String {
    format!("{:#}\n", schema())
}

/// The JSON Schema of `spymodel.yml`.
#[must_use]
pub fn schema() -> Value {
    let mut definitions = BTreeMap::new();
    let mut root = mapping(&CONTRACT, &mut definitions);
    root.insert("$schema".to_owned(), json!("http://json-schema.org/draft-07/schema#"));
    root.insert("$id".to_owned(), json!("urn:importspy_hook:spymodel:1"));
    root.insert("title".to_owned(), json!("importspy_hook contract (spymodel.yml)"));
    root.insert("description".to_owned(), json!(ABOUT));
    root.insert("examples".to_owned(), json!([example()]));
    let definitions: Map<String, Value> = definitions.into_iter().filter_map(|(key, it)| Some((key, it?))).collect();
    root.insert("definitions".to_owned(), definitions.into());
    root.into()
}

fn example() -> Value {
    json!({
        "version": ">=1.0,<2",
        "variables": [{"name": "engine", "one_of": ["docker", "podman"]}],
        "functions": [{"name": "ship", "arguments": [{"name": "service", "annotation": "str"}]}],
        "classes": [{"name": "Extension", "superclasses": ["Plugin"], "methods": [{"name": "run"}]}],
        "deployments": [{"arch": ["x86_64", "arm64"], "systems": [{"os": "linux", "pythons": [{"version": ">=3.10"}]}]}],
    })
}

/// By name; none while it is being written, because tables refer to themselves.
type Definitions = BTreeMap<String, Option<Value>>;

fn mapping(keys: &'static Keys, definitions: &mut Definitions) -> Map<String, Value> {
    let properties: Map<String, Value> =
        keys.keys.iter().map(|key| (key.name.to_owned(), property(key, definitions))).collect();
    let required: Vec<&str> = keys.keys.iter().filter(|key| key.required).map(|key| key.name).collect();
    let mut map = Map::new();
    map.insert("type".to_owned(), json!("object"));
    map.insert("properties".to_owned(), properties.into());
    map.insert("additionalProperties".to_owned(), json!(false));
    if !required.is_empty() {
        map.insert("required".to_owned(), json!(required));
    }
    map
}

fn reference(keys: &'static Keys, definitions: &mut Definitions) -> Value {
    let name = keys.title.replace(' ', "_");
    if !definitions.contains_key(&name) {
        definitions.insert(name.clone(), None);
        let definition = mapping(keys, definitions);
        definitions.insert(name.clone(), Some(definition.into()));
    }
    json!({"$ref": format!("#/definitions/{name}")})
}

fn property(key: &'static Key, definitions: &mut Definitions) -> Value {
    let mut schema = match key.shape {
        // A required key can't be null.
        Shape::Text if key.required => text_schema(key.form, definitions),
        Shape::Text => nullable(text_schema(key.form, definitions)),
        Shape::Bool => json!({"type": ["boolean", "null"]}),
        Shape::Any => json!({}),
        Shape::Texts => {
            let one = text_schema(key.form, definitions);
            json!({"anyOf": [one, {"type": "array", "items": one}, {"type": "null"}]})
        }
        Shape::List(item) => {
            let mut list = json!({"type": ["array", "null"], "items": item_schema(*item, key, definitions)});
            if key.filled {
                list["minItems"] = json!(1);
            }
            list
        }
        Shape::Map(keys) | Shape::TextOrMap(keys) => nullable(reference(keys, definitions)),
    };
    schema["description"] = json!(key.meaning);
    let examples: Vec<Value> = key.examples.iter().filter_map(|example| serde_json::from_str(example).ok()).collect();
    if !examples.is_empty() {
        schema["examples"] = examples.into();
    }
    schema
}

fn item_schema(shape: Shape, key: &'static Key, definitions: &mut Definitions) -> Value {
    match shape {
        Shape::Map(keys) => {
            let item = reference(keys, definitions);
            // An entry that is null is one without keys, unless it needs one.
            if keys.keys.iter().any(|key| key.required) { item } else { nullable(item) }
        }
        Shape::TextOrMap(keys) => {
            // Where a mapping may stand as well, only what is text without quotes needs none.
            let mut name = text_schema(key.form, definitions);
            name["type"] = json!("string");
            json!({"anyOf": [name, reference(keys, definitions)]})
        }
        Shape::Text => text_schema(key.form, definitions),
        _ => json!({}),
    }
}

fn nullable(mut schema: Value) -> Value {
    if let Some(alternatives) = schema.get_mut("anyOf").and_then(Value::as_array_mut) {
        alternatives.push(json!({"type": "null"}));
    } else if let Some(types) = schema.get_mut("type").and_then(Value::as_array_mut) {
        types.push(json!("null"));
    } else {
        return json!({"anyOf": [schema, {"type": "null"}]});
    }
    schema
}

/// A scalar whose text is kept: numbers and booleans need no quotes.
fn text_schema(form: Form, definitions: &mut Definitions) -> Value {
    // What is long stands in one place. Beside a `$ref` nothing else counts.
    let shared = match form {
        Form::Known(table) => table.what.replace(' ', "_"),
        Form::Version => "version_requirement".to_owned(),
        _ => return form_schema(form),
    };
    let reference = json!({"$ref": format!("#/definitions/{shared}")});
    definitions.entry(shared).or_insert_with(|| Some(form_schema(form)));
    reference
}

fn form_schema(form: Form) -> Value {
    let pattern = patterns::pattern(form);
    // The words first, because editors offer them; then every other way to write them.
    let spellings = |words: Vec<&str>| json!({"anyOf": [{"enum": words}, {"type": "string", "pattern": pattern}]});
    let mut schema = match form {
        Form::Words(words) => return spellings(words.to_vec()),
        Form::Known(table) => return spellings(table.spellings().collect()),
        Form::Version => json!({"type": ["string", "number"], "minimum": 0}),
        Form::FormatVersion => json!({"type": ["string", "number"], "minimum": 1, "exclusiveMaximum": 2}),
        Form::Glob | Form::FileName => json!({"type": ["string", "number", "boolean"], "maxLength": LONGEST_GLOB}),
        _ => json!({"type": ["string", "number", "boolean"]}),
    };
    if let Some(pattern) = pattern {
        schema["pattern"] = json!(pattern);
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every mapping that can be reached, each once.
    fn all() -> Vec<&'static Keys> {
        fn visit(keys: &'static Keys, seen: &mut Vec<&'static Keys>) {
            if seen.iter().any(|other| std::ptr::eq(*other, keys)) {
                return;
            }
            seen.push(keys);
            for key in keys.keys {
                let mut shape = key.shape;
                while let Shape::List(item) = shape {
                    shape = *item;
                }
                if let Shape::Map(keys) | Shape::TextOrMap(keys) = shape {
                    visit(keys, seen);
                }
            }
        }
        let mut seen = Vec::new();
        visit(&CONTRACT, &mut seen);
        seen
    }

    #[test]
    fn every_key_of_the_loader_is_described() {
        let schema = schema();
        for keys in all() {
            let name = keys.title.replace(' ', "_");
            let mapping = if keys.title == CONTRACT.title { &schema } else { &schema["definitions"][&name] };
            assert_eq!(mapping["additionalProperties"], json!(false), "{name}");
            let properties = mapping["properties"].as_object().unwrap();
            let known: Vec<&str> = keys.keys.iter().map(|key| key.name).collect();
            assert_eq!(properties.len(), known.len(), "{name}");
            for key in known {
                let description = properties[key]["description"].as_str().unwrap();
                assert!(description.len() > 8 && description.ends_with('.'), "{name}.{key}: {description}");
            }
        }
        let mut titles: Vec<&str> = all().iter().map(|keys| keys.title).collect();
        titles.sort_unstable();
        titles.dedup();
        assert_eq!(titles.len(), all().len(), "two tables share a title");
    }

    #[test]
    fn every_example_is_json() {
        for key in all().iter().flat_map(|keys| keys.keys) {
            for example in key.examples {
                assert!(serde_json::from_str::<Value>(example).is_ok(), "{}: {example}", key.name);
            }
        }
    }

    #[test]
    fn the_committed_copy_is_this_one() {
        let committed = include_str!("../../../docs/schemas/spymodel.schema.json");
        assert!(committed == text(), "run `importspy-hook schema > docs/schemas/spymodel.schema.json`");
    }
}
