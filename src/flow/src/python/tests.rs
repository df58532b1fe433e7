//! Conversions against what Python answers, and that nothing panics.

use std::cmp::Ordering;

use model::Value;
use proptest::prelude::*;
use serde_json::json;

use super::path::{PathToken, path_tokens};
use super::*;

#[test]
fn str_is_pythons() {
    for (value, text) in [
        (json!(null), "None"),
        (json!(true), "True"),
        (json!(1), "1"),
        (json!(1.0), "1.0"),
        (json!(1e20), "1e+20"),
        (json!("it's"), "it's"),
        (
            json!(["it's", "\"", "'\"", "a\n\u{7f}\u{ad}\u{e9}e\u{301}\u{2028}\u{e0001}"]),
            "[\"it's\", '\"', '\\'\"', 'a\\n\\x7f\\xadée\u{301}\\u2028\\U000e0001']",
        ),
        (json!({"a": [1, "b"], "c": {}}), "{'a': [1, 'b'], 'c': {}}"),
    ] {
        assert_eq!(py_str(&value), text);
    }
    let deep = (0..MAX_DEPTH + 2).fold(Value::Null, |inner, _| json!([inner]));
    assert!(py_repr(&deep).contains("[...]"));
    let allowed = (0..MAX_DEPTH).fold(Value::Null, |inner, _| json!([inner]));
    assert!(!py_repr(&allowed).contains("..."));
}

#[test]
fn numbers_are_read_as_python_reads_them() {
    for (value, expected) in [
        (json!(" 1e3 "), Ok(1000.0)),
        (json!("1_000"), Ok(1000.0)),
        (json!(true), Ok(1.0)),
        (json!("-inf"), Ok(f64::NEG_INFINITY)),
        (json!("1__0"), Err("could not convert string to float: '1__0'")),
        (json!([]), Err("float() argument must be a string or a real number, not 'list'")),
    ] {
        assert_eq!(py_float(&value), expected.map_err(str::to_owned));
    }
    for (value, expected) in [
        (json!(-2.9), Ok(-2)),
        (json!(" -1_0 "), Ok(-10)),
        (json!("99999999999999999999"), Ok(i64::MAX)),
        (json!("3.5"), Err("invalid literal for int() with base 10: '3.5'")),
        (json!("+"), Err("invalid literal for int() with base 10: '+'")),
    ] {
        assert_eq!(py_int(&value), expected.map_err(str::to_owned));
    }
    assert_eq!(int_loose(&json!("3.9")), Some(3));
    assert_eq!(int_loose(&json!(true)), None);
    assert_eq!(int_loose(&json!("inf")), None);
    assert_eq!(float_loose(&json!("nan")), None);
    assert_eq!(float_loose(&json!("1.5")), Some(1.5));
}

#[test]
fn rounding_is_half_even_on_the_exact_value() {
    for (value, decimals, expected) in [
        (0.5, 0, 0.0),
        (1.5, 0, 2.0),
        (2.5, 0, 2.0),
        (2.675, 2, 2.67),
        (0.125, 2, 0.12),
        (12345.6, -2, 12300.0),
        (25.0, -1, 20.0),
        (35.0, -1, 40.0),
        (25.1, -1, 30.0),
        (-25.0, -1, -20.0),
        (50.0, -2, 0.0),
        (51.0, -2, 100.0),
        (999.0, -1, 1000.0),
        (7.0, -5, 0.0),
        (1e300, -301, 0.0),
        (1.5, 400, 1.5),
    ] {
        assert_eq!(round_half_even(value, decimals), Some(expected), "round({value}, {decimals})");
    }
    assert_eq!(round_half_even(1.7e308, -308), None);
    assert_eq!(round_half_even(1.0, i64::MIN), Some(0.0));
}

#[test]
fn truth_and_switches() {
    for (value, truth, switch) in [
        (json!(null), false, false),
        (json!("false"), true, false),
        (json!(" Yes "), true, true),
        (json!("2"), true, false),
        (json!(0.0), false, false),
        (json!(2), true, true),
        (json!([]), false, false),
        (json!({"a": 0}), true, true),
    ] {
        assert_eq!((truthy(&value), boolish(&value)), (truth, switch), "{value}");
    }
}

#[test]
fn order_and_equality() {
    for (a, b, equal, order) in [
        (json!(1), json!(true), true, Some(Ordering::Equal)),
        (json!("1"), json!(1), false, None),
        (json!([1, 2]), json!([1.0, 3]), false, Some(Ordering::Less)),
        (json!([1, "a"]), json!([1, 2]), false, None),
        (json!({"a": 1}), json!({"a": 1.0}), true, None),
        (json!(9007199254740993_i64), json!(9007199254740992.0), false, Some(Ordering::Greater)),
        (json!(u64::MAX), json!(1e300), false, Some(Ordering::Less)),
        (json!(-1), json!(-0.5), false, Some(Ordering::Less)),
        (json!(null), json!(null), true, None),
    ] {
        assert_eq!((py_eq(&a, &b), py_ordering(&a, &b)), (equal, order), "{a} {b}");
    }
}

#[test]
fn paths_lead_where_they_say() {
    let value = json!({"a": {"b": [10, {"c": 1}]}, "": {"x": 2}});
    assert_eq!(dot_path(&value, "a.b.1.c"), Some(&json!(1)));
    assert_eq!(dot_path(&value, "a.b.-1"), None);
    assert_eq!(dot_path(&value, ".x"), Some(&json!(2)));
    assert_eq!(tok_path(&value, "a.b[1].c"), Some(&json!(1)));
    assert_eq!(tok_path(&value, ""), None);
    assert_eq!(
        path_tokens("a..b[1][x]"),
        [PathToken::Key("a"), PathToken::Key("b"), PathToken::Index(1), PathToken::Key("x")]
    );
    assert_eq!(var_path("a..b."), ["a", "b"]);
}

#[test]
fn slices_count_code_points() {
    for (start, end, expected) in [
        (-3, None, "llé"),
        (1, Some(-1), "éll"),
        (4, Some(1), ""),
        (-99, Some(99), "héllé"),
        (i64::MIN, Some(i64::MAX), "héllé"),
    ] {
        assert_eq!(slice_text("héllé", start, end), expected);
    }
}

#[test]
fn literals_become_json() {
    for (text, value) in [
        ("{'a': (1, 2), 'b': None,}", json!({"a": [1, 2], "b": null})),
        ("{1: 'x', None: 2, (1, 2): 3, True: 4}", json!({"1": 4, "None": 2, "(1, 2)": 3})),
        ("{3, 1, 2}", json!("{1, 2, 3}")),
        ("set()", json!("set()")),
        ("1, 2", json!([1, 2])),
        ("((1))", json!(1)),
        ("-0x1F", json!(-31)),
        ("0o17", json!(15)),
        ("1_000.5e-1", json!(100.05)),
        ("-9223372036854775808", json!(i64::MIN)),
        (r#"'a' "b" u'c' r'\n'"#, json!("abc\\n")),
        (
            r"'\x41\u00e9\101\t\q\
x'",
            json!("AéA\t\\qx"),
        ),
        ("'''a\n'b'''", json!("a\n'b")),
        ("b'ab'", json!("b'ab'")),
        ("# one\n[1, # two\n 2]", json!([1, 2])),
    ] {
        assert_eq!(parse_literal(text), Ok(value), "{text}");
    }
    for text in [
        "", "null", "[1 2]", "{'a' 1}", "{'a': 1", "'x", "012", "--1", "1__0", "{[1]: 2}", "f'x'", "1 2", "\\", "0x",
        "x()",
    ] {
        assert!(parse_literal(text).is_err(), "{text}");
    }
    let nested = |n: usize| "[".repeat(n) + &"]".repeat(n);
    assert!(parse_literal(&nested(100)).is_ok());
    assert!(parse_literal(&nested(101)).is_err());
    assert!(parse_literal(&"(".repeat(100_000)).is_err());
}

#[test]
fn widths_stop_at_the_limit() {
    let values = json!({"a": 1});
    let format = |spec: &str| format(spec, values.as_object().unwrap());
    assert_eq!(format("{a:1000000}").unwrap().len(), 1_000_000);
    assert!(format("{a:1000001}").is_err());
    assert!(format(&"{a:1000000}".repeat(80)).is_err());
    assert_eq!(format("{a:.65000f}").map(|t| t.len()), Ok(65002));
    assert!(format("{a:.65001f}").is_err());
    assert_eq!(format("{a:099999,}").map(|t| t.len()), Ok(99_999));
    let tiny = json!({"a": 1.5e-300});
    assert!(super::format("{a:#.65000g}{a:.65000e}", tiny.as_object().unwrap()).is_ok());
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 32, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::hash_map(any::<String>(), inner, 0..5)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn a_repr_reads_back_as_the_value(value in any_value()) {
        prop_assert_eq!(parse_literal(&py_repr(&value)), Ok(value));
    }

    #[test]
    fn texts_never_panic(text in ".{0,40}", spec in "[{}\\[\\]<>=^+ #0-9,_.a-gnosxXz%!:]{0,24}", value in any_value()) {
        let values = json!({"a": value, "b": 5});
        let values = values.as_object().unwrap();
        let _ = format(&text, values);
        let _ = format(&spec, values);
        let _ = format(&std::format!("{{a:{spec}}}"), values);
        let _ = parse_literal(&text);
        let _ = parse_literal(&spec);
        let _ = tok_path(&value, &spec);
        let _ = dot_path(&value, &spec);
    }

    #[test]
    fn conversions_never_panic(a in any_value(), b in any_value(), f in any::<f64>(), n in any::<i64>()) {
        let _ = (py_float(&a), py_int(&a), boolish(&a), truthy(&a), py_eq(&a, &b), py_ordering(&a, &b));
        let _ = (round_half_even(f, n), round_half_even(f, n % 400), slice_text(&py_str(&a), n, Some(n ^ 5)));
    }
}
