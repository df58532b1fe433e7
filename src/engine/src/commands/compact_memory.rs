//! Asks that the conversation of a scheduled tree be compacted (contract 02, section 8). The command goes to the run whose
//! conversation it is; `aside` does it there.

use std::collections::HashSet;

use model::{Code, Command, Effect, EffectKind, Error, Map, Run, RunId, Value};
use serde_json::json;
use store::Store;

use crate::effects::text;
use crate::store_error;

/// The member of the payload that keeps which schedule the command came through.
const ROOT: &str = "scheduled_root_run_id";
/// The member that marks a command the gateway gave itself: moment and tokens.
const AUTO: &str = "auto";
/// Runs whose conversations are looked at, at most.
const LOOKED_AT_MAX: usize = 200;
/// How the key of a compaction nobody asked for begins.
const AUTO_KEY: &str = "runtime:auto_compact:";

/// A stored command, read.
pub(crate) struct Asked {
    payload: Map,
    /// Nobody asked: the run needs it.
    pub auto: bool,
    /// The step's key.
    pub key: String,
    /// Which run the client named.
    pub requested: Option<String>,
    /// The schedule.
    pub root: Option<String>,
}

impl Asked {
    pub(crate) fn of(command: &Command) -> Self {
        let payload = &command.payload;
        let auto = text(payload, &[AUTO]);
        let key = match &auto {
            Some(moment) => format!("{AUTO_KEY}{moment}"),
            None => format!("command:compact_memory:{}", command.command_id),
        };
        Self {
            payload: members(payload),
            auto: auto.is_some(),
            key,
            requested: text(payload, &[super::update_schedule::REQUESTED]),
            root: text(payload, &[ROOT]),
        }
    }

    /// The effect the ledger shows.
    pub(crate) fn effect(&self) -> Effect {
        let result_key = if self.auto { "_temp.runtime.auto_compact" } else { "_temp.command.compact_memory" };
        let payload = self.payload.clone();
        Effect { kind: EffectKind::MemoryCompact, payload, result_key: Some(result_key.into()) }
    }

    /// The node the ledger shows for a key.
    pub(crate) fn node(key: &str) -> &'static str {
        if key.starts_with(AUTO_KEY) { "auto_compact" } else { "compact_memory" }
    }
}

/// What a client may say of the compaction.
fn members(payload: &Map) -> Map {
    let mut members = Map::new();
    for (key, names) in [
        ("preserve_recent", ["preserve_recent", "preserveRecent"]),
        ("compression_mode", ["compression_mode", "compressionMode"]),
        ("focus", ["focus", "focus"]),
    ] {
        let given = names.iter().find_map(|name| payload.get(*name).filter(|value| !value.is_null()));
        members.extend(given.map(|value| (key.to_owned(), value.clone())));
    }
    members.entry("preserve_recent").or_insert_with(|| json!(6));
    members.entry("compression_mode").or_insert_with(|| json!("standard"));
    members
}

/// What can be known before it is stored. A run that has ended still has its conversation.
pub(super) fn check(command: &Command) -> Result<(), Error> {
    let members = members(&command.payload);
    let invalid = |text: &str| Err(Error::new(Code::Validation, text));
    if members["preserve_recent"].as_u64().is_none() {
        return invalid("compact_memory preserve_recent must be a whole number, 0 or more");
    }
    let mode = members["compression_mode"].as_str().map(|mode| mode.trim().to_lowercase());
    if !matches!(mode.as_deref(), Some("light" | "standard" | "heavy")) {
        return invalid("compact_memory compression_mode must be light, standard or heavy");
    }
    if members.get("focus").is_some_and(|focus| !focus.is_string()) {
        return invalid("compact_memory focus must be a text");
    }
    let target = ["target_run_id", "targetRunId"].iter().find_map(|name| command.payload.get(*name));
    if target.is_some_and(|target| !target.is_null() && !target.is_string()) {
        return invalid("compact_memory target_run_id must be the id of a run");
    }
    Ok(())
}

/// Finds the run whose conversation is meant and addresses the command to it.
///
/// # Errors
/// A payload that cannot be read, a run outside of schedules, a tree without a conversation; the store's.
pub(crate) async fn address(store: &dyn Store, named: Run, command: &mut Command) -> Result<Run, Error> {
    check(command)?;
    let requested = named.run_id.clone();
    let conflict = |text: &str| Error::new(Code::Conflict, text);
    let root = super::schedule_of(store, &named).await.map_err(store_error)?.ok_or_else(|| {
        conflict("compact_memory is only supported for scheduled runs (or runs inside a scheduled run tree)")
    })?;
    let target = match text(&command.payload, &["target_run_id", "targetRunId"]) {
        Some(target) => given(store, &root, &target).await?,
        None => conversation_below(store, root.clone()).await.map_err(store_error)?.ok_or_else(|| {
            conflict("no run of this schedule has a conversation (context.messages) that could be compacted")
        })?,
    };
    command.payload = members(&command.payload);
    command.payload.insert(super::update_schedule::REQUESTED.into(), requested.to_string().into());
    command.payload.insert(ROOT.into(), root.run_id.to_string().into());
    command.run_id = target.run_id.to_string();
    Ok(target)
}

async fn given(store: &dyn Store, root: &Run, target: &str) -> Result<Run, Error> {
    let found = store.run(&RunId::from(target)).await.map_err(store_error)?;
    let Some(found) = found else {
        return Err(Error::new(Code::RunNotFound, format!("Target run '{target}' not found")));
    };
    let above = super::schedule_of(store, &found.run).await.map_err(store_error)?;
    if above.is_none_or(|above| above.run_id != root.run_id) {
        let text = format!("run '{target}' does not belong to the schedule '{}'", root.run_id);
        return Err(Error::new(Code::Conflict, text));
    }
    Ok(found.run)
}

/// The conversation that is meant: of the schedule itself, of the children it waits for, else of the youngest descendant that
/// has one.
async fn conversation_below(store: &dyn Store, root: Run) -> Result<Option<Run>, store::Error> {
    let mut open = vec![root.run_id.clone()];
    let (mut waited_on, mut seen) = (Some(root), HashSet::new());
    while let Some(run) = waited_on.take() {
        if has_conversation(&run) {
            return Ok(Some(run));
        }
        let child = run.waiting.as_ref().and_then(|wait| wait.detail("sub_run_id")).map(RunId::from);
        if let Some(child) = child.filter(|_| seen.insert(run.run_id.clone())) {
            waited_on = store.run(&child).await?.map(|found| found.run);
        }
    }
    for _ in 0..LOOKED_AT_MAX {
        let Some(run_id) = open.pop() else { break };
        let Some(found) = store.run(&run_id).await? else { continue };
        if has_conversation(&found.run) {
            return Ok(Some(found.run));
        }
        // The last of the list is looked at next: the youngest.
        open.extend(store.children(&run_id).await?);
    }
    Ok(None)
}

fn has_conversation(run: &Run) -> bool {
    let messages = run.vars.get("context").and_then(|context| context.get("messages")).and_then(Value::as_array);
    messages.is_some_and(|messages| !messages.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::CommandKind;

    #[test]
    fn a_command_says_what_it_means_or_is_refused() {
        for (payload, expected) in [
            (json!({}), Some(json!({"preserve_recent": 6, "compression_mode": "standard"}))),
            (
                json!({"preserveRecent": 0, "compressionMode": "HEAVY", "focus": "x", "other": 1}),
                Some(json!({"preserve_recent": 0, "compression_mode": "HEAVY", "focus": "x"})),
            ),
            (
                json!({"preserve_recent": null, "focus": null, "targetRunId": null}),
                Some(json!({"preserve_recent": 6, "compression_mode": "standard"})),
            ),
            (json!({"preserve_recent": -1}), None),
            (json!({"preserve_recent": "6"}), None),
            (json!({"preserve_recent": 1.5}), None),
            (json!({"compression_mode": "fierce"}), None),
            (json!({"compression_mode": 1}), None),
            (json!({"focus": 5}), None),
            (json!({"target_run_id": 5}), None),
        ] {
            let command = Command {
                command_id: "c".into(),
                run_id: "r".into(),
                kind: CommandKind::CompactMemory,
                payload: payload.as_object().cloned().unwrap(),
                ts: String::new(),
                client_id: None,
                seq: 0,
            };
            assert_eq!(check(&command).is_ok(), expected.is_some(), "{payload}");
            if let Some(expected) = expected {
                assert_eq!(json!(Asked::of(&command).effect().payload), expected, "{payload}");
            }
        }
    }
}
