//! The capability routes the contract lists, in its order, and the words that mean them (contract 05, section 12.1).
//!
//! The one invariant: a route that can be stored is one that is listed.

use model::Value;
use serde_json::json;

/// One route.
#[derive(Debug, PartialEq)]
pub struct Spec {
    /// `kind.modality[.task]`
    pub key: &'static str,
    /// For people.
    pub label: &'static str,
    /// The task it stands for.
    pub task: &'static str,
    /// Which package serves it, if one must be named.
    pub package_hint: Option<&'static str>,
    option_examples: &'static str,
}

impl Spec {
    /// `input`, `output`, `embedding` or `rerank`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        self.key.split('.').next().unwrap_or_default()
    }

    /// `text`, `image` …
    #[must_use]
    pub fn modality(&self) -> &'static str {
        self.key.split('.').nth(1).unwrap_or_default()
    }

    /// Options worth knowing.
    #[must_use]
    pub fn option_examples(&self) -> Option<Value> {
        serde_json::from_str(self.option_examples).ok()
    }
}

const fn row(key: &'static str, label: &'static str, task: &'static str, hint: &'static str) -> Spec {
    let package_hint = if hint.is_empty() { None } else { Some(hint) };
    Spec { key, label, task, package_hint, option_examples: "" }
}

const fn with(spec: Spec, option_examples: &'static str) -> Spec {
    Spec { option_examples, ..spec }
}

/// The routes, in the contract's order.
pub const SPECS: [Spec; 22] = [
    row("input.text", "Text Input", "text_understanding", ""),
    row("input.image", "Image Input", "image_understanding", "abstractvision or a vision-capable LLM"),
    row("input.video", "Video Input", "video_understanding", "abstractvideo or a video-capable LLM"),
    with(row("input.voice", "Voice Input", "speech_to_text", "abstractvoice"), r#"{"language":"en"}"#),
    row("input.sound", "Sound Input", "audio_understanding", "abstractsound or abstractmusic"),
    row("input.music", "Music Input", "music_understanding", "abstractmusic or a music-capable LLM"),
    row("input.scene3d", "3D Scene Input", "scene3d_understanding", "abstract3d"),
    row("output.text", "Text Output", "text_generation", ""),
    row("output.image", "Image Output", "image_generation", "abstractvision"),
    row("output.image.text_to_image", "Image Generation", "text_to_image", "abstractvision"),
    row("output.image.image_to_image", "Image Edit", "image_to_image", "abstractvision"),
    with(
        row("output.image.image_upscale", "Image Restore / Upscale", "image_upscale", "abstractvision"),
        r#"{"resolution":"2x","softness":0.25}"#,
    ),
    row("output.video", "Video Output", "video_generation", "abstractvideo or abstractvision"),
    row("output.video.text_to_video", "Video Generation", "text_to_video", "abstractvideo or abstractvision"),
    row("output.video.image_to_video", "Image To Video", "image_to_video", "abstractvideo or abstractvision"),
    with(row("output.voice", "Voice Output", "text_to_speech", "abstractvoice"), r#"{"voice":"default"}"#),
    row("output.sound", "Sound Effects Output", "sound_generation", "abstractsound or abstractmusic"),
    row("output.music", "Music Output", "music_generation", "abstractmusic"),
    row("output.scene3d", "3D Scene Output", "scene3d_generation", "abstract3d"),
    row("embedding.text", "Text Embeddings", "text_embedding", "abstractcore.embeddings"),
    row("embedding.image", "Image Embeddings", "image_embedding", "abstractcore.embeddings or abstractvision"),
    row("rerank.text", "Text Rerank", "text_rerank", "future reranker manager"),
];

type Aliases = &'static [(&'static str, &'static [&'static str])];

const KINDS: Aliases = &[
    ("input", &["in", "inputs", "understand", "understanding"]),
    ("output", &["out", "outputs", "generate", "generation"]),
    ("embedding", &["embed", "embeddings", "vector", "vectors"]),
    ("rerank", &["rank", "ranking", "reranker", "rerankers"]),
];

const MODALITIES: Aliases = &[
    ("text", &[]),
    ("image", &[]),
    ("video", &[]),
    ("music", &[]),
    ("voice", &["speech", "tts", "stt"]),
    ("sound", &["sfx", "sound_effect", "sound_effects", "audio"]),
    ("scene3d", &["3d", "3d_scene", "scene_3d", "scene-3d", "scene"]),
];

const TASKS: Aliases = &[
    ("text_to_image", &["t2i", "image_generation", "generate_image"]),
    ("image_to_image", &["i2i", "image_edit", "edit_image"]),
    ("image_upscale", &["upscale", "upscaler", "upscale_image", "image_upscaling"]),
    ("text_to_video", &["t2v", "video_generation", "generate_video"]),
    ("image_to_video", &["i2v", "video_from_image", "image_video"]),
];

fn canonical(word: &str, aliases: Aliases) -> Option<&'static str> {
    let word = word.trim().to_ascii_lowercase();
    aliases.iter().find(|(name, others)| *name == word || others.contains(&word.as_str())).map(|(name, _)| *name)
}

/// The listed route that these words mean.
#[must_use]
pub fn find(kind: &str, modality: &str, task: Option<&str>) -> Option<&'static Spec> {
    let (kind, modality) = (canonical(kind, KINDS)?, canonical(modality, MODALITIES)?);
    let broad = format!("{kind}.{modality}");
    let Some(task) = task.map(str::trim).filter(|t| !t.is_empty()) else {
        return SPECS.iter().find(|spec| spec.key == broad);
    };
    let named = |spec: &&Spec| spec.key == broad && spec.task.eq_ignore_ascii_case(task);
    let precise = canonical(task, TASKS).map(|task| format!("{broad}.{task}"));
    let precise = precise.and_then(|key| SPECS.iter().find(|spec| spec.key == key));
    precise.or_else(|| SPECS.iter().find(named))
}

/// The listed route of a text such as `input.text` or `out:image:t2i`.
#[must_use]
pub fn parse(route: &str) -> Option<&'static Spec> {
    let parts: Vec<&str> = route.trim().split(['.', ':']).collect();
    match parts[..] {
        [kind, modality] => find(kind, modality, None),
        [kind, modality, task] => find(kind, modality, Some(task)),
        _ => None,
    }
}

/// The words that mean `text_to_image` and so on, for help texts.
#[must_use]
pub fn aliases() -> Value {
    let shown = |aliases: Aliases| {
        aliases.iter().map(|(name, others)| ((*name).to_owned(), json!(others))).collect::<model::Map>()
    };
    json!({"kind": shown(KINDS), "modality": shown(MODALITIES), "task": shown(TASKS)})
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_find_their_route() {
        for spec in &SPECS {
            assert_eq!(parse(spec.key), Some(spec));
        }
        for (route, key) in [
            ("IN.text", Some("input.text")),
            ("understanding:3d", Some("input.scene3d")),
            ("out.image.t2i", Some("output.image.text_to_image")),
            ("generate:image:edit_image", Some("output.image.image_to_image")),
            ("output.image.upscaler", Some("output.image.image_upscale")),
            ("output.image.image_generation", Some("output.image.text_to_image")),
            ("output.video.i2v", Some("output.video.image_to_video")),
            ("output.tts", Some("output.voice")),
            ("input.stt", Some("input.voice")),
            ("output.sfx", Some("output.sound")),
            ("input.audio", Some("input.sound")),
            ("vectors.text", Some("embedding.text")),
            ("rerankers.text", Some("rerank.text")),
            ("output.voice.text_to_speech", Some("output.voice")),
            ("output.image.text_to_video", None),
            ("output.text.t2i", None),
            ("embedding.voice", None),
            ("foo.text", None),
            ("text", None),
            ("a.b.c.d", None),
            ("", None),
        ] {
            assert_eq!(parse(route).map(|s| s.key), key, "{route}");
        }
    }
}
