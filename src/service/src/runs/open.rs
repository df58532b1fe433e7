//! Opening the folder a run works in, on the desktop of this machine (contract 02, section 4.5).
//!
//! The one invariant: what is started gets the path of an existing folder and nothing else of the gateway, not its
//! environment either.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use model::api::runs::workspace::{OpenWorkspace, WorkspaceOpened};
use model::{Code, Error, Run, RunId, Value};
use tokio::process::Command;

use super::not_found;
use crate::{Answer, Call, Handle, Services};

/// Programs that show a folder, and what they are told before its path; the first one that is there is taken.
#[cfg(target_os = "macos")]
const OPENERS: &[(&str, &[&str])] = &[("open", &[])];
#[cfg(target_os = "windows")]
const OPENERS: &[(&str, &[&str])] = &[("explorer", &[])];
#[cfg(not(any(target_os = "macos", target_os = "windows")))]
const OPENERS: &[(&str, &[&str])] = &[("xdg-open", &[]), ("gio", &["open"])];

/// What an opener needs to find the desktop.
const VARIABLES: [&str; 9] = [
    "PATH",
    "HOME",
    "USER",
    "LANG",
    "DISPLAY",
    "WAYLAND_DISPLAY",
    "XAUTHORITY",
    "DBUS_SESSION_BUS_ADDRESS",
    "SystemRoot",
];
/// The beginnings of further ones.
const FAMILIES: [&str; 2] = ["XDG_", "LC_"];

impl Handle<OpenWorkspace> for Services {
    async fn handle(&self, call: Call, input: OpenWorkspace) -> Result<Answer<WorkspaceOpened>, Error> {
        let plane = self.plane(&call.principal).await?;
        let found = plane.store.run(&RunId::from(input.run_id.as_str())).await.map_err(engine::store_error)?;
        let run = found.ok_or_else(|| not_found(&input.run_id))?.run;
        let root = root_of(&run)?;
        let folder = tokio::task::spawn_blocking(move || existing(&root)).await;
        let folder = folder.map_err(|e| Error::internal(e.to_string()))??;
        let opener = open(OPENERS, &folder)?.to_owned();
        let workspace_root = folder.to_string_lossy().into_owned();
        Ok(WorkspaceOpened { ok: true, opened: true, run_id: run.run_id, workspace_root, opener }.into())
    }
}

/// The folder a run works in; that of a schedule's executions for the schedule.
fn root_of(run: &Run) -> Result<PathBuf, Error> {
    let of_executions = model::schedule::record(run).and_then(|_| run.vars.get("vars")?.as_object());
    let root = of_executions.unwrap_or(&run.vars).get("workspace_root").and_then(Value::as_str).map(str::trim);
    let root = root.map(Path::new).filter(|root| root.is_absolute());
    root.map(Path::to_owned).ok_or_else(|| Error::new(Code::Conflict, "Run does not have a workspace_root"))
}

/// The folder as it is on the disk. Follows links: blocking.
fn existing(root: &Path) -> Result<PathBuf, Error> {
    let folder = root
        .canonicalize()
        .map_err(|_| Error::new(Code::NotFound, format!("Run workspace does not exist: {}", root.display())))?;
    if !folder.is_dir() {
        let text = format!("Run workspace is not a directory: {}", folder.display());
        return Err(Error::new(Code::Conflict, text));
    }
    Ok(folder)
}

/// Starts the first opener that is there, and lets it go.
fn open<'o>(openers: &'o [(&str, &[&str])], folder: &Path) -> Result<&'o str, Error> {
    for (opener, words) in openers {
        let mut command = Command::new(opener);
        command.args(*words).arg(folder).env_clear().envs(std::env::vars_os().filter(|(name, _)| passes(name)));
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // It outlives us, and a Ctrl-C meant for us does not reach it.
        #[cfg(unix)]
        command.process_group(0);
        match command.spawn() {
            // Nobody waits for it; the runtime takes its end.
            Ok(_) => return Ok(opener),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                return Err(Error::internal(format!("'{opener}' could not be started: {error}")));
            }
        }
    }
    let names: Vec<&str> = openers.iter().map(|(opener, _)| *opener).collect();
    let text = format!(
        "No program that opens folders is on the gateway's PATH (looked for {}): the machine may have no desktop",
        names.join(", ")
    );
    Err(Error::new(Code::Unsupported, text))
}

fn passes(name: &std::ffi::OsStr) -> bool {
    let name = name.to_string_lossy();
    VARIABLES.contains(&name.as_ref()) || FAMILIES.iter().any(|family| name.starts_with(family))
}

#[cfg(test)]
mod tests {
    use model::Timestamp;
    use serde_json::json;

    use super::*;

    fn root(vars: Value) -> Result<PathBuf, Code> {
        let vars = vars.as_object().cloned().unwrap();
        root_of(&Run::new("r".into(), "b@1:f".into(), "n".into(), vars, Timestamp::EPOCH)).map_err(|e| e.code)
    }

    #[test]
    fn a_schedule_stands_for_its_executions() {
        assert_eq!(root(json!({"workspace_root": " /w "})), Ok("/w".into()));
        let scheduled = json!({"vars": {"workspace_root": "/e"}, "_meta": {"schedule": {"kind": "scheduled_run"}}});
        assert_eq!(root(scheduled), Ok("/e".into()));
        for without in
            [json!({}), json!({"workspace_root": ""}), json!({"workspace_root": "w"}), json!({"workspace_root": 5})]
        {
            assert_eq!(root(without.clone()), Err(Code::Conflict), "{without}");
        }
    }

    #[test]
    fn only_a_folder_that_is_there_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(existing(folder.path()).is_ok());
        assert_eq!(existing(&folder.path().join("gone")).unwrap_err().code, Code::NotFound);
        assert_eq!(existing(&file).unwrap_err().code, Code::Conflict);
    }

    #[tokio::test]
    async fn the_first_opener_that_is_there_is_taken() {
        let openers: &[(&str, &[&str])] = &[("no-such-opener-here", &[]), ("true", &["open"])];
        assert_eq!(open(openers, Path::new("/")).unwrap(), "true");
        assert_eq!(open(&openers[..1], Path::new("/")).unwrap_err().code, Code::Unsupported);
    }

    #[test]
    fn openers_see_the_desktop_and_no_secrets() {
        for (name, expected) in [
            ("DISPLAY", true),
            ("XDG_RUNTIME_DIR", true),
            ("ABSTRACTGATEWAY_AUTH_TOKEN", false),
            ("OPENAI_API_KEY", false),
        ] {
            assert_eq!(passes(name.as_ref()), expected, "{name}");
        }
    }
}
