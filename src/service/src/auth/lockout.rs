//! Locks an address out after too many wrong credentials (contract 01, 1.7). Pure: the moment is handed in.
//!
//! The one invariant: the map is bounded, whatever addresses come.

use std::collections::HashMap;
use std::time::{Duration, Instant};

const MOST_ADDRESSES: usize = 10_000;
const LONGEST_S: f64 = 1e9;

/// When to lock, and for how long.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    /// Wrong credentials until the first lock.
    pub(super) after: u32,
    /// The first lock; each further one is twice as long. 0 never locks.
    pub(super) base_s: f64,
    /// The longest lock; 0 sets no bound.
    pub(super) max_s: f64,
}

impl Policy {
    fn lock_for(self, count: u32) -> Duration {
        let Some(beyond) = count.checked_sub(self.after) else { return Duration::ZERO };
        let wanted = self.base_s * 2f64.powi(beyond.min(64).cast_signed());
        let bound = if self.max_s > 0.0 { self.max_s } else { LONGEST_S };
        Duration::from_secs_f64(wanted.clamp(0.0, bound))
    }
}

#[derive(Clone, Copy)]
struct Failures {
    count: u32,
    locked_until: Instant,
    last: Instant,
}

/// The addresses that failed lately.
pub(super) struct Lockout {
    policy: Policy,
    addresses: HashMap<String, Failures>,
}

impl Lockout {
    pub(super) fn new(policy: Policy) -> Self {
        Self { policy, addresses: HashMap::new() }
    }

    /// Whole seconds the address stays locked, rounded up; none when it is not.
    pub(super) fn locked_for(&self, ip: &str, now: Instant) -> Option<u64> {
        let left = self.addresses.get(ip)?.locked_until.saturating_duration_since(now);
        (!left.is_zero()).then(|| whole_seconds(left))
    }

    /// Counts a wrong credential; the seconds of the lock when this one locks.
    pub(super) fn failed(&mut self, ip: &str, now: Instant) -> Option<u64> {
        self.make_room(ip, now);
        let entry = self.addresses.entry(ip.to_owned()).or_insert(Failures { count: 0, locked_until: now, last: now });
        entry.count = entry.count.saturating_add(1);
        entry.last = now;
        let lock = self.policy.lock_for(entry.count);
        if lock.is_zero() {
            return None;
        }
        entry.locked_until = entry.locked_until.max(now + lock);
        Some(whole_seconds(lock))
    }

    /// Forgets the address.
    pub(super) fn succeeded(&mut self, ip: &str) {
        self.addresses.remove(ip);
    }

    /// Drops the tenth that failed longest ago when the map is full.
    fn make_room(&mut self, ip: &str, now: Instant) {
        if self.addresses.len() < MOST_ADDRESSES || self.addresses.contains_key(ip) {
            return;
        }
        let mut by_age: Vec<(bool, Instant, String)> =
            self.addresses.iter().map(|(ip, f)| (f.locked_until > now, f.last, ip.clone())).collect();
        by_age.sort();
        for (_, _, old) in by_age.into_iter().take(MOST_ADDRESSES / 10) {
            self.addresses.remove(&old);
        }
    }
}

fn whole_seconds(left: Duration) -> u64 {
    left.as_secs() + u64::from(left.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: Policy = Policy { after: 5, base_s: 1.0, max_s: 60.0 };

    fn after(policy: Policy, failures: u32) -> Option<u64> {
        let now = Instant::now();
        let mut lockout = Lockout::new(policy);
        (0..failures).map(|_| lockout.failed("1.2.3.4", now)).last().flatten()
    }

    #[test]
    fn locks_double_up_to_the_bound() {
        for (failures, expected) in
            [(4, None), (5, Some(1)), (6, Some(2)), (7, Some(4)), (10, Some(32)), (11, Some(60)), (200, Some(60))]
        {
            assert_eq!(after(USUAL, failures), expected, "{failures}");
        }
        assert_eq!(after(Policy { max_s: 0.0, ..USUAL }, 12), Some(128));
        assert_eq!(after(Policy { max_s: 0.0, ..USUAL }, 500), Some(1_000_000_000));
        assert_eq!(after(Policy { base_s: 0.0, ..USUAL }, 500), None);
        assert_eq!(after(Policy { after: 1, ..USUAL }, 1), Some(1));
        assert_eq!(after(Policy { base_s: 0.2, ..USUAL }, 5), Some(1));
    }

    #[test]
    fn a_lock_holds_to_its_very_end() {
        let start = Instant::now();
        let mut lockout = Lockout::new(USUAL);
        for _ in 0..6 {
            let _ = lockout.failed("a", start);
        }
        for (millis, expected) in [(0, Some(2)), (1, Some(2)), (1000, Some(1)), (1999, Some(1)), (2000, None)] {
            assert_eq!(lockout.locked_for("a", start + Duration::from_millis(millis)), expected, "{millis}");
        }
        assert_eq!(lockout.locked_for("b", start), None);
    }

    #[test]
    fn success_forgets() {
        let now = Instant::now();
        let mut lockout = Lockout::new(USUAL);
        for _ in 0..9 {
            let _ = lockout.failed("a", now);
        }
        lockout.succeeded("a");
        assert_eq!(lockout.locked_for("a", now), None);
        assert_eq!(lockout.failed("a", now), None);
    }

    #[test]
    fn the_map_is_bounded_and_keeps_those_who_are_locked() {
        let now = Instant::now();
        let mut lockout = Lockout::new(USUAL);
        for _ in 0..7 {
            let _ = lockout.failed("attacker", now);
        }
        for i in 0..MOST_ADDRESSES * 2 {
            let _ = lockout.failed(&format!("10.{i}"), now);
            assert!(lockout.addresses.len() <= MOST_ADDRESSES);
        }
        assert_eq!(lockout.locked_for("attacker", now), Some(4));
    }
}
