//! Memory that was needed only for a moment goes back to the system.
//!
//! Reading bundles, or running many runs, takes many times the memory that stays in use, in pieces the C library of Linux
//! holds on to for ever. May not know: what the memory was for. The invariant: nothing is given back while runs are at
//! work: that would cost them time.

use std::sync::Weak;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Services;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(5);
/// What must have been taken since the last time: 16 MiB.
const MUCH: u64 = 16 << 20;

/// Gives back what is free.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(crate) fn give_back() {
    #[expect(unsafe_code, reason = "it takes a number, touches only free memory, and has no safe wrapper")]
    // SAFETY: `malloc_trim` may be called at any time, from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other C libraries give it back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(crate) const fn give_back() {}

/// Gives memory back whenever much was taken and nothing is at work any more, until the process stops.
pub(crate) async fn keep(services: Weak<Services>, closing: CancellationToken) {
    let (mut looks, mut low) = (tokio::time::interval(EVERY), u64::MAX);
    loop {
        tokio::select! {
            () = closing.cancelled() => return,
            _ = looks.tick() => {}
        }
        let (Some(services), Some(now)) = (services.upgrade(), resident()) else { return };
        if is_due(low, now, services.planes.live()) {
            // It cannot fail; and when the process stops meanwhile, nothing is lost.
            let _ = tokio::task::spawn_blocking(give_back).await;
            low = resident().unwrap_or(now);
        } else {
            low = low.min(now);
        }
    }
}

/// Whether to give back: `low` bytes were resident at the least, `now` are, so many runs are at work.
const fn is_due(low: u64, now: u64, live: usize) -> bool {
    live == 0 && now >= low.saturating_add(MUCH)
}

/// Bytes of the process that are in memory; none where that cannot be told.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    Some(line.trim().trim_end_matches("kB").trim().parse::<u64>().ok()? * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn much_is_given_back_and_only_while_nothing_is_at_work() {
        assert!(is_due(10, 10 + MUCH, 0));
        assert!(!is_due(10, 9 + MUCH, 0));
        assert!(!is_due(10, 10 + MUCH, 1));
        assert!(!is_due(u64::MAX, 1 << 40, 0), "the first look only looks");
    }

    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    #[test]
    fn what_was_taken_in_small_pieces_goes_back() {
        let before = resident().unwrap();
        let pieces: Vec<Vec<u8>> = (0..200_000).map(|i| vec![u8::try_from(i % 251).unwrap(); 512]).collect();
        // The last one keeps the heap from getting shorter by itself.
        let last = pieces.last().cloned();
        let taken = resident().unwrap();
        assert!(taken > before + (64 << 20), "{before} {taken}");
        drop(pieces);
        give_back();
        let after = resident().unwrap();
        assert!(after < taken - (48 << 20), "{taken} {after}");
        drop(last);
    }
}
