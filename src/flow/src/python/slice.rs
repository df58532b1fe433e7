//! `text[start:end]` by code points.

/// The slice of `text`; negative positions count from the end, positions beyond it are the end.
pub(crate) fn slice_text(text: &str, start: i64, end: Option<i64>) -> &str {
    let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
    let clamp = |at: i64| if at < 0 { at.saturating_add(length).max(0) } else { at.min(length) };
    let (from, to) = (clamp(start), end.map_or(length, clamp));
    if from >= to {
        return "";
    }
    let byte = |at: i64| {
        let at = usize::try_from(at).unwrap_or(usize::MAX);
        text.char_indices().nth(at).map_or(text.len(), |(i, _)| i)
    };
    &text[byte(from)..byte(to)]
}
