//! Which target a command works on: the one that was named, else the live server of the data directory, else the data
//! directory itself.
//!
//! May not know: what is done there. Invariant: a data directory that a server owns is never opened beside it.

use service::Settings;
use service::settings::UserAuth;

use super::{Here, Target, There, Work, read_runtime_file};
use crate::cli::Reach;
use crate::context::Context;
use crate::failure::Failure;

/// Chooses.
pub(super) async fn choose(context: &Context, reach: &Reach, work: Work) -> Result<Target, Failure> {
    if let Some(url) = reach.url() {
        return Ok(Target::There(There::new(url, reach.token())?));
    }
    if let Some(there) = local_server(context, reach.token()).await? {
        return Ok(Target::There(there));
    }
    let data_dir = &context.settings.data_dir;
    if work == Work::Look && !data_dir.is_dir() {
        return Err(Failure::new(format!("there is no gateway data at {}", data_dir.display()))
            .why("no gateway runs there either")
            .help("abstractgateway serve, or name another place: --data-dir DIR or --url URL"));
    }
    Ok(Target::Here(Here::open(context.settings.clone(), work == Work::Run).await?))
}

/// The live server of the data directory, when there is one.
pub(crate) async fn local_server(context: &Context, token: Option<String>) -> Result<Option<There>, Failure> {
    let Some(file) = read_runtime_file(&context.settings.data_dir) else { return Ok(None) };
    let there = There::new(&file.url, token.or_else(|| local_token(&context.settings)))?;
    if there.is_alive().await {
        return Ok(Some(there));
    }
    Err(Failure::new(format!("the gateway of this data directory does not answer at {}", file.url))
        .why(format!("process {} is alive and owns {}", file.pid, context.settings.data_dir.display()))
        .help(format!("wait a little, or stop it: kill {}", file.pid)))
}

/// The token an operator on this machine may use: the first admin's from its file where users are known, else a static
/// one of the environment; each is the other's stand-in.
fn local_token(settings: &Settings) -> Option<String> {
    let fixed = || settings.auth.static_tokens.first().map(|secret| secret.expose().to_owned());
    let first_admin = || std::fs::read_to_string(settings.bootstrap_token_file()).ok();
    match settings.user_auth() {
        UserAuth::Off => fixed().or_else(first_admin),
        _ => first_admin().or_else(fixed),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_operator_shows_the_token_the_server_knows() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("auth")).unwrap();
        let data_dir = dir.path().to_str().unwrap().to_owned();
        let check = |users: &str, fixed: &str, expected: Option<&str>| {
            let settings = Settings::from_env(&|name| match name {
                "ABSTRACTGATEWAY_DATA_DIR" => Some(data_dir.clone()),
                "ABSTRACTGATEWAY_USER_AUTH" => Some(users.to_owned()),
                "ABSTRACTGATEWAY_AUTH_TOKEN" => Some(fixed.to_owned()),
                _ => None,
            });
            assert_eq!(local_token(&settings.unwrap()).as_deref(), expected, "{users} {fixed}");
        };
        check("1", "", None);
        check("1", "fixed", Some("fixed"));
        std::fs::write(dir.path().join("auth/bootstrap-admin-token"), "first\n").unwrap();
        check("1", "fixed", Some("first\n"));
        check("0", "fixed", Some("fixed"));
        check("0", "", Some("first\n"));
    }
}
