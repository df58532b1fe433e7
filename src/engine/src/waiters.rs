//! Who waits for which event: an index over waiting runs, rebuilt at start and kept up by commits.

use std::collections::{BTreeSet, HashMap};

use model::RunId;
use parking_lot::Mutex;

#[derive(Default)]
struct Index {
    by_key: HashMap<String, BTreeSet<RunId>>,
    by_run: HashMap<RunId, Vec<String>>,
}

/// The index.
#[derive(Default)]
pub(crate) struct Waiters(Mutex<Index>);

impl Waiters {
    /// Says what a run waits for now; an empty list takes it out.
    pub(crate) fn set(&self, run_id: &RunId, keys: Vec<String>) {
        let mut index = self.0.lock();
        if index.by_run.get(run_id).map_or(keys.is_empty(), |old| *old == keys) {
            return;
        }
        for key in index.by_run.remove(run_id).unwrap_or_default() {
            if let Some(runs) = index.by_key.get_mut(&key) {
                runs.remove(run_id);
                if runs.is_empty() {
                    index.by_key.remove(&key);
                }
            }
        }
        for key in &keys {
            index.by_key.entry(key.clone()).or_default().insert(run_id.clone());
        }
        if !keys.is_empty() {
            index.by_run.insert(run_id.clone(), keys);
        }
    }

    /// The runs that wait for any of the keys, each once, with the key that matched first.
    pub(crate) fn reach(&self, keys: &[&String]) -> Vec<(RunId, String)> {
        let index = self.0.lock();
        let mut seen = BTreeSet::new();
        let mut reached = Vec::new();
        for key in keys {
            for run in index.by_key.get(*key).into_iter().flatten() {
                if seen.insert(run.clone()) {
                    reached.push((run.clone(), (*key).clone()));
                }
            }
        }
        reached
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_is_reached_once_and_under_its_present_keys_only() {
        let waiters = Waiters::default();
        let (a, b): (RunId, RunId) = ("a".into(), "b".into());
        waiters.set(&a, vec!["k".into()]);
        waiters.set(&b, vec!["*".into()]);
        let (k, star) = ("k".to_owned(), "*".to_owned());
        assert_eq!(waiters.reach(&[&k, &star]), [(a.clone(), k.clone()), (b, star.clone())]);
        waiters.set(&a, vec![]);
        assert_eq!(waiters.reach(&[&k]), []);
    }
}
