//! Runs: start, watch, steer.

mod answer;
mod compact;
mod control;
mod explain;
mod follow;
mod fork;
mod history;
mod list;
mod open;
mod prune;
mod purge_drafts;
mod reschedule;
mod resume;
mod schedule;
mod show;
mod start;
mod talk;

use std::path::Path;

use clap::Subcommand;
use model::api::commands::{CommandTaken, SendCommand};
use model::api::runs::RunStarted;
use model::{Map, Value};

use crate::cli::Reach;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target, Work};
use crate::ui::Shown;
use crate::value;

/// The inputs of a run: those of a file, and single ones, which win.
fn inputs(file: Option<&Path>, single: Vec<(String, Value)>) -> Result<Map, Failure> {
    let mut inputs = file.map_or_else(|| Ok(Map::new()), value::object_file)?;
    inputs.extend(single);
    Ok(inputs)
}

/// A run that was started: its id.
fn render_started(reply: &RunStarted) -> Shown {
    Shown::new(reply, vec![reply.run_id.to_string()], reply.run_id.to_string())
}

/// Start, watch and steer runs
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    #[command(flatten)]
    reach: Reach,
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    /// Start a run of a bundle's flow
    Start(start::Args),
    /// Start a flow later, or again and again
    Schedule(schedule::Args),
    /// Start a new run from the state a run had after one of its ledger records
    Fork(fork::Args),
    /// Give a schedule another interval or cron expression
    Reschedule(reschedule::Args),
    /// Archive the older part of a schedule's conversation and leave a summary in its place
    Compact(compact::Args),
    /// List runs, the most recently changed first
    List(list::Args),
    /// Show a run
    Show(show::Args),
    /// Say why a run does not move, and what moves it
    Explain(explain::Args),
    /// Show what a run did, record by record
    History(history::Args),
    /// Have a model summarize a run
    Summary(talk::SummaryArgs),
    /// Have a model answer a question about a run
    Chat(talk::ChatArgs),
    /// Watch a run until it ends, answer its questions, and print its output
    Follow(follow::Args),
    /// End a run and the runs it started
    Cancel(control::Args),
    /// Hold a run and the runs it started
    Pause(control::Args),
    /// Let a held run go on, or answer what it waits for
    Resume(resume::Args),
    /// Open the folder a run works in, on the desktop of the gateway's machine
    Open(open::Args),
    /// Delete runs that ended long ago, with their records, artifacts and workspaces
    Prune(prune::Args),
    /// Delete draft runs whose time is over, with their records, artifacts and workspaces
    PurgeDrafts(purge_drafts::Args),
}

impl Args {
    /// Whether it watches a run until its end.
    pub(crate) const fn watches(&self) -> bool {
        match &self.verb {
            Verb::Follow(_) => true,
            Verb::Start(args) => args.follow,
            Verb::Fork(args) => args.follow,
            _ => false,
        }
    }
}

/// Runs a verb.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let work = match &args.verb {
        // A command is applied by whoever drives the run: without a server that is this process.
        Verb::Follow(_)
        | Verb::Cancel(_)
        | Verb::Pause(_)
        | Verb::Resume(_)
        | Verb::Reschedule(_)
        | Verb::Compact(_) => Work::Run,
        Verb::Start(args) if args.follow => Work::Run,
        Verb::Start(_) => Work::Change,
        Verb::Schedule(args) => args.work(),
        Verb::Fork(args) => args.work(),
        // Listeners of what goes are ended by whoever drives them.
        Verb::Prune(args) if !args.dry_run => Work::Run,
        Verb::PurgeDrafts(args) => args.work(),
        _ => Work::Look,
    };
    target::with(context, &args.reach, work, async |target| match args.verb {
        Verb::Start(args) => start::run(context, target, args).await,
        Verb::Schedule(args) => schedule::run(context, target, args).await,
        Verb::Fork(args) => fork::run(context, target, args).await,
        Verb::Reschedule(args) => reschedule::run(context, target, args).await,
        Verb::Compact(args) => compact::run(context, target, args).await,
        Verb::List(args) => list::run(context, target, args).await,
        Verb::Show(args) => show::run(context, target, args).await,
        Verb::Explain(args) => explain::run(context, target, args).await,
        Verb::History(args) => history::run(context, target, args).await,
        Verb::Summary(args) => talk::summary(context, target, args).await,
        Verb::Chat(args) => talk::chat(context, target, args).await,
        Verb::Follow(args) => follow::run(context, target, &args.run_id, args.after).await,
        Verb::Cancel(args) => control::run(context, target, "cancel", args).await,
        Verb::Pause(args) => control::run(context, target, "pause", args).await,
        Verb::Resume(args) => resume::run(context, target, args).await,
        Verb::Open(args) => open::run(context, target, args).await,
        Verb::Prune(args) => prune::run(context, target, args).await,
        Verb::PurgeDrafts(args) => purge_drafts::run(context, target, args).await,
    })
    .await
}

/// Puts a command for a run in the inbox.
async fn send(target: &Target, run_id: &str, kind: &str, payload: Map) -> Result<CommandTaken, Failure> {
    let input = SendCommand {
        command_id: uuid::Uuid::new_v4().simple().to_string(),
        run_id: run_id.to_owned(),
        kind: kind.to_owned(),
        payload,
        ts: None,
        client_id: Some("abstractgateway-cli".to_owned()),
    };
    target.call(&input).await
}

fn render_sent(run_id: &str, kind: &str, taken: &CommandTaken) -> Shown {
    let text = if taken.duplicate {
        format!("{kind} was already asked of run {run_id}")
    } else {
        format!("{kind} asked of run {run_id}")
    };
    Shown::new(taken, vec![run_id.to_owned()], text)
}
