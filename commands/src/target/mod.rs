//! Where an operation is done: in this process on a local data directory, or on a server over HTTP.
//!
//! May not know: any single operation. Invariant: a command cannot tell the targets apart, except by their name.

mod choose;
mod events;
#[cfg(test)]
pub(crate) mod fake;
mod here;
mod live;
mod plan;
mod runtime_file;
mod there;

use model::Value;
use model::api::Operation;
use serde::de::DeserializeOwned;

use crate::cli::Reach;
use crate::context::Context;
use crate::failure::{Exit, Failure};

pub(crate) use choose::local_server;
pub(crate) use events::Reader;
pub(crate) use here::{Here, registered};
pub(crate) use live::{Item, follow};
pub(crate) use runtime_file::{RuntimeFile, read as read_runtime_file};
pub(crate) use there::{Chunks, There, UNKNOWN_OPERATION, prepare_tls};

/// Where operations are done.
#[derive(Clone)]
pub(crate) enum Target {
    /// This process.
    Here(Here),
    /// A server.
    There(There),
}

impl Target {
    /// Does an operation and gives its reply.
    pub(crate) async fn call<O>(&self, input: &O) -> Result<O::Reply, Failure>
    where
        O: Operation,
        O::Reply: DeserializeOwned,
    {
        let reply = self.call_value(&O::ROW, plan::input_of(input)?).await?;
        serde_json::from_value(reply).map_err(|e| {
            Failure::new(format!("the answer to {} is not what this program knows", O::ROW.name))
                .why(e)
                .help("is the gateway of another version? see abstractgateway --version")
        })
    }

    async fn call_value(&self, row: &model::api::Row, input: model::Map) -> Result<Value, Failure> {
        let run_id = input.get("run_id").and_then(Value::as_str).map(str::to_owned);
        let answer = match self {
            Self::Here(here) => here.call(row, input).await,
            Self::There(there) => there.call(row, input).await,
        };
        answer.map_err(|failure| match run_id {
            Some(run_id) => failure.about_run(&run_id),
            None => failure,
        })
    }

    /// Opens the stream of an operation.
    async fn stream<O: Operation>(&self, input: &O) -> Result<Chunks, Failure> {
        let input = plan::input_of(input)?;
        match self {
            Self::Here(here) => here.stream(&O::ROW, input).await,
            Self::There(there) => there.stream(&O::ROW, input).await,
        }
    }

    /// What a person calls it.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Here(here) => here.data_dir().display().to_string(),
            Self::There(there) => there.url().to_owned(),
        }
    }

    /// The same, waiting some seconds for a server that is being started again.
    pub(crate) fn patient(&self) -> Self {
        match self {
            Self::Here(here) => Self::Here(here.clone()),
            Self::There(there) => Self::There(there.patient()),
        }
    }

    /// Whether runs go on when this command ends.
    pub(crate) const fn outlives_us(&self) -> bool {
        matches!(self, Self::There(_))
    }

    async fn close(&self) {
        if let Self::Here(here) = self {
            here.close().await;
        }
    }
}

/// What a command is about to do, as far as a target must know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Work {
    /// Look: nothing has to run, and nothing is made that is not there.
    Look,
    /// Change something: a data directory is made when there is none.
    Change,
    /// Watch runs: on a local data directory they must be run meanwhile.
    Run,
}

/// Chooses the target, does the work there, and closes it whatever came of it.
pub(crate) async fn with(
    context: &Context,
    reach: &Reach,
    work: Work,
    body: impl AsyncFnOnce(&Target) -> Result<Exit, Failure>,
) -> Result<Exit, Failure> {
    let target = choose::choose(context, reach, work).await?;
    let ended = body(&target).await;
    target.close().await;
    ended
}
