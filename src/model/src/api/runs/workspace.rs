//! The folder a run works in, on the desktop of the machine the gateway runs on (contract 02, section 4.5).

use serde::{Deserialize, Serialize};

use crate::api::Method::Post;
use crate::api::{Access, Row, path};
use crate::{RunId, operation};

/// What `runs.workspace_open` answers.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct WorkspaceOpened {
    /// True.
    pub ok: bool,
    /// True: the opener was started.
    pub opened: bool,
    /// The run.
    pub run_id: RunId,
    /// The folder, absolute.
    pub workspace_root: String,
    /// The program that was started, without its folder.
    pub opener: String,
}

operation! {
    /// Opens the folder a run works in, on the desktop of the gateway's machine.
    OpenWorkspace = Row::new("runs.workspace_open", Post, "/api/gateway/runs/{run_id}/workspace/open", Access::Admin("workspace")) => WorkspaceOpened {
        /// The run.
        run_id: String = path(),
    }
}
