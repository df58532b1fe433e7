//! `ledger verify`: is the ledger as it was written?
//!
//! May not know how that is found out. Invariant: unless a server is named it works on the files of the data directory,
//! also beside a running server, and writes nothing: an auditor needs neither the server nor its word.

use model::api::ledger::{LedgerProblem, LedgerVerified, VerifyLedger};
use serde_json::json;

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::{Shown, one_line};

/// Verify the hash chain of ledgers
///
/// Finds records that were changed, taken out, put in, moved or cut off. It reads the data directory, asks no server
/// unless --url names one, and writes nothing; a server may be running. Exits with 1 when something is found.
#[derive(clap::Args, Debug)]
#[command(after_help = "Examples:\n  abstractgateway ledger verify RUN\n  abstractgateway ledger verify --all -o json")]
pub(crate) struct Args {
    /// The run
    #[arg(required_unless_present = "all")]
    run_id: Option<String>,
    /// Verify the ledgers of all runs of all users
    #[arg(long, conflicts_with = "run_id")]
    all: bool,
}

/// Verifies the files of the data directory.
pub(super) async fn run_offline(context: &Context, args: &Args) -> Result<Exit, Failure> {
    tell(context, &verify(context, args.run_id.clone()).await?)
}

/// Asks a server to verify.
pub(super) async fn run(context: &Context, target: &Target, args: &Args) -> Result<Exit, Failure> {
    let Some(run_id) = args.run_id.clone() else {
        return Err(Failure::new("a server verifies one run at a time")
            .help("abstractgateway ledger verify RUN, or leave --url out to verify the data directory")
            .exit(Exit::Usage));
    };
    tell(context, &[target.call(&VerifyLedger { run_id }).await?])
}

fn tell(context: &Context, found: &[LedgerVerified]) -> Result<Exit, Failure> {
    context.ui.show(&render(found))?;
    Ok(if found.iter().all(|report| report.ok) { Exit::Success } else { Exit::Error })
}

async fn verify(context: &Context, run_id: Option<String>) -> Result<Vec<LedgerVerified>, Failure> {
    let (settings, bar) = (context.settings.clone(), context.ui.counted("verifying ledgers"));
    let work = move || {
        let found = service::ledger::offline::verify(&settings, run_id.as_deref(), &mut |done, total| {
            bar.set_length(total);
            bar.set_position(done);
        });
        bar.finish_and_clear();
        found
    };
    let found = tokio::task::spawn_blocking(work).await;
    Ok(found.map_err(|e| Failure::new("the ledgers could not be verified").why(e))??)
}

fn render(found: &[LedgerVerified]) -> Shown {
    let broken: Vec<&LedgerVerified> = found.iter().filter(|report| !report.ok).collect();
    let mut lines: Vec<String> = broken.iter().flat_map(|report| broken_lines(report)).collect();
    let sum = |of: fn(&LedgerVerified) -> u64| found.iter().map(of).sum::<u64>();
    let (ledgers, records, unchained) = (found.len(), sum(|r| r.records), sum(|r| r.unchained));
    lines.push(match broken.len() {
        0 => format!("{ledgers} ledgers with {records} records are as they were written"),
        n => format!("{n} of {ledgers} ledgers are not as they were written"),
    });
    if unchained > 0 {
        lines.push(format!("{unchained} records are older than their chains: nothing can be said about them"));
    }
    if let [only] = found
        && let Some(hash) = &only.head_hash
    {
        lines.push(format!("the last hash is {hash}"));
    }
    let names = broken.iter().map(|report| report.run_id.clone()).collect();
    Shown::new(&json!({"ok": broken.is_empty(), "ledgers": found}), names, lines.join("\n"))
}

fn broken_lines(report: &LedgerVerified) -> Vec<String> {
    let run = one_line(&report.run_id);
    let line = |p: &LedgerProblem| format!("{run}  record {}  {}  {}", p.cursor, p.kind.as_str(), one_line(&p.why));
    let mut lines: Vec<String> = report.problems.iter().map(line).collect();
    let more = report.problem_count - report.problems.len() as u64;
    if more > 0 {
        lines.push(format!("{run}  and {more} more"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use model::api::ledger::ProblemKind;

    use super::*;

    #[test]
    fn what_is_sound_is_counted_and_what_is_not_is_named() {
        let sound = LedgerVerified {
            run_id: "r1".into(),
            ok: true,
            records: 3,
            unchained: 1,
            head_hash: Some("abc".into()),
            ..LedgerVerified::default()
        };
        let changed = LedgerProblem { cursor: 2, kind: ProblemKind::Changed, why: "it does not fit".into() };
        let broken = LedgerVerified {
            run_id: "r2".into(),
            problems: vec![changed],
            problem_count: 5,
            ..LedgerVerified::default()
        };
        assert_eq!(
            render(std::slice::from_ref(&sound)).text,
            "1 ledgers with 3 records are as they were written\n\
             1 records are older than their chains: nothing can be said about them\n\
             the last hash is abc"
        );
        let shown = render(&[sound, broken]);
        assert_eq!(
            shown.text,
            "r2  record 2  changed  it does not fit\n\
             r2  and 4 more\n\
             1 of 2 ledgers are not as they were written\n\
             1 records are older than their chains: nothing can be said about them"
        );
        assert_eq!((shown.names, &shown.value["ok"]), (vec!["r2".to_owned()], &json!(false)));
    }
}
