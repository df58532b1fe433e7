//! Fail points: named places before and after everything that becomes durable and everything that leaves the process,
//! where a proof of durability has the process die at once, as a power failure would have it.
//!
//! A process that was not armed pays one load of a variable at each. May not know: who arms it, and why. The invariant:
//! a process dies at no point it was not armed for.

use std::str::FromStr;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

macro_rules! points {
    ($( $(#[doc = $doc:literal])+ $point:ident = $name:literal, )+) => {
        /// A place where the process may die.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Point { $( $(#[doc = $doc])+ $point, )+ }

        impl Point {
            /// All of them.
            pub const ALL: &[Self] = &[$( Self::$point ),+];

            /// Its name, as it is armed by.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $( Self::$point => $name, )+ }
            }
        }
    };
}

points! {
    /// Requests were gathered; their transaction has not begun.
    StoreGathered = "store.gathered",
    /// Everything is written, nothing is committed.
    StoreWritten = "store.written",
    /// The transaction is committed; nobody was told.
    StoreCommitted = "store.committed",
    /// The content of a file is in a temporary file, which is not renamed yet.
    FileWritten = "file.written",
    /// A file has its name; the folder is not synced.
    FileRenamed = "file.renamed",
    /// What a run becomes was decided and not handed to the store.
    RunDecided = "run.decided",
    /// What a run became is durable; nobody was woken or told.
    RunStored = "run.stored",
    /// A call is recorded as started and has not left.
    CallStarted = "call.started",
    /// A call came back; its outcome is nowhere.
    CallBack = "call.back",
    /// One call of a batch was done; its result is nowhere.
    ResultBack = "result.back",
    /// The result of one call of a batch is durable; the batch was not told.
    ResultStored = "result.stored",
    /// A command is in the inbox; its run was not woken.
    CommandStored = "command.stored",
    /// An event is about to be handed to its listeners.
    EventTaken = "event.taken",
    /// An event is in its listeners' mailboxes; they were not woken.
    EventDelivered = "event.delivered",
    /// The unfinished runs were found; none was woken.
    RecoveryFound = "recovery.found",
    /// The unfinished runs were woken; the inbox was not looked at.
    RecoveryWoken = "recovery.woken",
    /// A request was done; its answer is not written.
    RequestDone = "request.done",
}

impl FromStr for Point {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let found = Self::ALL.iter().copied().find(|point| point.name() == name);
        found.ok_or_else(|| {
            let names: Vec<_> = Self::ALL.iter().map(|point| point.name()).collect();
            format!("there is no fail point '{name}'; there are {}", names.join(", "))
        })
    }
}

/// Where and when a process dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Death {
    /// Where.
    pub point: Point,
    /// At which passage: 1 is the first.
    pub passage: u64,
}

impl FromStr for Death {
    type Err = String;

    /// Reads `NAME` or `NAME:PASSAGE`.
    fn from_str(text: &str) -> Result<Self, String> {
        let (name, passage) = text.split_once(':').unwrap_or((text, "1"));
        let passage = passage.parse().ok().filter(|passage| *passage > 0);
        let passage = passage.ok_or_else(|| format!("'{text}' does not say at which passage, as in run.stored:3"))?;
        Ok(Self { point: name.parse()?, passage })
    }
}

struct Armed {
    point: Point,
    left: AtomicU64,
}

static ARMED: OnceLock<Armed> = OnceLock::new();

/// Has this process die there. The first word counts.
pub fn arm(death: Death) {
    let armed = Armed { point: death.point, left: AtomicU64::new(death.passage) };
    if ARMED.set(armed).is_ok() {
        tracing::warn!(point = death.point.name(), passage = death.passage, "this process is to die at a fail point");
    }
}

/// The process passes a point, and dies when that was its last.
pub fn pass(point: Point) {
    let Some(armed) = ARMED.get() else { return };
    if armed.point == point && armed.left.fetch_sub(1, Ordering::AcqRel) == 1 {
        die();
    }
}

/// Ends the process without a word to anybody, its other threads included.
#[cfg(unix)]
fn die() -> ! {
    // It cannot fail for the process itself, and does not come back; the abort is for the compiler.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
    std::process::abort()
}

#[cfg(not(unix))]
fn die() -> ! {
    std::process::abort()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deaths_are_read_as_they_are_written() {
        for point in Point::ALL {
            assert_eq!(point.name().parse(), Ok(Death { point: *point, passage: 1 }));
            assert_eq!(format!("{}:12", point.name()).parse(), Ok(Death { point: *point, passage: 12 }));
        }
        for wrong in ["", "run", "run.stored:", "run.stored:0", "run.stored:x", "run.stored:1:2"] {
            assert!(wrong.parse::<Death>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_process_that_was_not_armed_passes() {
        Point::ALL.iter().for_each(|point| pass(*point));
    }
}
