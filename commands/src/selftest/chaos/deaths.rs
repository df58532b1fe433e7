//! How each life of the gateway ends: decided by the seed alone.

use std::time::Duration;

use fastrand::Rng;
use service::fail::{Death, Point};

/// The end of a life.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    /// The process kills itself at a fail point.
    At(Death),
    /// It is killed so long after it was healthy.
    After(Duration),
    /// It is killed when the model is asked for the so-manieth time.
    Asked(u64),
}

/// A life that does not come to its end is killed after this time.
pub(super) const LONGEST_LIFE: Duration = Duration::from_millis(1500);

/// The ends, one after the other.
#[derive(Debug)]
pub(super) struct Deaths {
    rng: Rng,
    /// Points that were not chosen yet: each has its turn before any has a second.
    left: Vec<Point>,
}

impl Deaths {
    pub(super) fn new(seed: u64) -> Self {
        Self { rng: Rng::with_seed(seed), left: Vec::new() }
    }

    pub(super) fn next(&mut self) -> End {
        match self.rng.u8(0..10) {
            0..=6 => End::At(self.point()),
            7..=8 => End::After(Duration::from_millis(self.rng.u64(0..250))),
            _ => End::Asked(self.rng.u64(1..6)),
        }
    }

    fn point(&mut self) -> Death {
        if self.left.is_empty() {
            self.left = Point::ALL.to_vec();
        }
        let point = self.left.swap_remove(self.rng.usize(..self.left.len()));
        Death { point, passage: self.rng.u64(1..=furthest(point)) }
    }
}

/// The latest passage that a life of some hundred milliseconds comes to.
const fn furthest(point: Point) -> u64 {
    match point {
        Point::RecoveryFound | Point::RecoveryWoken => 1,
        Point::ResultBack | Point::ResultStored | Point::EventTaken | Point::EventDelivered => 3,
        Point::CallStarted | Point::CallBack | Point::CommandStored => 6,
        Point::FileWritten | Point::FileRenamed => 4,
        Point::RequestDone => 20,
        _ => 40,
    }
}
