//! How one variable is described and read: its names, what it holds, what stands in for it. Pure: the environment is
//! handed in as a lookup.
//!
//! The one invariant: reading never fails because of a value; a number or word nobody understands is the default.

use std::path::PathBuf;

use super::secret::Secret;

/// Which words are true and false (contract 01, head). Words are trimmed and compared without case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Words {
    /// `1 true yes on` and `0 false no off`; anything else is the default.
    B1,
    /// The same with `y` and `n`.
    B2,
    /// Blank is the default, else true only for `1 true yes on`.
    B3,
    /// Blank is the default, else true only for `1 true yes y on`.
    B4,
}

impl Words {
    /// What a text means in this dialect; none when the default stands.
    #[must_use]
    pub fn read(self, text: &str) -> Option<bool> {
        let word = text.trim().to_ascii_lowercase();
        if word.is_empty() {
            return None;
        }
        let y = matches!(self, Self::B2 | Self::B4);
        let yes = matches!(word.as_str(), "1" | "true" | "yes" | "on") || (y && word == "y");
        let no = matches!(word.as_str(), "0" | "false" | "no" | "off") || (y && word == "n");
        match self {
            Self::B1 | Self::B2 => (yes || no).then_some(yes),
            Self::B3 | Self::B4 => Some(yes),
        }
    }
}

/// What a variable holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Holds {
    /// A truth.
    Flag(Words),
    /// A whole number, pulled into the range.
    Integer {
        /// Smallest.
        min: i64,
        /// Largest.
        max: i64,
    },
    /// A whole number; zero and less is the default.
    Positive,
    /// A number, pulled into the range.
    Number {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
    },
    /// A text.
    Text,
    /// A text compared without case.
    LowerText,
    /// A path; `~` is the home directory.
    Path,
    /// A comma list; blanks are dropped.
    List,
    /// A text nobody may see.
    Secret,
    /// A comma list nobody may see, gathered from every name.
    Secrets,
}

/// A variable: a row of the settings reference.
#[derive(Clone, Copy, Debug)]
pub struct Spec {
    /// The name, then older names read in this order when the ones before are blank.
    pub names: &'static [&'static str],
    /// What it holds.
    pub holds: Holds,
    /// The text that stands in for it; empty means unset.
    pub default: &'static str,
    /// What it does.
    pub doc: &'static str,
    /// The field of [`super::Settings`] it fills.
    pub field: &'static str,
}

impl Spec {
    const fn new(names: &'static [&'static str], holds: Holds, default: &'static str) -> Self {
        Self { names, holds, default, doc: "", field: "" }
    }

    /// Gives the variable its field and doc line.
    #[must_use]
    pub const fn named(mut self, field: &'static str, doc: &'static str) -> Self {
        self.field = field;
        self.doc = doc;
        self
    }
}

/// A truth; an empty default leaves it open.
pub(super) const fn flag(words: Words, default: &'static str, names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::Flag(words), default)
}

/// A whole number in a range.
pub(super) const fn integer(min: i64, max: i64, default: &'static str, names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::Integer { min, max }, default)
}

/// A whole number above zero.
pub(super) const fn positive(default: &'static str, names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::Positive, default)
}

/// A number in a range.
pub(super) const fn number(min: f64, max: f64, default: &'static str, names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::Number { min, max }, default)
}

/// A text.
pub(super) const fn text(default: &'static str, names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::Text, default)
}

/// A text whose case does not matter.
pub(super) const fn lower(default: &'static str, names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::LowerText, default)
}

/// A path, unset by default.
pub(super) const fn path(names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::Path, "")
}

/// A comma list.
pub(super) const fn list(default: &'static str, names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::List, default)
}

/// A secret, unset by default.
pub(super) const fn secret(names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::Secret, "")
}

/// Secrets of all names together.
pub(super) const fn secrets(names: &'static [&'static str]) -> Spec {
    Spec::new(names, Holds::Secrets, "")
}

/// The environment, as a lookup.
pub(super) struct Env<'a> {
    lookup: &'a dyn Fn(&str) -> Option<String>,
}

impl<'a> Env<'a> {
    /// Reads through `lookup`.
    pub(super) fn new(lookup: &'a dyn Fn(&str) -> Option<String>) -> Self {
        Self { lookup }
    }

    /// The first value of `names` that is not blank, trimmed.
    pub(super) fn first(&self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| self.one(name))
    }

    /// A value that is not blank, trimmed.
    pub(super) fn one(&self, name: &str) -> Option<String> {
        let text = (self.lookup)(name)?;
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// The home directory.
    pub(super) fn home(&self) -> Option<PathBuf> {
        self.one("HOME").map(PathBuf::from)
    }

    /// Every value of `names`, each the first of its own aliases: names come in pairs (name, older name).
    fn gathered(&self, names: &[&str]) -> Vec<String> {
        names.chunks(2).filter_map(|pair| self.first(pair)).flat_map(|text| split(&text)).collect()
    }

    fn path(&self, text: &str) -> PathBuf {
        expand(text, self.home())
    }
}

/// `~` and `~/…` as the home directory.
pub(super) fn expand(text: &str, home: Option<PathBuf>) -> PathBuf {
    let Some(home) = home else { return PathBuf::from(text) };
    match text.strip_prefix('~') {
        Some("") => home,
        Some(rest) if rest.starts_with('/') => home.join(rest.trim_start_matches('/')),
        _ => PathBuf::from(text),
    }
}

/// The items of a comma list, trimmed, blanks dropped.
pub(super) fn split(text: &str) -> Vec<String> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

/// A type a variable can fill.
pub(super) trait Fill: Sized {
    /// Reads the value of `spec`.
    fn fill(spec: &Spec, env: &Env<'_>) -> Self;
}

fn flag_of(spec: &Spec, env: &Env<'_>) -> Option<bool> {
    let Holds::Flag(words) = spec.holds else { return None };
    env.first(spec.names).and_then(|text| words.read(&text)).or_else(|| Words::B1.read(spec.default))
}

fn integer_of(spec: &Spec, env: &Env<'_>) -> Option<i64> {
    let given = env.first(spec.names).and_then(|text| text.parse::<i64>().ok());
    let default = spec.default.parse().ok();
    match spec.holds {
        Holds::Integer { min, max } => given.or(default).map(|n| n.clamp(min, max)),
        Holds::Positive => given.filter(|n| *n > 0).or(default),
        _ => None,
    }
}

fn number_of(spec: &Spec, env: &Env<'_>) -> Option<f64> {
    let Holds::Number { min, max } = spec.holds else { return None };
    let given = env.first(spec.names).and_then(|text| text.parse::<f64>().ok()).filter(|n| n.is_finite());
    // Where zero is out of range, it and less mean "as usual", not "as little as possible".
    let given = given.filter(|n| *n > 0.0 || min <= 0.0);
    given.or_else(|| spec.default.parse().ok()).map(|n| n.clamp(min, max))
}

fn text_of(spec: &Spec, env: &Env<'_>) -> Option<String> {
    let text = env.first(spec.names).or_else(|| (!spec.default.is_empty()).then(|| spec.default.to_owned()))?;
    Some(if spec.holds == Holds::LowerText { text.to_lowercase() } else { text })
}

impl Fill for bool {
    fn fill(spec: &Spec, env: &Env<'_>) -> Self {
        flag_of(spec, env).unwrap_or(false)
    }
}

impl Fill for Option<bool> {
    fn fill(spec: &Spec, env: &Env<'_>) -> Self {
        flag_of(spec, env)
    }
}

macro_rules! whole_numbers {
    ($($kind:ty)+) => {$(
        impl Fill for $kind {
            fn fill(spec: &Spec, env: &Env<'_>) -> Self {
                integer_of(spec, env).and_then(|n| Self::try_from(n).ok()).unwrap_or(0)
            }
        }

        impl Fill for Option<$kind> {
            fn fill(spec: &Spec, env: &Env<'_>) -> Self {
                integer_of(spec, env).and_then(|n| <$kind>::try_from(n).ok())
            }
        }
    )+};
}

whole_numbers! { i64 u32 u64 usize }

impl Fill for f64 {
    fn fill(spec: &Spec, env: &Env<'_>) -> Self {
        number_of(spec, env).unwrap_or(0.0)
    }
}

impl Fill for String {
    fn fill(spec: &Spec, env: &Env<'_>) -> Self {
        text_of(spec, env).unwrap_or_default()
    }
}

impl Fill for Option<String> {
    fn fill(spec: &Spec, env: &Env<'_>) -> Self {
        text_of(spec, env)
    }
}

impl Fill for Option<PathBuf> {
    fn fill(spec: &Spec, env: &Env<'_>) -> Self {
        env.first(spec.names).map(|text| env.path(&text))
    }
}

impl Fill for Vec<String> {
    fn fill(spec: &Spec, env: &Env<'_>) -> Self {
        split(&env.first(spec.names).unwrap_or_else(|| spec.default.to_owned()))
    }
}

impl Fill for Option<Secret> {
    fn fill(spec: &Spec, env: &Env<'_>) -> Self {
        env.first(spec.names).map(Secret::from)
    }
}

impl Fill for Vec<Secret> {
    fn fill(spec: &Spec, env: &Env<'_>) -> Self {
        env.gathered(spec.names).into_iter().map(Secret::from).collect()
    }
}
