//! Workflows by their full id, whatever they come from (contract 04, section 5.1).

use super::Method::Get;
use super::{Access, Operation, Row, path};
use crate::{Map, operation};

operation! {
    /// Shows the flow behind a workflow id.
    ShowWorkflowFlow = Row::new("workflows.flow", Get, "/api/gateway/workflows/{workflow_id}/flow", Access::User) => Map {
        /// `bundle@version:flow`, `bundle:flow` or the id of a schedule.
        workflow_id: String = path(),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![ShowWorkflowFlow::ROW]
}
