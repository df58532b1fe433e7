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

/// A seed for one place of a sequence: places differ in all their bits.
pub(crate) const fn mix(seed: u64, place: u64) -> u128 {
    const fn spread(mut z: u64) -> u64 {
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    let low = spread(seed.wrapping_add(place.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let high = spread(seed.rotate_left(32) ^ low);
    ((high as u128) << 64) | low as u128
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
