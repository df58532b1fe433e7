//! `runs start`.

use std::path::PathBuf;

use model::Value;
use model::api::runs::StartRun;

use super::{follow, inputs, render_started};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::value;

/// Start a run of a bundle's flow
///
/// With --follow it shows what happens on stderr, asks on a terminal what the run asks, and prints the run's output on
/// stdout.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway runs start basic-agent -i prompt=\"Say hello\" --follow")]
pub(super) struct Args {
    /// The bundle and its flow (default: the bundle's own): BUNDLE[@VERSION][:FLOW]
    #[arg(value_name = "BUNDLE[:FLOW]")]
    flow: String,
    /// An input, as JSON or text (can be repeated)
    #[arg(short, long = "input", value_name = "KEY=VALUE", value_parser = value::pair)]
    input: Vec<(String, Value)>,
    /// Read inputs from a file with a JSON object; - is stdin
    #[arg(long, value_name = "FILE")]
    input_file: Option<PathBuf>,
    /// Start it in this session (default: its own)
    #[arg(long, value_name = "ID")]
    session: Option<String>,
    /// Start the run once, however often this is asked with the same key
    #[arg(long, value_name = "KEY")]
    idempotency_key: Option<String>,
    /// Watch the run until it ends
    #[arg(short, long)]
    pub(super) follow: bool,
}

pub(super) async fn run(context: &Context, target: &Target, args: Args) -> Result<Exit, Failure> {
    let follows = args.follow;
    let started = target.call(&operation(args)?).await?;
    if follows {
        context.ui.note(&format!("run {}", started.run_id));
        return follow::run(context, target, &started.run_id, 0).await;
    }
    context.ui.show(&render_started(&started))?;
    if target.outlives_us() {
        context.ui.note(&format!("watch it with: abstractgateway runs follow {}", started.run_id));
    } else {
        context.ui.note("no server runs here: the run goes on with `abstractgateway serve` or `runs follow`");
    }
    Ok(Exit::Success)
}

/// `BUNDLE[@VERSION][:FLOW]` and the inputs; single inputs win over the file.
fn operation(args: Args) -> Result<StartRun, Failure> {
    let (bundle, flow) = match args.flow.split_once(':') {
        Some((bundle, flow)) => (bundle, Some(flow.to_owned())),
        None => (args.flow.as_str(), None),
    };
    let input_data = inputs(args.input_file.as_deref(), args.input)?;
    Ok(StartRun {
        registry_scope: None,
        bundle_id: Some(bundle.to_owned()),
        bundle_version: None,
        flow_id: flow.filter(|f| !f.is_empty()),
        input_data,
        thinking: None,
        run_lifecycle: None,
        session_id: args.session,
        idempotency_key: args.idempotency_key,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn args(flow: &str) -> Args {
        let input = vec![("a".to_owned(), json!(2))];
        Args { flow: flow.into(), input, input_file: None, session: None, idempotency_key: None, follow: false }
    }

    #[test]
    fn a_flow_is_named_in_one_word() {
        for (word, bundle, flow) in [
            ("b", "b", None),
            ("b@1", "b@1", None),
            ("b@1:f", "b@1", Some("f")),
            ("b:f", "b", Some("f")),
            ("b:", "b", None),
        ] {
            let start = operation(args(word)).unwrap();
            assert_eq!((start.bundle_id.as_deref(), start.flow_id.as_deref()), (Some(bundle), flow), "{word}");
        }
    }

    #[test]
    fn single_inputs_win_over_the_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), r#"{"a": 1, "b": 1}"#).unwrap();
        let start = operation(Args { input_file: Some(file.path().into()), ..args("b") }).unwrap();
        assert_eq!(Value::Object(start.input_data), json!({"a": 2, "b": 1}));
    }
}
