//! `config defaults`, `config set-default` and `config clear-default`.

use model::api::defaults::{ClearDefault, ClearTaskDefault, SetDefault, SetTaskDefault, ShowDefaults};
use model::{Map, Value};

use super::route::{Route, Scope, acting, check, options, row_line};
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{self, Target, Work};
use crate::ui::Shown;

/// Show which model does what
#[derive(clap::Args, Debug)]
pub(crate) struct ShowArgs {
    /// Write JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    scope: Scope,
}

/// Set the model of a route
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway config set-default input.text --provider ollama --model qwen3:8b")]
pub(crate) struct SetArgs {
    /// The route, such as input.text or output.image.text_to_image
    route: String,
    /// The provider; without provider and model the route is cleared
    #[arg(long)]
    provider: Option<String>,
    /// The model
    #[arg(long)]
    model: Option<String>,
    /// Where the provider is
    #[arg(long, value_name = "URL")]
    base_url: Option<String>,
    /// A further setting, as JSON or text (can be repeated)
    #[arg(long = "option", value_name = "K=V")]
    options: Vec<String>,
    #[command(flatten)]
    scope: Scope,
}

/// Clear the model of a route
#[derive(clap::Args, Debug)]
pub(crate) struct ClearArgs {
    /// The route
    route: String,
    #[command(flatten)]
    scope: Scope,
}

pub(super) async fn show(context: &Context, args: &ShowArgs) -> Result<Exit, Failure> {
    check(context, &args.scope)?;
    target::with(context, &args.scope.reach, Work::Look, async |target| {
        let target = acting(target, &args.scope).await?;
        let shown = render(target.call(&ShowDefaults {}).await?);
        let text = if args.json { shown.sorted_json() } else { shown.written(context.ui.format) };
        context.ui.data(&text)?;
        Ok(Exit::Success)
    })
    .await
}

pub(super) async fn set(context: &Context, args: SetArgs) -> Result<Exit, Failure> {
    check(context, &args.scope)?;
    let route = Route::parse(&args.route)?;
    let options = options(&args.options)?;
    target::with(context, &args.scope.reach, Work::Change, async |target| {
        let target = acting(target, &args.scope).await?;
        let defaults = put(&target, route, options, &args).await?;
        written(context, defaults, &format!("Set execution-host capability default: {}", args.route))
    })
    .await
    .map_err(named_routes)
}

/// A route is refused by its name: the ones there are help.
fn named_routes(failure: Failure) -> Failure {
    failure.help_for("bad_request", "abstractgateway config defaults")
}

async fn put(target: &Target, route: Route, options: Option<Map>, args: &SetArgs) -> Result<Map, Failure> {
    let (provider, model, base_url) = (args.provider.clone(), args.model.clone(), args.base_url.clone());
    let Route { kind, modality, task } = route;
    match task {
        Some(task) => target.call(&SetTaskDefault { kind, modality, task, provider, model, base_url, options }).await,
        None => target.call(&SetDefault { kind, modality, provider, model, base_url, options }).await,
    }
}

pub(super) async fn clear(context: &Context, args: ClearArgs) -> Result<Exit, Failure> {
    check(context, &args.scope)?;
    let Route { kind, modality, task } = Route::parse(&args.route)?;
    target::with(context, &args.scope.reach, Work::Change, async |target| {
        let target = acting(target, &args.scope).await?;
        let defaults = match task {
            Some(task) => target.call(&ClearTaskDefault { kind, modality, task }).await?,
            None => target.call(&ClearDefault { kind, modality }).await?,
        };
        written(context, defaults, &format!("Cleared execution-host capability default: {}", args.route))
    })
    .await
    .map_err(named_routes)
}

fn written(context: &Context, defaults: Map, text: &str) -> Result<Exit, Failure> {
    context.ui.show(&Shown { text: text.to_owned(), ..render(defaults) })?;
    Ok(Exit::Success)
}

fn render(defaults: Map) -> Shown {
    let value = Value::Object(defaults);
    let rows = || value["routes"].as_array().into_iter().flatten();
    let mut lines = vec!["Execution-host capability defaults".to_owned()];
    if let Some(file) = value["config_file"].as_str() {
        lines.push(format!("- config_file: {file}"));
    }
    lines.extend(rows().map(|row| row_line(row, "")));
    let names = rows().filter_map(|row| Some(row["key"].as_str()?.to_owned())).collect();
    let text = lines.join("\n");
    Shown { value, names, text }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn defaults_are_a_line_a_route() {
        let value = json!({"ok": true, "config_file": "/d/c.json", "routes": [
            {"key": "input.text", "provider": "p", "model": "m", "source": "abstractcore.gateway_runtime"},
            {"key": "rerank.text", "source": "not_configured"}]});
        let shown = render(value.as_object().cloned().unwrap());
        assert_eq!(
            shown.text,
            "Execution-host capability defaults\n- config_file: /d/c.json\n\
             - input.text: p/m (abstractcore.gateway_runtime)\n- rerank.text: -/- (not_configured)"
        );
        assert_eq!(shown.names, ["input.text", "rerank.text"]);
        assert_eq!(shown.value, value);
    }
}
