//! The states that later states of a run are worked out from: its first one, the one a fork began with, and what an effect
//! made of the variables without saying so in the ledger. Everything in between is in the ledger.
//!
//! May not know how they are used. The invariant: a state is stored in the commit of the step it belongs to.

use model::{Error, Map, Run, RunId};
use serde::{Deserialize, Serialize};
use store::Origin;

/// What a stored state says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum State {
    /// All of the run.
    Whole(Box<Whole>),
    /// The variables after the effect of that ordinal, before its result is written.
    Vars(Map),
}

/// A run and what decides its next steps besides the ledger.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Whole {
    pub run: Run,
    pub seed: u64,
    #[serde(default)]
    pub planned: u64,
}

/// The first state of a run, as it is admitted.
pub(crate) fn first(run: &Run, seed: u64) -> Origin {
    /// [`Whole`], borrowed: no run is copied to be started.
    #[derive(Serialize)]
    struct First<'r> {
        run: &'r Run,
        seed: u64,
    }
    #[derive(Serialize)]
    struct Tagged<'r> {
        whole: First<'r>,
    }
    row(&run.run_id, 0, &Tagged { whole: First { run, seed } })
}

/// The state a fork begins with.
pub(crate) fn whole(run_id: &RunId, ordinal: u64, whole: Whole) -> Origin {
    row(run_id, ordinal, &State::Whole(Box::new(whole)))
}

/// What an effect made of the variables.
pub(crate) fn vars(run_id: &RunId, ordinal: u64, vars: &Map) -> Origin {
    #[derive(Serialize)]
    struct Tagged<'v> {
        vars: &'v Map,
    }
    row(run_id, ordinal, &Tagged { vars })
}

fn row(run_id: &RunId, ordinal: u64, state: &impl Serialize) -> Origin {
    // Maps with text keys and finite numbers: what cannot be written as JSON cannot be in a run either. A state that is
    // not readable is one that is not there.
    let state = serde_json::to_string(state).unwrap_or_default();
    Origin { run_id: run_id.clone(), ordinal, state }
}

/// Reads a stored state.
pub(crate) fn read(origin: &Origin) -> Result<State, Error> {
    serde_json::from_str(&origin.state)
        .map_err(|e| Error::internal(format!("state {} of run {} cannot be read: {e}", origin.ordinal, origin.run_id)))
}
