//! "Did you mean": the nearest known word to one that is not known.

/// Words longer than this are not typing slips.
const LONGEST: usize = 40;

/// The candidate nearest to `word`, if one is near enough to be what was meant.
///
/// Near is: at most one slip in three characters, where a slip is a character more, less, other,
/// or two neighbours swapped. Case does not count.
#[must_use]
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let word: Vec<char> = word.chars().take(LONGEST + 1).flat_map(char::to_lowercase).collect();
    if word.is_empty() || word.len() > LONGEST {
        return None;
    }
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        let slips = distance(&word, &letters);
        let allowed = (word.len().max(letters.len()) / 3).max(1);
        if slips <= allowed && best.is_none_or(|(least, _)| slips < least) {
            best = Some((slips, candidate));
        }
    }
    // One letter can be turned into any other: that says nothing.
    best.filter(|(slips, _)| *slips < word.len()).map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut earlier: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let mut slips = (above[j + 1] + 1).min(row[j] + 1).min(above[j] + usize::from(x != y));
            if i > 0 && j > 0 && *x == b[j - 1] && a[i - 1] == *y {
                slips = slips.min(earlier[j - 1] + 1);
            }
            row.push(slips);
        }
        earlier = std::mem::replace(&mut above, row);
    }
    above[b.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips_and_nothing_else() {
        let known = ["variables", "functions", "classes", "version", "os"];
        for (word, expected) in [
            ("varaibles", Some("variables")),
            ("variable", Some("variables")),
            ("Classes", Some("classes")),
            ("funtcions", Some("functions")),
            ("versoin", Some("version")),
            ("so", Some("os")),
            ("x", None),
            ("", None),
            ("methods", None),
            ("zzzzzzz", None),
        ] {
            assert_eq!(nearest(word, known), expected, "{word}");
        }
        assert_eq!(nearest(&"v".repeat(1_000_000), known), None);
    }
}
