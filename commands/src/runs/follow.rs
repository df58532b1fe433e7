//! Watching a run and everything it starts: a line a record, questions asked where they can be, the output at the end.
//!
//! May not know: how runs are run. Invariants: talk goes to stderr and only the output to stdout; leaving a run on a
//! server leaves it running.

use std::collections::HashMap;

use futures_util::StreamExt;
use futures_util::stream::{BoxStream, SelectAll};
use model::api::runs::{RunSummary, ShowRun, WaitSummary};
use model::{Map, RunStatus, Value};

use super::answer::{ask, question, resume_payload, waits_for_person};
use super::{send, show};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::ledger::line::line;
use crate::target::{Item, Target, follow};
use crate::ui::{Format, Shown, pretty};

/// Watch a run until it ends, answer its questions, and print its output
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway runs follow RUN --after 10")]
pub(super) struct Args {
    /// The run
    pub(super) run_id: String,
    /// Leave out so many records (default: none)
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true)]
    pub(super) after: u64,
}

/// Watches until the run ends, a person must be asked and cannot, or Ctrl-C.
pub(super) async fn run(context: &Context, target: &Target, run_id: &str, after: u64) -> Result<Exit, Failure> {
    // A gateway that is started again while somebody watches is found again.
    let target = &target.patient();
    let mut watch = Watch::new(context, target, run_id);
    watch.attach(run_id, after, 0);
    let ended = tokio::select! {
        ended = watch.until_the_end() => ended?,
        _ = tokio::signal::ctrl_c() => Some(Exit::Interrupted),
    };
    let mut run = target.call(&ShowRun { run_id: run_id.to_owned() }).await?;
    // A gateway may keep the output out of the summary; the ledger always has it.
    run.output = run.output.or(watch.output);
    match ended {
        Some(Exit::Interrupted) => {
            let goes_on =
                if target.outlives_us() { "the run goes on" } else { "the run goes on when a server is started" };
            context.ui.note(&format!("{goes_on}; watch it with: abstractgateway runs follow {run_id}"));
            Ok(Exit::Interrupted)
        }
        Some(exit) => {
            // A person has read the question; a program gets the run with it.
            context.ui.show(&render(&run, context.ui.format))?;
            Ok(exit)
        }
        None => finish(context, &run),
    }
}

/// Shows the end of a run.
fn finish(context: &Context, run: &RunSummary) -> Result<Exit, Failure> {
    context.ui.show(&render(run, context.ui.format))?;
    let why = run.error.clone().unwrap_or_else(|| "the ledger says no more".into());
    let failure = |what: &str, exit| {
        Err(Failure::new(what).why(&why).help(format!("abstractgateway ledger show {}", run.run_id)).exit(exit))
    };
    match run.status {
        RunStatus::Failed => failure("the run failed", Exit::RunFailed),
        RunStatus::Cancelled => failure("the run was cancelled", Exit::RunCancelled),
        _ => Ok(Exit::Success),
    }
}

/// For people only the output; for programs the run with it.
fn render(run: &RunSummary, format: Format) -> Shown {
    let text = match format {
        Format::Table => run.output.as_ref().map(output_text).unwrap_or_default(),
        _ => String::new(),
    };
    Shown { text, ..show::render(run) }
}

/// What of an output a person wants to read: agents add their whole history to their answer. What says one thing then
/// is that thing.
fn output_text(output: &Value) -> String {
    const HISTORY: [&str; 2] = ["meta", "scratchpad"];
    let Some(map) = output.as_object() else { return pretty(output) };
    let told = |key: &str, value: &Value| !HISTORY.contains(&key) && (key != "success" || *value != true);
    let rest: Map = map.iter().filter(|(key, value)| told(key, value)).map(|(k, v)| (k.clone(), v.clone())).collect();
    match rest.len() {
        0 => pretty(output),
        // An answer that is not there is no text.
        1 => rest.values().find(|value| !value.is_null()).map(pretty).unwrap_or_default(),
        _ => pretty(&Value::Object(rest)),
    }
}

type Source = BoxStream<'static, (String, Result<Item, Failure>)>;

struct Watch<'a> {
    context: &'a Context,
    target: &'a Target,
    root: String,
    sources: SelectAll<Source>,
    depths: HashMap<String, usize>,
    output: Option<Value>,
}

impl<'a> Watch<'a> {
    fn new(context: &'a Context, target: &'a Target, root: &str) -> Self {
        Self { context, target, root: root.to_owned(), sources: SelectAll::new(), depths: HashMap::new(), output: None }
    }

    /// Adds the ledger of a run, once.
    fn attach(&mut self, run_id: &str, after: u64, depth: usize) {
        if self.depths.contains_key(run_id) {
            return;
        }
        self.depths.insert(run_id.to_owned(), depth);
        let name = run_id.to_owned();
        self.sources.push(follow(self.target, run_id, after).map(move |item| (name.clone(), item)).boxed());
    }

    /// Shows records until the root has ended; an exit when something else ends the watch.
    async fn until_the_end(&mut self) -> Result<Option<Exit>, Failure> {
        while let Some((run_id, item)) = self.sources.next().await {
            match item? {
                Item::Done if run_id == self.root => return Ok(None),
                Item::Done => {}
                Item::Step(record) => {
                    if let Some(exit) = self.step(&run_id, &record).await? {
                        return Ok(Some(exit));
                    }
                }
            }
        }
        Ok(None)
    }

    async fn step(&mut self, run_id: &str, record: &Value) -> Result<Option<Exit>, Failure> {
        let depth = self.depths.get(run_id).copied().unwrap_or(0);
        self.context.ui.note(&line(record, depth));
        if run_id == self.root && record["result"]["completed"] == true {
            self.output = Some(record["result"]["output"].clone());
        }
        if record["status"] != "waiting" {
            return Ok(None);
        }
        let wait = &record["result"]["wait"];
        if let Some(child) = wait["details"]["sub_run_id"].as_str() {
            self.attach(child, 0, depth + 1);
            return Ok(None);
        }
        if !matches!(wait["reason"].as_str(), Some("user" | "event")) {
            return Ok(None);
        }
        self.person(run_id, wait["wait_key"].as_str()).await
    }

    /// Asks a person, unless the wait of the record was answered since.
    async fn person(&self, run_id: &str, wait_key: Option<&str>) -> Result<Option<Exit>, Failure> {
        let run = self.target.call(&ShowRun { run_id: run_id.to_owned() }).await?;
        let Some(wait) = run.waiting.filter(|w| w.wait_key.as_deref() == wait_key && waits_for_person(w)) else {
            return Ok(None);
        };
        if !self.context.ui.interactive {
            self.context.ui.note(&unanswered(run_id, &wait));
            return Ok(Some(Exit::RunWaits));
        }
        match tokio::task::block_in_place(|| ask(&self.context.ui, &wait)) {
            Ok(reply) => {
                send(self.target, run_id, "resume", resume_payload(wait_key, reply)).await?;
                Ok(None)
            }
            Err(failure) if failure.exit == Exit::Interrupted => Ok(Some(Exit::Interrupted)),
            Err(failure) => Err(failure),
        }
    }
}

fn unanswered(run_id: &str, wait: &WaitSummary) -> String {
    let help = show::how_to_answer(run_id, wait).unwrap_or_default();
    format!("the run waits for {}\n  help: {help}", question(wait))
}

#[cfg(test)]
#[path = "follow_tests.rs"]
mod tests;
