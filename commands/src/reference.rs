//! The reference pages for settings and errors, from the tables the program itself reads.
//!
//! May not know: what a setting does, when an error comes. Invariant: what is committed as `docs/settings.md` and
//! `docs/errors.md` is what this writes; a test compares.

use std::path::PathBuf;

use model::error::Code;
use service::Settings;
use service::settings::{Holds, Spec, Words};

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Write the reference pages for settings and errors to a folder
#[derive(clap::Args, Debug)]
pub(crate) struct Args {
    /// The folder; made when missing
    #[arg(default_value = "docs")]
    dir: PathBuf,
}

/// Writes the pages.
pub(crate) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let unwritable =
        |e: std::io::Error| Failure::new(format!("the pages could not be written to {}", args.dir.display())).why(e);
    std::fs::create_dir_all(&args.dir).map_err(unwritable)?;
    for (name, page) in pages() {
        std::fs::write(args.dir.join(name), page).map_err(unwritable)?;
    }
    context.ui.note(&format!("wrote settings.md and errors.md to {}", args.dir.display()));
    Ok(Exit::Success)
}

fn pages() -> [(&'static str, String); 2] {
    [("settings.md", settings(&Settings::describe())), ("errors.md", errors())]
}

const SETTINGS_HEAD: &str = "\
# Settings

The gateway reads its environment and nothing else; `abstractgateway config init` writes an environment file to start
with. Where a setting has several names, the first one that is not blank counts. A number out of its range is pulled into
it; a word or number nobody understands is the default. This page is written by `abstractgateway reference`.
";

fn settings(specs: &[Spec]) -> String {
    let mut page = SETTINGS_HEAD.to_owned();
    let mut group = "";
    for spec in specs {
        let (own, _) = spec.field.split_once('.').unwrap_or(("data", spec.field));
        if own != group {
            group = own;
            page.push_str(&format!("\n## {own}\n\n| Name | Holds | Default | |\n|---|---|---|---|\n"));
        }
        let names: Vec<String> = spec.names.iter().map(|name| format!("`{name}`")).collect();
        let default = if spec.default.is_empty() { "–".to_owned() } else { format!("`{}`", spec.default) };
        let doc = spec.doc.split_whitespace().collect::<Vec<_>>().join(" ");
        page.push_str(&format!("| {} | {} | {default} | {doc} |\n", names.join(", "), holds(spec.holds)));
    }
    page
}

fn holds(holds: Holds) -> String {
    match holds {
        Holds::Flag(Words::B1 | Words::B3) => "`1 true yes on` or `0 false no off`".into(),
        Holds::Flag(Words::B2 | Words::B4) => "`1 true yes y on` or `0 false no n off`".into(),
        Holds::Integer { min, max: i64::MAX } => format!("number from {min}"),
        Holds::Integer { min, max } => format!("number from {min} to {max}"),
        Holds::Positive => "number above 0".into(),
        Holds::Number { min, max } => format!("number from {min} to {max}, with fractions"),
        Holds::Text => "text".into(),
        Holds::LowerText => "word".into(),
        Holds::Path => "path".into(),
        Holds::List => "list, separated by commas".into(),
        Holds::Secret => "secret".into(),
        Holds::Secrets => "secrets, separated by commas".into(),
    }
}

const ERRORS_HEAD: &str = "\
# Errors

Every error answer is `{\"detail\": …, \"code\": …}`. Branch on `code`, which is stable; `detail` is a sentence for people and
may change. For `validation` the detail is a list with a `loc`, a `type` and a `msg` for each problem. This page is written
by `abstractgateway reference`.

| Code | Status | |
|---|---|---|
";

fn errors() -> String {
    let mut codes: Vec<&Code> = Code::ALL.iter().collect();
    codes.sort_by_key(|code| (code.status(), code.as_str()));
    let rows = codes.into_iter().map(|code| {
        let doc = code.doc().split_whitespace().collect::<Vec<_>>().join(" ");
        format!("| `{}` | {} | {doc} |\n", code.as_str(), code.status())
    });
    ERRORS_HEAD.to_owned() + &rows.collect::<String>()
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn the_committed_pages_are_current() {
        let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        for (name, page) in pages() {
            let committed = std::fs::read_to_string(docs.join(name)).unwrap_or_default();
            assert!(committed == page, "docs/{name} is old; refresh it with: .ci/generate");
        }
    }

    #[test]
    fn every_setting_has_a_row_and_no_secret_a_default() {
        for spec in Settings::describe() {
            let row = settings(&[spec]);
            assert!(spec.names.iter().all(|name| row.contains(&format!("`{name}`"))), "{:?}", spec.names);
            assert!(!spec.doc.trim().is_empty(), "{:?}", spec.names);
            assert!(!matches!(spec.holds, Holds::Secret | Holds::Secrets) || spec.default.is_empty());
        }
    }
}
