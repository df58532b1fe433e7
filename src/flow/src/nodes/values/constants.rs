//! Literals: a value written into the document, handed out as it is.

use model::Value;
use serde_json::json;

use super::Inputs;

pub(super) fn literal(inputs: &Inputs<'_>) -> Result<Value, String> {
    Ok(json!({"value": inputs.literal()}))
}
