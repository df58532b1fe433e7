//! Which models a server has: for discovery, for a helpful error, and for a first start on a machine where LM Studio
//! or Ollama is already running.
//!
//! The one invariant: listing is never part of a call that works.

use std::time::Duration;

use model::Value;
use tokio_util::sync::CancellationToken;

use crate::call::CallContext;
use crate::env::Env;
use crate::error::{CallError, ErrorKind};
use crate::http::{Answer, Ask, Client};
use crate::providers::PROVIDERS;
use crate::route::{self, Route, Wanted};

const SHOWN_MAX: usize = 20;

/// A local server that answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The provider id.
    pub provider: &'static str,
    /// Where it is.
    pub base_url: String,
    /// What it has.
    pub models: Vec<String>,
}

/// The model ids a destination lists, sorted.
///
/// # Errors
/// The server refuses, cannot be reached, or answers something else.
pub async fn list(
    http: &Client,
    env: &Env,
    route: &Route,
    cancel: &CancellationToken,
) -> Result<Vec<String>, CallError> {
    fetch(http, env, route, env.models_timeout, cancel).await
}

/// The model ids of a provider, at its stored URL or one of the caller's own.
///
/// # Errors
/// An unknown provider, or as [`list`].
pub async fn list_of(
    http: &Client,
    env: &Env,
    provider: &str,
    own: Wanted<'_>,
    cancel: &CancellationToken,
) -> Result<Vec<String>, CallError> {
    let wanted = Wanted { provider: Some(provider), model: Some("-"), ..own };
    list(http, env, &route::resolve(wanted, None, env)?, cancel).await
}

async fn fetch(
    http: &Client,
    env: &Env,
    route: &Route,
    timeout: Duration,
    cancel: &CancellationToken,
) -> Result<Vec<String>, CallError> {
    let url = route.url("/models");
    let ask = Ask {
        url: &url,
        body: None,
        headers: &route.headers,
        label: route.provider.label,
        timeout: Some(timeout),
        idle_timeout: None,
        bytes_max: env.response_bytes_max,
        retried: false,
    };
    let Answer::Json(answer) = http.send(&ask, cancel).await? else {
        return Err(CallError::new(
            ErrorKind::BadAnswer,
            format!("{} API error: the model list is not JSON", ask.label),
        ));
    };
    let items = answer.get("data").or_else(|| answer.get("models")).unwrap_or(&answer).as_array();
    let items = items.ok_or_else(|| {
        CallError::new(ErrorKind::BadAnswer, format!("{} API error: the answer lists no models", ask.label))
    })?;
    let id = |item: &Value| {
        item.as_str().or_else(|| ["id", "name", "model"].iter().find_map(|k| item.get(*k)?.as_str())).map(str::to_owned)
    };
    let mut ids: Vec<String> = items.iter().filter_map(id).collect();
    ids.sort();
    ids.dedup();
    Ok(ids)
}

/// Looks for LM Studio and Ollama where they usually are (or are said to be) and returns those that have models.
pub async fn probe_local(http: &Client, env: &Env, cancel: &CancellationToken) -> Vec<Local> {
    let probes = PROVIDERS.iter().filter(|row| row.local).map(|row| async move {
        let wanted = Wanted { provider: Some(row.id), model: Some("-"), ..Wanted::default() };
        let route = route::resolve(wanted, None, env).ok()?;
        let models = fetch(http, env, &route, env.autoprobe_timeout, cancel).await.ok()?;
        (!models.is_empty()).then_some(Local { provider: row.id, base_url: route.base_url, models })
    });
    let found = futures_util::future::join_all(probes.map(Box::pin)).await;
    found.into_iter().flatten().collect()
}

/// The error with what was found nearby and the command that configures it.
pub(crate) async fn with_offers(
    http: &Client,
    env: &Env,
    cancel: &CancellationToken,
    mut error: CallError,
) -> CallError {
    for local in probe_local(http, env, cancel).await {
        let Some(first) = local.models.iter().find(|m| !m.contains("embed")).or(local.models.first()) else { continue };
        error.message.push_str(&format!(
            "\nFound {} at {} with {}. To use it: abstractgateway config set-default input.text --provider {} --model {first} --base-url {}",
            local.provider,
            local.base_url,
            shown(&local.models),
            local.provider,
            local.base_url
        ));
    }
    error
}

/// A 404 of a call, with the models the server has when the wanted one is not among them.
pub(crate) async fn explained(ctx: &CallContext<'_>, route: &Route, error: CallError) -> CallError {
    let timeout = ctx.env.models_timeout.min(Duration::from_secs(5));
    let Ok(models) = fetch(ctx.http, ctx.env, route, timeout, &ctx.cancel).await else { return error };
    if models.is_empty() || models.contains(&route.model) {
        return error;
    }
    let list: Vec<String> = models.iter().take(SHOWN_MAX).map(|m| format!("  • {m}")).collect();
    let more =
        if models.len() > SHOWN_MAX { format!("\n  … and {} more", models.len() - SHOWN_MAX) } else { String::new() };
    let message = format!(
        "❌ Model '{}' not found for {} provider.\n\n✅ Available models ({}):\n{}{more}",
        route.model,
        route.provider.label,
        models.len(),
        list.join("\n")
    );
    CallError { message, ..error }
}

fn shown(models: &[String]) -> String {
    let names = models.iter().take(5).cloned().collect::<Vec<_>>().join(", ");
    if models.len() > 5 { format!("{names} and {} more", models.len() - 5) } else { names }
}
