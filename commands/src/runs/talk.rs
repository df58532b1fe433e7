//! `runs summary` and `runs chat`: what a model says of a run.

use model::Value;
use model::api::runs::talk::{Chat, ChatAboutRun, SummarizeRun, Summary};
use serde_json::json;

use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::Target;
use crate::ui::{Shown, sentence};

/// Who is asked, and about how much.
#[derive(clap::Args, Clone, Debug)]
struct Asked {
    /// Ask this provider (default: the gateway's)
    #[arg(long, value_name = "PROVIDER", requires = "model")]
    provider: Option<String>,
    /// Ask this model of the provider
    #[arg(long, value_name = "MODEL", requires = "provider")]
    model: Option<String>,
    /// Leave out the runs it started
    #[arg(long)]
    no_subruns: bool,
}

/// Have a model summarize a run
///
/// The summary also becomes a record in the run's ledger.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway runs summary RUN")]
pub(super) struct SummaryArgs {
    /// The run
    run_id: String,
    #[command(flatten)]
    asked: Asked,
}

/// Have a model answer a question about a run
///
/// Without a question, on a terminal, it is a conversation: an empty line ends it.
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway runs chat RUN \"why did it fail?\"")]
pub(super) struct ChatArgs {
    /// The run
    run_id: String,
    /// The question
    question: Option<String>,
    #[command(flatten)]
    asked: Asked,
    /// Put question and answer in the run's ledger
    #[arg(long)]
    persist: bool,
}

pub(super) async fn summary(context: &Context, target: &Target, args: SummaryArgs) -> Result<Exit, Failure> {
    let Asked { provider, model, no_subruns } = args.asked;
    let input = SummarizeRun { run_id: args.run_id, provider, model, include_subruns: !no_subruns };
    let bar = context.ui.busy("the model reads the run");
    let summary = target.call(&input).await;
    bar.finish_and_clear();
    context.ui.show(&render_summary(&summary?))?;
    Ok(Exit::Success)
}

pub(super) async fn chat(context: &Context, target: &Target, args: ChatArgs) -> Result<Exit, Failure> {
    let question = args.question.as_deref().map(str::trim).filter(|question| !question.is_empty());
    let mut messages = Vec::new();
    if let Some(question) = question {
        let answer = ask(context, target, &args, &mut messages, question).await?;
        context.ui.show(&render_answer(&answer))?;
        return Ok(Exit::Success);
    }
    if !context.ui.interactive {
        let help = format!("abstractgateway runs chat {} \"QUESTION\"", args.run_id);
        return Err(Failure::new("there is no question, and nobody can be asked for one here")
            .help(help)
            .exit(Exit::Usage));
    }
    loop {
        let question = context.ui.ask_text("question")?;
        if question.trim().is_empty() {
            return Ok(Exit::Success);
        }
        let answer = ask(context, target, &args, &mut messages, question.trim()).await?;
        context.ui.show(&render_answer(&answer))?;
    }
}

/// Asks one question; it and the answer are part of the conversation from then on.
async fn ask(
    context: &Context,
    target: &Target,
    args: &ChatArgs,
    messages: &mut Vec<Value>,
    question: &str,
) -> Result<Chat, Failure> {
    messages.push(json!({"role": "user", "content": question}));
    let Asked { provider, model, no_subruns } = args.asked.clone();
    let input = ChatAboutRun {
        run_id: args.run_id.clone(),
        provider,
        model,
        include_subruns: !no_subruns,
        messages: messages.clone(),
        persist: args.persist,
    };
    let bar = context.ui.busy("the model thinks");
    let answer = target.call(&input).await;
    bar.finish_and_clear();
    let answer = answer?;
    messages.push(json!({"role": "assistant", "content": answer.answer}));
    Ok(answer)
}

/// A summary for people is its text alone; who wrote it is for programs.
fn render_summary(summary: &Summary) -> Shown {
    Shown::new(summary, vec![summary.run_id.to_string()], sentence(&summary.summary))
}

fn render_answer(chat: &Chat) -> Shown {
    Shown::new(chat, vec![chat.run_id.to_string()], sentence(&chat.answer))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_get_the_text_and_programs_the_reply() {
        let said = json!({"ok": true, "run_id": "r1", "provider": "p", "model": "m",
            "generated_at": "2026-11-22T07:28:20+00:00", "summary": "All\nwell \u{1b}[31m.", "answer": "Because."});
        let shown = render_summary(&serde_json::from_value(said.clone()).unwrap());
        assert_eq!(shown.text, "All\nwell \u{fffd}[31m.");
        assert_eq!((shown.names, &shown.value["model"]), (vec!["r1".to_owned()], &json!("m")));
        let shown = render_answer(&serde_json::from_value(said).unwrap());
        assert_eq!((shown.text.as_str(), &shown.value["answer"]), ("Because.", &json!("Because.")));
    }
}
