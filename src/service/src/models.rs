//! Model calls for one data plane: surroundings from the settings, the text default from the configuration files in force
//! now (contract 05, sections 11 and 12). A changed default holds from the next call on: no restart.

mod text;

use std::path::{Path, PathBuf};

use engine::{Call, StepIds};
use llm::{CallContext, Client, Connection, Env, TextDefault, TraceIds};
use model::{Effect, Map, Run, Timestamp, Value};

use crate::Settings;
use crate::settings::{ModelEnv, Secret};

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
        let (settings, env) = (settings.clone(), surroundings(&settings.models));
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

    /// Calls the model.
    pub(crate) async fn call(&self, call: Call) -> Result<Value, String> {
        let default = self.text_default();
        let ctx = CallContext {
            http: &self.http,
            env: &self.env,
            default: default.as_ref(),
            limits: call.run.vars.get("_limits").and_then(Value::as_object),
            media: &[],
            cancel: call.cancel.clone(),
        };
        let payload: &Map = &call.effect.payload;
        Box::pin(llm::llm_call(&ctx, payload)).await.map_err(|e| e.message)
    }
}

/// The settings as the model layer names them.
fn surroundings(models: &ModelEnv) -> Env {
    let at =
        |url: Option<&String>, key: Option<&Secret>| Connection::new(url.map(String::as_str), key.map(Secret::expose));
    Env {
        openai: at(models.openai_base_url.as_ref(), models.openai_api_key.as_ref()),
        openai_compatible: at(models.openai_base_url.as_ref(), models.openai_api_key.as_ref()),
        lmstudio: at(Some(&models.lmstudio_base_url), None),
        ollama: at(Some(&models.ollama_base_url), None),
        vllm: at(models.vllm_base_url.as_ref(), models.vllm_api_key.as_ref()),
        openrouter: at(models.openrouter_base_url.as_ref(), models.openrouter_api_key.as_ref()),
        portkey: at(models.portkey_base_url.as_ref(), models.portkey_api_key.as_ref()),
        ..Env::default()
    }
}
