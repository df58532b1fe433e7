//! Random ids: one seed from the operating system an owner, then a fast generator.

use model::Timestamp;
use model::workflow::PlanContext;

/// A random seed from the operating system.
pub(crate) fn seed() -> u128 {
    let mut bytes = [0u8; 16];
    // Without entropy the machine cannot run a TLS stack either; UUIDs then still differ by time.
    if getrandom::fill(&mut bytes).is_err() {
        return std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(1, |d| d.as_nanos());
    }
    u128::from_le_bytes(bytes)
}

/// A version 4 UUID in the usual text form.
pub(crate) fn uuid(ctx: &PlanContext) -> String {
    let random = (u128::from(ctx.random()) << 64) | u128::from(ctx.random());
    uuid::Builder::from_random_bytes(random.to_be_bytes()).into_uuid().to_string()
}

/// A planning context at `now`.
pub(crate) fn context(now: Timestamp, zone: (i32, String)) -> PlanContext {
    let mut ctx = PlanContext::new(now, seed());
    (ctx.utc_offset_minutes, ctx.timezone) = zone;
    ctx
}
