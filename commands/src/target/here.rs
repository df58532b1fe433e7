//! The same operations in this process, on a local data directory, as its operator.
//!
//! May not know: any single operation. Invariant: an input is checked by the same code that checks it for HTTP, so that
//! a command cannot do here what a server would refuse.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::unfold;
use model::api::{Body, BodyKind, Place, Row, Upload, read_input};
use model::principal::Source;
use model::{Map, Principal, Value};
use service::settings::UserAuth;
use service::{Bound, Call, Json, Open, Services, Settings};

use super::plan::plan;
use super::there::Chunks;
use crate::failure::Failure;

/// This process on a data directory.
#[derive(Clone)]
pub(crate) struct Here {
    services: Arc<Services>,
    operations: Arc<HashMap<&'static str, Bound>>,
    principal: Principal,
}

impl Here {
    /// Opens the data directory; with `runner` its runs are driven meanwhile.
    pub(crate) async fn open(settings: Settings, runner: bool) -> Result<Self, Failure> {
        let principal = operator(&settings);
        let services = Box::pin(Services::open(settings, Open { runner })).await?;
        let operations = service::operations().into_iter().map(|bound| (bound.row.name, bound)).collect();
        Ok(Self { services, operations: Arc::new(operations), principal })
    }

    /// The same, as somebody else.
    pub(crate) fn acting_as(&self, principal: Principal) -> Self {
        Self { principal, ..self.clone() }
    }

    /// Where it is.
    pub(crate) fn data_dir(&self) -> &Path {
        &self.services.settings.data_dir
    }

    /// Does an operation and gives its JSON answer.
    pub(crate) async fn call(&self, row: &Row, input: Map) -> Result<Value, Failure> {
        // An operation may take the file it is given: it gets a copy.
        let (input, _copies) = with_copied_files(row, input)?;
        match self.run(row, input).await? {
            service::Body::Json(json) => Ok(json.value()?),
            _ => Err(Failure::new(format!("{} does not answer with data", row.name))),
        }
    }

    /// Does an operation and gives its answer as it comes.
    pub(crate) async fn stream(&self, row: &Row, input: Map) -> Result<Chunks, Failure> {
        match self.run(row, input).await? {
            service::Body::Stream { chunks, .. } => {
                Ok(unfold(chunks, |mut chunks| async move { chunks.recv().await.map(|c| (Ok(c), chunks)) }).boxed())
            }
            _ => Err(Failure::new(format!("{} does not answer with a stream", row.name))),
        }
    }

    /// Stops driving runs and closes the database.
    pub(crate) async fn close(&self) {
        self.services.close().await;
    }

    async fn run(&self, row: &Row, input: Map) -> Result<service::Body<Json>, Failure> {
        let Some(bound) = self.operations.get(row.name) else {
            return Err(Failure::new(format!("{} is not possible on a data directory", row.name))
                .help("start a server and try again: abstractgateway serve"));
        };
        let input = checked(row, input)?;
        let call = Call::local(self.principal.clone());
        Ok((bound.run)(self.services.clone(), call, input).await?.body)
    }
}

/// Whoever may read the data directory is its operator: the first admin where users are known, else the local one.
fn operator(settings: &Settings) -> Principal {
    match settings.user_auth() {
        UserAuth::On => registered("default", "admin", "default", true),
        UserAuth::WhenRegistryExists if settings.users_file().is_file() => {
            registered("default", "admin", "default", true)
        }
        _ => Principal::local_admin(String::new()),
    }
}

/// A user of the registry, as if it had shown its token.
pub(crate) fn registered(tenant_id: &str, user_id: &str, runtime_id: &str, admin: bool) -> Principal {
    let roles = if admin { vec!["admin".to_owned(), "user".to_owned()] } else { vec!["user".to_owned()] };
    Principal {
        user_id: user_id.to_owned(),
        tenant_id: tenant_id.to_owned(),
        roles,
        scopes: Vec::new(),
        token_fingerprint: String::new(),
        runtime_id: runtime_id.to_owned(),
        source: Source::UserRegistry,
        admin,
    }
}

/// The input after the checks and defaults of its row.
fn checked(row: &Row, input: Map) -> Result<Map, Failure> {
    let text = |name: &str| input.get(name).and_then(Value::as_str).map(str::to_owned);
    let at = |place: Place| row.fields.iter().filter(move |f| f.place == place);
    let path: Vec<(String, String)> =
        at(Place::Path).filter_map(|f| Some((f.name.to_owned(), text(f.name)?))).collect();
    let planned = plan(row, input.clone())?;
    let query = planned.path.split_once('?').map(|(_, query)| query).unwrap_or_default();
    let members = || {
        let fields = row.fields.iter().filter(|f| matches!(f.place, Place::Body | Place::File));
        let present = fields.filter_map(|f| Some((f.name.to_owned(), input.get(f.name)?.clone())));
        present.filter(|(_, value)| !value.is_null()).collect::<Map>()
    };
    let body = match row.body {
        BodyKind::None => Body::None,
        BodyKind::Json | BodyKind::StrictJson => Body::Json(Value::Object(members()).to_string().into_bytes()),
        BodyKind::Multipart => Body::Form(members()),
    };
    Ok(read_input(row, &path, query, &|name| text(name), body)?)
}

/// The input with every file replaced by a copy; the copies go with what is returned beside it.
fn with_copied_files(row: &Row, mut input: Map) -> Result<(Map, Vec<tempfile::TempDir>), Failure> {
    let mut copies = Vec::new();
    for field in row.fields.iter().filter(|f| f.place == Place::File) {
        let Some(value) = input.remove(field.name) else { continue };
        let mut file: Upload =
            serde_json::from_value(value).map_err(|e| Failure::new(format!("{} is not a file", field.name)).why(e))?;
        let failed = |e: std::io::Error| Failure::new(format!("{} could not be read", file.path.display())).why(e);
        let folder = tempfile::tempdir().map_err(failed)?;
        let copy = folder.path().join("upload");
        std::fs::copy(&file.path, &copy).map_err(failed)?;
        file.path = copy;
        input.insert(field.name.to_owned(), serde_json::to_value(&file).unwrap_or(Value::Null));
        copies.push(folder);
    }
    Ok((input, copies))
}

#[cfg(test)]
mod tests {
    use model::api::Operation;
    use model::api::bundles::UploadBundle;
    use model::api::runs::{ListRuns, StartRun};
    use serde_json::json;

    use super::super::plan::input_of;
    use super::*;

    fn map(value: Value) -> Map {
        value.as_object().cloned().unwrap()
    }

    #[test]
    fn inputs_are_checked_as_over_http() {
        let list = checked(&ListRuns::ROW, map(json!({"limit": 501, "status": null}))).unwrap_err();
        assert_eq!(list.code.as_deref(), Some("validation"));
        assert_eq!(list.why, ["query.limit: Input should be less than or equal to 500"]);
        let start = checked(&StartRun::ROW, map(json!({"bundle_id": "b", "idempotency-key": "k", "session_id": null})));
        let start: StartRun = serde_json::from_value(Value::Object(start.unwrap())).unwrap();
        assert_eq!((start.idempotency_key.as_deref(), start.session_id), (Some("k"), None));
    }

    #[test]
    fn an_operation_gets_a_copy_of_a_file() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), "x").unwrap();
        let upload = Upload { file_name: "a.flow".into(), content_type: None, path: file.path().into(), size_bytes: 1 };
        let input = input_of(&UploadBundle { file: upload, overwrite: true, reload: true }).unwrap();
        let (input, copies) = with_copied_files(&UploadBundle::ROW, input).unwrap();
        let input: UploadBundle =
            serde_json::from_value(Value::Object(checked(&UploadBundle::ROW, input).unwrap())).unwrap();
        assert_ne!(input.file.path, file.path());
        assert_eq!(std::fs::read_to_string(&input.file.path).unwrap(), "x");
        assert_eq!((input.overwrite, copies.len()), (true, 1));
    }
}
