//! The contract's vectors, the limits, and that nothing panics.

use model::workflow::PlanContext;
use model::{Map, Timestamp, Value};
use proptest::prelude::*;
use serde_json::json;

use super::{Inputs, MAX_LEVELS, find, table};

/// Runs a node the way a vector describes it.
fn run(case: &Value) -> Result<Value, String> {
    let object = |key: &str| case.get(key).and_then(Value::as_object).cloned().unwrap_or_default();
    let (pins, mut data, vars) = (object("in"), object("data"), object("vars"));
    let declared = data.remove("pins").and_then(|pins| serde_json::from_value(pins).ok()).unwrap_or_default();
    let name = case["t"].as_str().unwrap();
    let mut ctx = PlanContext::new(Timestamp::from_micros(1_767_225_600_000_001), 7);
    ctx.utc_offset_minutes = -90;
    let declared: Vec<String> = declared;
    find(name).unwrap()(&Inputs { pins: &pins, declared: &declared, data: &data, vars: &vars, ctx: &ctx })
}

/// The value an edge from the pin carries.
fn pin(output: &Value, pin: &str) -> Value {
    match output.as_object().and_then(|map| map.get(pin)) {
        Some(value) => value.clone(),
        None if pin == "result" || pin == "output" => output.clone(),
        None => Value::Null,
    }
}

/// Compares with an outcome, numbers by type and value; what follows `Invalid JSON: ` is not compared.
fn difference(case: &Value) -> Option<String> {
    let head = |text: &str| text.split_inclusive("Invalid JSON: ").next().unwrap_or_default().to_owned();
    let got = match run(case) {
        Ok(output) => json!({"out": pin(&output, case["pin"].as_str().unwrap_or("result"))}),
        Err(error) => json!({"err": head(&error)}),
    };
    let wanted = match case.get("err").and_then(Value::as_str) {
        Some(error) => json!({"err": head(error)}),
        None => json!({"out": case["out"]}),
    };
    let (got, wanted) = (got.to_string(), wanted.to_string());
    (got != wanted).then(|| format!("{case}\n    got {got}"))
}

fn check_lines(lines: &str) {
    let cases = lines.lines().filter(|line| !line.is_empty());
    let wrong: Vec<String> = cases.filter_map(|line| difference(&model::json::parse(line).unwrap())).collect();
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn vectors_of_the_contract_hold() {
    check_lines(include_str!("vectors.jsonl"));
}

#[test]
fn further_observations_hold() {
    check_lines(include_str!("observed.jsonl"));
}

#[test]
fn nesting_stops_at_the_limit() {
    let nested = |levels: usize| (0..levels).fold(Value::Null, |inner, _| json!([inner]));
    assert!(run(&json!({"t": "array_append", "in": {"array": [], "item": nested(MAX_LEVELS - 1)}})).is_ok());
    assert!(run(&json!({"t": "array_append", "in": {"array": [], "item": nested(MAX_LEVELS)}})).is_err());
    let key = |parts: usize| vec!["k"; parts].join(".");
    assert!(run(&json!({"t": "set", "in": {"key": key(MAX_LEVELS), "value": 1}})).is_ok());
    assert!(run(&json!({"t": "set", "in": {"key": key(MAX_LEVELS + 1), "value": 1}})).is_err());
}

#[test]
fn texts_stop_at_the_limit() {
    let (text, big) = ("a".repeat(1 << 10), "b".repeat(1 << 16));
    let replace = |replacement: &str| {
        run(&json!({"t": "replace", "in": {"text": text, "pattern": "a", "replacement": replacement}}))
    };
    assert!(replace("bb").is_ok());
    assert!(replace(&big).is_err());
    let indent = |n: i64| run(&json!({"t": "stringify_json", "in": {"value": [1], "indent": n}}));
    assert!(indent(64).is_ok());
    assert!(indent(65).is_err());
}

#[test]
fn what_has_no_real_result_is_an_error() {
    for (case, error) in [
        (
            json!({"t": "power", "in": {"base": -8, "exp": 0.5}}),
            "a negative base with a fractional exponent has no real power",
        ),
        (json!({"t": "multiply", "in": {"a": 1e308, "b": 10}}), "result is not a finite number"),
        (json!({"t": "add", "in": {"a": "inf"}}), "result is not a finite number"),
    ] {
        assert_eq!(run(&case).unwrap_err(), error);
    }
}

#[test]
fn random_values_stay_within_bounds() {
    for _ in 0..50 {
        let n = run(&json!({"t": "random_int", "in": {"min": 7, "max": 3}})).unwrap().as_i64().unwrap();
        assert!((3..=7).contains(&n));
        let f = run(&json!({"t": "random_float", "in": {}})).unwrap().as_f64().unwrap();
        assert!((0.0..1.0).contains(&f));
    }
    assert!(run(&json!({"t": "random_int", "in": {"min": -1e300, "max": 1e300}})).is_ok());
}

#[test]
fn the_clock_shows_local_time() {
    assert_eq!(
        run(&json!({"t": "system_datetime"})).unwrap(),
        json!({"iso": "2025-12-31T22:30:00.000001-01:30", "timezone": "-01:30", "utc_offset_minutes": -90, "locale": "en_US"})
    );
}

#[test]
fn a_pure_message_has_an_id_and_a_time() {
    let message = run(&json!({"t": "add_message", "in": {"content": {"a": 1}}})).unwrap();
    assert_eq!(message["message"]["role"], "user");
    assert_eq!(message["message"]["content"], "{'a': 1}");
    assert_eq!(message["message"]["timestamp"], "2026-01-01T00:00:00.000001+00:00");
    assert_eq!(message["message"]["metadata"]["message_id"].as_str().unwrap().len(), 36);
}

#[test]
fn names_are_unique() {
    let mut names: Vec<_> = table().iter().map(|node| node.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), table().len());
}

fn any_json() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        ".{0,12}",
        "[{}\\[\\]a0:!.,'\"\\\\ ]{0,16}",
        "[-+]?[0-9_]{0,20}(\\.[0-9]{0,4})?(e[-+]?[0-9]{1,3})?",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text.prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::hash_map("[a-c_.]{0,3}", inner, 0..6)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn no_node_panics(values in prop::collection::vec(any_json(), 24), present in any::<u32>()) {
        for node in table() {
            let names = node.inputs.iter().map(|(name, _)| *name).chain(["trim", "maxsplit", "indent", "sort_keys", "in0"]);
            let pins: Map = names.zip(&values).enumerate()
                .filter(|(i, _)| present >> (i % 32) & 1 == 1)
                .map(|(_, (name, value))| (name.to_owned(), value.clone())).collect();
            let data = json!({
                "literalValue": values[20], "concatConfig": {"separator": values[21]},
                "breakConfig": {"selectedPaths": values[22]}, "toolParametersConfig": {"tool": values[23]},
            });
            let vars = json!({"context": values[19], "a": values[18]});
            let ctx = PlanContext::new(Timestamp::EPOCH, u128::from(present));
            let declared = if present & 1 == 1 { pins.keys().cloned().collect() } else { Vec::new() };
            let inputs = Inputs {
                pins: &pins, declared: &declared, data: data.as_object().unwrap(), vars: vars.as_object().unwrap(), ctx: &ctx,
            };
            let _ = (node.run)(&inputs);
        }
    }
}
