//! Characters by their Unicode names and aliases, for `\N{…}` in Python source.
//!
//! The table holds 28 bits of a hash of each name, not the name: a made-up name has one chance in 6,600 of being
//! taken for a character's. Python refuses to compile such a source anyway.

/// Made by `tools/unicode-names`; all numbers are little-endian. A factor (four bytes), the number of names, then
/// where each bucket ends, the keys of all names, bucket by bucket, as many ranks of characters among those
/// that have names (two bytes each), and runs of characters: the first one's rank and code point (five bytes).
static TABLE: &[u8] = include_bytes!("table.bin");

/// The first twelve bits of a hash choose one.
const BUCKETS: usize = 4096;

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
    let (head, table) = TABLE.split_at(6);
    let [f0, f1, f2, f3, c0, c1] = *head.first_chunk()?;
    let count = usize::from(u16::from_le_bytes([c0, c1]));
    let (ends, rest) = table.split_at(BUCKETS * 2);
    let (keys, rest) = rest.split_at(count * 2);
    let (ranks, runs) = rest.split_at(count * 2);
    let key = hash(&name).wrapping_mul(u32::from_le_bytes([f0, f1, f2, f3])) >> 4;
    let bucket = usize::try_from(key >> 16).ok()?;
    let start = if bucket == 0 { 0 } else { number(ends, bucket - 1)? };
    let found = (start..number(ends, bucket)?).find(|at| number(keys, *at) == usize::try_from(key & 0xffff).ok());
    let rank = number(ranks, found?)?;
    let runs = runs.as_chunks::<5>().0;
    let rank_of = |run: &[u8; 5]| usize::from(u16::from_le_bytes([run[0], run[1]]));
    let run = runs[runs.partition_point(|run| rank_of(run) <= rank).checked_sub(1)?];
    let first = u32::from_le_bytes([run[2], run[3], run[4], 0]);
    char::from_u32(first + u32::try_from(rank - rank_of(&run)).ok()?)
}

/// The number of two bytes at `index`.
fn number(numbers: &[u8], index: usize) -> Option<usize> {
    Some(usize::from(u16::from_le_bytes(*numbers.as_chunks::<2>().0.get(index)?)))
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
