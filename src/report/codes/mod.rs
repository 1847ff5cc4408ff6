//! What each violation code means, an example of it, and how to mend it: for `explain`, and for formats that describe
//! their rules.

mod invalid;
mod mismatch;
mod missing;
mod surroundings;
mod unproven;

use crate::compare::code::{ALL, Code};

/// The page of one code.
#[derive(Debug)]
pub struct Page {
    /// The code.
    pub code: Code,
    /// What it says, in half a sentence.
    pub title: &'static str,
    /// What it means.
    pub meaning: &'static str,
    /// How to mend it.
    pub mend: &'static str,
    /// A contract and an importer that give this code and no other.
    pub example: Example,
}

/// `framework` and its contract, and what imports it.
#[derive(Debug)]
pub struct Example {
    /// The contract.
    pub contract: &'static str,
    /// The importer's source.
    pub importer: &'static str,
    /// The importer's file; none: it is typed into the interpreter.
    pub file: Option<&'static str>,
    /// An environment variable and its value, if one is set.
    pub variable: Option<(&'static str, &'static str)>,
    /// What is done to make it fit.
    pub mended: Mended,
}

/// What makes an example fit.
#[derive(Clone, Copy, Debug)]
pub enum Mended {
    /// The importer's new source.
    Importer(&'static str),
    /// The new contract.
    Contract(&'static str),
    /// An environment variable and its value.
    Variable(&'static str, &'static str),
    /// The importer's new file.
    File(&'static str),
    /// A further file, and its content.
    Beside(&'static str, &'static str),
}

/// What most examples have in common.
const EXAMPLE: Example = Example {
    contract: "{}\n",
    importer: "import framework\n",
    file: Some("plugin.py"),
    variable: None,
    mended: Mended::Contract("{}\n"),
};

/// All pages, in the order of the codes.
pub fn pages() -> impl Iterator<Item = &'static Page> {
    [missing::PAGES, mismatch::PAGES, surroundings::PAGES, invalid::PAGES, unproven::PAGES].into_iter().flatten()
}

/// The page of the code that is written `text`.
#[must_use]
pub fn page(text: &str) -> Option<&'static Page> {
    pages().find(|page| page.code.to_string() == text)
}

/// The codes as they are written, in order.
#[must_use]
pub fn names() -> Vec<String> {
    ALL.iter().map(Code::to_string).collect()
}

#[cfg(test)]
mod tests {
    use super::{ALL, pages};

    #[test]
    fn every_code_has_a_page() {
        let codes: Vec<_> = pages().map(|page| page.code).collect();
        assert_eq!(codes, ALL);
    }

    #[test]
    fn pages_are_short_and_whole() {
        for page in pages() {
            assert!(page.title.len() < 90 && !page.title.ends_with('.'), "{}: {}", page.code, page.title);
            for text in [page.meaning, page.mend] {
                assert!(text.ends_with('.') && text.len() < 400, "{}: {text}", page.code);
            }
            assert!(page.example.contract.ends_with('\n') && page.example.importer.ends_with('\n'), "{}", page.code);
        }
    }
}
