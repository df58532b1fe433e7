//! Recall levels: how much a question to the graph may bring (contract 07, section 3.5).

use model::{Map, Value};
use serde_json::json;

use super::values::{given, number};

/// How hard to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names are the contract's words")]
pub enum Level {
    Urgent,
    Standard,
    Deep,
}

struct Bounds {
    limit: (usize, usize),
    budget: (usize, usize),
}

impl Level {
    /// The level of a payload; none when it says none.
    ///
    /// # Errors
    /// A word that is no level.
    pub fn read(payload: &Map) -> Result<Option<Self>, String> {
        let word = match given(payload, &["recall_level", "recallLevel"]) {
            None => return Ok(None),
            Some(Value::String(word)) => word.trim().to_owned(),
            Some(other) => other.to_string(),
        };
        match word.to_ascii_lowercase().as_str() {
            "" => Ok(None),
            "urgent" => Ok(Some(Self::Urgent)),
            "standard" => Ok(Some(Self::Standard)),
            "deep" => Ok(Some(Self::Deep)),
            _ => Err(format!("Unknown recall_level: {word}")),
        }
    }

    /// The word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Urgent => "urgent",
            Self::Standard => "standard",
            Self::Deep => "deep",
        }
    }

    /// Usual and largest.
    const fn bounds(self) -> Bounds {
        match self {
            Self::Urgent => Bounds { limit: (20, 40), budget: (600, 1000) },
            Self::Standard => Bounds { limit: (80, 200), budget: (1200, 3000) },
            Self::Deep => Bounds { limit: (200, 1000), budget: (2400, 6000) },
        }
    }
}

/// How much one question brings.
#[derive(Clone, Debug, PartialEq)]
pub struct Effort {
    /// Assertions.
    pub limit: usize,
    /// Tokens of the text for a prompt; 0 makes none.
    pub budget: usize,
    /// What was asked for and not granted.
    pub warnings: Vec<String>,
}

const LIMIT: usize = 100;
const LIMIT_MAX: usize = 10_000;

impl Effort {
    /// What a payload asks for, within the bounds of its level.
    #[must_use]
    pub fn read(payload: &Map, level: Option<Level>) -> Self {
        let limit = given(payload, &["limit"]).and_then(number);
        let budget = given(payload, &["max_input_tokens", "max_in_tokens"]).and_then(number);
        let Some(level) = level else {
            let limit = limit.filter(|limit| *limit != 0.0).map_or(LIMIT, |limit| limit as usize);
            let budget = budget.map_or(0, |budget| budget as usize);
            return Self { limit: limit.clamp(1, LIMIT_MAX), budget, warnings: Vec::new() };
        };
        let bounds = level.bounds();
        let mut effort = Self {
            limit: limit.map_or(bounds.limit.0, |limit| (limit as usize).max(1)),
            // Nothing at all is a wish, a part of a token is not.
            budget: match budget {
                Some(0.0) => 0,
                Some(budget) if budget >= 1.0 => budget as usize,
                _ => bounds.budget.0,
            },
            warnings: Vec::new(),
        };
        let mut clamp = |name: &str, value: &mut usize, max: usize| {
            if *value > max {
                effort.warnings.push(format!("recall_level={}: clamped {name} from {value} to {max}", level.as_str()));
                *value = max;
            }
        };
        clamp("limit", &mut effort.limit, bounds.limit.1);
        clamp("max_input_tokens", &mut effort.budget, bounds.budget.1);
        effort
    }

    /// What the result says of it.
    #[must_use]
    pub fn shown(&self, level: Level) -> Value {
        let applied = json!({"limit": self.limit, "min_score": null, "max_input_tokens": self.budget});
        json!({"recall_level": level.as_str(), "applied": applied})
    }
}
