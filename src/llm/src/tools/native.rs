//! Tools in the protocol's own fields, both ways.
//!
//! The one invariant: `default` does not travel (it would be read as a suggestion to leave the parameter out), all
//! else of a parameter does.

use model::{Map, Value};
use serde_json::json;

use super::{Tool, ToolCall, cleaned, offered_name};
use crate::loose;

/// The `tools` field of a request.
pub(crate) fn wire_tools(tools: &[Tool]) -> Value {
    tools.iter().map(wire_tool).collect()
}

fn wire_tool(tool: &Tool) -> Value {
    let mut properties = tool.properties.clone();
    for property in properties.values_mut().filter_map(Value::as_object_mut) {
        property.remove("default");
    }
    let mut parameters = Map::new();
    parameters.insert("type".into(), "object".into());
    parameters.insert("properties".into(), Value::Object(properties));
    parameters.insert("required".into(), json!(tool.required));
    parameters.extend(tool.rest.clone());
    json!({"type": "function", "function": {"name": tool.name, "description": tool.description, "parameters": parameters}})
}

/// The `tool_calls` of an answer.
pub(crate) fn calls(value: Option<&Value>, tools: &[Tool]) -> Vec<ToolCall> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(|call| one(call, tools)).collect()
}

fn one(call: &Value, tools: &[Tool]) -> Option<ToolCall> {
    let function = call.get("function").unwrap_or(call);
    let given = function.get("name")?.as_str()?.trim();
    let name = offered_name(given, tools).unwrap_or(given);
    if name.is_empty() {
        return None;
    }
    let arguments = cleaned(name, arguments(function.get("arguments")));
    let call_id = call.get("id").and_then(Value::as_str).filter(|id| !id.is_empty()).map(str::to_owned);
    Some(ToolCall { name: name.to_owned(), arguments, call_id })
}

/// Arguments as an object; a text is read leniently, twice if it is a text within a text.
pub(super) fn arguments(value: Option<&Value>) -> Map {
    let mut value = value.cloned().unwrap_or_default();
    for _ in 0..2 {
        match value {
            Value::Object(map) => return map,
            Value::String(text) => value = loose::whole(&text).unwrap_or_default(),
            _ => break,
        }
    }
    value.as_object().cloned().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tool_travels_whole_but_for_its_defaults() {
        let input = json!([{"name":"add","description":"Add numbers","when_to_use":"x","tags":["t"],"parameters":{
            "a":{"type":"integer","description":"first"},"b":{"type":"integer","default":1},
            "c":{"type":"array","items":{"type":"string","enum":["x","y"]},"default":[]}}}]);
        assert_eq!(
            wire_tools(&Tool::list(Some(&input)).unwrap()),
            json!([{"type":"function","function":{"name":"add","description":"Add numbers","parameters":{"type":"object",
                "properties":{"a":{"type":"integer","description":"first"},"b":{"type":"integer"},
                "c":{"type":"array","items":{"type":"string","enum":["x","y"]}}},"required":["a"]}}}])
        );
    }

    #[test]
    fn calls_come_back_with_their_ids() {
        let tools = Tool::list(Some(&json!([{"name":"read_file","parameters":{"path":{"type":"string"}}}]))).unwrap();
        let check = |call: Value, expected: Value| {
            let got: Vec<_> = calls(Some(&json!([call])), &tools).iter().map(ToolCall::to_value).collect();
            assert_eq!(Value::from(got), json!([expected]));
        };
        check(
            json!({"id":"c1","type":"function","function":{"name":"read_file","arguments":"{\"path\":\"a\",\"start\":2}"}}),
            json!({"name":"read_file","arguments":{"path":"a","start_line":2},"call_id":"c1"}),
        );
        check(
            json!({"function":{"name":"functions.read_file","arguments":"{'path': 'a'}"}}),
            json!({"name":"read_file","arguments":{"path":"a"},"call_id":null}),
        );
        check(
            json!({"id":"c","function":{"name":"unknown","arguments":"not json"}}),
            json!({"name":"unknown","arguments":{},"call_id":"c"}),
        );
        check(
            json!({"id":"c","function":{"name":"read_file","arguments":{"name":"read_file","arguments":{"path":"a"},"call_id":"c"}}}),
            json!({"name":"read_file","arguments":{"path":"a"},"call_id":"c"}),
        );
    }
}
