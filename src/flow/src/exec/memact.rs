//! `memact_compose`: facts of the graph into the active memory of a run, `_runtime.active_memory` (contract 03, section
//! 11.7; contract 07, section 3.9). What an earlier composition put there goes, what is new comes on top.
//!
//! The one invariant: no list of the memory is ever longer than its limit.

use model::packet::{collapsed, packets, statement};
use model::run::object_at;
use model::workflow::{PlanContext, PlanError, StepPlan};
use model::{Map, Run, Value};
use serde_json::json;

use super::inputs::{Payload, Style};
use super::{Step, plan_error};
use crate::python::{float_loose, py_str, truthy};

const VERSION: i64 = 1;

/// Facts a trace shows.
const SELECTED_MAX: usize = 50;

/// The lists of the memory: name, prefix of the ids, usual limit, title.
const MODULES: [(&str, &str, usize, &str); 6] = [
    ("relationships", "rel", 40, "RELATIONSHIPS"),
    ("current_tasks", "tsk", 8, "CURRENT TASKS"),
    ("current_context", "ctx", 60, "CURRENT CONTEXT"),
    ("critical_insights", "ins", 60, "CRITICAL INSIGHTS"),
    ("references", "ref", 80, "REFERENCES"),
    ("history", "hist", 200, "HISTORY"),
];

const BLUEPRINTS: &str = "## MEMORY BLUEPRINTS
How this memory is laid out. Each entry is one statement in one module.
- MY PERSONA: who I am and what I am for. It rarely changes.
- RELATIONSHIPS: the people and agents I work with, and what they prefer.
- CURRENT TASKS: what I am doing now; a short list of things I can act on.
- CURRENT CONTEXT: what I need at hand for these tasks, gathered anew for each of them.
- CRITICAL INSIGHTS: what experience has taught me.
- REFERENCES: where longer memories, files and sources can be found again.
- HISTORY: what has happened, in order; it only grows.";

const PERSONA: &str = "I am a working assistant. I act through tools, check what I have done, and claim nothing that \
their results do not show.";

const NO_RESULT: &str = "memact_compose requires a dict kg_result (connect memory_kg_query.raw or output)";

impl Step<'_> {
    pub(super) fn compose(&mut self, run: &mut Run) -> Result<StepPlan, PlanError> {
        self.receive(run, Style::Plain).map_err(plan_error)?;
        let output = compose(run, &self.payload, self.ctx);
        self.remember(run, output.clone());
        self.set_ambient(run, output.clone());
        match self.node().exits.next() {
            Some(next) => Ok(self.goto(next)),
            None => Ok(self.finish(run, output)),
        }
    }
}

fn compose(run: &mut Run, pins: &Payload, ctx: &PlanContext) -> Value {
    let Some(result) = pins.any(&["kg_result", "raw", "result"]).and_then(Value::as_object) else {
        return json!({
            "ok": false, "error": NO_RESULT, "delta": {}, "trace": {}, "active_memory": {}, "memact_system_prompt": "",
            "memact_blocks": [],
        });
    };
    let text = |names: &[&str]| pins.any(names).map(|v| py_str(v).trim().to_owned()).filter(|t| !t.is_empty());
    let stimulus = text(&["stimulus", "query_text"]).unwrap_or_default();
    let marker = text(&["marker"]).unwrap_or_else(|| "KG:".into());
    let most = pins.any(&["max_items"]).filter(|v| !v.is_boolean()).and_then(float_loose).filter(|n| *n >= 1.0);
    let (facts, source) = facts(result, most.map_or(usize::MAX, |n| n as usize));
    let added: Vec<String> = facts.iter().filter_map(|fact| line(fact, &marker)).collect();
    let memory = object_at(run.namespace("_runtime"), "active_memory");
    complete(memory, ctx);
    let removed = marked(memory, &marker);
    let applied = apply(memory, &added, &removed, ctx);
    let blocks = blocks(memory);
    let shown = |key: &str| result.get(key).cloned().unwrap_or(Value::Null);
    let ok = result.get("ok").map_or(Value::Null, |ok| truthy(ok).into());
    json!({
        "ok": true,
        "trace": {
            "stimulus": stimulus, "marker": marker, "packet_source": source,
            "kg": {
                "ok": ok, "count": shown("count"), "packed_count": shown("packed_count"), "effort": shown("effort"),
                "estimated_tokens": shown("estimated_tokens"), "dropped": shown("dropped"), "warnings": shown("warnings"),
            },
            "delta_preview": {"removed": removed.len(), "added": added.len()},
            "selected": facts.iter().filter(|f| stated(f).is_some()).take(SELECTED_MAX).map(selected).collect::<Vec<_>>(),
            "applied": {"ok": true, "applied": applied},
        },
        "delta": {"current_context": {"added": added, "removed": removed}},
        "active_memory": memory,
        "memact_system_prompt": prompt(&blocks),
        "memact_blocks": blocks,
    })
}

/// The packets of a result, or those made of its items.
fn facts(result: &Map, most: usize) -> (Vec<Value>, &'static str) {
    let list = |key: &str| -> Vec<Value> {
        let items = result.get(key).and_then(Value::as_array).into_iter().flatten();
        items.filter(|item| item.is_object()).cloned().collect()
    };
    let (mut facts, mut source) = (list("packets"), "kg_result.packets");
    if facts.is_empty() {
        let items = list("items");
        source = if items.is_empty() { "none" } else { "packetize_assertions(items)" };
        facts = packets(&items);
    }
    facts.truncate(most);
    (facts, source)
}

fn of(fact: &Value, key: &str) -> Option<String> {
    fact.get(key).and_then(Value::as_str).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn stated(fact: &Value) -> Option<String> {
    of(fact, "statement")
        .or_else(|| Some(statement(&of(fact, "subject")?, &of(fact, "predicate")?, &of(fact, "object")?)))
}

/// The line a fact becomes. It does not say how well the fact matched, so that the same fact is the same line.
fn line(fact: &Value, marker: &str) -> Option<String> {
    let said = stated(fact)?;
    let span = of(fact, "span_id").map(|id| format!("span:{id}"));
    let writer = of(fact, "writer_workflow_id").map(|id| format!("wf:{id}"));
    let notes: Vec<String> = span.into_iter().chain(writer).collect();
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    Some(format!("{marker} {said}{notes}"))
}

fn selected(fact: &Value) -> Value {
    json!({
        "statement": stated(fact), "span_id": fact.get("span_id"), "observed_at": fact.get("observed_at"),
        "retrieval_score": fact.get("retrieval_score"),
    })
}

/// Gives a memory every member it lacks.
fn complete(memory: &mut Map, ctx: &PlanContext) {
    memory.insert("version".into(), VERSION.into());
    if memory.get("persona").is_none_or(|p| p.as_str().is_none_or(|p| p.trim().is_empty())) {
        memory.insert("persona".into(), PERSONA.into());
    }
    for (module, prefix, _, _) in MODULES {
        let entries = memory.remove(module);
        let entries = entries.as_ref().and_then(Value::as_array).into_iter().flatten();
        let entries = entries.filter_map(|entry| match entry {
            Value::Object(_) => Some(entry.clone()),
            Value::String(text) if !normal(text).is_empty() => Some(record(prefix, &normal(text), ctx)),
            _ => None,
        });
        let entries = entries.collect();
        memory.insert(module.into(), Value::Array(entries));
    }
    let mut limits = memory.get("limits").and_then(Value::as_object).cloned().unwrap_or_default();
    limits.retain(|_, limit| limit.as_i64().is_some_and(|limit| limit > 0));
    for (module, _, limit, _) in MODULES {
        limits.entry(module).or_insert_with(|| limit.into());
    }
    memory.insert("limits".into(), Value::Object(limits));
    memory.entry("created_at").or_insert_with(|| ctx.now.to_whole_seconds().into());
}

fn record(prefix: &str, text: &str, ctx: &PlanContext) -> Value {
    // `2026-11-22T07:38:45…` as `26/11/22 07:38:45`.
    let moment = ctx.now.to_whole_seconds();
    let (date, time) = (moment.get(2..10).unwrap_or_default(), moment.get(11..19).unwrap_or_default());
    let ts = format!("{} {time}", date.replace('-', "/"));
    json!({"id": format!("{prefix}_{}", ctx.random_hex()), "text": text, "ts": ts, "created_at": moment})
}

/// A statement in one line, without the time a model may have put before it.
fn normal(text: &str) -> String {
    let text = collapsed(text);
    let inner = text.strip_prefix('[').map_or(text.as_str(), str::trim_start);
    let stamp = inner.get(..17).filter(|stamp| {
        let shape: String = stamp.chars().map(|c| if c.is_ascii_digit() { '9' } else { c }).collect();
        shape == "99/99/99 99:99:99"
    });
    let Some(stamp) = stamp else { return text };
    let rest = inner[stamp.len()..].trim_start();
    rest.strip_prefix(']').unwrap_or(rest).trim().to_owned()
}

fn key(text: &str) -> String {
    normal(text).to_lowercase()
}

fn text_of(entry: &Value) -> &str {
    entry.get("text").and_then(Value::as_str).unwrap_or_default()
}

/// What an earlier composition put into the context.
fn marked(memory: &Map, marker: &str) -> Vec<String> {
    let entries = memory.get("current_context").and_then(Value::as_array).into_iter().flatten().map(text_of);
    let marker = marker.to_lowercase();
    entries.filter(|text| text.trim().to_lowercase().starts_with(&marker)).map(str::to_owned).collect()
}

/// Changes the context, holds every list to its limit, and says how many entries came and went.
fn apply(memory: &mut Map, added: &[String], removed: &[String], ctx: &PlanContext) -> Value {
    let limits = memory.get("limits").and_then(Value::as_object).cloned().unwrap_or_default();
    let mut applied = Map::new();
    for (module, prefix, usual, _) in MODULES {
        let limit = limits.get(module).and_then(Value::as_u64).and_then(|n| usize::try_from(n).ok()).unwrap_or(usual);
        let Some(entries) = memory.get_mut(module).and_then(Value::as_array_mut) else { continue };
        let (mut gone, mut new) = (0, 0);
        if module == "current_context" {
            (new, gone) = exchange(entries, added, removed, |text| record(prefix, text, ctx));
        }
        let trimmed = entries.len().saturating_sub(limit);
        entries.truncate(limit);
        let counts = match module {
            "history" => json!({"added": new, "trimmed": trimmed}),
            _ => json!({"added": new, "removed": gone, "trimmed": trimmed}),
        };
        applied.insert(module.into(), counts);
    }
    memory.insert("updated_at".into(), ctx.now.to_whole_seconds().into());
    Value::Object(applied)
}

fn exchange(
    entries: &mut Vec<Value>,
    added: &[String],
    removed: &[String],
    record: impl Fn(&str) -> Value,
) -> (usize, usize) {
    let removed: Vec<String> = removed.iter().map(|text| key(text)).collect();
    let before = entries.len();
    entries.retain(|entry| !removed.contains(&key(text_of(entry))));
    let gone = before - entries.len();
    let mut known: Vec<String> = entries.iter().map(|entry| key(text_of(entry))).collect();
    let mut new = 0;
    for text in added {
        let own = key(text);
        if !own.is_empty() && !known.contains(&own) {
            entries.insert(0, record(&normal(text)));
            known.push(own);
            new += 1;
        }
    }
    (new, gone)
}

fn blocks(memory: &Map) -> Vec<Value> {
    let block = |id: &str, title: &str, content: &str| json!({"component_id": id, "title": title, "content": content});
    let persona = memory.get("persona").and_then(Value::as_str).unwrap_or(PERSONA).trim();
    let mut blocks =
        vec![block("memory_blueprints", "MEMORY BLUEPRINTS", BLUEPRINTS), block("persona", "MY PERSONA", persona)];
    for (module, _, _, title) in MODULES {
        let entries = memory.get(module).and_then(Value::as_array).into_iter().flatten();
        let lines: Vec<String> = entries
            .filter(|entry| !text_of(entry).trim().is_empty())
            .map(|entry| {
                let ts = of(entry, "ts").map(|ts| format!("[{ts}] ")).unwrap_or_default();
                format!("- {ts}{}", text_of(entry).trim())
            })
            .collect();
        let content = if lines.is_empty() { "(empty)".to_owned() } else { lines.join("\n") };
        blocks.push(block(module, title, &content));
    }
    blocks
}

fn prompt(blocks: &[Value]) -> String {
    let text = |block: &Value| {
        let member = |key: &str| block.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let content = member("content");
        if member("component_id") == "memory_blueprints" {
            content
        } else {
            format!("## {}\n{content}", member("title"))
        }
    };
    blocks.iter().map(text).collect::<Vec<_>>().join("\n\n")
}
