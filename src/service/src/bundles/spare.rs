//! Memory that was needed only for a moment goes back to the system.
//!
//! Reading bundles takes many times the memory their compiled form keeps, in pieces the C library of Linux holds on to
//! for ever. May not know: what the memory was for.

/// Gives back what is free.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub(super) fn give_back() {
    #[expect(unsafe_code, reason = "it takes a number, touches only free memory, and has no safe wrapper")]
    // SAFETY: `malloc_trim` may be called at any time, from any thread.
    unsafe {
        libc::malloc_trim(0);
    }
}

/// Other C libraries give it back by themselves.
#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub(super) const fn give_back() {}
