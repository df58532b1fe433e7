//! What a run would do next. Looks only: nothing of it happens, and the run stays as it is.

use model::workflow::{StepPlan, Workflow};
use model::{EffectKind, Wait};

use crate::effects::{self, Decided};
use crate::live::Live;
use crate::outside::{Outside, StepIds, Verdict};
use crate::step::{go_to, plan};

/// Nodes without an effect that are followed.
const NODES_MAX: usize = 10_000;

/// Where a run stands, and what comes.
#[derive(Clone, Debug, PartialEq)]
pub struct Upcoming {
    /// The node of the next effect, or of the end.
    pub node_id: String,
    /// The next effect; none when the run ends without another, or does not come to one soon.
    pub effect: Option<EffectKind>,
    /// What it will wait for.
    pub wait: Option<Wait>,
}

/// Looks ahead.
pub(crate) fn of(mut live: Live, outside: &dyn Outside, workflow: &dyn Workflow) -> Upcoming {
    let (mut effect, mut wait) = (None, None);
    for _ in 0..NODES_MAX {
        if live.run.status.is_terminal() {
            break;
        }
        match plan(&mut live, workflow) {
            Ok(StepPlan::Goto(next)) => go_to(&mut live, next),
            Ok(StepPlan::Effect { effect: planned, next }) => {
                effect = Some(planned.kind);
                let ids = StepIds { step_id: "", key: "", attempt: 1 };
                wait = match effects::decide(&live.run, &planned, next.as_deref(), &live.ctx) {
                    Decided::Wait(wait) => Some(wait),
                    Decided::Child(child) => child.wait,
                    Decided::Outside => match outside.prepare(&live.run, &ids, &planned).map(|p| p.verdict) {
                        Ok(Verdict::Wait(wait)) => Some(wait),
                        _ => None,
                    },
                    _ => None,
                };
                break;
            }
            Ok(StepPlan::Complete(_)) | Err(_) => break,
        }
    }
    Upcoming { node_id: live.run.current_node, effect, wait }
}
