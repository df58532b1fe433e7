//! Which target a command works on: the one that was named, else the live server of the data directory, else the data
//! directory itself.
//!
//! May not know: what is done there. Invariant: a data directory that a server owns is never opened beside it.

use super::{Target, There, Work, read_runtime_file};
use crate::cli::Reach;
use crate::context::Context;
use crate::failure::Failure;

/// Chooses.
pub(super) async fn choose(context: &Context, reach: &Reach, _work: Work) -> Result<Target, Failure> {
    if let Some(url) = &reach.url {
        return Ok(Target::There(There::new(url, reach.token.clone())?));
    }
    let Some(file) = read_runtime_file(&context.settings.data_dir) else {
        return Err(Failure::new("no gateway runs here").help("abstractgateway serve"));
    };
    let there = There::new(&file.url, reach.token.clone().or_else(|| local_token(context)))?;
    if !there.is_alive().await {
        return Err(Failure::new(format!("the gateway of this data directory does not answer at {}", file.url))
            .why(format!("its process {} is alive and owns {}", file.pid, context.settings.data_dir.display()))
            .help(format!("wait, or stop it: kill {}", file.pid)));
    }
    Ok(Target::There(there))
}

/// The token an operator on this machine may use: a static one of the environment, or the first admin's from its file.
fn local_token(context: &Context) -> Option<String> {
    let settings = &context.settings;
    let fixed = settings.auth.static_tokens.first().map(|secret| secret.expose().to_owned());
    fixed.or_else(|| std::fs::read_to_string(settings.bootstrap_token_file()).ok())
}
