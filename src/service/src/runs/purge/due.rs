//! Which runs may go. Pure: a summary and a moment in, a decision out.

use model::api::runs::RunSummary;
use model::api::runs::purge::PurgeReason;
use model::{Timestamp, Value};

/// What a draft test says it is for.
pub(super) const PURPOSE: &str = "draft_test";
/// What one that is not to be kept says of itself.
pub(super) const MODE: &str = "ephemeral";

/// What was asked for.
pub(super) struct Asked {
    pub(super) now: Timestamp,
    /// Seconds a draft without a date of its own lives; 0 is for ever.
    pub(super) ttl_s: u64,
    pub(super) force: bool,
    pub(super) include_active: bool,
}

/// Whether the client said that the run need not be kept.
pub(super) fn is_ephemeral_draft(run: &RunSummary) -> bool {
    let text = |keys: &[&str]| {
        let lifecycle = run.run_lifecycle.as_ref()?;
        keys.iter().try_fold(lifecycle, |value, key| value.get(*key))?.as_str()
    };
    text(&["purpose"]) == Some(PURPOSE) && text(&["retention", "mode"]) == Some(MODE)
}

/// From when on a run may go, and why it stays if it does.
pub(super) fn decide(run: &RunSummary, asked: &Asked) -> (Option<Timestamp>, Option<PurgeReason>) {
    if !is_ephemeral_draft(run) {
        return (None, Some(PurgeReason::NotEphemeralDraft));
    }
    if !run.status.is_terminal() && !asked.include_active {
        return (None, Some(PurgeReason::ActiveRun));
    }
    let expires_at = expires_at(run, asked.ttl_s);
    let stays = match expires_at {
        _ if asked.force => None,
        None => Some(PurgeReason::NoEffectiveExpiration),
        Some(at) => (at > asked.now).then_some(PurgeReason::NotExpired),
    };
    (expires_at, stays)
}

fn expires_at(run: &RunSummary, default_ttl_s: u64) -> Option<Timestamp> {
    let retention = run.run_lifecycle.as_ref().and_then(|lifecycle| lifecycle.get("retention"));
    let own = retention.and_then(|r| r.get("expires_at")).and_then(Value::as_str).and_then(Timestamp::parse);
    let ttl_s = retention.and_then(|r| r.get("ttl_s")).and_then(Value::as_u64).unwrap_or(default_ttl_s);
    let micros = i64::try_from(ttl_s).unwrap_or(i64::MAX).saturating_mul(1_000_000);
    own.or_else(|| (ttl_s > 0).then(|| run.updated_at.plus_micros(micros)))
}

#[cfg(test)]
mod tests {
    use model::{Run, RunStatus};
    use serde_json::json;

    use super::*;

    #[test]
    fn a_draft_goes_when_it_is_over_and_its_time_has_come() {
        let moment = Timestamp::from_micros(100_000_000);
        let asked = |ttl_s, force, include_active| Asked { now: moment, ttl_s, force, include_active };
        let draft = |retention: Value| json!({"purpose": "draft_test", "retention": retention});
        let ephemeral = draft(json!({"mode": "ephemeral"}));
        let dated = |at: &str| draft(json!({"mode": "ephemeral", "expires_at": at}));
        use PurgeReason::{ActiveRun, NoEffectiveExpiration, NotEphemeralDraft, NotExpired};
        use RunStatus::{Completed, Waiting};
        for (lifecycle, status, asked, expected) in [
            (json!(null), Completed, asked(1, true, true), Some(NotEphemeralDraft)),
            (json!({"purpose": "draft_test"}), Completed, asked(1, true, true), Some(NotEphemeralDraft)),
            (draft(json!({"mode": "keep"})), Completed, asked(1, true, true), Some(NotEphemeralDraft)),
            (ephemeral.clone(), Waiting, asked(1, true, false), Some(ActiveRun)),
            (ephemeral.clone(), Waiting, asked(1, false, true), None),
            (ephemeral.clone(), Completed, asked(0, false, false), Some(NoEffectiveExpiration)),
            (ephemeral.clone(), Completed, asked(0, true, false), None),
            (ephemeral.clone(), Completed, asked(100, false, false), None),
            (ephemeral, Completed, asked(101, false, false), Some(NotExpired)),
            (dated("1970-01-01T00:01:40Z"), Completed, asked(0, false, false), None),
            (dated("1970-01-01T00:01:41Z"), Completed, asked(1, false, false), Some(NotExpired)),
            (dated("tomorrow"), Completed, asked(1, false, false), None),
            (draft(json!({"mode": "ephemeral", "ttl_s": 500})), Completed, asked(1, false, false), Some(NotExpired)),
            (draft(json!({"mode": "ephemeral", "ttl_s": 5})), Completed, asked(0, false, false), None),
        ] {
            let vars = model::Map::from_iter([("_run_lifecycle".to_owned(), lifecycle.clone())]);
            let mut run = Run::new("r".into(), "b@1:f".into(), "n".into(), vars, Timestamp::EPOCH);
            run.status = status;
            assert_eq!(decide(&RunSummary::of(&run), &asked).1, expected, "{lifecycle} {status:?}");
        }
    }
}
