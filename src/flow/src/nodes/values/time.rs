//! The clock of the step, as the run's zone reads it.

use model::{Timestamp, Value};
use serde_json::json;

use super::Inputs;

pub(super) fn system_datetime(inputs: &Inputs<'_>) -> Result<Value, String> {
    let minutes = inputs.ctx.utc_offset_minutes;
    let offset = format!(
        "{}{:02}:{:02}",
        if minutes < 0 { '-' } else { '+' },
        minutes.unsigned_abs() / 60,
        minutes.unsigned_abs() % 60
    );
    let local = inputs.ctx.now.plus_micros(i64::from(minutes) * 60_000_000);
    let zone = match inputs.ctx.timezone.as_str() {
        "" if minutes == 0 => "UTC",
        "" => offset.as_str(),
        name => name,
    };
    Ok(json!({
        "iso": with_offset(local, &offset),
        "timezone": zone,
        "utc_offset_minutes": minutes,
        "locale": "en_US",
    }))
}

fn with_offset(local: Timestamp, offset: &str) -> String {
    let text = local.to_string();
    format!("{}{offset}", text.strip_suffix("+00:00").unwrap_or(&text))
}
