//! Waiting for a moment. Moments are parsed and compared as moments, whatever offset they were written with.

use model::workflow::PlanContext;
use model::{Map, Timestamp, Wait, WaitReason};
use serde_json::json;

use super::{Decided, text};

pub(super) fn decide(payload: &Map, ctx: &PlanContext) -> Decided {
    let Some(until) = text(payload, &["until"]) else {
        return Decided::Fail("wait_until requires payload.until (ISO timestamp)".into());
    };
    let Some(moment) = Timestamp::parse(&until) else {
        return Decided::Fail(format!("wait_until payload.until is not an ISO timestamp: '{until}'"));
    };
    if moment <= ctx.now {
        return Decided::Done(json!({ "until": until, "ready": true }));
    }
    let mut wait = Wait::new(WaitReason::Until);
    wait.until = Some(moment.to_string());
    Decided::Wait(wait)
}
