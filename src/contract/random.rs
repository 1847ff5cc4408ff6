//! Chance for tests: the same numbers in every run.

/// The next number below `below` (xorshift); `state` begins as any number but 0.
pub(super) fn random(state: &mut u64, below: usize) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    usize::try_from(*state % below as u64).unwrap()
}
