//! `config init`: writes an env file to start a gateway with.
//!
//! May not know: the environment of this process: the file says everything it needs. Invariants: names and order are
//! those of contract 01, section 4.9; the file is readable by its owner only; an existing file is kept unless --force.

use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use model::Value;
use model::json::{Layout, write};

use crate::context::Context;
use crate::failure::{Exit, Failure};

/// Write an env file to start a gateway with
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway config init --env-file gateway.env --store-backend sqlite")]
pub(crate) struct Args {
    /// The file to write
    #[arg(long, value_name = "FILE", default_value = ".env")]
    env_file: PathBuf,
    /// Replace an existing file
    #[arg(long)]
    force: bool,
    /// The token clients show (default: a random one)
    #[arg(long, value_name = "TOKEN")]
    auth_token: Option<String>,
    /// Pages that may use the gateway, comma-separated
    #[arg(long, value_name = "GLOBS", default_value = "http://localhost:*,http://127.0.0.1:*")]
    allowed_origins: String,
    /// The folder of workflow bundles
    #[arg(long, value_name = "DIR", default_value = "./flows")]
    flows_dir: String,
    /// Where workflows come from
    #[arg(long, value_parser = ["bundle", "visualflow"], default_value = "bundle")]
    workflow_source: String,
    /// Where runs are kept
    #[arg(long, value_parser = ["file", "sqlite"], default_value = "file")]
    store_backend: String,
    /// The database (default for sqlite: gateway.sqlite3 in the data directory)
    #[arg(long, value_name = "FILE")]
    db_path: Option<String>,
    /// Drive runs in the server process (the default)
    #[arg(long, overrides_with = "no_runner")]
    runner: bool,
    /// Do not drive runs in the server process
    #[arg(long, overrides_with = "runner")]
    no_runner: bool,
    /// Which tools need an approval
    #[arg(long, value_name = "MODE", default_value = "approval")]
    tool_mode: String,
    /// Largest attachment
    #[arg(long, value_name = "BYTES", default_value_t = 26_214_400)]
    max_attachment_bytes: u64,
    /// Where the knowledge graph is kept
    #[arg(long, value_parser = ["lancedb", "sqlite", "memory"], default_value = "lancedb")]
    memory_backend: String,
    /// A server that hosts the models
    #[arg(long, value_name = "URL")]
    core_server_url: Option<String>,
    /// The token for it
    #[arg(long, value_name = "TOKEN")]
    core_server_auth_token: Option<String>,
}

pub(super) fn run(context: &Context, args: &Args) -> Result<Exit, Failure> {
    let data_dir = plain_path(context.data_dir.as_deref().unwrap_or("./runtime/gateway"));
    let token = match &args.auth_token {
        Some(token) => token.clone(),
        None => random_token()?,
    };
    put(&args.env_file, &env_file(args, &data_dir, &token), args.force)?;
    context.ui.data(&next_steps(&args.env_file))?;
    Ok(Exit::Success)
}

fn next_steps(path: &Path) -> String {
    let path = path.display().to_string();
    // A shell looks for a name without a slash in its PATH.
    let sourced = if path.contains('/') { path.clone() } else { format!("./{path}") };
    format!(
        "Wrote {path}\n\
         Load it: set -a; . {sourced}; set +a\n\
         Check it: abstractgateway doctor\n\
         Start: abstractgateway serve"
    )
}

/// 43 characters of the URL-safe alphabet: 256 bits.
fn random_token() -> Result<String, Failure> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|e| Failure::new("no random numbers for a token").why(e))?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn env_file(args: &Args, data_dir: &str, token: &str) -> String {
    let db_path = match (&args.db_path, args.store_backend.as_str()) {
        (Some(path), _) => Some(path.clone()),
        (None, "sqlite") => Some(plain_path(&format!("{data_dir}/gateway.sqlite3"))),
        (None, _) => None,
    };
    let runner = if args.no_runner { "0" } else { "1" };
    let some = |text: &str| Some(text.to_owned());
    let rows = [
        ("ABSTRACTGATEWAY_AUTH_TOKEN", some(token)),
        ("ABSTRACTGATEWAY_ALLOWED_ORIGINS", some(&args.allowed_origins)),
        ("ABSTRACTGATEWAY_DATA_DIR", some(data_dir)),
        ("ABSTRACTGATEWAY_FLOWS_DIR", Some(plain_path(&args.flows_dir))),
        ("ABSTRACTGATEWAY_WORKFLOW_SOURCE", some(&args.workflow_source)),
        ("ABSTRACTGATEWAY_STORE_BACKEND", some(&args.store_backend)),
        ("ABSTRACTGATEWAY_DB_PATH", db_path),
        ("ABSTRACTGATEWAY_RUNNER", some(runner)),
        ("ABSTRACTGATEWAY_TOOL_MODE", some(&args.tool_mode)),
        ("ABSTRACTGATEWAY_MAX_ATTACHMENT_BYTES", Some(args.max_attachment_bytes.to_string())),
        ("ABSTRACTGATEWAY_MEMORY_STORE_BACKEND", some(&args.memory_backend)),
        ("ABSTRACTCORE_SERVER_BASE_URL", args.core_server_url.clone()),
        ("ABSTRACTGATEWAY_ABSTRACTCORE_SERVER_AUTH_TOKEN", args.core_server_auth_token.clone()),
    ];
    let mut text = "# Settings of an AbstractGateway server, written by `config init`.\n\
                    # The program reads its environment only: load this file before you start it.\n\
                    # It holds secrets: keep it private. Models and keys are set in the Gateway Console or with `config set-default`.\n"
        .to_owned();
    for (name, value) in rows {
        if let Some(value) = value {
            text.push_str(&format!("{name}={}\n", quoted(&value)));
        }
    }
    text
}

/// A path as Python's `Path` prints it: no `.` steps, no empty ones, no slash at the end.
fn plain_path(text: &str) -> String {
    let steps: Vec<&str> = text.split('/').filter(|step| !matches!(*step, "" | ".")).collect();
    match (text.starts_with('/'), steps.join("/")) {
        (true, rest) => format!("/{rest}"),
        (false, rest) if rest.is_empty() => ".".to_owned(),
        (false, rest) => rest,
    }
}

/// As it is, or as a JSON string where a shell would read something else.
fn quoted(value: &str) -> String {
    let plain = !value.is_empty() && !value.chars().any(|c| c.is_whitespace() || "\"'#$\\".contains(c));
    if plain { value.to_owned() } else { write(&Value::from(value), Layout::CANONICAL) }
}

fn put(path: &Path, text: &str, force: bool) -> Result<(), Failure> {
    let refused = || {
        Failure::new(format!(
            "Refusing to overwrite existing env file: {} (pass --force to replace it)",
            path.display()
        ))
    };
    let failed = |e: std::io::Error| match e.kind() {
        std::io::ErrorKind::AlreadyExists => refused(),
        _ => Failure::new(format!("{} could not be written", path.display()))
            .why(e)
            .help("name another place: --env-file FILE"),
    };
    if path.exists() && !force {
        return Err(refused());
    }
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder).map_err(failed)?;
    }
    // A new file takes the old one's place: an old one may be open to others.
    let draft = path.with_extension(format!("{}.new", std::process::id()));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft).map_err(failed)?;
    let written = file.write_all(text.as_bytes()).and_then(|()| file.sync_all());
    let placed =
        written.and_then(|()| if force { std::fs::rename(&draft, path) } else { std::fs::hard_link(&draft, path) });
    if !force || placed.is_err() {
        // The draft has done its work, or never will.
        let _ = std::fs::remove_file(&draft);
    }
    placed.map_err(failed)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        args: Args,
    }

    fn args(line: &str) -> Args {
        Line::parse_from(format!("init {line}").split_whitespace()).args
    }

    fn assignments(line: &str) -> String {
        let text = env_file(&args(line), "runtime/gateway", "tok");
        let (comments, rest) = text.split_at(text.find("ABSTRACT").unwrap());
        assert!(text.lines().take(3).all(|l| l.starts_with("# ")), "{comments}");
        text.lines().skip(3).collect::<Vec<_>>().join("\n") + if rest.ends_with('\n') { "" } else { "no line end" }
    }

    #[test]
    fn the_file_is_exact() {
        assert_eq!(
            assignments(""),
            "ABSTRACTGATEWAY_AUTH_TOKEN=tok\n\
             ABSTRACTGATEWAY_ALLOWED_ORIGINS=http://localhost:*,http://127.0.0.1:*\n\
             ABSTRACTGATEWAY_DATA_DIR=runtime/gateway\n\
             ABSTRACTGATEWAY_FLOWS_DIR=flows\n\
             ABSTRACTGATEWAY_WORKFLOW_SOURCE=bundle\n\
             ABSTRACTGATEWAY_STORE_BACKEND=file\n\
             ABSTRACTGATEWAY_RUNNER=1\n\
             ABSTRACTGATEWAY_TOOL_MODE=approval\n\
             ABSTRACTGATEWAY_MAX_ATTACHMENT_BYTES=26214400\n\
             ABSTRACTGATEWAY_MEMORY_STORE_BACKEND=lancedb"
        );
        assert_eq!(
            assignments(
                "--store-backend sqlite --no-runner --core-server-url http://h/v1 --core-server-auth-token a$b \
                 --memory-backend sqlite --tool-mode local --max-attachment-bytes 5 --allowed-origins= --flows-dir /f"
            ),
            "ABSTRACTGATEWAY_AUTH_TOKEN=tok\n\
             ABSTRACTGATEWAY_ALLOWED_ORIGINS=\"\"\n\
             ABSTRACTGATEWAY_DATA_DIR=runtime/gateway\n\
             ABSTRACTGATEWAY_FLOWS_DIR=/f\n\
             ABSTRACTGATEWAY_WORKFLOW_SOURCE=bundle\n\
             ABSTRACTGATEWAY_STORE_BACKEND=sqlite\n\
             ABSTRACTGATEWAY_DB_PATH=runtime/gateway/gateway.sqlite3\n\
             ABSTRACTGATEWAY_RUNNER=0\n\
             ABSTRACTGATEWAY_TOOL_MODE=local\n\
             ABSTRACTGATEWAY_MAX_ATTACHMENT_BYTES=5\n\
             ABSTRACTGATEWAY_MEMORY_STORE_BACKEND=sqlite\n\
             ABSTRACTCORE_SERVER_BASE_URL=http://h/v1\n\
             ABSTRACTGATEWAY_ABSTRACTCORE_SERVER_AUTH_TOKEN=\"a$b\""
        );
        assert!(assignments("--db-path /x/y.db").contains("ABSTRACTGATEWAY_DB_PATH=/x/y.db\n"));
        assert!(assignments("--no-runner --runner").contains("ABSTRACTGATEWAY_RUNNER=1\n"));
    }

    #[test]
    fn values_a_shell_would_change_are_quoted() {
        for (value, written) in [
            ("plain", "plain"),
            ("", "\"\""),
            ("a b", "\"a b\""),
            ("a\"b", "\"a\\\"b\""),
            ("it's", "\"it's\""),
            ("#x", "\"#x\""),
            ("$x", "\"$x\""),
            ("a\\b", "\"a\\\\b\""),
            ("é", "é"),
        ] {
            assert_eq!(quoted(value), written);
        }
    }

    #[test]
    fn the_next_step_can_be_typed_as_it_stands() {
        for (path, line) in [
            (".env", "Load it: set -a; . ./.env; set +a"),
            ("/x/gateway.env", "Load it: set -a; . /x/gateway.env; set +a"),
        ] {
            assert!(next_steps(Path::new(path)).lines().any(|l| l == line), "{path}");
        }
    }

    #[test]
    fn paths_are_written_as_python_writes_them() {
        for (path, written) in [
            ("./runtime/gateway", "runtime/gateway"),
            ("/x/y/", "/x/y"),
            ("a//b/./c", "a/b/c"),
            ("../x", "../x"),
            ("/", "/"),
            ("", "."),
            ("./", "."),
        ] {
            assert_eq!(plain_path(path), written, "{path}");
        }
    }

    #[test]
    fn a_random_token_has_43_characters() {
        let (a, b) = (random_token().unwrap(), random_token().unwrap());
        assert_eq!((a.len(), b.len()), (43, 43));
        assert_ne!(a, b);
    }

    #[test]
    fn an_existing_file_needs_force_and_becomes_private() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("sub/.env");
        put(&path, "a", false).unwrap();
        let refused = put(&path, "b", false).unwrap_err();
        let expected =
            format!("Refusing to overwrite existing env file: {} (pass --force to replace it)", path.display());
        assert_eq!((refused.what, refused.exit), (expected, Exit::Error));
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        put(&path, "b", true).unwrap();
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "b");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_dir(path.parent().unwrap()).unwrap().count(), 1, "no draft is left");
    }
}
