//! Executes a planned batch. Calls that only read and stand next to each other run together; everything else runs
//! alone and in order. Results keep the order of the calls.
//!
//! The invariant: the result of a call that may have changed the world is kept ([`Journal`]) before anything else of its
//! batch begins, so that after a crash it is known which of them were done.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use model::Value;
use tokio_util::sync::CancellationToken;

use crate::plan::{Batch, PlannedCall};
use crate::result::{Outcome, envelope, merged};
use crate::tools::{self, ToolEnv, ToolPolicy, is_read_only};
use crate::workspace::Workspace;

/// How many reading calls run at once.
const TOGETHER: usize = 4;

/// Tools the host brings along.
pub trait HostTools: Send + Sync {
    /// Does the call, or says that the tool is not known here.
    fn call<'a>(
        &'a self,
        call: &'a PlannedCall,
        cancel: &'a CancellationToken,
    ) -> Option<BoxFuture<'a, Result<Value, String>>>;
}

/// Keeps results of single calls while their batch goes on.
pub trait Journal: Send + Sync {
    /// Ends when the result is durable, or cannot become so because nobody keeps results any more.
    fn keep(&self, index: usize, result: Value) -> BoxFuture<'_, ()>;
}

/// What execution needs.
#[derive(Clone)]
pub struct ToolContext {
    /// The operator's limits.
    pub policy: Arc<ToolPolicy>,
    /// The run's path policy ([`Workspace::from_vars`]).
    pub workspace: Option<Arc<Workspace>>,
    /// Stop now: open calls end within 100 ms.
    pub cancel: CancellationToken,
    /// Results that are durable already, by index: those calls are not made again.
    pub finished: BTreeMap<usize, Value>,
    /// Where results are kept that must survive a crash in the middle of the batch.
    pub journal: Option<Arc<dyn Journal>>,
    /// Tools beyond the built-in ones.
    pub host: Option<Arc<dyn HostTools>>,
}

/// Executes a batch and gives its envelope.
pub async fn execute(batch: &Batch, ctx: &ToolContext) -> Value {
    let mut done = batch.fixed.clone();
    done.extend(ctx.finished.iter().map(|(i, r)| (*i, r.clone())));
    let todo: Vec<_> = batch.calls.iter().filter(|c| !done.contains_key(&c.index)).collect();
    let mut rest = todo.as_slice();
    while let Some(first) = rest.first() {
        let reading = rest.iter().take_while(|c| is_read_only(&c.name, &c.arguments)).count();
        let (now, later) = rest.split_at(reading.max(1));
        rest = later;
        if reading > 1 {
            // Collected first: a closure inside the stream would not be general enough over the calls' lifetimes.
            let running: Vec<_> = now.iter().map(|call| placed(call, batch.approved, ctx)).collect();
            let mut running = futures_util::stream::iter(running).buffer_unordered(TOGETHER);
            while let Some((index, result)) = running.next().await {
                done.insert(index, result);
            }
        } else {
            let result = one(first, batch.approved, ctx).await;
            // What only read may read again; and the end of the batch keeps everything anyway.
            if let Some(journal) = ctx.journal.as_ref().filter(|_| reading == 0 && !rest.is_empty()) {
                journal.keep(first.index, result.clone()).await;
            }
            done.insert(first.index, result);
        }
    }
    envelope(&merged(batch.total, &done, []))
}

async fn placed(call: &PlannedCall, approved: bool, ctx: &ToolContext) -> (usize, Value) {
    (call.index, one(call, approved, ctx).await)
}

async fn one(call: &PlannedCall, approved: bool, ctx: &ToolContext) -> Value {
    if ctx.cancel.is_cancelled() {
        return call.result(&Outcome::failed("Cancelled before the tool was started"));
    }
    let cancel = ctx.cancel.child_token();
    let _stop = cancel.clone().drop_guard();
    let limit = ctx.policy.tool_timeout_s;
    let timeout = tokio::time::sleep(Duration::from_secs_f64(limit.clamp(0.001, 1e9)));
    let returned = tokio::select! {
        returned = returned(call, approved, ctx, &cancel) => returned,
        () = timeout => Err(format!("Tool execution timed out after {}s", model::json::python_float(limit))),
    };
    call.result(&Outcome::of(returned))
}

async fn returned(
    call: &PlannedCall,
    approved: bool,
    ctx: &ToolContext,
    cancel: &CancellationToken,
) -> Result<Value, String> {
    if let Some(tool) = tools::find(&call.name) {
        let env = ToolEnv {
            policy: Arc::clone(&ctx.policy),
            workspace: ctx.workspace.clone(),
            cancel: cancel.clone(),
            approved,
            call_key: call.runtime_call_id.clone(),
        };
        return tools::run(tool, &call.arguments, env).await;
    }
    match ctx.host.as_ref().and_then(|host| host.call(call, cancel)) {
        Some(running) => running.await,
        None => Err(format!("Tool '{}' not found", call.name)),
    }
}

/// A batch of which not every call succeeded.
#[derive(Clone, Debug, PartialEq)]
pub struct Failed {
    /// The results of the calls that did, by index; refused ones stand among them, as they would be refused again.
    pub succeeded: BTreeMap<usize, Value>,
    /// What the first of the others said.
    pub error: String,
}

/// Whether calls of an executed batch failed.
#[must_use]
pub fn failed(batch: &Batch, envelope: &Value) -> Option<Failed> {
    let results = envelope.get("results")?.as_array()?;
    let is_failed = |call: &&PlannedCall| results.get(call.index).is_some_and(|r| r["success"] != true);
    let failed: Vec<_> = batch.calls.iter().filter(is_failed).collect();
    let first = failed.first()?;
    let why = results[first.index]["error"].as_str().unwrap_or("the tool failed");
    let succeeded = results.iter().cloned().enumerate().filter(|(i, _)| failed.iter().all(|call| call.index != *i));
    Some(Failed { succeeded: succeeded.collect(), error: format!("{}: {why}", first.name) })
}

/// Whether executing what is left of the batch a second time changes nothing in the world.
#[must_use]
pub fn is_repeatable(batch: &Batch, finished: &BTreeMap<usize, Value>) -> bool {
    let mut left = batch.calls.iter().filter(|c| !finished.contains_key(&c.index));
    left.all(|c| is_read_only(&c.name, &c.arguments))
}

#[cfg(test)]
#[path = "execute_tests.rs"]
mod tests;
