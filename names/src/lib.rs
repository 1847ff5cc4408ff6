//! Characters by their Unicode names and aliases, for `\N{…}` in Python source.
//!
//! The table holds a hash of each name, not the name: a made-up name has one chance in a hundred thousand of
//! being taken for a character's. Python refuses to compile such a source anyway.

/// Made by `tools/unicode-names`: sorted hashes (four bytes, little-endian), then as many code points
/// (three bytes each, little-endian).
static TABLE: &[u8] = include_bytes!("table.bin");

const HASH: usize = 4;
const CODE: usize = 3;

const LEADS: [&str; 19] =
    ["G", "GG", "N", "D", "DD", "R", "M", "B", "BB", "S", "SS", "", "J", "JJ", "C", "K", "T", "P", "H"];
const VOWELS: [&str; 21] = [
    "A", "AE", "YA", "YAE", "EO", "E", "YEO", "YE", "O", "WA", "WAE", "OE", "YO", "U", "WEO", "WE", "WI", "YU", "EU",
    "YI", "I",
];
const TAILS: [&str; 28] = [
    "", "G", "GG", "GS", "N", "NJ", "NH", "D", "L", "LG", "LM", "LB", "LS", "LT", "LP", "LH", "M", "B", "BS", "S", "SS",
    "NG", "J", "C", "K", "T", "P", "H",
];

/// The character with this name or alias, in any case; none if there is none.
#[must_use]
pub fn character(name: &str) -> Option<char> {
    let name = name.to_ascii_uppercase();
    if let Some(syllable) = name.strip_prefix("HANGUL SYLLABLE ") {
        return hangul(syllable);
    }
    if let Some(digits) = name.strip_prefix("CJK UNIFIED IDEOGRAPH-") {
        let is_code = matches!(digits.len(), 4 | 5) && digits.bytes().all(|digit| digit.is_ascii_hexdigit());
        let code = u32::from_str_radix(digits, 16).ok().filter(|code| is_code && is_ideograph(*code));
        return code.and_then(char::from_u32);
    }
    let (hashes, codes) = TABLE.split_at(TABLE.len() / (HASH + CODE) * HASH);
    let (hashes, codes) = (hashes.as_chunks::<HASH>().0, codes.as_chunks::<CODE>().0);
    let at = hashes.binary_search_by_key(&hash(&name), |bytes| u32::from_le_bytes(*bytes)).ok()?;
    let [low, middle, high] = codes[at];
    char::from_u32(u32::from_le_bytes([low, middle, high, 0]))
}

/// Whether a code point lies in a block of unified ideographs.
fn is_ideograph(code: u32) -> bool {
    matches!(code, 0x3400..=0x4dbf | 0x4e00..=0x9fff | 0x20000..=0x2ee5d | 0x30000..=0x33479)
}

/// FNV-1a.
fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// A syllable by the letters of its name, the longest first.
fn hangul(name: &str) -> Option<char> {
    let (lead, rest) = longest(&LEADS, name)?;
    let (vowel, rest) = longest(&VOWELS, rest)?;
    let tail = TAILS.iter().position(|tail| *tail == rest)?;
    char::from_u32(0xac00 + u32::try_from((lead * VOWELS.len() + vowel) * TAILS.len() + tail).ok()?)
}

fn longest<'a>(letters: &[&str], name: &'a str) -> Option<(usize, &'a str)> {
    let fits = letters.iter().enumerate().filter_map(|(at, letter)| Some((at, name.strip_prefix(letter)?)));
    fits.min_by_key(|(_, rest)| rest.len())
}
