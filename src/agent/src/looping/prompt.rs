//! What the model is told besides the transcript. Texts only: no decisions.

use std::fmt::Write as _;

use model::{Run, Value};
use sha2::{Digest, Sha256};

use super::state::{cycles, runtime_text};

const PERSONA: &str = "You are an autonomous assistant that solves the user's task step by step.
In every turn you either call tools or give the final answer. Keep your thinking short. A turn without tool calls ends the task: its text is your final answer.";

const RULES: &str = "How to work:
- Decide yourself which tools you need; do not ask for permission to use them.
- Calls that only read and do not depend on each other may go out together in one turn. A call that changes something (writing, editing, running a command, sending) goes alone, and you read its result before the next one.
- Keep arguments small. For a long file write a skeleton first, then fill it in with edits.
- Attached files are already yours to read; open them instead of asking for them.
- When a part of the work needs a lot of reading, hand it to a helper with delegate_agent if you have that tool, and use only what it reports.
- State as fact only what the user or a tool result told you. When a tool fails, read the error, change something, and try again or say what is missing.
- When you announce an action, call the tool in the same turn.";

const NO_TOOLS: &str = "You have no tools in this conversation: answer from what you know and were given.";

/// The system prompt of a turn.
pub(crate) fn system(run: &Run, turn: u64, max: u64, has_tools: bool, guidance: &str) -> String {
    let own = runtime_text(run, "system_prompt");
    let base = match own {
        Some(text) => text.to_owned(),
        None => format!("{PERSONA}\n\n{}", if has_tools { RULES } else { NO_TOOLS }),
    };
    let mut out = format!("Iteration: {turn}/{max}\n\n{base}");
    append(&mut out, "Guidance for this turn:", guidance);
    append(&mut out, "Additional system instructions:", runtime_text(run, "system_prompt_extra").unwrap_or_default());
    if own.is_none() {
        append(&mut out, "What you did so far:", &digest(cycles(run), 6));
    }
    out
}

/// The system prompt of the concluding call.
pub(crate) fn conclusion(run: &Run, strict: bool, guidance: &str) -> String {
    let mut out = String::from(
        "The budget of turns for this task is used up. No tool can be called any more. Write the best final answer \
         you can from what has been found: what was done, what the result is, and what remains open.",
    );
    if strict {
        out.push_str(
            "\nYour last reply contained a tool call, and it was not executed. Reply in plain prose only, without any \
             call syntax or markup.",
        );
    }
    append(&mut out, "Guidance:", guidance);
    append(&mut out, "Additional system instructions:", runtime_text(run, "system_prompt_extra").unwrap_or_default());
    append(&mut out, "What was done:", &digest(cycles(run), 25));
    out
}

fn append(out: &mut String, title: &str, text: &str) {
    if !text.trim().is_empty() {
        let _ = write!(out, "\n\n{title}\n{}", text.trim());
    }
}

/// The last `keep` turns in a few lines each.
pub(crate) fn digest(cycles: &[Value], keep: usize) -> String {
    let mut out = String::new();
    for cycle in &cycles[cycles.len().saturating_sub(keep)..] {
        let _ = write!(out, "#{}", cycle["i"]);
        let thought = cycle["thought"].as_str().unwrap_or_default();
        let _ = writeln!(out, " {}", one_line(thought, 600));
        for call in cycle["tool_calls"].as_array().into_iter().flatten() {
            let _ = writeln!(out, "  call {}", signature(call));
        }
        for seen in cycle["observations"].as_array().into_iter().flatten() {
            let mark = if seen["success"] == true { "ok" } else { "failed" };
            let text = seen["rendered"].as_str().unwrap_or_default();
            let _ = writeln!(out, "  {mark} {}: {}", seen["name"].as_str().unwrap_or("?"), one_line(text, 220));
        }
    }
    out
}

/// `name(arguments)`, long texts replaced by their length and hash.
pub(crate) fn signature(call: &Value) -> String {
    format!("{}({})", call["name"].as_str().unwrap_or("?"), shortened(&call["arguments"]))
}

/// A value with texts over 200 characters replaced by length and hash, and lists cut at 25 items.
pub(crate) fn shortened(value: &Value) -> Value {
    match value {
        Value::String(text) if text.chars().count() > 200 => {
            let hash = hex::encode(&Sha256::digest(text.as_bytes())[..6]);
            Value::String(format!("<{} chars, sha256 {hash}>", text.chars().count()))
        }
        Value::Array(items) => items.iter().take(25).map(shortened).collect(),
        Value::Object(map) => map.iter().map(|(k, v)| (k.clone(), shortened(v))).collect(),
        other => other.clone(),
    }
}

/// A text on one line of at most `max` characters.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let mut out = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((cut, _)) = out.char_indices().nth(max) {
        out.truncate(cut);
        out.push('…');
    }
    out
}

/// To a model whose reply was cut off.
pub(crate) const CUT_OFF: &str = "Your last reply was cut off by the length limit and was discarded. Answer again, shorter; write long content in several smaller steps.";
/// To a model that said nothing.
pub(crate) const EMPTY: &str = "Your last reply was empty. Either call a tool or give the final answer as text.";
/// To a model that promised an action and called nothing.
pub(crate) const ANNOUNCED: &str = "You announced an action and called no tool. If you still mean to act, call the tool now; if the task is finished, give the final answer.";
/// To a model that repeats a call that changes something.
pub(crate) const REPEATED: &str = "You repeated a call that had already succeeded and that changes something; it was not executed again. Go on from its first result, or give the final answer.";
/// Tool message of a call that was not repeated.
pub(crate) const SKIPPED: &str = "Skipped: the same call succeeded in the turn before and was not executed again";
/// How a delegate is told to work.
pub(crate) const DELEGATE: &str = "You are a helper that another agent gave one part of its work. Do exactly that part, with the context given. Do not ask questions: decide sensibly and say what you assumed. End with a compact report: the result, the evidence for it (paths, names, numbers), and what you could not find out.";
