//! What was measured: a name, a unit, a number or why there is none; as a table and as JSON.
//!
//! May not know: how anything is measured.

use std::fmt::Write;

use anyhow::Result;
use serde_json::{Map, Value, json};

/// The figures of one gateway, in the order they were taken.
#[derive(Debug, Default)]
pub(crate) struct Figures(Vec<Figure>);

#[derive(Debug)]
struct Figure {
    key: &'static str,
    label: String,
    unit: &'static str,
    value: Option<f64>,
}

impl Figures {
    /// Adds a figure. One that could not be taken is told on stderr and stays empty.
    pub(crate) fn add(&mut self, key: &'static str, label: impl Into<String>, unit: &'static str, taken: Result<f64>) {
        let label = label.into();
        if let Err(error) = &taken {
            let _ = writeln!(Stderr, "{label}: {error:#}");
        }
        self.0.push(Figure { key, label, unit, value: taken.ok() });
    }
}

struct Stderr;

impl Write for Stderr {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        std::io::Write::write_all(&mut std::io::stderr(), text.as_bytes()).map_err(|_| std::fmt::Error)
    }
}

/// A line a figure, a column a gateway; the rows are those of the first.
pub(crate) fn table(columns: &[(&str, Figures)]) -> String {
    let Some((_, first)) = columns.first() else { return String::new() };
    let width = first.0.iter().map(|f| f.label.len()).max().unwrap_or(0);
    let mut text = format!("{:width$}  {:6}", "", "");
    for (name, _) in columns {
        let _ = write!(text, "  {name:>12}");
    }
    for (row, figure) in first.0.iter().enumerate() {
        let _ = write!(text, "\n{:width$}  {:6}", figure.label, figure.unit);
        for (_, figures) in columns {
            let cell = figures.0.get(row).and_then(|f| f.value).map_or_else(|| "-".to_owned(), number);
            let _ = write!(text, "  {cell:>12}");
        }
    }
    text
}

/// Three digits that mean something.
fn number(value: f64) -> String {
    match value {
        v if v >= 100.0 => format!("{v:.0}"),
        v if v >= 10.0 => format!("{v:.1}"),
        v => format!("{v:.2}"),
    }
}

/// One line: the machine, and every gateway with its figures by key.
pub(crate) fn json(columns: &[(&str, Figures)]) -> Value {
    let mut all = Map::new();
    let processors = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    all.insert("processors".into(), processors.into());
    for (name, figures) in columns {
        let by_key: Map<String, Value> = figures.0.iter().map(|f| (f.key.to_owned(), json!(f.value))).collect();
        all.insert((*name).to_owned(), by_key.into());
    }
    Value::Object(all)
}
