//! Whose memory it is: the run's own, that of its session, or everybody's (contract 03, sections 9.6 and 11.1).

use std::collections::HashSet;

use ::memory::spans::Owner;
use ::memory::spans::request::Scope;
use engine::Unremembered;
use model::{Run, RunId, Timestamp};
use serde_json::Value;
use store::RunWrite;

use super::Memory;
use crate::runs::session_owner;

/// The run that owns what everybody remembers, when the settings name none that could be one.
const GLOBAL: &str = "global_memory";

/// An owner in the store.
pub(super) struct Found {
    /// The run, read or about to be made.
    pub(super) run: Run,
    /// Whether it is there.
    pub(super) exists: bool,
}

impl Found {
    /// What makes the owner, where it is not there.
    pub(super) fn making(&self) -> Option<RunWrite> {
        let write = || RunWrite { run: self.run.clone(), private: Value::Null, expected: None, only_if_absent: true };
        (!self.exists).then(write)
    }
}

impl Memory {
    /// The owners of a scope, as seen from a run; each once.
    pub(super) async fn owners(&self, run: &Run, scope: Scope, now: Timestamp) -> Result<Vec<Found>, Unremembered> {
        let own = || Found { run: run.clone(), exists: true };
        let mut found = match scope {
            Scope::Run => vec![own()],
            Scope::Session => vec![self.of_session(run, now).await?],
            Scope::Global => vec![self.of_everybody(now).await?],
            Scope::All => vec![own(), self.of_session(run, now).await?, self.of_everybody(now).await?],
        };
        let mut seen = HashSet::new();
        found.retain(|found| seen.insert(found.run.run_id.clone()));
        Ok(found)
    }

    /// The owners with what they keep.
    pub(super) async fn with_spans(&self, found: &[Found]) -> Result<Vec<Owner>, Unremembered> {
        let mut owners = Vec::with_capacity(found.len());
        for Found { run, .. } in found {
            owners.push(self.owner(run).await?);
        }
        Ok(owners)
    }

    /// A run with what it keeps.
    pub(super) async fn owner(&self, run: &Run) -> Result<Owner, Unremembered> {
        let stored = self.store.spans(&run.run_id).await.map_err(Unremembered::Store)?;
        Ok(Owner::new(&run.run_id, &run.vars, &stored))
    }

    /// The owner of the run's session; without a session the root of its tree.
    async fn of_session(&self, run: &Run, now: Timestamp) -> Result<Found, Unremembered> {
        let session = run.session_id.as_deref().map(str::trim).filter(|s| !s.is_empty());
        match session {
            Some(session) => self.found_or(session_owner(session, now)).await,
            None => Ok(Found { run: self.root(run).await?, exists: true }),
        }
    }

    async fn of_everybody(&self, now: Timestamp) -> Result<Found, Unremembered> {
        let mut run = session_owner("", now);
        run.run_id = RunId::from(self.global_run_id.as_str());
        run.workflow_id = "__global_memory__".into();
        run.session_id = None;
        self.found_or(run).await
    }

    async fn found_or(&self, new: Run) -> Result<Found, Unremembered> {
        let stored = self.store.run(&new.run_id).await.map_err(Unremembered::Store)?;
        Ok(stored.map_or(Found { run: new, exists: false }, |stored| Found { run: stored.run, exists: true }))
    }

    async fn root(&self, run: &Run) -> Result<Run, Unremembered> {
        let (mut root, mut seen) = (run.clone(), HashSet::new());
        while let Some(parent) = root.parent_run_id.clone().filter(|parent| seen.insert(parent.clone())) {
            match self.store.run(&parent).await.map_err(Unremembered::Store)? {
                Some(above) => root = above.run,
                None => break,
            }
        }
        Ok(root)
    }
}

/// The id the settings name, when it can be one.
pub(super) fn global_run_id(named: &str) -> &str {
    let named = named.trim();
    let plain = !named.is_empty() && named.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    if plain { named } else { GLOBAL }
}
