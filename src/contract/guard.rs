//! Turns bytes into text that is safe to parse: size, encoding, characters, depth, aliases.

use std::cell::Cell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use crate::text::Span;

use super::problem::Problem;
use super::scan::{Facts, scan};

/// The largest contract, in bytes.
const LARGEST: usize = 1 << 20;
/// How many nodes and bytes of scalars aliases may stand for, all together.
const EXPANDED: usize = 8 << 20;
/// What a node counts for beside its bytes.
const NODE: usize = 32;

/// The text of `bytes`, without a byte order mark.
///
/// # Errors
///
/// Too large, not UTF-8, or with a character that YAML does not allow.
pub(super) fn decode(bytes: &[u8]) -> Result<&str, Problem> {
    if bytes.len() > LARGEST {
        return Err(problem(
            format!("the contract is {} bytes long; at most {LARGEST} are read", bytes.len()),
            None,
            "split it, or move it to several modules",
        ));
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
            return problem("the contract is UTF-16, not UTF-8".to_owned(), None, "save it as UTF-8");
        }
        let line = bytes[..offset].split(|byte| *byte == b'\n').count();
        let byte = bytes.get(offset).copied().unwrap_or_default();
        problem(
            format!("the contract is not UTF-8: byte 0x{byte:02x} at offset {offset}, in line {line}"),
            None,
            "save it as UTF-8",
        )
    })?;
    let text = text.strip_prefix('\u{FEFF}').unwrap_or(text);
    // Most texts are all ASCII, and looking at bytes takes a tenth of the time.
    let is_plain = |byte: &u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r');
    if !text.as_bytes().iter().all(is_plain)
        && let Some((at, c)) = text.char_indices().find(|(_, c)| !allowed(*c))
    {
        return Err(problem(
            format!("the contract contains the control character U+{:04X}", u32::from(c)),
            Some(Span::new(at, at + c.len_utf8())),
            "remove it, or write it as an escape in double quotes",
        ));
    }
    Ok(text)
}

/// YAML's printable characters.
fn allowed(c: char) -> bool {
    match c {
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' => true,
        '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}' => false,
        c => c >= '\u{A0}',
    }
}

/// Makes sure that parsing `text` takes time and memory in proportion to its length.
///
/// # Errors
///
/// See [`scan`]; and aliases that stand for too much.
pub(super) fn check(text: &str) -> Result<Facts, Problem> {
    let facts = scan(text)?;
    if facts.aliases {
        let left = Cell::new(EXPANDED);
        // Anything else that is wrong, the reader tells better.
        let _ = Weigh(&left).deserialize(serde_yaml::Deserializer::from_str(text));
        if left.get() == 0 {
            return Err(problem(
                format!("the aliases of the contract stand for more than {EXPANDED} bytes"),
                None,
                "write out what is repeated, or repeat less",
            ));
        }
    }
    Ok(facts)
}

fn problem(message: String, span: Option<Span>, help: &str) -> Problem {
    Problem { message, span, path: None, help: Some(help.to_owned()) }
}

/// Visits every node, those behind aliases each time, keeping nothing but what is left.
#[derive(Clone, Copy)]
struct Weigh<'c>(&'c Cell<usize>);

impl Weigh<'_> {
    fn take<E: serde::de::Error>(self, weight: usize) -> Result<(), E> {
        let left = self.0.get().saturating_sub(weight);
        self.0.set(left);
        if left == 0 { Err(E::custom("too much")) } else { Ok(()) }
    }
}

impl<'de> DeserializeSeed<'de> for Weigh<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        self.take(NODE)?;
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Weigh<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_i128<E: serde::de::Error>(self, _: i128) -> Result<(), E> {
        Ok(())
    }

    fn visit_u128<E: serde::de::Error>(self, _: u128) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<(), E> {
        self.take(text.len())
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_none<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(self)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        while entries.next_key_seed(self)?.is_some() {
            entries.next_value_seed(self)?;
        }
        Ok(())
    }
}
