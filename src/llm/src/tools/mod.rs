//! Tools as models see them: what is offered, in the protocol or in the prompt, and the calls that come back.
//!
//! It may not know what a tool does. The one invariant: a call read from an answer names an offered tool, except a
//! native one, whose unknown name is kept so that whoever executes it can say so to the model.

mod native;
mod parse;
mod prompted;
mod spec;

use model::{Map, Value};
pub(crate) use native::{calls as native_calls, wire_tools};
pub use parse::{Parsed, parse};
pub(crate) use prompted::{assistant_text, section};
use serde_json::json;
pub use spec::Tool;

/// One call a model asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolCall {
    /// The tool.
    pub name: String,
    /// Its arguments.
    pub arguments: Map,
    /// The id the server gave it; none for calls read out of text.
    pub call_id: Option<String>,
}

impl ToolCall {
    /// `{name, arguments, call_id}`.
    #[must_use]
    pub fn to_value(&self) -> Value {
        json!({ "name": self.name, "arguments": self.arguments, "call_id": self.call_id })
    }
}

/// The offered name that a possibly decorated one means: itself, else the longest found in it as a whole word.
pub(crate) fn offered_name<'a>(name: &str, tools: &'a [Tool]) -> Option<&'a str> {
    let name = name.trim();
    let names = || tools.iter().map(|tool| tool.name.as_str());
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    let inside = |offered: &&str| {
        !offered.is_empty()
            && name
                .match_indices(*offered)
                .any(|(at, _)| !name[..at].ends_with(is_word) && !name[at + offered.len()..].starts_with(is_word))
    };
    names().find(|offered| *offered == name).or_else(|| names().filter(inside).max_by_key(|offered| offered.len()))
}

/// Arguments in their final form: wrappers opened, the older names of `read_file`'s lines replaced.
pub(crate) fn cleaned(name: &str, arguments: Map) -> Map {
    let mut arguments = unwrapped(arguments);
    if name == "read_file" {
        for (old, new) in [
            ("start", "start_line"),
            ("start_line_one_indexed", "start_line"),
            ("end", "end_line"),
            ("end_line_one_indexed_inclusive", "end_line"),
        ] {
            if let Some(value) = arguments.remove(old) {
                arguments.entry(new).or_insert(value);
            }
        }
    }
    arguments
}

/// `{name, arguments: {…}, call_id}` in place of arguments gives the inner ones.
fn unwrapped(mut arguments: Map) -> Map {
    for _ in 0..4 {
        let is_wrapper = arguments.contains_key("arguments")
            && arguments.keys().all(|key| matches!(key.as_str(), "name" | "arguments" | "call_id" | "id"))
            && arguments.len() > 1;
        match arguments.get("arguments") {
            Some(Value::Object(inner)) if is_wrapper => arguments = inner.clone(),
            _ => break,
        }
    }
    arguments
}

/// The calls without those that repeat an earlier one's name and arguments.
pub(crate) fn deduplicated(calls: Vec<ToolCall>) -> Vec<ToolCall> {
    let mut out: Vec<ToolCall> = Vec::with_capacity(calls.len());
    for call in calls {
        if !out.iter().any(|known| known.name == call.name && known.arguments == call.arguments) {
            out.push(call);
        }
    }
    out
}
