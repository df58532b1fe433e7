//! The whole `llm_call` effect: payload in, result object out (contract 05, sections 1, 4, 6, 11). Resolution happens
//! here, at the time of the call. Differences from the reference: a schema does not lose usage, model and
//! finish_reason; tools run before the schema is asked for; every request of a call has the same retry policy.
//!
//! It may not know runs or stores. The one invariant: nothing it returns holds a key or repeats the prompt.

use std::time::Instant;

use model::{Map, Value};
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio_util::sync::CancellationToken;

use crate::defaults::TextDefault;
use crate::env::{Env, Secret};
use crate::error::{CallError, ErrorKind};
use crate::http::{Answer, Ask, Client};
use crate::media::{self, Media};
use crate::messages;
use crate::models;
use crate::payload::Payload;
use crate::prepare;
use crate::registry::{self, Model};
use crate::request::{self, Turn};
use crate::response::{self, Reply};
use crate::route::{self, Route};
use crate::stream;
use crate::structured::{self, Schema};
use crate::thinking::{self, Applied, Thinking};
use crate::tools::{Tool, ToolCall};

/// How often a schema is asked for in the prompt before giving up.
const PROMPTED_ATTEMPTS: usize = 3;
/// How many refusals of one request may teach something.
const LESSONS_MAX: usize = 4;

/// What a call needs beside its payload.
pub struct CallContext<'a> {
    /// The shared HTTP side.
    pub http: &'a Client,
    /// The surroundings, with the caller's saved connections.
    pub env: &'a Env,
    /// The default of `input.text`/`output.text` in force for the caller.
    pub default: Option<&'a TextDefault>,
    /// The run's `_limits`.
    pub limits: Option<&'a Map>,
    /// The files `payload.media` names, read.
    pub media: &'a [Media],
    /// Gives the call up, at once.
    pub cancel: CancellationToken,
    /// Whether a request that fails for a passing reason is sent again; false where the caller makes the call again.
    pub retried: bool,
    /// What makes a repeated call the same: requests carry it, so that a server may notice.
    pub idempotency_key: Option<&'a str>,
}

/// A call after everything about it is decided.
struct Session<'a> {
    ctx: &'a CallContext<'a>,
    route: Route,
    model: Model,
    payload: Payload,
    system: String,
    history: Vec<Map>,
    thinking: Applied,
}

/// One request and what came of it.
struct Asked {
    reply: Reply,
    request: Value,
}

/// What one turn asks for.
#[derive(Clone, Copy)]
struct Shape<'a> {
    tools: &'a [Tool],
    schema: Option<&'a Schema>,
}

/// Asks a model and returns the effect's result.
///
/// # Errors
/// A wrong payload, no destination, a server that refuses or cannot be reached, a cut-off answer, an answer that does
/// not fit its schema, a call given up. The text is fit for `run.error`.
pub async fn llm_call(ctx: &CallContext<'_>, payload: &Map) -> Result<Value, CallError> {
    let begun = Instant::now();
    let empty = Map::new();
    let params = payload.get("params").and_then(Value::as_object).unwrap_or(&empty);
    let route = match route::resolve(route::wanted(payload, params), ctx.default, ctx.env) {
        Err(error) if error.message == route::NOTHING_CONFIGURED => {
            return Err(models::with_offers(ctx.http, ctx.env, &ctx.cancel, error).await);
        }
        other => other?,
    };
    let options = ctx.default.filter(|_| route.is_default).map(|default| &default.options);
    let read = Payload::read(payload, ctx.limits, options)?;
    let model = registry::lookup(&route.model);
    let thinking = thinking::apply(Thinking::read(read.params.get("thinking"))?, &route, &model);
    let (system, mut history) = messages::split_system(&read.system, &read.messages);
    if ctx.media.is_empty()
        && payload.get("media").is_some_and(|m| crate::payload::boolish(Some(m)) == Some(true) || m.is_string())
    {
        return Err(CallError::input("the files of payload.media could not be read"));
    }
    let skipped = media::attach(&mut history, ctx.media, &model, &route.model)?;
    let history = messages::trimmed(&system, history, read.budget.input_max, &route.model);
    let session = Session { ctx, route, model, payload: read, system, history, thinking };
    let mut metadata = session.thinking.metadata.clone();
    if !skipped.is_empty() {
        metadata.insert("media_enrichment".into(), skipped.into());
    }
    let (asked, data) = Box::pin(session.run(&mut metadata)).await?;
    Ok(session.result(asked, data, metadata, begun))
}

impl Session<'_> {
    async fn run(&self, metadata: &mut Map) -> Result<(Asked, Option<Value>), CallError> {
        let tools = self.payload.tools.as_slice();
        let Some(schema) = &self.payload.schema else {
            let asked = self.complete(&self.history, Shape { tools, schema: None }, false, metadata).await?;
            return Ok((asked, None));
        };
        let mut history = self.history.clone();
        if !tools.is_empty() {
            let asked = self.complete(&history, Shape { tools, schema: None }, false, metadata).await?;
            if !asked.reply.calls.is_empty() {
                return Ok((asked, None));
            }
            let said = asked.reply.content.clone().unwrap_or_default();
            if let Ok(data) = schema.parse(&said) {
                return Ok((asked, Some(data)));
            }
            history.push(said_by("assistant", &said));
            history.push(said_by("user", "Give this answer in the form asked for."));
        }
        match self.structured(&history, schema, metadata).await {
            Ok((asked, data)) => Ok((asked, Some(data))),
            Err(error) if error.kind == ErrorKind::Schema && self.payload.structured_fallback => {
                self.loose(&error, metadata).await
            }
            Err(error) => Err(error),
        }
    }

    /// Asks for a schema: natively once where that may work, then in the prompt with what was wrong as feedback.
    async fn structured(
        &self,
        history: &[Map],
        schema: &Schema,
        metadata: &mut Map,
    ) -> Result<(Asked, Value), CallError> {
        let mut feedback: Option<(String, Vec<String>)> = None;
        if request::native_schema(&self.model, &self.quirks()) {
            let shape = Shape { tools: &[], schema: Some(schema) };
            match self.complete(history, shape, true, metadata).await {
                Ok(asked) => {
                    let said = asked.reply.content.clone().unwrap_or_default();
                    match schema.parse(&said) {
                        Ok(data) => return Ok((asked, data)),
                        Err(problems) => feedback = Some((said, problems)),
                    }
                }
                // The server was found to refuse schemas: ask in words instead.
                Err(error)
                    if error.kind == ErrorKind::Refused && !request::native_schema(&self.model, &self.quirks()) => {}
                Err(error) => return Err(error),
            }
        }
        let shape = Shape { tools: &[], schema: None };
        for _ in 0..PROMPTED_ATTEMPTS {
            let prompted = with_schema(history, schema, feedback.as_ref());
            let asked = self.complete(&prompted, shape, true, metadata).await?;
            let said = asked.reply.content.clone().unwrap_or_default();
            match schema.parse(&said) {
                Ok(data) => return Ok((asked, data)),
                Err(problems) => feedback = Some((said, problems)),
            }
        }
        let problems = feedback.map(|(_, problems)| problems.join("; ")).unwrap_or_default();
        let message = format!(
            "structured output generation failed after {PROMPTED_ATTEMPTS} attempts for {}: {problems}",
            schema.name
        );
        Err(CallError::new(ErrorKind::Schema, message))
    }

    /// Takes plain text in place of a structured answer and reads it as well as it goes.
    async fn loose(&self, error: &CallError, metadata: &mut Map) -> Result<(Asked, Option<Value>), CallError> {
        let asked = self.complete(&self.history, Shape { tools: &[], schema: None }, true, metadata).await?;
        metadata.insert("_structured_output_fallback".into(), json!({"used": true, "error": error.message}));
        let data = structured::json_in(asked.reply.content.as_deref().unwrap_or_default());
        if data.is_none() {
            metadata.insert("_structured_output_parse_error".into(), "the answer holds no JSON".into());
        }
        Ok((asked, data))
    }

    /// One answer, asked for again with a larger budget while it is cut off.
    async fn complete(
        &self,
        history: &[Map],
        shape: Shape<'_>,
        structured: bool,
        metadata: &mut Map,
    ) -> Result<Asked, CallError> {
        let budget = &self.payload.budget;
        let mut tokens = request::output_budget(budget.output_max, &self.model);
        let mut attempts: Vec<Value> = Vec::new();
        loop {
            let asked = self.ask(history, shape, tokens).await?;
            let cut = asked.reply.is_truncated();
            if cut || !attempts.is_empty() {
                attempts.push(json!({"attempt": attempts.len() + 1, "finish_reason": asked.reply.finish_reason,
                    "max_output_tokens": tokens, "structured_fallback": structured && shape.schema.is_none()}));
            }
            if !cut || budget.allow_truncation || !budget.retry {
                if attempts.len() > 1 || cut {
                    metadata.insert("_truncation".into(), json!({"attempts": attempts, "resolved": !cut}));
                }
                return Ok(asked);
            }
            let next = request::grown(tokens, budget.output_cap, &self.model);
            match next.filter(|_| attempts.len() < budget.attempts_max as usize) {
                Some(next) => tokens = Some(next),
                None => return Err(truncated(&asked.reply, &attempts)),
            }
        }
    }

    /// One request, sent again in another form when the server refuses a field and says so.
    async fn ask(&self, history: &[Map], shape: Shape<'_>, max_output: Option<u64>) -> Result<Asked, CallError> {
        let mut quirks = self.quirks();
        for lesson in 0.. {
            let turn = Turn {
                route: &self.route,
                model: &self.model,
                params: &self.payload.params,
                system: &self.system,
                messages: history,
                tools: shape.tools,
                schema: shape.schema.filter(|_| !quirks.prompted_schema),
                thinking: &self.thinking,
                max_output,
                stream: self.payload.stream,
            };
            let body = request::body(&turn, &quirks);
            match Box::pin(self.send(&body, shape.tools)).await {
                Ok(reply) => {
                    if lesson > 0 {
                        self.ctx.http.remember(&self.route.base_url, &self.route.model, quirks);
                    }
                    let url = crate::redact::url(&self.route.url("/chat/completions"));
                    return Ok(Asked { reply, request: json!({"url": url, "payload": request::outline(&body)}) });
                }
                Err(error) if matches!(error.status, Some(400 | 422 | 501)) && lesson < LESSONS_MAX => {
                    let learned = request::learn(&quirks, &body, &self.payload.params, &self.model, &error.message);
                    let Some(learned) = learned else { return Err(error) };
                    tracing::info!(model = %self.route.model, base_url = %self.route.base_url, ?learned, "the server refused a field");
                    quirks = learned;
                    if shape.schema.is_some() && quirks.prompted_schema {
                        self.ctx.http.remember(&self.route.base_url, &self.route.model, quirks);
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
        Err(CallError::new(ErrorKind::BadAnswer, "the server refused every form of the request"))
    }

    async fn send(&self, body: &Value, tools: &[Tool]) -> Result<Reply, CallError> {
        let url = self.route.url("/chat/completions");
        let mut headers = self.route.headers.clone();
        headers.extend(self.ctx.idempotency_key.map(|key| ("idempotency-key", Secret::new(request_key(key, body)))));
        let ask = Ask {
            url: &url,
            body: Some(body),
            headers: &headers,
            label: self.route.provider.label,
            timeout: timeout(&self.payload.params, self.ctx.env),
            idle_timeout: self.ctx.env.stream_idle_timeout,
            bytes_max: self.ctx.env.response_bytes_max,
            retried: self.ctx.retried,
        };
        let answer = match self.ctx.http.send(&ask, &self.ctx.cancel).await {
            Err(error) if error.status == Some(404) => {
                return Err(models::explained(self.ctx, &self.route, error).await);
            }
            other => other?,
        };
        let (answer, first, streamed) = match answer {
            Answer::Json(answer) => (answer, None, false),
            Answer::Events(events) => {
                let whole = stream::gather(events, ask.label)?;
                (whole.answer, whole.first, true)
            }
        };
        if let Some(error) = answer.get("error").filter(|e| !e.is_null() && answer.get("choices").is_none()) {
            let said = crate::http::error_text(&json!({"error": error}).to_string());
            let message = format!("{} API error: {said}", ask.label);
            return Err(CallError::new(
                ErrorKind::BadAnswer,
                crate::redact::text(&message, self.route.headers.iter().map(|(_, key)| key)),
            ));
        }
        let mut reply = response::read(&answer, &self.model, tools);
        reply.ttft_ms = first.map(|first| first.as_secs_f64() * 1000.0);
        if streamed {
            reply.raw = Value::Null;
        }
        Ok(reply)
    }

    fn quirks(&self) -> request::Quirks {
        self.ctx.http.quirks(&self.route.base_url, &self.route.model)
    }

    fn result(&self, asked: Asked, data: Option<Value>, mut metadata: Map, begun: Instant) -> Value {
        let Asked { mut reply, request } = asked;
        let trace_id = uuid::Uuid::new_v4().to_string();
        if let Some(grounding) = prepare::grounding_of(&self.history, &self.payload.params, self.ctx.env) {
            metadata.insert("runtime_grounding".into(), grounding);
        }
        if let Some(content) = &mut reply.content {
            *content = prepare::without_echo(content);
        }
        metadata.insert("_provider_request".into(), request);
        metadata.insert("trace_id".into(), trace_id.as_str().into());
        metadata.insert("_runtime_observability".into(), self.observability());
        if let Some(reasoning) = &reply.reasoning {
            metadata.insert("reasoning".into(), reasoning.as_str().into());
        }
        if let Some(ttft_ms) = reply.ttft_ms {
            metadata.insert("_timing".into(), json!({"source": "client_wall", "ttft_ms": ttft_ms}));
        }
        let calls: Vec<Value> = reply.calls.iter().map(ToolCall::to_value).collect();
        let content = if data.is_some() { Value::Null } else { json!(reply.content) };
        let mut result = Map::from_iter([
            ("content".to_owned(), content),
            ("reasoning".to_owned(), json!(reply.reasoning)),
            ("data".to_owned(), data.unwrap_or_default()),
            ("raw_response".to_owned(), model::redact::value(&reply.raw)),
            ("tool_calls".to_owned(), if calls.is_empty() { Value::Null } else { calls.into() }),
            ("usage".to_owned(), json!(reply.usage)),
            ("model".to_owned(), json!(reply.model.as_deref().unwrap_or(&self.route.model))),
            ("finish_reason".to_owned(), json!(reply.finish_reason)),
            ("metadata".to_owned(), Value::Object(metadata)),
            ("trace_id".to_owned(), trace_id.into()),
            ("gen_time".to_owned(), json!((begun.elapsed().as_secs_f64() * 1e4).round() / 10.0)),
        ]);
        result.extend(reply.ttft_ms.map(|ttft_ms| ("ttft_ms".to_owned(), json!(ttft_ms))));
        Value::Object(result)
    }

    /// What the call was made of, without its texts.
    fn observability(&self) -> Value {
        let tools: Vec<&str> = self.payload.tools.iter().map(|tool| tool.name.as_str()).collect();
        json!({"llm_generate_kwargs": {
            "provider": self.route.provider_id, "model": self.route.model,
            "messages": {"count": self.payload.messages.len()}, "system_prompt": {"chars": self.system.chars().count()},
            "tools": if tools.is_empty() { Value::Null } else { json!(tools) },
            "params": model::redact::object(&self.payload.params),
            "structured_output_fallback": self.payload.structured_fallback}})
    }
}

fn truncated(reply: &Reply, attempts: &[Value]) -> CallError {
    let budgets: Vec<String> = attempts
        .iter()
        .map(|a| {
            a.get("max_output_tokens")
                .filter(|t| !t.is_null())
                .map_or_else(|| "server default".into(), ToString::to_string)
        })
        .collect();
    let message = format!(
        "LLM_CALL output was truncated (finish_reason={}). Attempted max_output_tokens: {}. Increase \
         max_output_tokens/max_out_tokens (or set allow_truncation=true).",
        reply.finish_reason.as_deref().unwrap_or("length"),
        budgets.join(", ")
    );
    CallError::new(ErrorKind::Truncated, message)
}

/// The key of one request of a call. A call may take several that differ; a server that has seen a key with another body
/// may refuse it.
fn request_key(key: &str, body: &Value) -> String {
    let digest = Sha256::digest(body.to_string().as_bytes());
    format!("{key}-{}", hex::encode(&digest[..8]))
}

/// `params.timeout_s` or `params.timeout`, else the configured one; zero or less is unlimited.
fn timeout(params: &Map, env: &Env) -> Option<std::time::Duration> {
    let own = ["timeout_s", "timeout"].iter().find_map(|key| params.get(*key)?.as_f64());
    match own {
        Some(seconds) if seconds > 0.0 => std::time::Duration::try_from_secs_f64(seconds).ok(),
        Some(_) => None,
        None => env.request_timeout,
    }
}

fn said_by(role: &str, text: &str) -> Map {
    Map::from_iter([("role".to_owned(), role.into()), ("content".to_owned(), text.into())])
}

/// The conversation with the schema in its last user message, and what was wrong with the last answer.
fn with_schema(history: &[Map], schema: &Schema, feedback: Option<&(String, Vec<String>)>) -> Vec<Map> {
    let mut out = history.to_vec();
    let is_user = |m: &Map| m.get("role").and_then(Value::as_str) == Some("user");
    match out.iter_mut().rev().find(|m| is_user(m)) {
        Some(last) => {
            let content = last.entry("content").or_insert(Value::Null);
            messages::edit_text(content, |text| schema.prompt(text));
        }
        None => out.push(said_by("user", &schema.prompt(""))),
    }
    if let Some((said, problems)) = feedback {
        let shown: String = said.chars().take(8000).collect();
        out.push(said_by("assistant", if shown.is_empty() { "(no answer)" } else { &shown }));
        let list = problems.iter().map(|p| format!("- {p}")).collect::<Vec<_>>().join("\n");
        out.push(said_by(
            "user",
            &format!("That answer does not fit the schema:\n{list}\nAnswer again with the corrected JSON only."),
        ));
    }
    out
}

#[cfg(test)]
mod tests;
