//! A value in the four ways a command can write it.
//!
//! May not know: where it goes. Invariant: json and yaml show the reply of the operation, field for field; table and
//! name are for people and shell loops.

use model::Value;
use model::json::{Layout, write};
use serde::Serialize;

use super::yaml;

/// How data is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Table,
    /// JSON, as the HTTP interface answers
    Json,
    /// The same as YAML
    Yaml,
    /// Only names or ids, one a line
    Name,
}

/// What a command has to show.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Shown {
    /// The reply, for programs.
    pub(crate) value: Value,
    /// Names or ids.
    pub(crate) names: Vec<String>,
    /// For people.
    pub(crate) text: String,
}

impl Shown {
    /// A reply with its text and names.
    pub(crate) fn new(reply: &impl Serialize, names: Vec<String>, text: String) -> Self {
        // A reply that cannot be serialised would be a bug of `model`; what a person reads is still right.
        Self { value: serde_json::to_value(reply).unwrap_or(Value::Null), names, text }
    }

    /// As JSON with its keys in byte order: the `--json` of contract 01, section 4.9.
    pub(crate) fn sorted_json(&self) -> String {
        write(&self.value, Layout::PRETTY.sorted())
    }

    /// In one of the formats.
    pub(crate) fn written(&self, format: Format) -> String {
        match format {
            Format::Table => self.text.clone(),
            Format::Json => write(&self.value, Layout::PRETTY),
            Format::Yaml => yaml::write(&self.value),
            Format::Name => self.names.join("\n"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn four_ways() {
        let shown = Shown::new(&json!({"a": [1]}), vec!["x".into(), "y".into()], "A\n1".into());
        for (format, written) in [
            (Format::Table, "A\n1"),
            (Format::Json, "{\n  \"a\": [\n    1\n  ]\n}"),
            (Format::Yaml, "a:\n- 1\n"),
            (Format::Name, "x\ny"),
        ] {
            assert_eq!(shown.written(format), written);
        }
    }
}
