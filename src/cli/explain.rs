//! `explain`: what a violation code means.

use std::fmt::Write as _;

use clap::Args;
use serde_json::{Value, json};

use crate::contract::suggest;
use crate::report::codes::{self, Example, Mended, Page};
use crate::report::escape;

use super::world::World;
use super::{Exit, Failure, Outcome};

/// How wide paragraphs are, in characters.
const WIDTH: usize = 88;

/// Say what a violation code means
///
/// With an example that gives exactly this code, and what mends it. Without CODE: all codes, one line each.
#[derive(Args)]
pub struct Arguments {
    /// A code, such as missing-variable
    code: Option<String>,
    /// As one JSON document
    #[arg(long)]
    json: bool,
}

/// Runs the command.
pub fn run(arguments: &Arguments, world: &mut World<'_>) -> Outcome {
    let Some(code) = &arguments.code else {
        let text = if arguments.json { document(&codes::pages().map(data).collect()) } else { list() };
        world.out.write_all(text.as_bytes())?;
        return Ok(Exit::Fits);
    };
    let Some(page) = codes::page(code) else { return Err(Failure::Unusable(unknown(code))) };
    let text = if arguments.json { document(&data(page)) } else { shown(page) };
    world.out.write_all(text.as_bytes())?;
    Ok(Exit::Fits)
}

fn unknown(code: &str) -> String {
    let names = codes::names();
    let advice = match suggest::nearest(code, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => "`explain` without a code lists all".to_owned(),
    };
    format!("there is no code `{}`; {advice}", escape::inline(code, 80))
}

fn list() -> String {
    let width = codes::names().iter().map(String::len).max().unwrap_or_default();
    codes::pages().fold(String::new(), |mut text, page| {
        // Writing to a string can't fail.
        let _ = writeln!(text, "{:<width$}  {}", page.code.to_string(), page.title);
        text
    })
}

fn shown(page: &Page) -> String {
    let example = &page.example;
    let who = match example.file {
        Some(file) => format!("this {file}"),
        None => "this, typed into the interpreter".to_owned(),
    };
    let set = example.variable.map_or(String::new(), |(name, value)| format!(", under `{name}={value}`"));
    let (mended, text) = match example.mended {
        Mended::Importer(text) => ("This importer fits:".to_owned(), text),
        Mended::Contract(text) => ("With this contract, the example fits:".to_owned(), text),
        Mended::Variable(name, value) => (format!("With `{name}={value}`, the example fits."), ""),
        Mended::File(file) => (format!("In {file}, the example fits."), ""),
        Mended::Beside(file, text) => (format!("With this {file}, the example fits:"), text),
    };
    format!(
        "{}: {}\n\n{}\n\nThe contract framework/spymodel.yml\n\n{}\nrefuses{set} {who}:\n\n{}\n{}\n{}{}",
        page.code,
        page.title,
        wrapped(page.meaning),
        indented(example.contract),
        indented(example.importer),
        wrapped(&format!("{} {mended}", page.mend)),
        if text.is_empty() { "" } else { "\n" },
        indented(text),
    )
}

/// Lines of at most [`WIDTH`] characters, if the words let them.
fn wrapped(text: &str) -> String {
    let (mut all, mut column) = (String::with_capacity(text.len()), 0);
    for word in text.split(' ') {
        let length = word.chars().count();
        if column > 0 {
            let fits = column + 1 + length <= WIDTH;
            all.push(if fits { ' ' } else { '\n' });
            column = if fits { column + 1 } else { 0 };
        }
        all.push_str(word);
        column += length;
    }
    all
}

fn indented(text: &str) -> String {
    text.lines().fold(String::new(), |mut all, line| {
        all.push_str(if line.is_empty() { "" } else { "    " });
        all.push_str(line);
        all.push('\n');
        all
    })
}

/// `{code, title, meaning, mend, example, mended}`; the example and the mended one are `{contract, importer, file,
/// environment, files}`.
fn data(page: &Page) -> Value {
    json!({
        "code": page.code.to_string(),
        "title": page.title,
        "meaning": page.meaning,
        "mend": page.mend,
        "example": example_data(&page.example, None),
        "mended": example_data(&page.example, Some(page.example.mended)),
    })
}

fn example_data(example: &Example, mended: Option<Mended>) -> Value {
    let (mut contract, mut importer, mut file) = (example.contract, example.importer, example.file);
    let mut environment = serde_json::Map::new();
    let mut files = serde_json::Map::new();
    if let Some((name, value)) = example.variable {
        environment.insert(name.to_owned(), value.into());
    }
    match mended {
        None => {}
        Some(Mended::Importer(text)) => importer = text,
        Some(Mended::Contract(text)) => contract = text,
        Some(Mended::Variable(name, value)) => drop(environment.insert(name.to_owned(), value.into())),
        Some(Mended::File(name)) => file = Some(name),
        Some(Mended::Beside(name, text)) => drop(files.insert(name.to_owned(), text.into())),
    }
    json!({"contract": contract, "importer": importer, "file": file, "environment": environment, "files": files})
}

fn document(data: &Value) -> String {
    format!("{data:#}\n")
}
