//! Holds a value against the parts of JSON schema that models are asked for: types, required, enum, const, items,
//! ranges, lengths, patterns, `anyOf`/`oneOf`/`allOf`, local `$ref`s, `additionalProperties: false`. Other keywords
//! are passed over. Our own instead of a library: a library would bring in every draft, formats and remote loading
//! for what a model needs to hear in one line.
//!
//! The one invariant: it ends on any schema and any value.

use std::cell::Cell;

use model::Value;

use super::resolve_ref;

const DEPTH_MAX: usize = 64;
const PROBLEMS_MAX: usize = 20;
/// How many comparisons are made before the rest is taken to fit: branches within branches multiply.
const STEPS_MAX: u32 = 200_000;

/// What is wrong, one line each, with the place; empty when it fits.
#[must_use]
pub fn violations(schema: &Value, value: &Value) -> Vec<String> {
    let steps = Cell::new(0);
    let mut check = Check { root: schema, problems: Vec::new(), steps: &steps };
    check.value(schema, value, "", 0);
    check.problems
}

struct Check<'a> {
    root: &'a Value,
    problems: Vec<String>,
    steps: &'a Cell<u32>,
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(n) if n.is_f64() && n.as_f64().is_some_and(|f| f.fract() != 0.0) => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn fits(wanted: &str, value: &Value) -> bool {
    let found = kind(value);
    wanted == found || (wanted == "number" && found == "integer")
}

impl Check<'_> {
    fn report(&mut self, place: &str, text: String) {
        if self.problems.len() < PROBLEMS_MAX {
            let place = place.trim_start_matches('.');
            self.problems.push(if place.is_empty() { text } else { format!("{place}: {text}") });
        }
    }

    fn value(&mut self, schema: &Value, value: &Value, place: &str, depth: usize) {
        self.steps.set(self.steps.get().saturating_add(1));
        let within = depth <= DEPTH_MAX && self.steps.get() <= STEPS_MAX;
        let Some(map) = schema.as_object().filter(|_| within) else { return };
        if let Some(reference) = map.get("$ref").and_then(Value::as_str) {
            if let Some(target) = resolve_ref(self.root, reference) {
                self.value(&target.clone(), value, place, depth + 1);
            }
            return;
        }
        if !self.has_type(map.get("type"), value, place) {
            return;
        }
        if let Some(Value::Array(allowed)) = map.get("enum")
            && !allowed.contains(value)
        {
            let shown: Vec<String> = allowed.iter().map(ToString::to_string).collect();
            self.report(place, format!("expected one of {}", shown.join(", ")));
        }
        if let Some(wanted) = map.get("const")
            && wanted != value
        {
            self.report(place, format!("expected {wanted}"));
        }
        self.branches(schema, value, place, depth);
        match value {
            Value::Object(_) => self.object(schema, value, place, depth),
            Value::Array(items) => self.list(schema, items, place, depth),
            Value::String(text) => self.text(schema, text, place),
            Value::Number(_) => self.number(schema, value, place),
            _ => {}
        }
    }

    fn has_type(&mut self, wanted: Option<&Value>, value: &Value, place: &str) -> bool {
        let wanted: Vec<&str> = match wanted {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ => return true,
        };
        let good = wanted.is_empty() || wanted.iter().any(|w| fits(w, value));
        if !good {
            self.report(place, format!("expected {}, found {}", wanted.join(" or "), kind(value)));
        }
        good
    }

    fn branches(&mut self, schema: &Value, value: &Value, place: &str, depth: usize) {
        for branch in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            self.value(branch, value, place, depth + 1);
        }
        for key in ["anyOf", "oneOf"] {
            let Some(Value::Array(branches)) = schema.get(key) else { continue };
            let fits = branches.iter().any(|branch| {
                let mut inner = Check { root: self.root, problems: Vec::new(), steps: self.steps };
                inner.value(branch, value, "", depth + 8);
                inner.problems.is_empty()
            });
            if !fits && !branches.is_empty() {
                self.report(place, format!("fits none of the allowed forms, found {}", kind(value)));
            }
        }
    }

    fn object(&mut self, schema: &Value, value: &Value, place: &str, depth: usize) {
        let Some(map) = value.as_object() else { return };
        let required: Vec<&str> =
            schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
        for name in &required {
            if !map.contains_key(*name) {
                self.report(&format!("{place}.{name}"), "missing".to_owned());
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object);
        for (name, item) in map {
            let inner = format!("{place}.{name}");
            match properties.and_then(|p| p.get(name)) {
                // Strict servers answer null for what is optional.
                Some(_) if item.is_null() && !required.contains(&name.as_str()) => {}
                Some(property) => self.value(property, item, &inner, depth + 1),
                None => match schema.get("additionalProperties") {
                    Some(Value::Bool(false)) => self.report(&inner, "not allowed".to_owned()),
                    Some(further @ Value::Object(_)) => self.value(further, item, &inner, depth + 1),
                    _ => {}
                },
            }
        }
    }

    fn list(&mut self, schema: &Value, items: &[Value], place: &str, depth: usize) {
        self.range(schema, items.len() as f64, ["minItems", "maxItems"], "items", place);
        if let Some(inner) = schema.get("items").filter(|i| i.is_object()) {
            for (index, item) in items.iter().enumerate() {
                self.value(inner, item, &format!("{place}[{index}]"), depth + 1);
            }
        }
    }

    fn text(&mut self, schema: &Value, text: &str, place: &str) {
        self.range(schema, text.chars().count() as f64, ["minLength", "maxLength"], "characters", place);
        let pattern = schema.get("pattern").and_then(Value::as_str);
        // A pattern that regex cannot read is the schema's problem, not the answer's.
        if let Some(regex) = pattern.and_then(|p| regex::Regex::new(p).ok())
            && !regex.is_match(text)
        {
            self.report(place, format!("does not match the pattern {}", regex.as_str()));
        }
    }

    fn number(&mut self, schema: &Value, value: &Value, place: &str) {
        let Some(number) = value.as_f64() else { return };
        self.range(schema, number, ["minimum", "maximum"], "", place);
        if let Some(limit) = schema.get("exclusiveMinimum").and_then(Value::as_f64).filter(|l| number <= *l) {
            self.report(place, format!("expected more than {limit}"));
        }
        if let Some(limit) = schema.get("exclusiveMaximum").and_then(Value::as_f64).filter(|l| number >= *l) {
            self.report(place, format!("expected less than {limit}"));
        }
    }

    fn range(&mut self, schema: &Value, found: f64, keys: [&str; 2], unit: &str, place: &str) {
        let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
        if let Some(least) = limit(keys[0]).filter(|least| found < *least) {
            self.report(place, format!("expected at least {least} {unit}").trim_end().to_owned());
        }
        if let Some(most) = limit(keys[1]).filter(|most| found > *most) {
            self.report(place, format!("expected at most {most} {unit}").trim_end().to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(schema: Value, value: Value, expected: &[&str]) {
        assert_eq!(violations(&schema, &value), expected, "{schema} {value}");
    }

    #[test]
    fn each_keyword_on_both_sides() {
        for (schema, good, bad, text) in [
            (json!({"type":"integer"}), json!(1.0), json!(1.5), "expected integer, found number"),
            (json!({"type":"number"}), json!(1), json!("1"), "expected number, found string"),
            (json!({"type":["string","null"]}), json!(null), json!(1), "expected string or null, found integer"),
            (json!({"enum":["a","b"]}), json!("a"), json!("c"), "expected one of \"a\", \"b\""),
            (json!({"const":1}), json!(1), json!(2), "expected 1"),
            (json!({"required":["a"]}), json!({"a":1}), json!({}), "a: missing"),
            (json!({"properties":{},"additionalProperties":false}), json!({}), json!({"x":1}), "x: not allowed"),
            (
                json!({"additionalProperties":{"type":"string"}}),
                json!({"x":"y"}),
                json!({"x":1}),
                "x: expected string, found integer",
            ),
            (json!({"items":{"type":"string"}}), json!(["a"]), json!([1]), "[0]: expected string, found integer"),
            (json!({"minItems":1}), json!([1]), json!([]), "expected at least 1 items"),
            (json!({"maxItems":1}), json!([1]), json!([1, 2]), "expected at most 1 items"),
            (json!({"minLength":2}), json!("éé"), json!("é"), "expected at least 2 characters"),
            (json!({"maxLength":2}), json!("éé"), json!("ééé"), "expected at most 2 characters"),
            (json!({"pattern":"^a"}), json!("ab"), json!("b"), "does not match the pattern ^a"),
            (json!({"minimum":1}), json!(1), json!(0), "expected at least 1"),
            (json!({"maximum":1}), json!(1), json!(2), "expected at most 1"),
            (json!({"exclusiveMinimum":1}), json!(2), json!(1), "expected more than 1"),
            (json!({"exclusiveMaximum":1}), json!(0), json!(1), "expected less than 1"),
            (
                json!({"anyOf":[{"type":"string"},{"type":"null"}]}),
                json!(null),
                json!(1),
                "fits none of the allowed forms, found integer",
            ),
            (
                json!({"allOf":[{"type":"string"},{"minLength":1}]}),
                json!("a"),
                json!(""),
                "expected at least 1 characters",
            ),
        ] {
            check(schema.clone(), good, &[]);
            check(schema, bad, &[text]);
        }
    }

    #[test]
    fn optional_nulls_and_endless_references_pass() {
        check(json!({"properties":{"a":{"type":"string"}}}), json!({"a":null}), &[]);
        check(json!({"$ref":"#"}), json!(1), &[]);
        let all = |n: usize| Value::from(vec![json!({"$ref":"#"}); n]);
        check(json!({"anyOf": all(2)}), json!(1), &[]);
        check(json!({"allOf": all(20)}), json!(1), &[]);
    }
}
