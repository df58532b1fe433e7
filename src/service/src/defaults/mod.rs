//! The capability defaults (contract 05, section 12.3): shown, set, cleared in the configuration of the caller's data
//! plane. Nothing is kept in memory: model calls read the same files, so what is written here counts at the next call.
//!
//! May not know: models, providers, what a route is good for. The one invariant: a file is read and rewritten under its
//! lock, which other processes take too.

#[cfg(test)]
mod tests;

use std::path::Path;

use llm::defaults::{Authority, Row, SetError};
use llm::{Defaults, defaults};
use model::api::defaults::{ClearDefault, ClearTaskDefault, SetDefault, SetTaskDefault, ShowDefaults};
use model::{Code, Error, Map};

use crate::planes::Key;
use crate::settings::CoreConfig;
use crate::{Answer, Call, Handle, Services, private_file};

impl Handle<ShowDefaults> for Services {
    async fn handle(&self, call: Call, _: ShowDefaults) -> Result<Answer<Map>, Error> {
        self.defaults(&call, |_| Ok(())).await
    }
}

impl Handle<SetDefault> for Services {
    async fn handle(&self, call: Call, input: SetDefault) -> Result<Answer<Map>, Error> {
        let row = row(input.provider, input.model, input.base_url, input.options);
        self.defaults(&call, move |file| change(file, |f| defaults::set(f, &input.kind, &input.modality, None, &row)))
            .await
    }
}

impl Handle<SetTaskDefault> for Services {
    async fn handle(&self, call: Call, input: SetTaskDefault) -> Result<Answer<Map>, Error> {
        let row = row(input.provider, input.model, input.base_url, input.options);
        let set = move |f: &Path| defaults::set(f, &input.kind, &input.modality, Some(&input.task), &row);
        self.defaults(&call, move |file| change(file, set)).await
    }
}

impl Handle<ClearDefault> for Services {
    async fn handle(&self, call: Call, input: ClearDefault) -> Result<Answer<Map>, Error> {
        self.defaults(&call, move |file| change(file, |f| defaults::clear(f, &input.kind, &input.modality, None))).await
    }
}

impl Handle<ClearTaskDefault> for Services {
    async fn handle(&self, call: Call, input: ClearTaskDefault) -> Result<Answer<Map>, Error> {
        let clear = move |f: &Path| defaults::clear(f, &input.kind, &input.modality, Some(&input.task));
        self.defaults(&call, move |file| change(file, clear)).await
    }
}

impl Services {
    /// Does `change` to the file the caller may write, then shows what is in force.
    async fn defaults(
        &self,
        call: &Call,
        change: impl FnOnce(&Path) -> Result<(), Error> + Send + 'static,
    ) -> Result<Answer<Map>, Error> {
        // The plane itself stays closed: a caller without runs may have defaults.
        let key = Key::of(&call.principal, &self.settings, self.settings.has_users());
        let files = self.settings.core_config(&key.data_dir(&self.settings));
        let done = tokio::task::spawn_blocking(move || change(files.written()).map(|()| listing(&files))).await;
        done.map_err(|e| Error::internal(e.to_string()))?.map(Answer::from)
    }
}

fn listing(files: &CoreConfig) -> Map {
    let authority = if files.own.is_some() { Authority::Gateway } else { Authority::Local };
    Defaults::load(&files.baseline, files.own.as_deref()).listing(authority)
}

fn row(provider: Option<String>, model: Option<String>, base_url: Option<String>, options: Option<Map>) -> Row {
    Row { provider, model, base_url, options: options.unwrap_or_default() }
}

/// One change of a file, alone with it.
fn change(file: &Path, write: impl FnOnce(&Path) -> Result<(), SetError>) -> Result<(), Error> {
    let unwritable =
        |e: std::io::Error| Error::new(Code::StorageUnavailable, format!("cannot write '{}': {e}", file.display()));
    let _alone = private_file::lock(file).map_err(unwritable)?;
    write(file).map_err(|e| match e {
        SetError::UnknownRoute(_) => Error::new(Code::BadRequest, e.to_string()),
        SetError::Io(e) if e.kind() == std::io::ErrorKind::InvalidData => Error::new(Code::Conflict, e.to_string()),
        SetError::Io(e) => unwritable(e),
    })
}
