//! `config status`: what a gateway started now, here, would use. Looks only.
//!
//! May not know: whether a gateway runs, except to ask it for the defaults in force. Invariant: the keys of the JSON and
//! the lines of the text are those of contract 01, section 4.9.

use model::Value;
use model::api::defaults::ShowDefaults;
use serde_json::json;
use service::Settings;

use super::route::row_line;
use crate::context::Context;
use crate::failure::{Exit, Failure};
use crate::target::{Here, Target, local_server};
use crate::ui::Shown;

/// Show the configuration in force
#[derive(clap::Args, Debug, Default)]
pub(crate) struct Args {
    /// Write JSON
    #[arg(long)]
    json: bool,
}

const PAGES_DEFAULT: &str = "http://localhost:*,http://127.0.0.1:*";
const ATTACHMENT_BYTES_DEFAULT: u64 = 26_214_400;
const CLOSING: &str =
    "Use Gateway Console /console for provider connections, API keys, endpoint base URLs, users, and defaults.";

pub(super) async fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let memory = memory(&context.settings)?;
    let defaults = defaults(context).await;
    let shown = render(&context.settings, memory, defaults);
    let text = if args.json { shown.sorted_json() } else { shown.written(context.ui.format) };
    context.ui.data(&text)?;
    Ok(Exit::Success)
}

/// The capability defaults, when they can be had without making anything.
async fn defaults(context: &Context) -> Value {
    let target = match local_server(context, None).await {
        Ok(Some(there)) => Target::There(there),
        Ok(None) if context.settings.data_dir.join("gateway.sqlite3").is_file() => {
            match Box::pin(Here::open(context.settings.clone(), false)).await {
                Ok(here) => Target::Here(here),
                Err(failure) => return unknown(&failure),
            }
        }
        Ok(None) => return json!({"ok": true, "version": 1, "routes": [], "errors": []}),
        Err(failure) => return unknown(&failure),
    };
    let defaults = target.call(&ShowDefaults {}).await;
    if let Target::Here(here) = &target {
        here.close().await;
    }
    defaults.map_or_else(|failure| unknown(&failure), Value::Object)
}

fn unknown(failure: &Failure) -> Value {
    json!({"ok": false, "version": 1, "routes": [], "errors": [failure.what]})
}

fn render(settings: &Settings, memory: Value, defaults: Value) -> Shown {
    let text = text(settings, &memory, &defaults);
    Shown { value: value(settings, memory, defaults), names: vec![settings.data_dir.display().to_string()], text }
}

fn text(settings: &Settings, memory: &Value, defaults: &Value) -> String {
    let server = settings.models.core_server_base_url.as_deref().unwrap_or("not configured");
    let mut lines = vec![
        "AbstractGateway configuration status".to_owned(),
        format!("- data_dir: {}", settings.data_dir.display()),
        format!("- flows_dir: {}", flows_dir(settings)),
        format!("- store_backend: {}", settings.runtime.store_backend),
        format!("- runner_enabled: {}", python_bool(settings.runtime.runner)),
        format!("- gateway_auth_configured: {}", python_bool(!settings.auth.static_tokens.is_empty())),
        format!(
            "- memory_backend: {} ({})",
            memory["backend"].as_str().unwrap_or("-"),
            memory["path"].as_str().unwrap_or("-")
        ),
        format!("- core_server: {server}"),
    ];
    let set: Vec<&Value> =
        defaults["routes"].as_array().into_iter().flatten().filter(|r| r["configured"] == true).collect();
    if !set.is_empty() {
        lines.push("- capability_defaults:".to_owned());
        lines.extend(set.into_iter().map(|row| row_line(row, "  ")));
    }
    lines.extend([String::new(), CLOSING.to_owned()]);
    lines.join("\n")
}

const fn python_bool(value: bool) -> &'static str {
    if value { "True" } else { "False" }
}

fn flows_dir(settings: &Settings) -> String {
    let dir = settings.runtime.flows_dir.clone().unwrap_or_else(|| settings.data_dir.join("flows"));
    settings.current_dir.join(dir).display().to_string()
}

fn memory(settings: &Settings) -> Result<Value, Failure> {
    let Some(backend) = settings.memory_backend() else {
        return Err(Failure::new(format!("'{}' is no memory backend", settings.memory.backend))
            .help("set ABSTRACTGATEWAY_MEMORY_STORE_BACKEND to lancedb, sqlite or memory"));
    };
    let path = settings.memory_path().display().to_string();
    Ok(json!({"backend": backend, "path": path, "require_vector": settings.memory.require_vector}))
}

fn value(settings: &Settings, memory: Value, defaults: Value) -> Value {
    let text = |path: &std::path::PathBuf| path.display().to_string();
    let origins = settings.http.allowed_origins.join(",");
    let bytes = settings.http.max_attachment_bytes;
    let server = settings.models.core_server_base_url.as_deref();
    json!({
        "gateway": {
            "data_dir": text(&settings.data_dir),
            "flows_dir": flows_dir(settings),
            "workflow_source": settings.runtime.workflow_source,
            "store_backend": settings.runtime.store_backend,
            "db_path": settings.runtime.db_path.as_ref().map(text),
            "runner_enabled": settings.runtime.runner,
            "auth_configured": !settings.auth.static_tokens.is_empty(),
            "allowed_origins": (origins != PAGES_DEFAULT).then_some(origins),
            "tool_mode": settings.workflows.tool_mode,
            "max_attachment_bytes": (bytes != ATTACHMENT_BYTES_DEFAULT).then(|| bytes.to_string()),
        },
        "runtime": {"prompt_cache": settings.workflows.prompt_cache},
        "memory": memory,
        "capability_defaults": defaults,
        "core_server": {
            "base_url": server,
            "auth_configured": settings.models.core_server_token.is_some(),
            "note": if server.is_some() {
                "models run on this server; Gateway auth is separate from its auth"
            } else {
                "models are called by the gateway itself; Gateway auth is separate from provider keys"
            },
        },
        "packages": packages(),
        "next_steps": [
            "abstractgateway config init writes an env file to start with",
            "abstractgateway config bootstrap-admin makes the first administrator",
            "abstractgateway serve starts the gateway; /console shows the rest",
        ],
    })
}

/// What was a package of its own is in this program, or has no place in it.
fn packages() -> Value {
    let inside = json!({"installed": true, "version": env!("CARGO_PKG_VERSION")});
    let outside = json!({"installed": false, "error": "not part of this program"});
    json!({
        "abstractruntime": inside,
        "abstractcore": inside,
        "abstractmemory": inside,
        "abstractvoice": outside,
        "abstractvision": outside,
        "fastapi": outside,
        "uvicorn": outside,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(rows: &[(&str, &str)]) -> Settings {
        let all = [("ABSTRACTGATEWAY_DATA_DIR", "/data"), ("ABSTRACTGATEWAY_FLOWS_DIR", "/flows")];
        Settings::from_env(&|name| rows.iter().chain(&all).find(|row| row.0 == name).map(|row| row.1.to_owned()))
            .unwrap()
    }

    #[test]
    fn the_text_is_exact() {
        let row = json!({"key": "input.text", "configured": true, "provider": "p", "model": "m", "source": "abstractcore.gateway_runtime"});
        let unset = json!({"key": "rerank.text", "configured": false});
        let shown = render(&settings(&[]), memory(&settings(&[])).unwrap(), json!({"routes": [row, unset]}));
        assert_eq!(
            shown.text,
            "AbstractGateway configuration status\n\
             - data_dir: /data\n\
             - flows_dir: /flows\n\
             - store_backend: file\n\
             - runner_enabled: True\n\
             - gateway_auth_configured: False\n\
             - memory_backend: lancedb (/data/abstractmemory/kg)\n\
             - core_server: not configured\n\
             - capability_defaults:\n\
             \x20 - input.text: p/m (abstractcore.gateway_runtime)\n\
             \n\
             Use Gateway Console /console for provider connections, API keys, endpoint base URLs, users, and defaults."
        );
        assert!(!render(&settings(&[]), json!({}), json!({"routes": []})).text.contains("capability_defaults"));
    }

    #[test]
    fn the_memory_backend_is_one_of_three() {
        for (word, expected) in [
            ("", Some(("lancedb", "/data/abstractmemory/kg"))),
            ("Vector", Some(("lancedb", "/data/abstractmemory/kg"))),
            ("sqlite3", Some(("sqlite", "/data/abstractmemory/kg.sqlite3"))),
            ("in_memory", Some(("memory", "/data/abstractmemory/kg"))),
            ("postgres", None),
        ] {
            let read = memory(&settings(&[("ABSTRACTGATEWAY_MEMORY_STORE_BACKEND", word)])).ok();
            let read =
                read.as_ref().map(|memory| (memory["backend"].as_str().unwrap(), memory["path"].as_str().unwrap()));
            assert_eq!(read, expected, "{word}");
        }
    }

    #[test]
    fn the_json_has_exactly_the_keys_of_the_contract() {
        let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
        let settings = settings(&[("ABSTRACTGATEWAY_MAX_ATTACHMENT_BYTES", "5")]);
        let value = value(&settings, memory(&settings).unwrap(), json!({}));
        assert_eq!(
            keys(&value),
            ["gateway", "runtime", "memory", "capability_defaults", "core_server", "packages", "next_steps"]
        );
        assert_eq!(
            keys(&value["gateway"]),
            [
                "data_dir",
                "flows_dir",
                "workflow_source",
                "store_backend",
                "db_path",
                "runner_enabled",
                "auth_configured",
                "allowed_origins",
                "tool_mode",
                "max_attachment_bytes"
            ]
        );
        assert_eq!(value["gateway"]["max_attachment_bytes"], "5");
        assert_eq!((&value["gateway"]["db_path"], &value["gateway"]["allowed_origins"]), (&Value::Null, &Value::Null));
        assert_eq!(keys(&value["memory"]), ["backend", "path", "require_vector"]);
        assert_eq!(keys(&value["core_server"]), ["base_url", "auth_configured", "note"]);
        assert_eq!(value["next_steps"].as_array().unwrap().len(), 3);
        assert_eq!(keys(&value["packages"]).len(), 7);
    }
}
