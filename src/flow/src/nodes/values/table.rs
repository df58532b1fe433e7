//! The value nodes by name, with the pins an editor declares for them.

use super::{
    ValueFn, agent_data, arrays, constants, json_text, logic, math, objects, random, schema, template, text, time,
    tools, trace_report, variables,
};

/// Pins as pairs of id and type.
type Pins = &'static [(&'static str, &'static str)];

/// One value node type.
#[allow(dead_code, reason = "the pins say what an editor offers; tests hold them against the contract")]
pub(crate) struct ValueNode {
    /// The type name in documents.
    pub name: &'static str,
    /// What it computes.
    pub run: ValueFn,
    /// Whether it is pure when it declares no pins at all; with pins, the pins decide.
    pub pure_without_pins: bool,
    /// The data inputs of the editor's template.
    pub inputs: Pins,
    /// The data outputs of the editor's template.
    pub outputs: Pins,
}

const fn node(name: &'static str, run: ValueFn, pure_without_pins: bool, inputs: Pins, outputs: Pins) -> ValueNode {
    ValueNode { name, run, pure_without_pins, inputs, outputs }
}

/// Every value node.
#[cfg(test)]
pub(crate) fn table() -> &'static [ValueNode] {
    &TABLE
}

/// The function of a node type.
#[cfg(test)]
pub(crate) fn find(name: &str) -> Option<ValueFn> {
    find_node(name).map(|node| node.run)
}

/// The row of a node type.
pub(crate) fn find_node(name: &str) -> Option<&'static ValueNode> {
    TABLE.iter().find(|node| node.name == name)
}

static TABLE: [ValueNode; 66] = [
    node("add", math::add, true, &[("a", "number"), ("b", "number")], &[("result", "number")]),
    node("subtract", math::subtract, true, &[("a", "number"), ("b", "number")], &[("result", "number")]),
    node("multiply", math::multiply, true, &[("a", "number"), ("b", "number")], &[("result", "number")]),
    node("divide", math::divide, true, &[("a", "number"), ("b", "number")], &[("result", "number")]),
    node("modulo", math::modulo, true, &[("a", "number"), ("b", "number")], &[("result", "number")]),
    node("power", math::power, true, &[("base", "number"), ("exp", "number")], &[("result", "number")]),
    node("abs", math::abs, true, &[("value", "number")], &[("result", "number")]),
    node("round", math::round, true, &[("value", "number"), ("decimals", "number")], &[("result", "number")]),
    node("random_int", random::random_int, true, &[("min", "number"), ("max", "number")], &[("result", "number")]),
    node("random_float", random::random_float, true, &[("min", "number"), ("max", "number")], &[("result", "number")]),
    node(
        "get_random_element",
        random::get_random_element,
        true,
        &[("array", "array"), ("default", "any")],
        &[("result", "any"), ("found", "boolean")],
    ),
    node("concat", text::concat, true, &[("a", "string"), ("b", "string")], &[("result", "string")]),
    node("split", text::split, true, &[("text", "string"), ("delimiter", "string")], &[("result", "array")]),
    node("join", text::join, true, &[("items", "array"), ("delimiter", "string")], &[("result", "string")]),
    node("format", text::format, true, &[("template", "string"), ("values", "object")], &[("result", "string")]),
    node("uppercase", text::uppercase, true, &[("text", "string")], &[("result", "string")]),
    node("lowercase", text::lowercase, true, &[("text", "string")], &[("result", "string")]),
    node("trim", text::trim, true, &[("text", "string")], &[("result", "string")]),
    node(
        "substring",
        text::substring,
        true,
        &[("text", "string"), ("start", "number"), ("end", "number")],
        &[("result", "string")],
    ),
    node("length", text::length, true, &[("text", "string")], &[("result", "number")]),
    node("is_empty_string", text::is_empty_string, true, &[("text", "string")], &[("result", "boolean")]),
    node("contains", text::contains, true, &[("text", "string"), ("pattern", "string")], &[("result", "boolean")]),
    node(
        "replace",
        text::replace,
        true,
        &[("text", "string"), ("pattern", "string"), ("replacement", "string"), ("mode", "string")],
        &[("result", "string")],
    ),
    node(
        "string_template",
        template::string_template,
        true,
        &[("template", "string"), ("vars", "object")],
        &[("result", "string")],
    ),
    node("compare", logic::compare, true, &[("a", "any"), ("op", "string"), ("b", "any")], &[("result", "boolean")]),
    node("not", logic::not, true, &[("value", "boolean")], &[("result", "boolean")]),
    node("and", logic::and, true, &[("a", "boolean"), ("b", "boolean")], &[("result", "boolean")]),
    node("or", logic::or, true, &[("a", "boolean"), ("b", "boolean")], &[("result", "boolean")]),
    node("coalesce", logic::coalesce, true, &[("a", "any"), ("b", "any")], &[("result", "any")]),
    node("path_mux", logic::path_mux, true, &[("select", "number"), ("fallback", "any")], &[("out", "any")]),
    node("make_array", arrays::make_array, false, &[("a", "any")], &[("result", "array")]),
    node("array_concat", arrays::array_concat, false, &[("a", "array"), ("b", "array")], &[("result", "array")]),
    node("array_map", arrays::array_map, true, &[("items", "array"), ("key", "string")], &[("result", "array")]),
    node(
        "array_filter",
        arrays::array_filter,
        true,
        &[("items", "array"), ("key", "string"), ("value", "any")],
        &[("result", "array")],
    ),
    node("array_length", arrays::array_length, true, &[("array", "array")], &[("result", "number")]),
    node("has_tools", arrays::has_tools, true, &[("array", "array")], &[("result", "boolean")]),
    node("array_append", arrays::array_append, true, &[("array", "array"), ("item", "any")], &[("result", "array")]),
    node("array_dedup", arrays::array_dedup, true, &[("array", "array"), ("key", "string")], &[("result", "array")]),
    node(
        "get_element",
        arrays::get_element,
        true,
        &[("array", "array"), ("index", "number"), ("default", "any")],
        &[("result", "any"), ("found", "boolean")],
    ),
    node(
        "get",
        objects::get,
        true,
        &[("object", "object"), ("key", "string"), ("default", "any")],
        &[("value", "any")],
    ),
    node(
        "set",
        objects::set,
        true,
        &[("object", "object"), ("key", "string"), ("value", "any")],
        &[("result", "object")],
    ),
    node("merge", objects::merge, true, &[("a", "object"), ("b", "object")], &[("result", "object")]),
    node("make_object", objects::make_object, true, &[("value", "any")], &[("result", "object")]),
    node("break_object", objects::break_object, true, &[("object", "object")], &[]),
    node("parse_json", json_text::parse_json, true, &[("text", "string")], &[("result", "object")]),
    node(
        "stringify_json",
        json_text::stringify_json,
        true,
        &[("value", "any"), ("mode", "string")],
        &[("result", "string")],
    ),
    node(
        "edit_json_schema",
        schema::edit_json_schema,
        true,
        &[("schema", "json_schema")],
        &[("schema", "json_schema")],
    ),
    node(
        "make_context",
        agent_data::make_context,
        true,
        &[("task", "string"), ("messages", "array"), ("context_extra", "object")],
        &[("context", "object")],
    ),
    node(
        "make_meta",
        agent_data::make_meta,
        true,
        &[
            ("schema", "string"),
            ("version", "number"),
            ("output_mode", "string"),
            ("provider", "provider_text"),
            ("model", "model"),
            ("sub_run_id", "string"),
            ("iterations", "number"),
            ("tool_calls", "number"),
            ("tool_results", "number"),
            ("finish_reason", "string"),
            ("gen_time", "number"),
            ("ttft_ms", "number"),
            ("usage", "object"),
            ("trace", "object"),
            ("warnings", "array"),
            ("debug", "object"),
            ("extra", "object"),
        ],
        &[("meta", "object")],
    ),
    node(
        "make_scratchpad",
        agent_data::make_scratchpad,
        true,
        &[
            ("sub_run_id", "string"),
            ("workflow_id", "string"),
            ("task", "string"),
            ("messages", "array"),
            ("context_extra", "object"),
            ("node_traces", "object"),
            ("steps", "array"),
            ("tool_calls", "array"),
            ("tool_results", "array"),
        ],
        &[("scratchpad", "object")],
    ),
    node(
        "add_message",
        agent_data::add_message,
        true,
        &[("role", "string"), ("content", "string")],
        &[("message", "object"), ("context", "object"), ("task", "string"), ("messages", "array")],
    ),
    node(
        "format_tool_results",
        tools::format_tool_results,
        true,
        &[("tool_results", "array")],
        &[("result", "string")],
    ),
    node("tools_allowlist", tools::tools_allowlist, true, &[], &[("tools", "tools")]),
    node("tool_parameters", tools::tool_parameters, true, &[], &[("tool_call", "object")]),
    node(
        "agent_trace_report",
        trace_report::agent_trace_report,
        true,
        &[("scratchpad", "object")],
        &[("result", "string")],
    ),
    node(
        "system_datetime",
        time::system_datetime,
        true,
        &[],
        &[("iso", "string"), ("timezone", "string"), ("utc_offset_minutes", "number"), ("locale", "string")],
    ),
    node("get_var", variables::get_var, true, &[("name", "string")], &[("value", "any")]),
    node("bool_var", variables::bool_var, true, &[], &[("name", "string"), ("value", "boolean")]),
    node("var_decl", variables::var_decl, true, &[], &[("name", "string"), ("value", "any")]),
    node(
        "get_context",
        variables::get_context,
        true,
        &[],
        &[("context", "object"), ("task", "string"), ("messages", "array")],
    ),
    node("literal_string", constants::literal, true, &[], &[("value", "string")]),
    node("literal_number", constants::literal, true, &[], &[("value", "number")]),
    node("literal_boolean", constants::literal, true, &[], &[("value", "boolean")]),
    node("literal_json", constants::literal, true, &[], &[("value", "object")]),
    node("literal_array", constants::literal, true, &[], &[("value", "array")]),
    node("json_schema", constants::literal, true, &[], &[("value", "json_schema")]),
];
