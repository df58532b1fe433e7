//! Can the gateway work here, and if not, what helps?
//!
//! May not know: how things are repaired; each check names the command that does. Invariant: looking changes nothing
//! but the time stamps of a probe file that is gone again.

mod checks;
mod models;

use model::Value;
use serde_json::json;

use crate::cli::Reach;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{Here, Target, There, local_server};
use crate::ui::{Shown, sentence};

/// Check that the gateway can work, and say what to do if not
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  abstractgateway doctor\n  abstractgateway doctor --url https://gateway.example.com"
)]
pub(crate) struct Args {
    #[command(flatten)]
    reach: Reach,
    /// The address a server would listen on
    #[arg(long, default_value = "0.0.0.0")]
    host: String,
    /// The port a server would listen on
    #[arg(long, default_value_t = 8080)]
    port: u16,
}

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Grade {
    Ok,
    Warn,
    Fail,
}

impl Grade {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warn => "warn",
            Self::Fail => "fail",
        }
    }
}

/// One check.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Check {
    name: &'static str,
    grade: Grade,
    detail: String,
    fix: Option<String>,
}

impl Check {
    fn ok(name: &'static str, detail: impl Into<String>) -> Self {
        Self { name, grade: Grade::Ok, detail: detail.into(), fix: None }
    }

    fn warn(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, grade: Grade::Warn, detail: detail.into(), fix: Some(fix.into()) }
    }

    fn fail(name: &'static str, detail: impl Into<String>, fix: impl Into<String>) -> Self {
        Self { name, grade: Grade::Fail, detail: detail.into(), fix: Some(fix.into()) }
    }
}

/// Checks everything; exit 1 when something fails.
pub(crate) async fn run(context: &Context, args: Args) -> Result<Exit, Failure> {
    let found = examine(context, &args).await;
    context.ui.show(&render(&found))?;
    Ok(if found.iter().any(|c| c.grade == Grade::Fail) { Exit::Error } else { Exit::Success })
}

async fn examine(context: &Context, args: &Args) -> Vec<Check> {
    let settings = &context.settings;
    let mut found = Vec::new();
    let server = match args.reach.url() {
        Some(url) => There::new(url, args.reach.token()).map(Some),
        None => local_server(context, args.reach.token()).await,
    };
    if args.reach.url().is_none() {
        found.push(checks::data_dir(&settings.data_dir));
        found.push(checks::disk_space(&settings.data_dir));
    }
    let target = match server {
        Ok(Some(there)) => {
            let server = checks::server(&there).await;
            // Whom nobody answers need not ask more.
            let answers = server.grade != Grade::Fail;
            found.push(server);
            answers.then_some(Target::There(there))
        }
        Ok(None) => {
            found.push(checks::port(&args.host, args.port));
            let opened = open(context).await;
            found.push(checks::database(&opened));
            if matches!(opened, Ok(None)) {
                found.push(checks::first_start(settings, &args.host));
            }
            opened.ok().flatten().map(Target::Here)
        }
        Err(failure) => {
            found.push(Check::fail("server", failure.what, failure.help.unwrap_or_default()));
            None
        }
    };
    if let Some(target) = &target {
        found.push(checks::admin(settings, target).await);
        found.push(models::default_model(settings, target).await);
        if let Target::Here(here) = target {
            here.close().await;
        }
    } else if args.reach.url().is_none() {
        found.push(models::offers(settings).await);
    }
    found
}

/// The data directory, opened without running anything; nothing when there is none yet.
async fn open(context: &Context) -> Result<Option<Here>, Failure> {
    if !context.settings.data_dir.join("gateway.sqlite3").is_file() {
        return Ok(None);
    }
    Box::pin(Here::open(context.settings.clone(), false)).await.map(Some)
}

fn render(found: &[Check]) -> Shown {
    let line = |c: &Check| {
        let line = format!("{:4}  {:15}  {}", c.grade.as_str(), c.name, sentence(&c.detail));
        match &c.fix {
            Some(fix) => format!("{line}\n{:23}help: {fix}", ""),
            None => line,
        }
    };
    let value = |c: &Check| json!({"name": c.name, "status": c.grade.as_str(), "detail": c.detail, "fix": c.fix});
    let ok = found.iter().all(|c| c.grade != Grade::Fail);
    let checks: Vec<Value> = found.iter().map(value).collect();
    let names = found.iter().filter(|c| c.grade != Grade::Ok).map(|c| c.name.to_owned()).collect();
    let text = found.iter().map(line).collect::<Vec<_>>().join("\n");
    Shown::new(&json!({"ok": ok, "checks": checks}), names, text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_says_how_it_went_and_what_helps() {
        let found = [Check::ok("port", "8080 is free"), Check::fail("data directory", "read-only", "mount it")];
        let shown = render(&found);
        assert_eq!(
            shown.text,
            "ok    port             8080 is free\n\
             fail  data directory   read-only\n\
             \x20                      help: mount it"
        );
        assert_eq!(shown.value["ok"], false);
        assert_eq!(shown.value["checks"][1]["fix"], "mount it");
        assert_eq!(shown.names, ["data directory"]);
    }
}
