//! The tools a model may call on this machine and on the web: one file each, one line each in [`TOOLS`].
//!
//! A tool may not know runs, approvals or other tools. The invariant: a tool looks at its cancellation token often
//! enough to stop within 100 ms, and holds a bounded amount of memory whatever it reads.

mod address;
pub(crate) mod args;
mod edit_file;
mod execute_command;
pub(crate) mod fetch_url;
mod files;
mod html;
mod ignored;
mod list_files;
mod read_file;
mod search_files;
mod write_file;

use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use model::{Map, Value};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::workspace::Workspace;
use args::Param;

/// The operator's limits for tools.
#[derive(Clone, Debug, PartialEq)]
pub struct ToolPolicy {
    /// Seconds a single call may take.
    pub tool_timeout_s: f64,
    /// Whether `fetch_url` may reach loopback and private addresses, after a person has agreed to the call.
    /// Link-local and metadata addresses are refused in any case.
    pub allow_private_addresses: bool,
    /// Whether `fetch_url` goes through the system's proxy. The proxy then resolves names, so that address rules
    /// hold only for addresses written in the URL.
    pub use_system_proxy: bool,
    /// How much of a response `fetch_url` reads.
    pub fetch_bytes_max: usize,
    /// How much of each output stream of a command is kept.
    pub command_output_bytes_max: usize,
    /// Where relative workspace roots start.
    pub base_dir: PathBuf,
    /// What `~` means.
    pub home: Option<PathBuf>,
}

impl Default for ToolPolicy {
    fn default() -> Self {
        Self {
            tool_timeout_s: 600.0,
            allow_private_addresses: false,
            use_system_proxy: false,
            fetch_bytes_max: 10 * 1024 * 1024,
            command_output_bytes_max: 1024 * 1024,
            base_dir: PathBuf::from("."),
            home: None,
        }
    }
}

/// What a running tool knows of its surroundings.
#[derive(Clone)]
pub(crate) struct ToolEnv {
    pub(crate) policy: Arc<ToolPolicy>,
    pub(crate) workspace: Option<Arc<Workspace>>,
    pub(crate) cancel: CancellationToken,
    /// Whether a person or the operator let this very call run.
    pub(crate) approved: bool,
    /// The same for every attempt at this call: whoever is called may notice a repetition by it.
    pub(crate) call_key: String,
}

impl ToolEnv {
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.cancel.is_cancelled() { Err("Cancelled".into()) } else { Ok(()) }
    }
}

/// How a tool does its work.
pub(crate) enum Run {
    /// On a blocking thread; abandoned when cancelled, since it only reads.
    Reading(fn(&Map, &ToolEnv) -> Result<Value, String>),
    /// On a blocking thread; waited for when cancelled, so that nobody is told "cancelled" of a file that changed.
    Writing(fn(&Map, &ToolEnv) -> Result<Value, String>),
    /// As a future.
    Async(fn(Map, ToolEnv) -> BoxFuture<'static, Result<Value, String>>),
}

/// One tool.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    pub(crate) toolset: &'static str,
    /// At most 200 characters.
    pub(crate) description: &'static str,
    /// At most 240 characters.
    pub(crate) when_to_use: &'static str,
    pub(crate) tags: &'static [&'static str],
    pub(crate) params: &'static [Param],
    /// What the example shows, and its arguments as JSON.
    pub(crate) examples: &'static [(&'static str, &'static str)],
    pub(crate) run: Run,
}

/// Every tool, by toolset and name.
static TOOLS: [&Tool; 7] = [
    &edit_file::TOOL,
    &list_files::TOOL,
    &read_file::TOOL,
    &search_files::TOOL,
    &write_file::TOOL,
    &execute_command::TOOL,
    &fetch_url::TOOL,
];

pub(crate) fn find(name: &str) -> Option<&'static Tool> {
    TOOLS.iter().copied().find(|t| t.name == name)
}

/// The definitions of all tools, as discovery lists them and as [`crate::AgentLoop::new`] takes them.
#[must_use]
pub fn specs() -> Vec<Value> {
    TOOLS.iter().map(|tool| spec(tool)).collect()
}

fn spec(tool: &Tool) -> Value {
    let shown = || tool.params.iter().filter(|p| !p.hidden);
    let parameters: Map = shown().map(|p| (p.name.to_owned(), p.schema())).collect();
    let mut required: Vec<_> = shown().filter(|p| p.is_required()).map(|p| p.name).collect();
    required.sort_unstable();
    let examples = tool.examples.iter().map(|(what, arguments)| {
        json!({"description": what, "arguments": model::json::parse(arguments).unwrap_or_default()})
    });
    let mut spec = Map::from_iter([
        ("name".to_owned(), json!(tool.name)),
        ("description".into(), json!(tool.description)),
        ("when_to_use".into(), json!(tool.when_to_use)),
        ("parameters".into(), Value::Object(parameters)),
    ]);
    if !required.is_empty() {
        spec.insert("required_args".into(), json!(required));
    }
    spec.insert("examples".into(), examples.collect());
    spec.insert("tags".into(), json!(tool.tags));
    spec.insert("toolset".into(), json!(tool.toolset));
    Value::Object(spec)
}

/// Arguments under the names the tool gives them; those of unknown tools are left alone.
pub(crate) fn canonical_arguments(name: &str, arguments: Map) -> Map {
    match find(name) {
        Some(tool) => args::repaired(tool.params, arguments),
        None => arguments,
    }
}

/// Whether the call changes nothing in the world, so that it may be made again after a crash.
#[must_use]
pub fn is_read_only(name: &str, arguments: &Map) -> bool {
    const READING: [&str; 14] = [
        "analyze_code",
        "list_email_accounts",
        "list_emails",
        "list_files",
        "list_whatsapp_messages",
        "open_attachment",
        "read_email",
        "read_file",
        "read_whatsapp_message",
        "search_files",
        "skim_files",
        "skim_folders",
        "skim_url",
        "web_search",
    ];
    READING.contains(&name) || (name == "fetch_url" && fetch_url::is_get(arguments))
}

/// Runs a tool.
pub(crate) async fn run(tool: &'static Tool, arguments: &Map, env: ToolEnv) -> Result<Value, String> {
    let arguments = args::checked(tool.name, tool.params, arguments)?;
    let cancel = env.cancel.clone();
    match tool.run {
        Run::Reading(run) => {
            let working = tokio::task::spawn_blocking(move || run(&arguments, &env));
            tokio::select! {
                done = working => done.unwrap_or_else(|e| Err(format!("Tool failed: {e}"))),
                () = cancel.cancelled() => Err("Cancelled".into()),
            }
        }
        Run::Writing(run) => {
            let working = tokio::task::spawn_blocking(move || run(&arguments, &env));
            working.await.unwrap_or_else(|e| Err(format!("Tool failed: {e}")))
        }
        Run::Async(run) => run(arguments, env).await,
    }
}

#[cfg(test)]
mod tests;
