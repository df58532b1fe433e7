//! What was found, as a text for a model.

use model::Value;

use super::{Archive, NOTE, Owner, Span, messages};

/// Source ids shown of a note, at most.
const SOURCES_SHOWN: usize = 12;

/// The text of a recall. `messages_max` bounds the archived messages of all entries together; -1 shows all.
pub(super) fn rendered(owners: &[Owner], found: &[String], messages_max: i64, archive: &dyn Archive) -> String {
    if found.is_empty() {
        return "No matching memory spans.".into();
    }
    let mut lines = vec!["From memory:".to_owned()];
    let mut left = usize::try_from(messages_max).ok();
    for (i, id) in found.iter().enumerate() {
        let span = owners.iter().find_map(|owner| owner.span(id));
        lines.push(String::new());
        lines.extend(head(i + 1, id, span));
        if let Some(summary) = owners.iter().find_map(|owner| owner.summaries.get(id)) {
            lines.push(format!("    summary: {}", summary.trim()));
        }
        if left == Some(0) {
            continue;
        }
        match archive.body(id) {
            None => lines.push("    (the archived content is not there any more)".into()),
            Some(body) if span.and_then(|s| s.text("kind")) == Some(NOTE) || body.get("note").is_some() => {
                lines.extend(note(span, &body));
            }
            Some(body) => lines.extend(conversation(&body, &mut left, messages_max)),
        }
    }
    lines.join("\n")
}

fn head(number: usize, id: &str, span: Option<&Span>) -> Vec<String> {
    let text = |key: &str| span.and_then(|s| s.text(key)).unwrap_or_default();
    let kind = if text("kind").is_empty() { "span" } else { text("kind") };
    let count = span.and_then(|s| s.get("message_count")?.as_u64()).filter(|n| *n > 0);
    let count = count.map(|n| n.to_string()).unwrap_or_default();
    let mut lines = vec![format!("[{number}] span_id={id} kind={kind} msgs={count} created_at={}", text("created_at"))];
    let (from, to) = (text("from_timestamp"), text("to_timestamp"));
    if !from.is_empty() || !to.is_empty() {
        lines.push(format!("    time_range: {from} .. {to}"));
    }
    for key in ["created_by", "location"] {
        if !text(key).is_empty() {
            lines.push(format!("    {key}: {}", text(key)));
        }
    }
    let mut tags: Vec<String> =
        span.into_iter().flat_map(Span::tags).filter(|(_, v)| !v.is_empty()).map(|(k, v)| format!("{k}={v}")).collect();
    tags.sort();
    if !tags.is_empty() {
        lines.push(format!("    tags: {}", tags.join(", ")));
    }
    lines
}

fn note(span: Option<&Span>, body: &Value) -> Vec<String> {
    let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::trim).unwrap_or_default().to_owned();
    let note = text(body.get("note"));
    let mut lines = vec![if note.is_empty() { "    (the note is empty)".into() } else { format!("    note: {note}") }];
    let location = text(body.get("location"));
    if !location.is_empty() && span.and_then(|s| s.text("location")).is_none() {
        lines.push(format!("    location: {location}"));
    }
    let sources = body.get("sources");
    let run_id = text(sources.and_then(|s| s.get("run_id")));
    if !run_id.is_empty() {
        lines.push(format!("    sources.run_id: {run_id}"));
    }
    for key in ["span_ids", "message_ids"] {
        let ids = sources.and_then(|s| s.get(key)).and_then(Value::as_array);
        let ids: Vec<&str> = ids.into_iter().flatten().filter_map(Value::as_str).take(SOURCES_SHOWN).collect();
        if !ids.is_empty() {
            lines.push(format!("    sources.{key}: {}", ids.join(", ")));
        }
    }
    lines
}

fn conversation(body: &Value, left: &mut Option<usize>, messages_max: i64) -> Vec<String> {
    let Some(said) = body.get("messages").and_then(Value::as_array) else {
        return vec!["    (the archive holds no messages)".into()];
    };
    let said: Vec<&Value> = said.iter().filter(|m| m.is_object()).collect();
    let shown = left.map_or(said.len(), |left| left.min(said.len()));
    let mut lines: Vec<String> = said.iter().take(shown).map(|message| line(message)).collect();
    if let Some(left) = left {
        *left -= shown;
    }
    if shown < said.len() {
        let omitted = said.len() - shown;
        lines.push(format!("    ({omitted} more messages left out by max_messages={messages_max})"));
    }
    lines
}

fn line(message: &Value) -> String {
    let role = message.get("role").and_then(Value::as_str).filter(|r| !r.is_empty()).unwrap_or("unknown");
    let when = message.get("timestamp").and_then(Value::as_str).unwrap_or_default();
    let when = if when.is_empty() { String::new() } else { format!("{when} ") };
    format!("    - {when}{role}: {}", messages::content(message))
}
