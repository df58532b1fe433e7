//! Ends a run, whatever it is doing.

use model::Command;

use crate::live::Live;

pub(super) fn apply(live: &mut Live, command: &Command) {
    let reason = super::reason(command).unwrap_or_else(|| "Cancelled".into());
    crate::resume::cancel(live, &reason);
}
