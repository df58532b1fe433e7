//! Model calls for one data plane: surroundings from the settings, the text default from the configuration files in force
//! now (contract 05, sections 11 and 12). A changed default holds from the next call on: no restart.

mod text;

use std::path::{Path, PathBuf};
use std::time::Duration;

use engine::{Call, Failure, FailureClass, StepIds};
use llm::env::GroundingField;
pub use llm::models::Local;
use llm::{CallContext, Client, Connection, Env, TextDefault, TraceIds};
use model::{Effect, Map, Run, Timestamp, Value};
use tokio_util::sync::CancellationToken;

use crate::Settings;
use crate::clock;
use crate::settings::Secret;

/// What model calls of a plane need.
pub(crate) struct Models {
    http: Client,
    env: Env,
    text: text::Text,
    settings: Settings,
    plane_dir: PathBuf,
}

impl Models {
    pub(crate) fn new(settings: &Settings, plane_dir: &Path) -> Self {
        let (settings, env) = (settings.clone(), surroundings(settings));
        Self { http: Client::default(), env, text: text::Text::default(), settings, plane_dir: plane_dir.to_owned() }
    }

    /// What serves text when a run does not say.
    pub(crate) fn text_default(&self) -> Option<TextDefault> {
        let files = self.settings.core_config(&self.plane_dir);
        self.text.now(&files.baseline, files.own.as_deref())
    }

    /// Adds to a call what the ledger shall show of it.
    pub(crate) fn prepare(&self, run: &Run, ids: &StepIds<'_>, effect: &Effect, now: Timestamp) -> Effect {
        let mut effect = effect.clone();
        let trace = TraceIds {
            run_id: &run.run_id,
            workflow_id: &run.workflow_id,
            node_id: &run.current_node,
            actor_id: run.actor_id.as_deref(),
            session_id: run.session_id.as_deref(),
            parent_run_id: run.parent_run_id.as_deref(),
            step_id: ids.step_id,
            effect_idempotency_key: ids.key,
            attempt: ids.attempt,
        };
        llm::prepare(&mut effect.payload, &trace, &self.env, now);
        effect
    }

    /// Asks a model for a caller, beside any run. The question is given up when the future is dropped.
    pub(crate) async fn ask(&self, payload: &Map) -> Result<Value, llm::CallError> {
        let cancel = CancellationToken::new();
        let _given_up = cancel.clone().drop_guard();
        let default = self.text_default();
        let (http, env) = (&self.http, &self.env);
        let ctx = CallContext {
            http,
            env,
            default: default.as_ref(),
            limits: None,
            media: &[],
            cancel,
            retried: true,
            idempotency_key: None,
        };
        Box::pin(llm::llm_call(&ctx, payload)).await
    }

    /// Calls the model.
    pub(crate) async fn call(&self, call: Call) -> Result<Value, Failure> {
        let default = self.text_default();
        let ctx = CallContext {
            http: &self.http,
            env: &self.env,
            default: default.as_ref(),
            limits: call.run.vars.get("_limits").and_then(Value::as_object),
            media: &[],
            cancel: call.cancel.clone(),
            retried: !call.is_retried,
            idempotency_key: Some(&call.key),
        };
        let payload: &Map = &call.effect.payload;
        Box::pin(llm::llm_call(&ctx, payload)).await.map_err(failure)
    }

    /// Lists, loads or unloads models of a server.
    pub(crate) async fn residency(&self, call: Call) -> Result<Value, Failure> {
        let default = self.text_default();
        let (http, env) = (&self.http, &self.env);
        let ctx = CallContext {
            http,
            env,
            default: default.as_ref(),
            limits: None,
            media: &[],
            cancel: call.cancel,
            retried: !call.is_retried,
            idempotency_key: None,
        };
        Box::pin(llm::residency(&ctx, &call.effect.payload)).await.map_err(failure)
    }
}

/// A failed call in the words of retry policies.
fn failure(error: llm::CallError) -> Failure {
    use llm::ErrorKind;
    let class = match (error.kind, error.status) {
        (_, Some(429)) => FailureClass::RateLimited,
        (ErrorKind::Refused, Some(408 | 425 | 500..=599)) | (ErrorKind::BadAnswer, _) => FailureClass::ServerError,
        (ErrorKind::Unreachable, _) => FailureClass::Transport,
        (ErrorKind::Timeout, _) => FailureClass::Timeout,
        (ErrorKind::Truncated | ErrorKind::Schema, _) => FailureClass::InvalidResponse,
        (ErrorKind::Cancelled, _) => FailureClass::Cancelled,
        (ErrorKind::Refused | ErrorKind::Input | ErrorKind::NotConfigured | ErrorKind::Unsupported, _) => {
            FailureClass::Refused
        }
    };
    Failure { retry_after: error.retry_after, ..Failure::new(class, error.message) }
}

/// The settings as the model layer names them.
fn surroundings(settings: &Settings) -> Env {
    let (models, runtime) = (&settings.models, &settings.runtime);
    let at =
        |url: Option<&String>, key: Option<&Secret>| Connection::new(url.map(String::as_str), key.map(Secret::expose));
    let secret = |key: &Option<Secret>| key.as_ref().map(|key| llm::Secret::new(key.expose()));
    let (utc_offset_minutes, timezone) = clock::zone();
    Env {
        openai: at(models.openai_base_url.as_ref(), models.openai_api_key.as_ref()),
        openai_compatible: at(models.openai_base_url.as_ref(), models.openai_api_key.as_ref()),
        lmstudio: at(Some(&models.lmstudio_base_url), None),
        ollama: at(Some(&models.ollama_base_url), None),
        vllm: at(models.vllm_base_url.as_ref(), models.vllm_api_key.as_ref()),
        openrouter: at(models.openrouter_base_url.as_ref(), models.openrouter_api_key.as_ref()),
        portkey: at(models.portkey_base_url.as_ref(), models.portkey_api_key.as_ref()),
        openrouter_site_url: models.openrouter_site_url.clone(),
        openrouter_app_name: models.openrouter_app_name.clone(),
        portkey_config: models.portkey_config.clone(),
        portkey_virtual_key: secret(&models.portkey_virtual_key),
        portkey_provider: models.portkey_provider.clone(),
        portkey_provider_api_key: secret(&models.portkey_provider_api_key),
        models_timeout: Duration::from_secs_f64(models.list_timeout_s),
        autoprobe_timeout: Duration::from_secs_f64(models.probe_timeout_s),
        grounding_fields: GroundingField::list(&runtime.grounding_fields.join(",")),
        country: runtime.country.clone(),
        user: runtime.user.clone(),
        timezone: Some(timezone),
        utc_offset_minutes,
        ..Env::default()
    }
}

/// The model servers on this machine that answer and have models: for somebody who has not named one yet.
pub async fn local_servers(settings: &Settings) -> Vec<Local> {
    let env = surroundings(settings);
    llm::models::probe_local(&Client::default(), &env, &CancellationToken::new()).await
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use llm::{CallError, ErrorKind};

    #[test]
    fn failures_have_the_class_a_policy_decides_by() {
        use FailureClass::{Cancelled, InvalidResponse, RateLimited, Refused, ServerError, Timeout, Transport};
        for (kind, status, class) in [
            (ErrorKind::Refused, Some(429), RateLimited),
            (ErrorKind::Refused, Some(408), ServerError),
            (ErrorKind::Refused, Some(499), Refused),
            (ErrorKind::Refused, Some(500), ServerError),
            (ErrorKind::Refused, Some(599), ServerError),
            (ErrorKind::Refused, Some(401), Refused),
            (ErrorKind::Unreachable, None, Transport),
            (ErrorKind::Timeout, None, Timeout),
            (ErrorKind::BadAnswer, None, ServerError),
            (ErrorKind::Truncated, None, InvalidResponse),
            (ErrorKind::Schema, None, InvalidResponse),
            (ErrorKind::Input, None, Refused),
            (ErrorKind::NotConfigured, None, Refused),
            (ErrorKind::Unsupported, None, Refused),
            (ErrorKind::Cancelled, None, Cancelled),
        ] {
            let retry_after = Some(Duration::from_secs(7));
            let failed = failure(CallError { status, retry_after, ..CallError::new(kind, "why") });
            assert_eq!(
                (failed.class, failed.text.as_str(), failed.retry_after),
                (class, "why", retry_after),
                "{kind:?}"
            );
        }
    }
}
