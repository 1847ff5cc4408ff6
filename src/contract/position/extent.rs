//! What of the text represents a node, and what its words are.

use crate::contract::scan::{Kind as Mark, Token};
use crate::contract::token;
use crate::text::Span;

use super::Short;
use super::build::Builder;

impl Builder<'_> {
    /// Where a node is taken to start: past its properties and those of its first key, as long as it
    /// goes on in the same line. `after`: the token after `content`.
    pub(super) fn start(&self, properties: &[Token], content: Token, after: usize) -> usize {
        let width = content.end() - content.start();
        let first_key = self.tokens.get(after..).filter(|_| width == 0 && content.kind != Mark::BlockList);
        let is_property = |token: &&Token| matches!(token.kind, Mark::Anchor | Mark::Tag);
        let first_key = first_key.unwrap_or_default();
        let keys = first_key.iter().take_while(|token| token.kind == Mark::Key && token.start() == token.end()).count();
        let own = first_key.get(keys..).unwrap_or_default();
        let own = own.get(..=own.iter().take_while(is_property).count()).unwrap_or_default();
        let mut starts = properties.iter().chain([&content]).chain(own).map(|token| token.start());
        let first = starts.next().unwrap_or(content.start());
        let end = starts.try_fold(first, |start, next| {
            let between = self.text.get(start..next).unwrap_or_default();
            if between.contains(['\n', '\r']) { Err(start) } else { Ok(next) }
        });
        end.unwrap_or_else(|start| start)
    }

    pub(super) fn before(&self, properties: &[Token], start: usize) -> Short {
        Short::from(token::previous(self.text, properties.first().map_or(start, |token| token.start())))
    }

    /// The end of the line that `start` is in. Asked for in the order of the text.
    pub(super) fn line_end(&self, start: usize) -> usize {
        let line = self.line.get();
        if (line.start..=line.end).contains(&start) {
            return line.end;
        }
        let line = Span::new(start, start + token::line(self.text, start).len());
        self.line.set(line);
        line.end
    }

    /// From `start` to the end of its line, without a comment.
    pub(super) fn first_line(&self, start: usize) -> Short {
        let line = self.text.get(start..self.line_end(start)).unwrap_or_default();
        Short::new(start, start + token::uncommented(line).len())
    }

    /// From `start` to `end`, or as far as the line goes.
    pub(super) fn up_to(&self, start: usize, end: usize, line_end: usize) -> Short {
        if end <= line_end {
            return Short::new(start, end);
        }
        let line = self.text.get(start..line_end).unwrap_or_default();
        Short::new(start, start + token::uncommented(line).len())
    }

    /// Whether a tag is the core schema's `name`.
    pub(super) fn tag_is(&self, tag: Token, name: &str) -> bool {
        let tag = self.text.get(tag.start()..tag.end()).unwrap_or_default();
        tag.trim_end_matches('>').ends_with(name)
    }

    /// The number of a key.
    pub(super) fn name(&mut self, content: Token) -> Option<u32> {
        let written = self.text.get(content.start()..content.end())?;
        let decoded;
        let plain = match content.kind {
            Mark::Plain => Some(written),
            Mark::Quoted => written.get(1..written.len().saturating_sub(1)).filter(|text| !text.contains(['\\', '\''])),
            _ => None,
        };
        let is_whole = |text: &&str| !text.contains(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']);
        let name = if let Some(name) = plain.filter(is_whole) {
            name
        } else {
            // At the start of a line it could be a marker.
            decoded = serde_yaml::from_str::<String>(&format!(" {written}")).ok()?;
            &decoded
        };
        let names = &mut self.index.names;
        if let Some(number) = names.get(name) {
            return Some(*number);
        }
        let number = u32::try_from(names.len()).ok()?;
        names.insert(name.into(), number);
        Some(number)
    }
}
