//! The clients: each story drives a run to its end over all deaths of the gateway, and says what it must have come to.
//!
//! May not know: when the gateway dies. Invariant: everything a story sends can be sent again.

mod steered;
mod told;
mod worked;

use std::collections::BTreeMap;
use std::time::Duration;

use fastrand::Rng;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use model::Value;
use serde_json::json;

use super::client::Client;
use super::report::Played;
use super::stage::{BUNDLE, Ended, Stage};
use super::witness::{self, Broken, Shown, Violation};

/// How long the last stories have after the last death.
const PATIENCE: Duration = Duration::from_secs(90);
/// How long a client waits before it looks again.
const PAUSE: Duration = Duration::from_millis(15);

/// The stories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Story {
    Say,
    Follow,
    Ask,
    Model,
    Tools,
    Parent,
    Wait,
    Listen,
    Cancel,
    Pause,
    Schedule,
}

impl Story {
    const ALL: [Self; 11] = [
        Self::Say,
        Self::Follow,
        Self::Ask,
        Self::Model,
        Self::Tools,
        Self::Parent,
        Self::Wait,
        Self::Listen,
        Self::Cancel,
        Self::Pause,
        Self::Schedule,
    ];

    const fn name(self) -> &'static str {
        match self {
            Self::Say => "say",
            Self::Follow => "follow",
            Self::Ask => "ask",
            Self::Model => "model",
            Self::Tools => "tools",
            Self::Parent => "parent",
            Self::Wait => "wait",
            Self::Listen => "listen",
            Self::Cancel => "cancel",
            Self::Pause => "pause",
            Self::Schedule => "schedule",
        }
    }
}

/// What a story has at hand.
struct Scene<'a> {
    stage: &'a Stage,
    client: &'a Client,
    /// Which story it is; in every id and text it sends.
    number: u64,
    rng: Rng,
    /// Records that were compared.
    records: usize,
    runs: u64,
}

/// Plays stories, so many at once, until nobody is killed any more and the last has ended.
pub(super) async fn play(stage: &Stage, seed: u64, clients: u64) -> Played {
    let mut rng = Rng::with_seed(seed ^ 0x5707);
    let (mut played, mut open, mut number) = (Played::default(), BTreeMap::new(), 0);
    let mut running = FuturesUnordered::new();
    let mut calm = stage.calm.subscribe();
    let mut deadline = None;
    loop {
        while deadline.is_none() && (running.len() as u64) < clients {
            let story = Story::ALL[usize::try_from(number).unwrap_or(0) % Story::ALL.len()];
            open.insert(number, story);
            running.push(tell(stage, story, number, rng.fork()));
            number += 1;
        }
        let last = deadline.unwrap_or_else(|| tokio::time::Instant::now() + Duration::from_secs(86_400));
        tokio::select! {
            Some((number, scene, told)) = running.next() => {
                if let Some(story) = open.remove(&number) {
                    *played.stories.entry(story.name()).or_default() += 1;
                }
                played.runs += scene.runs;
                played.records += scene.records as u64;
                played.violations.extend(told.err());
            }
            _ = calm.wait_for(|calm| *calm), if deadline.is_none() => {
                deadline = Some(tokio::time::Instant::now() + PATIENCE);
            }
            () = tokio::time::sleep_until(last) => break,
            else => break,
        }
        if deadline.is_some() && running.is_empty() {
            break;
        }
    }
    for (number, story) in open {
        let what = format!("a run of the story '{}' does not end", story.name());
        played.violations.push(Violation::new(Broken::Stuck, &session(number), what));
    }
    played
}

async fn tell(stage: &Stage, story: Story, number: u64, rng: Rng) -> (u64, Scene<'_>, Result<(), Violation>) {
    let mut scene = Scene { stage, client: &stage.client, number, rng, records: 0, runs: 0 };
    let told = match story {
        Story::Say => told::say(&mut scene).await,
        Story::Follow => told::follow(&mut scene).await,
        Story::Ask => told::ask(&mut scene).await,
        Story::Parent => told::parent(&mut scene).await,
        Story::Wait => told::wait(&mut scene).await,
        Story::Listen => Box::pin(told::listen(&mut scene)).await,
        Story::Model => worked::model(&mut scene).await,
        Story::Tools => Box::pin(worked::tools(&mut scene)).await,
        Story::Cancel => steered::cancel(&mut scene).await,
        Story::Pause => Box::pin(steered::pause(&mut scene)).await,
        Story::Schedule => steered::schedule(&mut scene).await,
    };
    (number, scene, told)
}

fn session(number: u64) -> String {
    format!("story-{number}")
}

impl Scene<'_> {
    /// A text that no other story has.
    fn mark(&self) -> String {
        format!("[story {}]", self.number)
    }

    fn session(&self) -> String {
        session(self.number)
    }

    fn id(&self, word: &str) -> String {
        format!("{word}-{}", self.number)
    }

    async fn start(&mut self, flow: &str, input: Value) -> Result<String, Violation> {
        let body = json!({
            "bundle_id": BUNDLE, "flow_id": flow, "input_data": input, "session_id": self.session(),
        });
        self.client.start("/gateway/runs/start", &self.id("start"), &body).await
    }

    /// Looks again and again, until the run is as wanted.
    async fn until(
        &self,
        shown: &mut Shown,
        run_id: &str,
        wanted: impl Fn(&Value) -> bool,
    ) -> Result<Value, Violation> {
        loop {
            shown.look(self.client).await?;
            let run = self.client.run(run_id).await?;
            if wanted(&run) {
                return Ok(run);
            }
            if is_ended(&run) {
                return Err(Violation::wrong(run_id, format!("it ended before it was expected to: {run}")));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }

    /// Follows the run to its end; gives its summary and its whole ledger.
    async fn end(&mut self, mut shown: Shown, run_id: &str, status: &str) -> Result<(Value, Vec<Value>), Violation> {
        let run = self.until(&mut shown, run_id, is_ended).await?;
        if run["status"] != status {
            return Err(Violation::wrong(run_id, format!("it must be {status}: {run}")));
        }
        let records = shown.compare(self.client).await?;
        witness::judge(run_id, &records, status)?;
        self.remember(run_id, status, records.len(), run["parent_run_id"].is_null());
        Ok((run, records))
    }

    fn remember(&mut self, run_id: &str, status: &str, records: usize, is_root: bool) {
        self.records += records;
        self.runs += 1;
        let (run_id, status) = (run_id.to_owned(), status.to_owned());
        self.stage.ended.lock().push(Ended { run_id, status, records, is_root });
    }

    /// The runs of the session below another.
    async fn children(&self, run_id: &str) -> Result<Vec<Value>, Violation> {
        let listed = self.client.get(&format!("/gateway/runs?session_id={}&limit=500", self.session())).await;
        let Some(items) = listed.body["items"].as_array() else {
            return Err(Violation::wrong(run_id, format!("the runs of its session are refused: {}", listed.body)));
        };
        Ok(items.iter().filter(|row| row["parent_run_id"] == run_id).cloned().collect())
    }
}

fn is_ended(run: &Value) -> bool {
    matches!(run["status"].as_str(), Some("completed" | "failed" | "cancelled"))
}

/// Whether the run waits with a question.
fn asks(run: &Value) -> bool {
    run["status"] == "waiting" && run["waiting"]["reason"] == "user" && run["paused"] != true
}

/// What a run has said, in order.
fn said(records: &[Value]) -> Vec<String> {
    let messages = witness::of(records, "answer_user", "completed").into_iter();
    messages.map(|r| r["result"]["message"].as_str().unwrap_or_default().to_owned()).collect()
}

/// The numbers from 0 as the flow says them.
fn counted(times: usize) -> Vec<String> {
    (0..times).map(|i| format!("{i}.0")).collect()
}

fn equal<T: PartialEq + std::fmt::Debug>(run_id: &str, what: &str, found: &T, expected: &T) -> Result<(), Violation> {
    if found == expected {
        return Ok(());
    }
    Err(Violation::wrong(run_id, format!("{what}: {found:?} instead of {expected:?}")))
}
