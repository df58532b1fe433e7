//! What a gateway is asked, and what is read off the clock.
//!
//! May not know: which gateway it is. Invariants: a figure is a median or a rate over many; a run counts when the
//! gateway says it has completed, whoever asks.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use futures_util::future::try_join_all;
use http_body_util::BodyExt;
use hyper::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Value, json};

use crate::client::{Client, Place};
use crate::figures::Figures;
use crate::gateway::Gateway;
use crate::{Options, flows};

/// Repetitions behind a median.
const REPEATS: usize = 50;
/// Runs of many steps behind a median.
const LONG_REPEATS: usize = 5;
/// How long a gateway rests after the load: what it keeps then is what it needs.
const REST: Duration = Duration::from_secs(10);
/// How long a poll waits before it asks again. A gateway that answers at once is never waited for.
const POLL_EVERY: Duration = Duration::from_millis(1);

/// Takes every figure that needs a running gateway.
pub(crate) async fn all(gateway: &Gateway, options: &Options, figures: &mut Figures) -> Result<()> {
    let place = &gateway.place;
    let patience = Duration::from_secs_f64(options.patience);
    let time = Duration::from_secs_f64(options.seconds);
    let (connections, subscribers) = (options.connections, options.subscribers);
    figures.add("idle_rss_mib", "memory when idle", "MiB", gateway.rss_mib());
    install(place).await.context("the bundles could not be installed")?;
    figures.add("trivial_p50_ms", "trivial run, start to completed, p50", "ms", within(patience, trivial(place)).await);
    figures.add("resume_p50_ms", "answer to completed, p50", "ms", within(patience, resume(place)).await);
    let label = format!("/ping with a token, {connections} connections");
    figures.add("ping_per_s", label, "/s", within(patience, pings(place, connections, time)).await);
    let short = within(patience, steps(place, flows::SHORT)).await;
    let short_run = short.as_ref().ok().map(|(run, _)| run.clone());
    figures.add("steps_500_per_s", "steps of a run of 500", "/s", short.map(|(_, took)| 500.0 / took));
    let label = format!("trivial runs, {connections} at once");
    figures.add("runs_per_s", label, "/s", within(patience, runs(place, connections, time)).await);
    let replayed = within(patience, replay(place, short_run.as_deref(), time)).await;
    figures.add("replay_records_per_s", "ledger replay, pages of 200", "/s", replayed);
    let followed = within(patience, fan_out(place, subscribers)).await;
    let label = format!("records to {subscribers} live subscribers");
    figures.add("sse_records_per_s", label, "/s", followed);
    figures.add("list_p50_ms", "list 50 of all runs, p50", "ms", within(patience, list(place)).await);
    let long = within(patience, steps(place, flows::LONG)).await;
    figures.add("steps_5000_per_s", "steps of a run of 5000", "/s", long.map(|(_, took)| 5000.0 / took));
    figures.add("rss_after_mib", "memory in the moment the load ends", "MiB", gateway.rss_mib());
    tokio::time::sleep(REST).await;
    let label = format!("memory {} s later", REST.as_secs());
    figures.add("rss_rested_mib", label, "MiB", gateway.rss_mib());
    Ok(())
}

pub(crate) async fn install(place: &Place) -> Result<()> {
    let mut client = Client::connect(place).await?;
    for bundle in flows::bundles()? {
        client.upload("/api/gateway/bundles/upload", &bundle.file_name, &bundle.bytes).await?;
    }
    Ok(())
}

pub(crate) async fn within<T>(patience: Duration, measured: impl Future<Output = Result<T>>) -> Result<T> {
    tokio::time::timeout(patience, measured).await.with_context(|| format!("given up after {patience:?}"))?
}

async fn trivial(place: &Place) -> Result<f64> {
    let mut client = Client::connect(place).await?;
    let mut taken = Vec::new();
    for _ in 0..REPEATS {
        let began = Instant::now();
        let run = start(&mut client, flows::TRIVIAL).await?;
        until(&mut client, &run, "completed").await?;
        taken.push(began.elapsed());
    }
    Ok(median_ms(taken))
}

async fn resume(place: &Place) -> Result<f64> {
    let mut client = Client::connect(place).await?;
    let mut taken = Vec::new();
    for _ in 0..REPEATS {
        let run = start(&mut client, flows::ASK).await?;
        let wait_key = until(&mut client, &run, "waiting").await?;
        let began = Instant::now();
        answer(&mut client, &run, wait_key).await?;
        until(&mut client, &run, "completed").await?;
        taken.push(began.elapsed());
    }
    Ok(median_ms(taken))
}

async fn pings(place: &Place, connections: usize, time: Duration) -> Result<f64> {
    rate(place, connections, time, async |client| {
        client.fetch(Method::GET, "/api/gateway/ping", Bytes::new()).await?;
        Ok(1)
    })
    .await
}

async fn runs(place: &Place, connections: usize, time: Duration) -> Result<f64> {
    rate(place, connections, time, async |client| {
        let run = start(client, flows::TRIVIAL).await?;
        until(client, &run, "completed").await?;
        Ok(1)
    })
    .await
}

/// Runs from their start to their end: one of them, and the seconds, median of [`LONG_REPEATS`]. The first run of a flow
/// stores the flow, too, and is not counted.
async fn steps(place: &Place, bundle: &str) -> Result<(String, f64)> {
    let mut client = Client::connect(place).await?;
    let (mut last, mut taken) = (String::new(), Vec::new());
    for _ in 0..=LONG_REPEATS {
        let began = Instant::now();
        last = start(&mut client, bundle).await?;
        until(&mut client, &last, "completed").await?;
        taken.push(began.elapsed());
    }
    taken.remove(0);
    Ok((last, median_ms(taken) / 1000.0))
}

#[derive(Deserialize)]
struct Page {
    items: Vec<IgnoredAny>,
    next_after: u64,
}

async fn replay(place: &Place, run: Option<&str>, time: Duration) -> Result<f64> {
    let run = run.context("there is no run to replay")?;
    rate(place, 1, time, async |client| {
        let (mut after, mut records) = (0, 0);
        loop {
            let page: Page = client.get(&format!("/api/gateway/runs/{run}/ledger?after={after}&limit=200")).await?;
            if page.items.is_empty() {
                return Ok(records);
            }
            records += page.items.len();
            after = page.next_after;
        }
    })
    .await
}

/// Everybody follows a run from before its first event to `done`; the records all of them got, over the time from the
/// answer that let it go to the last `done`.
async fn fan_out(place: &Place, subscribers: usize) -> Result<f64> {
    let mut client = Client::connect(place).await?;
    let run = start(&mut client, flows::GATE).await?;
    let wait_key = until(&mut client, &run, "waiting").await?;
    let path = format!("/api/gateway/runs/{run}/ledger/stream?after=0");
    let opened = (0..subscribers).map(async |_| {
        let mut client = Client::connect(place).await?;
        let stream = client.open(Method::GET, &path, Bytes::new()).await?;
        anyhow::Ok((client, stream.into_body()))
    });
    let streams = try_join_all(opened).await?;
    let began = Instant::now();
    answer(&mut client, &run, wait_key).await?;
    let counted = try_join_all(streams.into_iter().map(async |(_client, mut body)| {
        let mut counter = Counter::default();
        while let Some(frame) = body.frame().await {
            counter.push(&frame?.into_data().unwrap_or_default());
        }
        anyhow::Ok(counter.records)
    }));
    let records: Vec<usize> = counted.await?;
    let took = began.elapsed().as_secs_f64();
    if records.iter().any(|n| *n < 500) {
        bail!("a subscriber got {:?} records of more than 500", records.iter().min());
    }
    Ok(records.iter().sum::<usize>() as f64 / took)
}

/// Counts the records of a stream, wherever it is cut.
#[derive(Default)]
struct Counter {
    pending: Vec<u8>,
    records: usize,
}

impl Counter {
    fn push(&mut self, chunk: &[u8]) {
        self.pending.extend_from_slice(chunk);
        let whole = self.pending.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        let lines = self.pending[..whole].split(|byte| *byte == b'\n');
        self.records += lines.filter(|line| line.starts_with(b"event: step")).count();
        self.pending.drain(..whole);
    }
}

pub(crate) async fn list(place: &Place) -> Result<f64> {
    let mut client = Client::connect(place).await?;
    let mut taken = Vec::new();
    for _ in 0..REPEATS {
        let began = Instant::now();
        client.fetch(Method::GET, "/api/gateway/runs?limit=50&root_only=true", Bytes::new()).await?;
        taken.push(began.elapsed());
    }
    Ok(median_ms(taken))
}

/// What `work` counts, a second, on many connections for some time. What was begun in time is finished and counted.
async fn rate(
    place: &Place,
    connections: usize,
    time: Duration,
    work: impl AsyncFn(&mut Client) -> Result<usize>,
) -> Result<f64> {
    let began = Instant::now();
    let work = &work;
    let workers = (0..connections).map(async |_| {
        let mut client = Client::connect(place).await?;
        let mut count = 0;
        while began.elapsed() < time {
            count += work(&mut client).await?;
        }
        anyhow::Ok(count)
    });
    let counts: Vec<usize> = try_join_all(workers).await?;
    Ok(counts.iter().sum::<usize>() as f64 / began.elapsed().as_secs_f64())
}

#[derive(Deserialize)]
struct Started {
    run_id: String,
}

pub(crate) async fn start(client: &mut Client, bundle: &str) -> Result<String> {
    let body = json!({"bundle_id": bundle, "input_data": {"prompt": "hi"}});
    let started: Started = client.post("/api/gateway/runs/start", &body).await?;
    Ok(started.run_id)
}

#[derive(Deserialize)]
struct Summary {
    status: String,
    waiting: Option<Waiting>,
}

#[derive(Deserialize)]
struct Waiting {
    wait_key: Option<String>,
}

/// Asks until a run is in a status; its wait key, if it has one.
async fn until(client: &mut Client, run: &str, status: &str) -> Result<Option<String>> {
    let path = format!("/api/gateway/runs/{run}");
    loop {
        let summary: Summary = client.get(&path).await?;
        if summary.status == status {
            return Ok(summary.waiting.and_then(|wait| wait.wait_key));
        }
        if matches!(summary.status.as_str(), "failed" | "cancelled" | "completed") {
            bail!("run {run} is {} and not {status}", summary.status);
        }
        tokio::time::sleep(POLL_EVERY).await;
    }
}

async fn answer(client: &mut Client, run: &str, wait_key: Option<String>) -> Result<()> {
    let body = json!({
        "command_id": format!("answer-{run}"), "run_id": run, "type": "resume",
        "payload": {"wait_key": wait_key, "payload": {"response": "yes"}},
    });
    client.post::<Value>("/api/gateway/commands", &body).await?;
    Ok(())
}

fn median_ms(mut taken: Vec<Duration>) -> f64 {
    taken.sort();
    taken.get(taken.len() / 2).map_or(0.0, Duration::as_secs_f64) * 1e3
}
