//! XML that is well-formed whatever text goes in.

use std::fmt::Write as _;

/// A document that is being written, indented.
#[derive(Debug)]
pub(super) struct Document {
    text: String,
    open: Vec<&'static str>,
}

impl Document {
    pub(super) fn new() -> Self {
        Self { text: "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n".to_owned(), open: Vec::new() }
    }

    /// An element that others go into, until [`Self::end`].
    pub(super) fn start(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.tag(name, attributes);
        self.text.push_str(">\n");
        self.open.push(name);
    }

    /// Ends the element that was started last.
    pub(super) fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.indent();
            self.text.extend(["</", name, ">\n"]);
        }
    }

    /// An element with nothing but text in it.
    pub(super) fn element(&mut self, name: &'static str, attributes: &[(&str, &str)], content: &str) {
        self.tag(name, attributes);
        if content.is_empty() {
            self.text.push_str("/>\n");
        } else {
            self.text.push('>');
            escape(&mut self.text, content, false);
            self.text.extend(["</", name, ">\n"]);
        }
    }

    /// The document, with every element ended.
    pub(super) fn finish(mut self) -> String {
        while !self.open.is_empty() {
            self.end();
        }
        self.text
    }

    fn tag(&mut self, name: &'static str, attributes: &[(&str, &str)]) {
        self.indent();
        self.text.extend(["<", name]);
        for (name, value) in attributes {
            self.text.extend([" ", name, "=\""]);
            escape(&mut self.text, value, true);
            self.text.push('"');
        }
    }

    fn indent(&mut self) {
        self.text.extend(std::iter::repeat_n("  ", self.open.len()));
    }
}

/// Characters that XML 1.0 can't hold in any form are spelled out, as [`crate::report::escape`] does.
fn escape(text: &mut String, content: &str, attribute: bool) {
    for c in content.chars() {
        match c {
            '&' => text.push_str("&amp;"),
            '<' => text.push_str("&lt;"),
            '>' => text.push_str("&gt;"),
            '"' => text.push_str("&quot;"),
            '\r' => text.push_str("&#13;"),
            '\n' if attribute => text.push_str("&#10;"),
            '\t' if attribute => text.push_str("&#9;"),
            '\n' | '\t' => text.push(c),
            // Writing to a string can't fail.
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => drop(write!(text, "\\u{{{:x}}}", u32::from(c))),
            c => text.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Document;

    #[test]
    fn nothing_breaks_out() {
        let mut document = Document::new();
        document.start("a", &[("b", "\"'<>&\r\n\t\0\u{FFFE}é")]);
        document.element("c", &[], "]]></c>&amp;\u{b}\r\n\tx");
        document.element("d", &[("e", "")], "");
        assert_eq!(
            document.finish(),
            "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
             <a b=\"&quot;'&lt;&gt;&amp;&#13;&#10;&#9;\\u{0}\\u{fffe}é\">\n  \
             <c>]]&gt;&lt;/c&gt;&amp;amp;\\u{b}&#13;\n\tx</c>\n  <d e=\"\"/>\n</a>\n"
        );
    }
}
