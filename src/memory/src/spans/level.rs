//! Recall levels: how much a recall may cost. They are opt-in; what goes beyond is cut down, and the answer says so.

use model::{Map, Value};

use super::request::given;

/// How much effort a recall is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// An answer at once.
    Urgent,
    /// The usual.
    Standard,
    /// Whatever can be found.
    Deep,
}

/// What a level allows.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Spans: default and most.
    pub(crate) spans: (i64, i64),
    /// Whether archived messages are searched, in how many spans, and how many messages of each.
    pub(crate) deep: Option<(i64, i64)>,
    /// How many steps to neighbours; none where they are not looked for.
    pub(crate) hops: Option<i64>,
    /// Messages a query shows: default and most.
    pub(crate) messages: (i64, i64),
    /// Messages that are put back: default and most.
    pub(crate) rehydrated: (i64, i64),
}

impl Level {
    /// The level a payload names; none when it names none.
    pub(crate) fn read(payload: &Map) -> Result<Option<Self>, String> {
        let word = match given(payload, &["recall_level", "recallLevel"]) {
            None => return Ok(None),
            Some(Value::String(word)) => word.trim().to_lowercase(),
            Some(Value::Bool(_)) => return Err("recall_level must be a string".into()),
            Some(other) => other.to_string(),
        };
        Ok(Some(match word.as_str() {
            "" => return Ok(None),
            "urgent" => Self::Urgent,
            "standard" => Self::Standard,
            "deep" => Self::Deep,
            other => return Err(format!("Unknown recall_level: {other}")),
        }))
    }

    /// The word callers use.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Standard => "standard",
            Self::Deep => "deep",
        }
    }

    pub(crate) const fn bounds(self) -> Bounds {
        match self {
            Self::Urgent => Bounds { spans: (2, 3), deep: None, hops: None, messages: (30, 60), rehydrated: (30, 60) },
            Self::Standard => Bounds {
                spans: (5, 8),
                deep: Some((25, 200)),
                hops: Some(1),
                messages: (80, 150),
                rehydrated: (80, 200),
            },
            Self::Deep => Bounds {
                spans: (8, 20),
                deep: Some((100, 400)),
                hops: Some(2),
                messages: (200, 600),
                rehydrated: (200, 800),
            },
        }
    }

    /// Cuts a number down to what the level allows.
    pub(crate) fn clamp(self, name: &str, value: i64, most: i64, warnings: &mut Vec<String>) -> i64 {
        if value > most {
            warnings.push(format!("recall_level={}: clamped {name} from {value} to {most}", self.as_str()));
        }
        value.min(most)
    }
}
