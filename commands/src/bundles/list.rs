//! `bundles list`.

use model::Value;
use model::api::bundles::{BundleList, ListBundles};

use crate::failure::Failure;
use crate::target::Target;
use crate::ui::{Shown, table};

/// List the bundles that can be run
#[derive(clap::Args, Debug)]
pub(super) struct Args {
    /// Show every version of a bundle
    #[arg(long)]
    all_versions: bool,
    /// Show draft versions too
    #[arg(long)]
    include_drafts: bool,
    /// Show deprecated flows too
    #[arg(long)]
    include_deprecated: bool,
}

pub(super) async fn fetch(target: &Target, args: &Args) -> Result<BundleList, Failure> {
    let input = ListBundles {
        all_versions: args.all_versions,
        include_drafts: args.include_drafts,
        include_deprecated: args.include_deprecated,
    };
    target.call(&input).await
}

pub(super) fn render(list: &BundleList) -> Shown {
    let rows = list.items.iter().flat_map(rows).collect();
    let text = table(&["bundle", "flow", "name", "description"], rows, "no bundles");
    let names = list.items.iter().filter_map(|b| Some(b["bundle_ref"].as_str()?.to_owned())).collect();
    Shown::new(list, names, text)
}

/// A row an entrypoint; the default one carries a star.
fn rows(bundle: &Value) -> Vec<Vec<String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let reference = text(&bundle["bundle_ref"]);
    let row = |entry: &Value| {
        let star = if entry["flow_id"] == bundle["default_entrypoint"] { " *" } else { "" };
        let state = if entry["deprecated"] == true { " (deprecated)" } else { "" };
        let flow = format!("{}{star}{state}", text(&entry["flow_id"]));
        vec![reference.clone(), flow, text(&entry["name"]), text(&entry["description"])]
    };
    match bundle["entrypoints"].as_array() {
        Some(entries) if !entries.is_empty() => entries.iter().map(row).collect(),
        _ => vec![vec![reference, String::new(), String::new(), String::new()]],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn entrypoints_are_rows() {
        let list = BundleList {
            items: vec![
                json!({"bundle_ref": "a@1", "default_entrypoint": "f", "entrypoints": [
                    {"flow_id": "f", "name": "first"}, {"flow_id": "g", "deprecated": true}]}),
                json!({"bundle_ref": "b@2", "entrypoints": []}),
            ],
            default_bundle_id: None,
        };
        let shown = render(&list);
        assert_eq!(
            shown.text,
            "BUNDLE  FLOW            NAME   DESCRIPTION\na@1     f *             first\na@1     g (deprecated)\nb@2"
        );
        assert_eq!(shown.names, ["a@1", "b@2"]);
    }
}
