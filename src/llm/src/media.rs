//! Files that go along with a call, as parts of the last user message (contract 05, section 8). Whoever calls has read
//! them already. Difference from the reference: a model that is not known is trusted to see.
//!
//! The one invariant: a file the model cannot take is named in the message or refuses the call; it never vanishes.

use base64::Engine as _;
use model::{Map, Value};
use serde_json::json;

use crate::error::CallError;
use crate::messages;
use crate::registry::Model;

/// One file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Media {
    /// Its name, for the model to speak of it.
    pub name: String,
    /// Its media type.
    pub content_type: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Puts the files into the last user message; returns what is to be said of them in the metadata.
pub(crate) fn attach(
    history: &mut Vec<Map>,
    media: &[Media],
    model: &Model,
    name: &str,
) -> Result<Vec<Value>, CallError> {
    if media.is_empty() {
        return Ok(Vec::new());
    }
    let (mut parts, mut texts, mut notes, mut images) = (Vec::new(), String::new(), Vec::new(), 0);
    for file in media {
        let kind = file.content_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match kind.split('/').next().unwrap_or_default() {
            "image" => {
                images += 1;
                if model.known() && !model.flag("vision_support") {
                    texts.push_str(&format!("\n[Image {images}: {}]", file.name));
                    notes.push(
                        json!({"name": file.name, "status": "skipped", "reason": "the model does not see images"}),
                    );
                } else {
                    let url = format!("data:{kind};base64,{}", encoded(file));
                    parts.push(json!({"type": "image_url", "image_url": {"url": url, "detail": "auto"}}));
                }
            }
            "audio" if model.flag("audio_support") => {
                let format = if kind.ends_with("mpeg") || kind.ends_with("mp3") { "mp3" } else { "wav" };
                parts.push(json!({"type": "input_audio", "input_audio": {"data": encoded(file), "format": format}}));
            }
            "audio" => {
                return Err(CallError::input(format!(
                    "Audio input is not supported by model '{name}', and input.voice is not configured. Set it with: abstractgateway \
                     config set-default input.voice --provider PROVIDER --model MODEL"
                )));
            }
            _ => match std::str::from_utf8(&file.bytes) {
                Ok(text) => texts
                    .push_str(&format!("\n\n--- Content from {} ---\n{text}\n--- End of {} ---", file.name, file.name)),
                Err(_) => {
                    let message =
                        format!("Unsupported media item: '{}' ({kind}) is neither text, image nor audio", file.name);
                    return Err(CallError::input(message));
                }
            },
        }
    }
    let last = match history.iter().rposition(|m| m.get("role").and_then(Value::as_str) == Some("user")) {
        Some(at) => at,
        None => {
            history.push(Map::from_iter([("role".to_owned(), json!("user")), ("content".to_owned(), json!(""))]));
            history.len() - 1
        }
    };
    let content = history[last].entry("content").or_insert(Value::Null);
    messages::edit_text(content, |text| format!("{text}{texts}"));
    if !parts.is_empty() {
        let mut all = match content.take() {
            Value::Array(given) => given,
            text => vec![json!({"type": "text", "text": messages::content_text(Some(&text))})],
        };
        all.extend(parts);
        *content = all.into();
    }
    Ok(notes)
}

fn encoded(file: &Media) -> String {
    base64::engine::general_purpose::STANDARD.encode(&file.bytes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::lookup;

    fn check(model: &str, content_type: &str, bytes: &[u8], expected: Result<Value, &str>) {
        let mut history =
            vec![Map::from_iter([("role".to_owned(), json!("user")), ("content".to_owned(), json!("look"))])];
        let media = Media { name: "f".into(), content_type: content_type.into(), bytes: bytes.to_vec() };
        let got = attach(&mut history, &[media], &lookup(model), model).map(|_| history[0]["content"].clone());
        match expected {
            Ok(content) => assert_eq!(got.unwrap(), content, "{model} {content_type}"),
            Err(start) => assert!(got.unwrap_err().message.starts_with(start), "{model} {content_type}"),
        }
    }

    #[test]
    fn files_become_parts_texts_or_errors() {
        let image = json!([{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,/wA=","detail":"auto"}}]);
        check("gpt-4o", "image/png", &[255, 0], Ok(image.clone()));
        check("mock-model", "image/png", &[255, 0], Ok(image));
        check("gpt-4", "image/png", &[255, 0], Ok(json!("look\n[Image 1: f]")));
        check("gpt-4", "text/plain", b"abc", Ok(json!("look\n\n--- Content from f ---\nabc\n--- End of f ---")));
        check("gpt-4", "audio/wav", b"x", Err("Audio input is not supported by model 'gpt-4'"));
        check("gpt-4", "application/pdf", &[255], Err("Unsupported media item"));
    }
}
