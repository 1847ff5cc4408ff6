//! Typed equality and how values are shown.

use crate::compare::show;
use crate::compare::values::equal;
use crate::value::Value::{self, BigInt, Bool, Bytes, Dict, Float, Int, List, None, Set, Str, Tuple};

fn s(text: &str) -> Value {
    Str(text.to_owned())
}

#[test]
fn values_compare_typed() {
    let big = "170141183460469231731687303715884105728"; // 2**127
    let cases = [
        (Int(5), Int(5), true),
        (Int(5), s("5"), false),
        (Int(1), Bool(true), false),
        (Bool(false), Int(0), false),
        (Float(1.0), Int(1), true),
        (Int(1), Float(1.5), false),
        (Float(0.0), Float(-0.0), true),
        (Int(0), Float(-0.0), true),
        (Float(f64::NAN), Float(f64::NAN), true),
        (Float(f64::INFINITY), Float(f64::INFINITY), true),
        (Float(f64::INFINITY), Float(f64::NEG_INFINITY), false),
        // 2**53 + 1 has no float.
        (Int(9_007_199_254_740_993), Float(9_007_199_254_740_992.0), false),
        (Int(9_007_199_254_740_992), Float(9_007_199_254_740_992.0), true),
        (BigInt(big.to_owned()), Float(2f64.powi(127)), true),
        (BigInt(format!("-{big}")), Float(-(2f64.powi(127))), true),
        (BigInt(format!("00{big}")), BigInt(big.to_owned()), true),
        (BigInt("007".to_owned()), Int(7), true),
        (BigInt(big.to_owned()), BigInt(format!("-{big}")), false),
        (None, None, true),
        (None, Bool(false), false),
        (s(""), None, false),
        (Bytes(b"a".to_vec()), s("a"), false),
        (Bytes(b"a".to_vec()), Bytes(b"a".to_vec()), true),
        (List(vec![Int(1), s("x")]), Tuple(vec![Float(1.0), s("x")]), true),
        (List(vec![Int(1)]), List(vec![Int(1), Int(2)]), false),
        (List(vec![Int(1), Int(2)]), List(vec![Int(2), Int(1)]), false),
        (List(vec![Int(1)]), Set(vec![Int(1)]), false),
        (Set(vec![Int(1), Int(2), Int(1)]), Set(vec![Int(2), Float(1.0)]), true),
        (List(vec![s("a,s1:b")]), List(vec![s("a"), s("b")]), false),
        (Dict(vec![(s("a"), Int(1)), (s("b"), Int(2))]), Dict(vec![(s("b"), Int(2)), (s("a"), Int(1))]), true),
        (Dict(vec![(s("a"), Int(1))]), Dict(vec![(s("a"), Int(0)), (s("a"), Int(1))]), true),
        (Dict(vec![(s("a"), Int(1))]), Dict(vec![(s("a"), Bool(true))]), false),
        (Dict(vec![(s("a"), Int(1))]), Dict(vec![(s("a"), Int(1)), (s("b"), Int(1))]), false),
        (Dict(vec![(Int(1), List(vec![None]))]), Dict(vec![(Float(1.0), Tuple(vec![None]))]), true),
        (Dict(vec![]), List(vec![]), false),
    ];
    for (a, b, same) in &cases {
        assert_eq!(equal(a, b), *same, "{a:?} and {b:?}");
        assert_eq!(equal(b, a), *same, "{b:?} and {a:?}");
    }
}

#[test]
fn large_mappings_compare_in_a_moment() {
    let make = |order: &mut dyn Iterator<Item = i128>| Dict(order.map(|i| (Int(i), s("v"))).collect());
    assert!(equal(&make(&mut (0..100_000)), &make(&mut (0..100_000).rev())));
}

#[test]
fn values_that_are_nested_too_deep_are_unequal() {
    let nest = |n| (0..n).fold(Int(1), |inner, _| List(vec![inner]));
    assert!(equal(&nest(100), &nest(100)));
    assert!(!equal(&nest(1_000), &nest(1_000)));
    let set = |n| (0..n).fold(Int(1), |inner, _| Dict(vec![(Int(0), inner)]));
    assert!(equal(&set(100), &set(100)));
    assert!(!equal(&set(1_000), &set(1_000)));
}

#[test]
fn values_are_shown_as_python_writes_them() {
    let cases = [
        (s("docker"), "'docker'"),
        (s("it's"), "\"it's\""),
        (s("it's \"x\""), "'it\\'s \"x\"'"),
        (s("a\n\u{1b}\u{202e}\\"), "'a\\n\\x1b\\u202e\\\\'"),
        (Bytes(vec![b'a', 0, b'\'']), "b'a\\x00\\''"),
        (Float(1.0), "1.0"),
        (Float(1e16), "1e+16"),
        (Float(1e-5), "1e-05"),
        (Float(1.5e300), "1.5e+300"),
        (Float(0.0001), "0.0001"),
        (Float(123_456_789_012_345.0), "123456789012345.0"),
        (Float(f64::NEG_INFINITY), "-inf"),
        (Bool(true), "True"),
        (None, "None"),
        (List(vec![Int(1), Tuple(vec![Int(2)]), Tuple(vec![])]), "[1, (2,), ()]"),
        (Set(vec![]), "set()"),
        (Set(vec![Int(1)]), "{1}"),
        (Dict(vec![(s("a"), List(vec![]))]), "{'a': []}"),
    ];
    for (value, text) in cases {
        assert_eq!(show::repr(&value), text);
    }
}

#[test]
fn what_is_shown_has_a_limit() {
    let long = show::repr(&s(&"x".repeat(1_000_000)));
    assert!(long.chars().count() <= 81 && long.ends_with('…'), "{long}");
    let deep = (0..1_000).fold(Int(1), |inner, _| List(vec![inner]));
    assert_eq!(show::repr(&deep), format!("{}…", "[".repeat(80)));
    assert_eq!(show::source("  a \n\t b  "), "a b");
    assert_eq!(show::source(&"a ".repeat(1_000)).chars().count(), 81);
}
