//! Commands: checked when they are sent, applied by the run's owner between steps (contract 02, sections 3.4 and 8).

mod cancel;
pub(crate) mod compact_memory;
pub(crate) mod emit_event;
mod pause;
mod resume;
mod update_schedule;

use model::command::CommandOutcome;
use model::{Code, Command, CommandKind, Error, Run, RunId, Value};
use store::{Decision, Store};

use crate::live::Live;
use crate::outside::Outside;

/// What can be known of a command before it is stored.
pub(crate) fn check(run: &Run, command: &Command) -> Result<(), Error> {
    if command.kind == CommandKind::CompactMemory {
        return compact_memory::check(command);
    }
    if run.status.is_terminal() {
        return Err(Error::new(
            Code::RunTerminal,
            format!(
                "run '{}' has ended ({}); there is nothing to {}",
                run.run_id,
                run.status.as_str(),
                command.kind.as_str()
            ),
        )
        .with("status", run.status.as_str()));
    }
    match command.kind {
        CommandKind::Resume if command.payload.contains_key("payload") => resume::check(run, command),
        CommandKind::Pause | CommandKind::Resume | CommandKind::Cancel | CommandKind::EmitEvent => Ok(()),
        CommandKind::UpdateSchedule => update_schedule::check(run, command),
        CommandKind::CompactMemory => compact_memory::check(command),
    }
}

/// What can be known of an answer to a tool wait before it is stored.
pub(crate) fn check_answer(run: &Run, outside: &dyn Outside, command: &Command) -> Result<(), Error> {
    let answer = command.payload.get("payload").filter(|_| command.kind == CommandKind::Resume);
    match (answer, &run.waiting) {
        (Some(answer), Some(wait)) => crate::resume::check_answer(run, outside, wait, answer),
        _ => Ok(()),
    }
}

/// What a command changes outside the run, durably and before the run itself. It may happen again after a crash, so it does
/// the same when it is done twice.
pub(crate) async fn ahead(run: &Run, outside: &dyn Outside, command: &Command) -> Result<(), Error> {
    if command.kind != CommandKind::UpdateSchedule {
        return Ok(());
    }
    check(run, command)?;
    outside.reschedule(&run.workflow_id, &update_schedule::asked(run, &command.payload)?.rhythm()).await
}

/// Decides that a command is not applied.
pub(crate) fn reject(live: &mut Live, command: &Command, error: Error) {
    tracing::warn!(run_id = %live.run.run_id, command = command.kind.as_str(), code = error.code.as_str(), "command rejected");
    let (outcome, error) = (CommandOutcome::Rejected, Some(error.detail));
    live.draft.decided.push(Decision { seq: command.seq, outcome, error });
}

/// The run a command is for: a new interval for the schedule may be asked of any run of its tree, and a schedule that waits
/// for its next time is woken through the runs it started, too.
pub(crate) async fn addressee(store: &dyn Store, run: Run, command: &mut Command) -> Result<Run, store::Error> {
    let wakes = command.kind == CommandKind::Resume && !command.payload.contains_key("payload");
    let seeks = command.kind == CommandKind::UpdateSchedule || wakes && run.status.is_terminal();
    if command.kind == CommandKind::UpdateSchedule {
        command.payload.insert(update_schedule::REQUESTED.into(), run.run_id.to_string().into());
    }
    let outside = model::schedule::record(&run).is_none();
    let root = if seeks && outside { schedule_above(store, &run).await? } else { None };
    let Some(root) = root else { return Ok(run) };
    command.run_id = root.run_id.to_string();
    Ok(root)
}

/// The schedule a run belongs to: itself, or one above.
pub(crate) async fn schedule_of(store: &dyn Store, run: &Run) -> Result<Option<Run>, store::Error> {
    if model::schedule::record(run).is_some() { Ok(Some(run.clone())) } else { schedule_above(store, run).await }
}

/// The schedule above a run.
async fn schedule_above(store: &dyn Store, run: &Run) -> Result<Option<Run>, store::Error> {
    const DEPTH_MAX: usize = 64;
    let mut above = run.parent_run_id.clone();
    for _ in 0..DEPTH_MAX {
        let Some(parent) = above else { return Ok(None) };
        let Some(snapshot) = store.run(&parent).await? else { return Ok(None) };
        if model::schedule::record(&snapshot.run).is_some() {
            return Ok(Some(snapshot.run));
        }
        above = snapshot.run.parent_run_id;
    }
    Ok(None)
}

/// Applies a command and decides it, both in the next commit. `children` are the run's unfinished children.
pub(crate) fn apply(live: &mut Live, outside: &dyn Outside, command: &Command, children: &[RunId]) {
    live.ctx.now = outside.now();
    let applied = check(&live.run, command).and_then(|()| match command.kind {
        CommandKind::Pause => {
            pause::apply(live, command);
            Ok(())
        }
        CommandKind::Cancel => {
            cancel::apply(live, command);
            Ok(())
        }
        CommandKind::Resume => resume::apply(live, outside, command),
        CommandKind::UpdateSchedule => update_schedule::apply(live, command),
        other => Err(Error::internal(format!("the owner of a run was handed a {}", other.as_str()))),
    });
    if let Err(error) = applied {
        return reject(live, command, error);
    }
    if reaches_descendants(command) {
        live.draft.commands.extend(children.iter().map(|child| follow_up(command, child)));
        live.wake.extend(children.iter().cloned());
    }
    live.draft.decided.push(Decision { seq: command.seq, outcome: CommandOutcome::Applied, error: None });
}

/// Cancels a child whose time is up, in the next commit. The run goes on waiting for it to end.
pub(crate) fn end_child(live: &mut Live, child: &RunId) {
    let reason = "Cancelled: the next execution of its schedule is due";
    live.draft.commands.push(Command {
        command_id: format!("{}>{child}", live.run.run_id),
        run_id: child.to_string(),
        kind: CommandKind::Cancel,
        payload: model::Map::from_iter([("reason".to_owned(), reason.into())]),
        ts: live.ctx.now.to_string(),
        client_id: None,
        seq: 0,
    });
    live.wake.push(child.clone());
    if let Some(wait) = live.run.waiting.as_mut() {
        wait.until = None;
    }
    live.dirty = true;
}

/// Pause, cancel and unpause go down the tree; an answer is for one run.
pub(crate) fn reaches_descendants(command: &Command) -> bool {
    match command.kind {
        CommandKind::Pause | CommandKind::Cancel => true,
        CommandKind::Resume => !command.payload.contains_key("payload"),
        _ => false,
    }
}

/// The same command for a child, under an id that cannot be stored twice.
fn follow_up(command: &Command, child: &RunId) -> Command {
    Command {
        command_id: format!("{}>{child}", command.command_id),
        run_id: child.to_string(),
        seq: 0,
        ..command.clone()
    }
}

/// `payload.reason`, when there is one.
fn reason(command: &Command) -> Option<String> {
    command.payload.get("reason").and_then(Value::as_str).map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned)
}
