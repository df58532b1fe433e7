//! The servers that say which models they hold: Ollama, and LM Studio in its newer (`/api/v1`) and older (`/api/v0`, which
//! only lists) interface.

use std::time::Duration;

use model::Value;
use serde_json::json;

use crate::call::CallContext;
use crate::error::{CallError, ErrorKind};
use crate::http::{Answer, Ask};
use crate::route::Route;

/// A model that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub model: String,
    /// It stays until it is dropped.
    pub pinned: bool,
    /// What to name when dropping it; empty where that is the model itself.
    pub instances: Vec<String>,
}

impl Held {
    /// Whether it is meant by a name: Ollama's `name` is `name:latest`.
    pub(super) fn is(&self, name: &str) -> bool {
        let full = |name: &str| name.strip_suffix(":latest").unwrap_or(name).to_owned();
        full(&self.model).eq_ignore_ascii_case(&full(name)) || self.instances.iter().any(|id| id == name)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    Ollama,
    LmStudio,
}

/// A server that can be asked.
pub(super) struct Server<'a> {
    ctx: &'a CallContext<'a>,
    route: &'a Route,
    dialect: Dialect,
    timeout: Option<Duration>,
}

impl<'a> Server<'a> {
    /// The server at a route; none when its kind cannot say what it holds.
    pub(super) fn of(ctx: &'a CallContext<'a>, route: &'a Route, timeout: Option<Duration>) -> Option<Self> {
        let dialect = match route.provider.id {
            "ollama" => Dialect::Ollama,
            "lmstudio" => Dialect::LmStudio,
            _ => return None,
        };
        Some(Self { ctx, route, dialect, timeout })
    }

    /// Whether a model can be told to stay.
    pub(super) fn pins(&self) -> bool {
        self.dialect == Dialect::Ollama
    }

    /// The models it holds now.
    pub(super) async fn held(&self) -> Result<Vec<Held>, CallError> {
        match self.dialect {
            Dialect::Ollama => Ok(ollama_held(&self.get("/api/ps").await?)),
            Dialect::LmStudio => match self.get("/api/v1/models").await {
                Ok(listed) => Ok(studio_held(&listed)),
                Err(error) if is_unknown(&error) => Ok(older_studio_held(&self.get("/api/v0/models").await?)),
                Err(error) => Err(error),
            },
        }
    }

    /// Makes it hold the route's model.
    pub(super) async fn load(&self, pin: bool) -> Result<(), CallError> {
        let model = &self.route.model;
        match self.dialect {
            Dialect::Ollama => {
                // No prompt: the model is loaded and nothing is generated. -1 keeps it, otherwise the server decides.
                let body = if pin {
                    json!({"model": model, "stream": false, "keep_alive": -1})
                } else {
                    json!({"model": model, "stream": false})
                };
                self.post("/api/generate", &body).await
            }
            Dialect::LmStudio => self.studio("/api/v1/models/load", &json!({ "model": model })).await,
        }
    }

    /// Makes it drop a model.
    pub(super) async fn unload(&self, held: &Held) -> Result<(), CallError> {
        match self.dialect {
            Dialect::Ollama => {
                let body = json!({"model": held.model, "stream": false, "keep_alive": 0});
                self.post("/api/generate", &body).await
            }
            Dialect::LmStudio if held.instances.is_empty() => Err(too_old()),
            Dialect::LmStudio => {
                for instance in &held.instances {
                    self.studio("/api/v1/models/unload", &json!({ "instance_id": instance })).await?;
                }
                Ok(())
            }
        }
    }

    async fn studio(&self, path: &str, body: &Value) -> Result<(), CallError> {
        let done = self.post(path, body).await;
        // An unknown model has a 404 of its own, with a reason; an unknown path has none of LM Studio's reasons.
        match done {
            Err(error) if is_unknown(&error) && self.get("/api/v1/models").await.is_err() => Err(too_old()),
            done => done,
        }
    }

    async fn get(&self, path: &str) -> Result<Value, CallError> {
        self.ask(path, None, Some(self.timeout.unwrap_or(self.ctx.env.models_timeout))).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<(), CallError> {
        self.ask(path, Some(body), self.timeout.or(self.ctx.env.request_timeout)).await.map(drop)
    }

    async fn ask(&self, path: &str, body: Option<&Value>, timeout: Option<Duration>) -> Result<Value, CallError> {
        // The native interface lies beside the OpenAI one.
        let root = self.route.base_url.strip_suffix("/v1").unwrap_or(&self.route.base_url);
        let url = format!("{root}{path}");
        let ask = Ask {
            url: &url,
            body,
            headers: &self.route.headers,
            label: self.route.provider.label,
            timeout,
            idle_timeout: None,
            bytes_max: self.ctx.env.response_bytes_max,
            retried: false,
        };
        match self.ctx.http.send(&ask, &self.ctx.cancel).await? {
            Answer::Json(answer) => match answer.get("error").and_then(Value::as_str) {
                // LM Studio answers unknown paths with 200 and a text.
                Some(why) => Err(CallError {
                    kind: ErrorKind::Refused,
                    message: format!("{} API error: {why}", self.route.provider.label),
                    status: Some(404),
                    retry_after: None,
                }),
                None => Ok(answer),
            },
            Answer::Events(_) => {
                let message = format!("{} API error: a stream where a list was expected", self.route.provider.label);
                Err(CallError::new(ErrorKind::BadAnswer, message))
            }
        }
    }
}

fn is_unknown(error: &CallError) -> bool {
    error.status == Some(404)
}

fn too_old() -> CallError {
    let message = "this version of LM Studio lists loaded models but does not load or unload them; LM Studio 0.4 does";
    CallError::new(ErrorKind::Unsupported, message)
}

fn texts<'v>(value: &'v Value, list: &str) -> impl Iterator<Item = &'v Value> {
    value.get(list).and_then(Value::as_array).into_iter().flatten()
}

fn text(value: &Value, keys: &[&str]) -> Option<String> {
    keys.iter().find_map(|key| value.get(*key)?.as_str()).map(str::to_owned)
}

fn ollama_held(listed: &Value) -> Vec<Held> {
    let held = |entry: &Value| {
        let model = text(entry, &["model", "name"])?;
        // A model that is kept expires in centuries: Ollama has no word for never.
        let year = text(entry, &["expires_at"]).and_then(|at| at.get(..4)?.parse::<i32>().ok());
        Some(Held { model, pinned: year.is_some_and(|year| year > 2200), instances: Vec::new() })
    };
    texts(listed, "models").filter_map(held).collect()
}

fn studio_held(listed: &Value) -> Vec<Held> {
    let held = |entry: &Value| {
        let instances: Vec<String> = texts(entry, "loaded_instances").filter_map(|i| text(i, &["id"])).collect();
        let model = text(entry, &["key", "id"])?;
        (!instances.is_empty()).then_some(Held { model, pinned: false, instances })
    };
    texts(listed, "models").filter_map(held).collect()
}

fn older_studio_held(listed: &Value) -> Vec<Held> {
    let loaded = |entry: &&Value| entry.get("state").and_then(Value::as_str) == Some("loaded");
    let held = |entry: &Value| Some(Held { model: text(entry, &["id"])?, pinned: false, instances: Vec::new() });
    texts(listed, "data").filter(loaded).filter_map(held).collect()
}
