//! What came of the proof, for people and programs.

use std::collections::BTreeMap;

use serde::Serialize;
use service::fail::Point;

use super::witness::{Broken, Violation};
use crate::ui::{Shown, one_line};

/// How the lives ended.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Tally {
    /// At fail points: how often each was reached.
    pub(super) points: BTreeMap<&'static str, u64>,
    /// At a fail point that was not reached in time, and so at any moment.
    pub(super) unreached: u64,
    /// At random moments.
    pub(super) moments: u64,
    /// While the model was asked.
    pub(super) asked: u64,
}

impl Tally {
    pub(super) fn at(&mut self, point: Point, reached: bool) {
        if reached {
            *self.points.entry(point.name()).or_default() += 1;
        } else {
            self.unreached += 1;
        }
    }

    fn kills(&self) -> u64 {
        self.points.values().sum::<u64>() + self.unreached + self.moments + self.asked
    }
}

/// What the clients did.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Played {
    /// Stories by name.
    pub(super) stories: BTreeMap<&'static str, u64>,
    /// Runs that were followed to their end.
    pub(super) runs: u64,
    /// Ledger records that were compared.
    pub(super) records: u64,
    /// What went wrong.
    pub(super) violations: Vec<Violation>,
}

/// Everything.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Report {
    pub(super) seed: u64,
    pub(super) kills: u64,
    pub(super) killed: Tally,
    pub(super) stories: BTreeMap<&'static str, u64>,
    pub(super) runs: u64,
    pub(super) records: u64,
    pub(super) model_requests: u64,
    pub(super) seconds: f64,
    pub(super) lost: usize,
    pub(super) repeated: usize,
    pub(super) shown_then_gone: usize,
    pub(super) stuck: usize,
    pub(super) wrong: usize,
    pub(super) violations: Vec<Violation>,
}

impl Report {
    pub(super) fn new(seed: u64, killed: Tally, played: Played, model_requests: u64) -> Self {
        Self {
            seed,
            kills: killed.kills(),
            killed,
            stories: played.stories,
            runs: played.runs,
            records: played.records,
            model_requests,
            seconds: 0.0,
            lost: 0,
            repeated: 0,
            shown_then_gone: 0,
            stuck: 0,
            wrong: 0,
            violations: played.violations,
        }
    }

    /// Counts and writes.
    pub(super) fn render(mut self) -> Shown {
        let count = |kind| self.violations.iter().filter(|v| v.kind == kind).count();
        let counts = [Broken::Lost, Broken::Repeated, Broken::ShownThenGone, Broken::Stuck, Broken::Wrong].map(count);
        [self.lost, self.repeated, self.shown_then_gone, self.stuck, self.wrong] = counts;
        let pairs = |map: &BTreeMap<&str, u64>| -> String {
            map.iter().map(|(name, n)| format!("{name} {n}")).collect::<Vec<_>>().join(", ")
        };
        let killed = &self.killed;
        let mut lines: Vec<String> =
            self.violations.iter().map(|v| format!("{:?}  {}  {}", v.kind, v.run_id, one_line(&v.what))).collect();
        lines.push(format!("seed {}: {} kills in {:.0} s", self.seed, self.kills, self.seconds));
        lines.push(format!("at fail points: {}", pairs(&killed.points)));
        lines.push(format!(
            "at other moments: {}, while the model was asked: {}",
            killed.moments + killed.unreached,
            killed.asked
        ));
        lines.push(format!("stories: {}", pairs(&self.stories)));
        lines.push(format!(
            "{} runs with {} ledger records, {} model requests",
            self.runs, self.records, self.model_requests
        ));
        lines.push(format!(
            "lost {}, repeated {}, shown then gone {}, stuck {}, wrong {}",
            self.lost, self.repeated, self.shown_then_gone, self.stuck, self.wrong
        ));
        let names = self.violations.iter().map(|v| v.run_id.clone()).collect();
        Shown::new(&self, names, lines.join("\n"))
    }
}
