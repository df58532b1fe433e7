//! `kg query`.

use model::Value;
use model::api::kg::{GraphAnswer, QueryGraph};

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::{Shown, table};

/// List assertions, the newest first
///
/// Without --run, --session or --owner these are the assertions of every owner of the scope.
#[derive(clap::Args, Debug)]
#[command(
    after_help = "Examples:\n  abstractgateway kg query --session work --subject ex:alice\n  abstractgateway kg query --scope global --words \"alice boston\""
)]
pub(super) struct Args {
    /// Whose memory (default: all)
    #[arg(long, value_parser = ["run", "session", "global", "all"])]
    scope: Option<String>,
    /// The run whose memory it is
    #[arg(long, value_name = "ID")]
    run: Option<String>,
    /// The session whose memory it is
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// The owner of the memory in the scope
    #[arg(long, value_name = "ID", requires = "scope", conflicts_with_all = ["run", "session"])]
    owner: Option<String>,
    /// Show only assertions about this
    #[arg(long, value_name = "TERM")]
    subject: Option<String>,
    /// Show only assertions with this predicate
    #[arg(long, value_name = "TERM")]
    predicate: Option<String>,
    /// Show only assertions of this object
    #[arg(long, value_name = "TERM")]
    object: Option<String>,
    /// Show only assertions with one of these words, those with most of them first
    #[arg(long, value_name = "TEXT")]
    words: Option<String>,
    /// Show only what was observed then or later
    #[arg(long, value_name = "TIME")]
    since: Option<String>,
    /// Show only what was observed then or earlier
    #[arg(long, value_name = "TIME")]
    until: Option<String>,
    /// Show only what holds at this time
    #[arg(long, value_name = "TIME")]
    active_at: Option<String>,
    /// Show the oldest first
    #[arg(long)]
    oldest_first: bool,
    /// Show at most so many
    #[arg(long, value_name = "N", default_value_t = 100, value_parser = clap::value_parser!(i64).range(1..=10_000))]
    limit: i64,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let answer = target.call(&input(args)).await?;
    context.ui.show(&render(&answer))?;
    for warning in answer.warnings.iter().flatten() {
        context.ui.note(warning);
    }
    Ok(Exit::Success)
}

fn input(args: Args) -> QueryGraph {
    let named = args.run.is_some() || args.session.is_some() || args.owner.is_some();
    QueryGraph {
        scope: args.scope.unwrap_or_else(|| "all".to_owned()),
        run_id: args.run,
        session_id: args.session,
        owner_id: args.owner,
        subject: args.subject,
        predicate: args.predicate,
        object: args.object,
        since: args.since,
        until: args.until,
        active_at: args.active_at,
        query_text: None,
        words: args.words,
        min_score: None,
        all_owners: !named,
        limit: args.limit,
        order: if args.oldest_first { "asc" } else { "desc" }.to_owned(),
    }
}

fn render(answer: &GraphAnswer) -> Shown {
    let rows = answer.items.iter().map(cells).collect();
    let text = table(&["observed", "subject", "predicate", "object", "scope", "owner"], rows, "no assertions");
    let names = answer.items.iter().filter_map(|item| Some(item["subject"].as_str()?.to_owned())).collect();
    Shown::new(answer, names, text)
}

fn cells(item: &Value) -> Vec<String> {
    let text = |key: &str| item[key].as_str().unwrap_or_default().to_owned();
    let observed = text("observed_at").get(..19).unwrap_or_default().replace('T', " ");
    vec![observed, text("subject"), text("predicate"), text("object"), text("scope"), text("owner_id")]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn assertions_are_rows() {
        let answer: GraphAnswer = serde_json::from_value(json!({
            "ok": true, "scope": "session", "owner_id": "o", "count": 1, "warnings": null, "store": {},
            "items": [{
                "subject": "ex:alice", "predicate": "schema:name", "object": "Alice", "scope": "session",
                "owner_id": "session_memory_s", "observed_at": "2026-11-22T07:28:20.963093+00:00",
            }],
        }))
        .unwrap();
        let shown = render(&answer);
        assert_eq!(
            shown.text,
            "OBSERVED             SUBJECT   PREDICATE    OBJECT  SCOPE    OWNER\n\
             2026-11-22 07:28:20  ex:alice  schema:name  Alice   session  session_memory_s"
        );
        assert_eq!(shown.names, ["ex:alice"]);
        let none = GraphAnswer { items: Vec::new(), ..answer };
        assert_eq!(render(&none).text, "no assertions");
    }
}
