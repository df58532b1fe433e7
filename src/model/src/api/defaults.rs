//! Which model does what: the capability defaults (contract 05, section 12.3).

use super::Method::{Delete, Get, Put};
use super::{Access, Kind, Operation, Row, body, path};
use crate::{Map, operation};

operation! {
    /// Shows the capability defaults in force for the caller.
    ShowDefaults = Row::new("defaults.show", Get, "/api/gateway/config/capability-defaults", Access::User) => Map {}
    /// Sets the default of a capability.
    SetDefault = Row::new("defaults.set", Put, "/api/gateway/config/capability-defaults/{kind}/{modality}", Access::User) => Map {
        /// `input`, `output`, `embedding` or `rerank`.
        kind: String = path(),
        /// `text`, `image`, `video`, `voice`, `sound`, `music` or `scene3d`.
        modality: String = path(),
        /// The provider.
        provider: Option<String> = body(Kind::Text).optional(),
        /// The model.
        model: Option<String> = body(Kind::Text).optional(),
        /// Where the provider is.
        base_url: Option<String> = body(Kind::Text).optional(),
        /// Further settings.
        options: Option<Map> = body(Kind::Object).optional(),
    }
    /// Sets the default of a capability for one task.
    SetTaskDefault = Row::new("defaults.set_task", Put, "/api/gateway/config/capability-defaults/{kind}/{modality}/{task}", Access::User) => Map {
        /// `input` or `output`.
        kind: String = path(),
        /// The modality.
        modality: String = path(),
        /// The task, such as `text_to_image`.
        task: String = path(),
        /// The provider.
        provider: Option<String> = body(Kind::Text).optional(),
        /// The model.
        model: Option<String> = body(Kind::Text).optional(),
        /// Where the provider is.
        base_url: Option<String> = body(Kind::Text).optional(),
        /// Further settings.
        options: Option<Map> = body(Kind::Object).optional(),
    }
    /// Clears the default of a capability.
    ClearDefault = Row::new("defaults.clear", Delete, "/api/gateway/config/capability-defaults/{kind}/{modality}", Access::User) => Map {
        /// The kind.
        kind: String = path(),
        /// The modality.
        modality: String = path(),
    }
    /// Clears the default of a capability for one task.
    ClearTaskDefault = Row::new("defaults.clear_task", Delete, "/api/gateway/config/capability-defaults/{kind}/{modality}/{task}", Access::User) => Map {
        /// The kind.
        kind: String = path(),
        /// The modality.
        modality: String = path(),
        /// The task.
        task: String = path(),
    }
}

/// The rows of this noun.
#[must_use]
pub fn rows() -> Vec<Row> {
    vec![ShowDefaults::ROW, SetDefault::ROW, SetTaskDefault::ROW, ClearDefault::ROW, ClearTaskDefault::ROW]
}
