//! Tools in the prompt: the section of the system text that lists them and says how a call is written, and past calls
//! and results as plain text.
//!
//! The one invariant: the syntax asked for is one that `parse` reads.

use std::fmt::Write as _;

use model::json::{Layout, write};
use model::{Map, Value};

use super::{Tool, ToolCall};

/// A system text that holds this lists its tools itself.
const LISTED_ALREADY: &str = "## Tools (session)";
const HINTED_TOOLS_MAX: usize = 6;
const EXAMPLES_MAX: usize = 8;
/// Tools whose hint is worth its tokens even in a long list.
const ALWAYS_HINTED: [&str; 7] =
    ["edit_file", "write_file", "execute_command", "web_search", "skim_websearch", "skim_url", "fetch_url"];

/// The section for a model that writes calls in `format`.
pub(crate) fn section(tools: &[Tool], format: &str, system: &str) -> String {
    let mut out = String::from("You can use tools. ");
    if system.contains(LISTED_ALREADY) {
        out.push_str("They are listed above.\n");
    } else {
        out.push_str("These are available:\n");
        list(&mut out, tools);
    }
    let _ = write!(
        out,
        "\nTo use one, write exactly this and nothing else in its place:\n{}\n\n",
        sample(format, "TOOL_NAME", None)
    );
    out.push_str(RULES);
    let examples: Vec<_> = tools.iter().filter_map(|t| Some((t, t.examples.first()?))).take(EXAMPLES_MAX).collect();
    if !examples.is_empty() {
        out.push_str("\nExamples:\n");
        for (tool, arguments) in examples {
            let _ = writeln!(out, "{}", sample(format, &tool.name, Some(arguments)));
        }
    }
    out.trim_end().to_owned()
}

const RULES: &str = "Rules:
- Use only the tools listed, under their exact names.
- Give every argument marked required, with its real value and type; leave out what you do not need.
- Inside JSON, escape line breaks and quotes.
- Several calls in one answer are fine when none needs the result of another.
- After writing your calls, stop: results arrive in the next message.
- Never invent a result, and do not repeat a call whose result you have.
- Answer in plain words when no tool is needed.
- Do not describe a call instead of making it.
";

fn list(out: &mut String, tools: &[Tool]) {
    for tool in tools {
        let _ = writeln!(out, "- {}: {}", tool.name, tool.description);
        if !tool.properties.is_empty() {
            let mut names: Vec<_> = tool.properties.keys().collect();
            names.sort();
            let shown: Vec<_> = names.into_iter().map(|name| parameter(tool, name)).collect();
            let _ = writeln!(out, "  args: {}", shown.join(", "));
        }
        let hinted = tools.len() <= HINTED_TOOLS_MAX || ALWAYS_HINTED.contains(&tool.name.as_str());
        if let Some(hint) = tool.when_to_use.as_ref().filter(|_| hinted) {
            let _ = writeln!(out, "  use it when: {hint}");
        }
    }
}

fn parameter(tool: &Tool, name: &str) -> String {
    let property = &tool.properties[name];
    let kind = match property.get("type") {
        Some(Value::String(kind)) => kind.clone(),
        _ => "any".to_owned(),
    };
    let kind = match property.get("enum").and_then(Value::as_array) {
        Some(values) => values.iter().map(|v| write(v, Layout::COMPACT)).collect::<Vec<_>>().join("|"),
        None => kind,
    };
    let note = if tool.required.iter().any(|r| r == name) {
        "required".to_owned()
    } else {
        match property.get("default") {
            Some(default) if !default.is_null() => format!("default {}", write(default, Layout::COMPACT)),
            _ => "optional".to_owned(),
        }
    };
    format!("{name}: {kind} ({note})")
}

/// A call in the given syntax; without arguments, its form.
fn sample(format: &str, name: &str, arguments: Option<&Map>) -> String {
    let object = match arguments {
        Some(map) => write(&Value::Object(map.clone()), Layout::SPACED),
        None => r#"{"argument": "value"}"#.to_owned(),
    };
    let json = format!(r#"{{"name": "{name}", "arguments": {object}}}"#);
    let python = || match arguments {
        None => format!("{name}(argument=\"value\")"),
        Some(map) => {
            let named: Vec<_> = map.iter().map(|(k, v)| format!("{k}={}", write(v, Layout::SPACED))).collect();
            format!("{name}({})", named.join(", "))
        }
    };
    match format {
        "special_token" => format!("<|tool_call|>{json}</|tool_call|>"),
        "gemma4" => format!("<|tool_call>call:{name}{object}<tool_call|>"),
        "lfm" => format!("<|tool_call_start|>[{}]<|tool_call_end|>", python()),
        "xml" | "native" => format!("<tool_call>{json}</tool_call>"),
        "nemotron" => tags(name, arguments),
        "pythonic" => format!("```tool_code\n{}\n```", python()),
        "prompted" => format!("<function_call>{json}</function_call>"),
        _ => json,
    }
}

fn tags(name: &str, arguments: Option<&Map>) -> String {
    let mut out = format!("<tool_call>\n<function={name}>\n");
    match arguments {
        None => out.push_str("<parameter=argument>\nvalue\n</parameter>\n"),
        Some(map) => {
            for (key, value) in map {
                let text = value.as_str().map_or_else(|| write(value, Layout::SPACED), str::to_owned);
                let _ = write!(out, "<parameter={key}>\n{text}\n</parameter>\n");
            }
        }
    }
    out.push_str("</function>\n</tool_call>");
    out
}

/// What a past answer with calls looks like to a model that writes them itself.
pub(crate) fn assistant_text(content: &str, calls: &[ToolCall], format: &str) -> String {
    let written = calls.iter().map(|call| sample(format, &call.name, Some(&call.arguments)));
    let parts: Vec<String> = std::iter::once(content.to_owned()).chain(written).filter(|p| !p.is_empty()).collect();
    parts.join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tools::parse;

    fn tools() -> Vec<Tool> {
        let spec = json!([{"name":"add","description":"Add numbers","when_to_use":"sums","parameters":{"b":{"type":"integer","default":1},
            "a":{"type":"integer"}},"examples":[{"description":"x","arguments":{"a":2}}]}]);
        Tool::list(Some(&spec)).unwrap()
    }

    #[test]
    fn what_is_asked_for_can_be_read_back() {
        for format in ["special_token", "gemma4", "lfm", "xml", "nemotron", "pythonic", "prompted", "json", "native"] {
            let arguments = Map::from_iter([("a".to_owned(), json!(2))]);
            let parsed = parse(&sample(format, "add", Some(&arguments)), &tools());
            let text = parsed.calls[0].arguments["a"].to_string();
            assert_eq!((parsed.calls.len(), text.trim_matches('"')), (1, "2"), "{format}");
        }
    }

    #[test]
    fn the_list_is_compact_and_left_out_when_it_is_there() {
        let text = section(&tools(), "xml", "SYS");
        assert!(text.contains(
            "- add: Add numbers\n  args: a: integer (required), b: integer (default 1)\n  use it when: sums\n"
        ));
        assert!(text.ends_with("<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 2}}</tool_call>"));
        assert!(!section(&tools(), "xml", "x\n## Tools (session)\n").contains("args:"));
    }
}
