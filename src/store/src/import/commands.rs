//! The inbox of the file layout, and which of its commands were applied.
//!
//! May not know: what a command does. The invariant: a command that may have been applied already is not applied again.

use std::collections::HashSet;
use std::path::Path;

use model::{Command, CommandKind, Timestamp, Value};
use serde_json::Value::Object;

use super::files::{each_line, read};
use super::{Imported, Limits, Problem, lines};
use crate::Error;
use crate::sqlite::import::{Fate, Target};

const CURSOR: &str = "commands_cursor.json";
/// Bytes of a cursor file: it holds a number and a moment.
const CURSOR_BYTES_MAX: u64 = 1 << 16;

/// How far the Python gateway had applied its inbox.
enum Cursor {
    /// Up to here.
    At(i64),
    /// Nobody knows.
    Lost,
}

/// Reads the inbox and stores it.
pub(super) fn take(
    target: &mut Target,
    file: &Path,
    cursor: Option<&Path>,
    limits: Limits,
    problems: &mut Vec<Problem>,
) -> Result<Imported, Error> {
    let cursor = cursor.map_or(Cursor::At(0), |file| read_cursor(file, problems));
    let (mut ids, mut seqs) = (HashSet::new(), HashSet::new());
    let mut commands = 0;
    let name = super::INBOX;
    each_line(file, limits, problems, |number, text, problems| {
        let mut aside = |why: &str, text: &str| problems.push(Problem::new(name, Some(number), why, text));
        let (found, left) = lines::objects(text);
        left.into_iter().for_each(|text| aside("it is no JSON object", text));
        for text in found {
            let command = match command(&text) {
                Ok(command) => command,
                Err(why) => {
                    aside(why, &text);
                    continue;
                }
            };
            if !ids.insert(command.command_id.clone()) || !seqs.insert(command.seq) {
                aside("its id or its place is taken by a command before it", &text);
                continue;
            }
            let fate = fate(target, &command, &cursor)?;
            if matches!(fate, Fate::Unknown) {
                aside("the cursor is lost, so it may have been applied: it is not applied again", &text);
            }
            commands += 1;
            target.command(command, fate)?;
        }
        Ok(())
    })?;
    let reached = if let Cursor::At(seq) = cursor { seq } else { 0 };
    target.reserve_seq(reached)?;
    Ok(Imported { commands, ..Imported::default() })
}

fn read_cursor(file: &Path, problems: &mut Vec<Problem>) -> Cursor {
    let text = read(file, CURSOR_BYTES_MAX);
    let stored = text.as_deref().ok().and_then(|text| model::json::parse(text).ok());
    let seq = stored.as_ref().and_then(|value| value.get("cursor")?.as_i64()).filter(|seq| *seq >= 0);
    seq.map_or_else(
        || {
            let text = text.unwrap_or_default();
            problems.push(Problem::new(CURSOR, None, "it says not how far the commands were applied", &text));
            Cursor::Lost
        },
        Cursor::At,
    )
}

/// A command, or why there is none.
fn command(text: &str) -> Result<Command, &'static str> {
    let Ok(Object(mut line)) = serde_json::from_str(text) else { return Err("it is no JSON object") };
    let seq = line.get("seq").and_then(Value::as_i64).filter(|seq| *seq > 0).ok_or("it has no place in the inbox")?;
    let word = |key: &str| line.get(key).and_then(Value::as_str).filter(|word| !word.is_empty()).map(str::to_owned);
    let command_id = word("command_id").ok_or("it has no id")?;
    let run_id = word("run_id").ok_or("it names no run")?;
    let kind = word("type").and_then(|kind| CommandKind::parse(&kind)).ok_or("its type is not known")?;
    let (ts, client_id) = (word("ts").unwrap_or_default(), word("client_id"));
    let payload = match line.remove("payload") {
        Some(Object(payload)) => payload,
        _ => model::Map::new(),
    };
    Ok(Command { command_id, run_id, kind, payload, ts, client_id, seq })
}

/// Whether a command is still to be applied. Without a cursor only one that is younger than everything its run knows is
/// certain not to have been: applying it changes the run. An event may have come to many runs, so nothing is certain.
fn fate(target: &Target, command: &Command, cursor: &Cursor) -> Result<Fate, Error> {
    match cursor {
        Cursor::At(seq) if command.seq <= *seq => Ok(Fate::Applied),
        Cursor::At(_) => Ok(Fate::Pending),
        Cursor::Lost if command.kind == CommandKind::EmitEvent => Ok(Fate::Unknown),
        Cursor::Lost => {
            let changed = target.updated_at(&command.run_id)?.and_then(|moment| Timestamp::parse(&moment));
            let sent = Timestamp::parse(&command.ts);
            let fresh = matches!((sent, changed), (Some(sent), Some(changed)) if sent > changed);
            Ok(if fresh { Fate::Pending } else { Fate::Unknown })
        }
    }
}
