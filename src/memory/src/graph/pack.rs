//! Text for a prompt within a budget of tokens (contract 07, section 3.6).

use model::Value;
use model::packet::collapsed;

/// What fits.
pub(super) struct Packed {
    pub text: String,
    pub kept: usize,
    pub tokens: usize,
}

/// Renders packets, one a line, until the next one would not fit. Nothing fits: no text.
pub(super) fn pack(packets: &[Value], scope: &str, ranked: bool, budget: usize, model: Option<&str>) -> Packed {
    let order = if ranked { "similarity-desc" } else { "observed_at-desc" };
    let mut text = format!("## KG ACTIVE MEMORY\n(scope={scope}; order={order}; budget={budget} max_input_tokens)\n");
    let (mut tokens, mut kept) = (estimate(&text, model), 0);
    for packet in packets {
        let line = line(packet, ranked);
        let more = estimate(&line, model);
        if tokens + more > budget {
            break;
        }
        tokens += more;
        kept += 1;
        text.push_str(&line);
    }
    if kept == 0 {
        return Packed { text: String::new(), kept, tokens: 0 };
    }
    Packed { text, kept, tokens }
}

fn line(packet: &Value, ranked: bool) -> String {
    let of = |key: &str| packet.get(key).and_then(Value::as_str).map(collapsed).filter(|text| !text.is_empty());
    let mut notes: Vec<String> = of("span_id").map(|span| format!("span:{span}")).into_iter().collect();
    let score = packet.get("retrieval_score").and_then(Value::as_f64).filter(|_| ranked);
    notes.extend(score.map(|score| format!("score:{score:.3}")));
    let notes = if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
    let when = of("observed_at").map(|moment| format!("[{moment}] ")).unwrap_or_default();
    format!("\n- {when}{}{notes}", of("statement").unwrap_or_default())
}

/// Roughly how many tokens a text is for a model: what the contract's counting by characters comes to.
fn estimate(text: &str, model: Option<&str>) -> usize {
    const CHARS_PER_TOKEN: f64 = 4.0;
    let chars = text.chars().count() as f64;
    if chars == 0.0 {
        return 0;
    }
    let share = |is: fn(&char) -> bool| text.chars().filter(is).count() as f64 / chars;
    let spaces = match share(|c| c.is_whitespace()) {
        s if s > 0.25 => 0.85,
        s if s > 0.15 => 0.92,
        _ => 1.0,
    };
    let punctuation = match share(|c| c.is_ascii_punctuation()) {
        s if s > 0.15 => 1.1,
        s if s > 0.08 => 1.05,
        _ => 1.0,
    };
    let digits = if share(|c| c.is_numeric()) > 0.2 { 1.08 } else { 1.0 };
    let tokens = chars / (CHARS_PER_TOKEN * family(model)) * spaces * punctuation * digits;
    (tokens.round() as usize).max(1)
}

/// How dense a model family's tokens are.
fn family(model: Option<&str>) -> f64 {
    const FAMILIES: [(&str, f64); 6] =
        [("gpt", 1.0), ("claude", 1.05), ("mistral", 1.05), ("gemini", 0.95), ("llama", 1.1), ("qwen", 1.15)];
    let Some(model) = model.map(str::to_ascii_lowercase) else { return 1.0 };
    FAMILIES.iter().find(|(name, _)| model.contains(name)).map_or(1.2, |(_, factor)| *factor)
}
