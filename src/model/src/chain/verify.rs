//! Reading a ledger again: is it as it was written?
//!
//! May not know where the records come from. The invariant: one record at a time, in the order of their places; memory
//! does not grow with the ledger.

use sha2::{Digest, Sha256};

use super::canonical::{Members, object, read};
use crate::api::ledger::{LedgerProblem, LedgerVerified, ProblemKind};

/// Problems that are reported one by one; more are only counted.
pub const PROBLEMS_MAX: usize = 100;

/// What is kept about a ledger beside its records.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Head {
    /// How many records there are.
    pub len: u64,
    /// The hash of the last one, when it is in a chain.
    pub hash: Option<String>,
    /// The place of the first record of the chain.
    pub chained_from: Option<u64>,
}

/// The state of a verification.
#[derive(Debug)]
pub struct Verifier {
    head: Option<Head>,
    report: LedgerVerified,
    /// The place of the last record that was read.
    place: u64,
    /// The hash the next record must name; none before the chain.
    last_hash: Option<String>,
    /// Whether the record before the next one is missing, and its hash with it.
    after_hole: bool,
}

impl Verifier {
    /// Begins with what is kept about the ledger; `None` when nothing is.
    #[must_use]
    pub fn new(run_id: &str, head: Option<Head>) -> Self {
        let chained_from = head.as_ref().and_then(|head| head.chained_from);
        let report = LedgerVerified { run_id: run_id.to_owned(), ok: true, chained_from, ..LedgerVerified::default() };
        Self { head, report, place: 0, last_hash: None, after_hole: false }
    }

    /// Looks at the next record.
    pub fn record(&mut self, place: u64, text: &str) {
        self.report.records += 1;
        if place != self.place + 1 {
            self.gap(place);
        }
        self.place = place;
        match Stored::read(text) {
            Ok(record) => self.look(place, &record),
            Err(why) if self.chained(place) => self.problem(place, ProblemKind::Unreadable, why),
            // The Python gateway could leave half a record behind.
            Err(_) => self.report.unchained += 1,
        }
    }

    fn gap(&mut self, place: u64) {
        let (from, to) = (self.place + 1, place.saturating_sub(1));
        let what = if from >= to { format!("record {from} is") } else { format!("records {from} to {to} are") };
        self.problem(from, ProblemKind::Missing, format!("{what} not there"));
        self.after_hole = true;
    }

    fn look(&mut self, place: u64, record: &Stored) {
        let after_hole = std::mem::take(&mut self.after_hole);
        if record.run_id.as_ref().is_some_and(|id| *id != self.report.run_id) {
            let from = record.run_id.as_deref().unwrap_or("nobody");
            self.problem(place, ProblemKind::Misplaced, format!("it was written for run '{from}'"));
        }
        let Some(hash) = &record.record_hash else {
            if self.chained(place) {
                self.problem(place, ProblemKind::Unchained, "it has no hash, and the chain had begun".to_owned());
            } else {
                self.report.unchained += 1;
            }
            return;
        };
        if *self.report.chained_from.get_or_insert(place) > place {
            self.report.unchained += 1;
            return;
        }
        if *hash != record.computed {
            self.problem(place, ProblemKind::Changed, "what it says does not fit its hash".to_owned());
        }
        if record.prev_hash != self.last_hash && !after_hole {
            let why = match &self.last_hash {
                Some(_) => "it does not follow the record before it: one was put in, taken out, moved or replaced",
                None => "it names a record before it, and the chain begins here",
            };
            self.problem(place, ProblemKind::Misplaced, why.to_owned());
        }
        self.last_hash = Some(hash.clone());
    }

    /// Says what was found.
    #[must_use]
    pub fn finish(mut self) -> LedgerVerified {
        let place = self.place;
        match self.head.take() {
            None if place > 0 => {
                self.problem(place, ProblemKind::Head, "nothing is kept about the length of this ledger".to_owned());
            }
            None => {}
            Some(head) if head.len > place => {
                let why = format!("{} records were written, {place} are there", head.len);
                self.problem(place + 1, ProblemKind::Truncated, why);
            }
            Some(head) if head.len < place => {
                let why = format!("only {} records were written", head.len);
                self.problem(head.len + 1, ProblemKind::Unexpected, why);
            }
            Some(head) if head.hash.is_some() && head.hash != self.last_hash => {
                let why = "it is not the record that was written last".to_owned();
                self.problem(place, ProblemKind::Head, why);
            }
            Some(_) => {}
        }
        self.report.head_hash = self.last_hash;
        self.report
    }

    /// Whether the record at a place must be in the chain.
    fn chained(&self, place: u64) -> bool {
        self.report.chained_from.is_some_and(|from| from <= place)
    }

    fn problem(&mut self, cursor: u64, kind: ProblemKind, why: String) {
        self.report.ok = false;
        self.report.problem_count += 1;
        if self.report.problems.len() < PROBLEMS_MAX {
            self.report.problems.push(LedgerProblem { cursor, kind, why });
        }
    }
}

/// What a verification needs of a stored record.
struct Stored {
    run_id: Option<String>,
    prev_hash: Option<String>,
    record_hash: Option<String>,
    /// The hash of what it says.
    computed: String,
}

impl Stored {
    fn read(text: &str) -> Result<Self, String> {
        let members: Members<'_> = read(text)?;
        let word = |name: &str| -> Result<Option<String>, String> {
            members.0.iter().find(|(key, _)| key == name).map_or(Ok(None), |(_, value)| read(value.get()))
        };
        let (run_id, prev_hash, record_hash) = (word("run_id")?, word("prev_hash")?, word("record_hash")?);
        let hashed = members.0.iter().filter(|(key, _)| key != "record_hash" && key != "signature");
        let mut canonical = String::with_capacity(text.len());
        object(&mut canonical, hashed.map(|(key, value)| (key.as_str(), value.get())), 0)?;
        Ok(Self { run_id, prev_hash, record_hash, computed: hex::encode(Sha256::digest(canonical)) })
    }
}
