//! `bundles show`.

use model::api::bundles::ShowBundle;
use model::{Map, Value};

use crate::failure::Failure;
use crate::target::Target;
use crate::ui::{Shown, clip, details, table};

/// Show a bundle, its flows and their inputs
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// The bundle, perhaps with @VERSION
    bundle: String,
}

pub(super) async fn fetch(target: &Target, args: Args) -> Result<Map, Failure> {
    target.call(&ShowBundle { bundle_id: args.bundle, bundle_version: None }).await
}

pub(super) fn render(bundle: Map) -> Shown {
    let bundle = Value::Object(bundle);
    let text = |key: &str| bundle[key].as_str().map(str::to_owned);
    let flows = bundle["flows"].as_array().map(|f| f.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "));
    let mut out = details(&[
        ("bundle", text("bundle_ref")),
        ("created", text("created_at")),
        ("default flow", text("default_entrypoint")),
        ("flows", flows),
    ]);
    for entry in bundle["entrypoints"].as_array().into_iter().flatten() {
        out.push_str(&format!("\n\n{}", entrypoint(entry)));
    }
    let names = text("bundle_ref").into_iter().collect();
    Shown { value: bundle, names, text: out }
}

fn entrypoint(entry: &Value) -> String {
    let text = |key: &str| entry[key].as_str().unwrap_or_default().to_owned();
    let rows = entry["inputs"].as_array().into_iter().flatten().map(input).collect();
    format!(
        "{}\n{}",
        details(&[("flow", Some(text("flow_id"))), ("name", Some(text("name"))), ("about", Some(text("description")))]),
        table(&["input", "type", "default"], rows, "no inputs")
    )
}

fn input(pin: &Value) -> Vec<String> {
    let word = |key: &str| pin[key].as_str().unwrap_or_default().to_owned();
    let default = match &pin["default"] {
        Value::Null => String::new(),
        Value::String(text) => clip(text, 60),
        other => clip(&other.to_string(), 60),
    };
    vec![word("id"), word("type"), default]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_bundle_shows_the_inputs_of_its_flows() {
        let Value::Object(bundle) = json!({"bundle_ref": "a@1", "flows": ["f"], "default_entrypoint": "f",
            "entrypoints": [{"flow_id": "f", "name": "F", "description": "does", "inputs": [{"id": "text", "type": "string", "default": "x"}]}]})
        else {
            unreachable!()
        };
        assert_eq!(
            render(bundle).text,
            "bundle        a@1\ndefault flow  f\nflows         f\n\nflow   f\nname   F\nabout  does\nINPUT  TYPE    DEFAULT\ntext   string  x"
        );
    }
}
