//! Everything missing at once: time in proportion to the rules.

use std::time::{Duration, Instant};

use super::support::*;

/// `count` rules against a module that binds `bound` other names.
fn comparing(count: usize, bound: usize) -> Duration {
    let contract = variables((0..count).map(|i| wants_value(&format!("wanted{i}"), s("x"))).collect());
    let names: Vec<String> = (0..bound).map(|i| format!("wonted{i}")).collect();
    let module = module(names.iter().map(|name| (name.as_str(), literal(s("x")))).collect());
    let start = Instant::now();
    let found = run(&contract, module, &TestWorld::default());
    let took = start.elapsed();
    assert_eq!(found.len(), count);
    took
}

#[test]
fn twenty_thousand_missing_variables() {
    for names in [0, 1] {
        let few = (0..3).map(|_| comparing(2_000, 2_000 * names)).min().unwrap();
        let many = comparing(20_000, 20_000 * names);
        assert!(many < few * 40 + Duration::from_millis(500), "{few:?} for 2,000 but {many:?} for 20,000");
    }
}
