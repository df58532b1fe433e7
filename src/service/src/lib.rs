//! The in-process services, one folder per noun. Everything a face can do is a method here: HTTP, CLI and tests call the
//! same operation rows, each bound to one [`Handle`] of [`Services`].
//!
//! This crate may not know: HTTP, warp, terminals, clap. It wires store, flow, engine, llm and agent together. The one
//! invariant: a rule of the product stands here, never in a face.

mod bind;
pub mod clock;
mod dynamic;
mod face;
mod memory;
mod models;
mod private_file;
mod spare;
#[cfg(test)]
mod tests;
mod workspace;
mod world;

pub mod audit;
pub mod auth;
pub mod backup;
pub mod bundles;
pub mod commands;
pub mod defaults;
pub mod health;
pub mod import;
pub mod kg;
pub mod ledger;
pub mod planes;
pub mod reservations;
pub mod runs;
pub mod sessions;
pub mod settings;
pub mod storage;
pub mod users;

pub use bind::operations;
pub use face::{Answer, Body, Bound, Call, Cookie, Handle, Json, Run, bound};
pub use models::{Local, local_servers};
pub use settings::Settings;
pub use store::fail;

use std::sync::Arc;

use model::{Error, Principal};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

/// How services are opened.
#[derive(Clone, Copy, Debug)]
pub struct Open {
    /// Whether runs are driven by this process.
    pub runner: bool,
}

/// Everything the gateway can do. One per process, shared by all faces.
pub struct Services {
    /// The settings, read once.
    pub settings: Settings,
    /// Who may come in: users, sessions, lockout, limits.
    pub auth: auth::Auth,
    /// The audit log.
    pub audit: audit::Log,
    /// Whether the process takes work.
    pub health: health::State,
    /// The open data planes.
    pub planes: planes::Planes,
    /// What runs for callers beside their calls.
    tasks: engine::tasks::Tasks,
    closing: CancellationToken,
    runner: bool,
}

impl Services {
    /// Opens the services of a data directory and brings every known data plane to life.
    ///
    /// # Errors
    /// When the data directory cannot be used, or another process works on it.
    pub async fn open(settings: Settings, open: Open) -> Result<Arc<Self>, Error> {
        let (planes, wanted) = planes::Planes::new();
        let services = Arc::new(Self {
            auth: auth::Auth::open(&settings)?,
            audit: audit::Log::open(&settings)?,
            health: health::State::default(),
            planes,
            tasks: engine::tasks::Tasks::default(),
            closing: CancellationToken::new(),
            runner: open.runner,
            settings,
        });
        services.revive().await?;
        if open.runner {
            services.open_wanted(wanted);
        }
        let spare = spare::keep(Arc::downgrade(&services), services.closing.clone());
        services.tasks.spawn(engine::tasks::Kind::Memory, spare);
        services.health.set(health::Phase::Serving);
        Ok(services)
    }

    /// Opens every known plane: nobody has to sign in for their schedules and waits to go on after a restart.
    async fn revive(&self) -> Result<(), Error> {
        let known = planes::Planes::known(&self.settings).map_err(|e| {
            let folder = self.settings.data_dir.display();
            Error::new(model::Code::StorageUnavailable, format!("the data planes in '{folder}' cannot be listed: {e}"))
        })?;
        for key in known {
            match self.open_plane(key.clone()).await {
                Ok(_) => {}
                Err(error) if key == planes::Key::Default => return Err(error),
                Err(error) => tracing::error!(plane = ?key, error = %error, "a data plane stays closed"),
            }
        }
        Ok(())
    }

    /// Opens the planes that processes which only take requests want driven here.
    fn open_wanted(self: &Arc<Self>, mut wanted: mpsc::Receiver<planes::Key>) {
        let (services, closing) = (Arc::downgrade(self), self.closing.clone());
        self.tasks.spawn(engine::tasks::Kind::Relay, async move {
            loop {
                let key = tokio::select! {
                    () = closing.cancelled() => return,
                    key = wanted.recv() => key,
                };
                let (Some(key), Some(services)) = (key, services.upgrade()) else { return };
                if let Err(error) = services.open_plane(key.clone()).await {
                    tracing::error!(plane = ?key, error = %error, "a data plane another process wants stays closed");
                }
            }
        });
    }

    /// The data plane of a caller.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn plane(&self, principal: &Principal) -> Result<Arc<planes::Plane>, Error> {
        self.open_plane(planes::Key::of(principal, &self.settings, self.settings.has_users())).await
    }

    async fn open_plane(&self, key: planes::Key) -> Result<Arc<planes::Plane>, Error> {
        self.planes.get(key, &self.settings, self.runner).await
    }

    /// Stops taking work, stops the planes, ends what runs beside.
    pub async fn close(&self) {
        self.health.set(health::Phase::Stopping);
        self.closing.cancel();
        self.planes.close().await;
        self.tasks.close_and_wait().await;
    }
}
