//! The checks of this machine and its data directory.

use std::net::TcpListener;
use std::path::Path;

use model::api::health::Readiness;
use model::api::users::{ListUsers, UserList};
use service::Settings;
use service::settings::UserAuth;

use super::Check;
use crate::failure::Failure;
use crate::serve;
use crate::target::{Here, Target, There, UNKNOWN_OPERATION};

const MIB: u64 = 1024 * 1024;
/// Below this, the next larger artifact may not fit.
const DISK_FAIL_BYTES: u64 = 100 * MIB;
/// Below this, it is time to look.
const DISK_WARN_BYTES: u64 = 1024 * MIB;

/// Can files be made there? A directory that is not there yet must be creatable.
pub(super) fn data_dir(dir: &Path) -> Check {
    const NAME: &str = "data directory";
    let (place, missing) = nearest(dir);
    match tempfile::Builder::new().prefix(".doctor-").tempfile_in(place) {
        Ok(_) if missing => Check::ok(NAME, format!("{} will be made by the first start", dir.display())),
        Ok(_) => Check::ok(NAME, format!("{} is writable", dir.display())),
        Err(e) => Check::fail(
            NAME,
            format!("{} cannot be written: {e}", place.display()),
            format!("chown -R \"$USER\" {}, or name another place: --data-dir DIR", place.display()),
        ),
    }
}

/// The directory, or the nearest one above it that is there.
fn nearest(dir: &Path) -> (&Path, bool) {
    let place = dir.ancestors().find(|p| p.is_dir()).unwrap_or(dir);
    (place, place != dir)
}

/// Is there room to grow?
pub(super) fn disk_space(dir: &Path) -> Check {
    const NAME: &str = "disk space";
    match service::storage::free_bytes(nearest(dir).0) {
        Ok(free) => disk_grade(free),
        Err(e) => Check::warn(NAME, format!("it cannot be told: {e}"), format!("df -h {}", dir.display())),
    }
}

fn disk_grade(free: u64) -> Check {
    const NAME: &str = "disk space";
    let detail = format!("{} MiB are free", free / MIB);
    let fix = "make room, or name another place: --data-dir DIR";
    match free {
        0..DISK_FAIL_BYTES => Check::fail(NAME, detail, fix),
        DISK_FAIL_BYTES..DISK_WARN_BYTES => Check::warn(NAME, detail, fix),
        _ => Check::ok(NAME, detail),
    }
}

/// Could a server listen?
pub(super) fn port(host: &str, port: u16) -> Check {
    const NAME: &str = "port";
    match TcpListener::bind((host, port)) {
        Ok(_) => Check::ok(NAME, format!("{port} is free on {host}")),
        Err(e) => Check::fail(
            NAME,
            format!("{port} on {host} cannot be used: {e}"),
            format!("abstractgateway serve --port {}", port.checked_add(1).unwrap_or(8080)),
        ),
    }
}

/// Does the server take work?
pub(super) async fn server(there: &There) -> Check {
    const NAME: &str = "server";
    if !there.is_alive().await {
        return Check::fail(NAME, format!("nothing answers at {}", there.url()), "abstractgateway serve");
    }
    match Target::There(there.clone()).call(&Readiness {}).await {
        Ok(ready) if ready.ready => Check::ok(NAME, format!("{} takes work", there.url())),
        Ok(ready) => Check::warn(
            NAME,
            format!("{} is {}: {}", there.url(), ready.status, ready.problems.join("; ")),
            "look at the server's log",
        ),
        // A gateway of another make may not know this question, and a full disk answers 503.
        Err(failure) if failure.code.as_deref() == Some(UNKNOWN_OPERATION) => {
            Check::ok(NAME, format!("{} answers", there.url()))
        }
        Err(failure) => Check::fail(NAME, failure.what, "look at the server's log"),
    }
}

/// Does the database open?
pub(super) fn database(opened: &Result<Option<Here>, Failure>) -> Check {
    const NAME: &str = "database";
    match opened {
        Ok(Some(here)) => Check::ok(NAME, format!("{} opens", here.data_dir().join("gateway.sqlite3").display())),
        Ok(None) => Check::ok(NAME, "none yet; the first start makes one"),
        Err(failure) => Check::fail(
            NAME,
            failure.what.clone(),
            failure
                .help
                .clone()
                .unwrap_or_else(|| "restore it from a backup, or name another place: --data-dir DIR".into()),
        ),
    }
}

/// Would a server start, or refuse because nobody or anybody could come in?
pub(super) fn first_start(settings: &Settings, host: &str) -> Check {
    const NAME: &str = "first start";
    match serve::checks::check(settings, host) {
        Ok(_) => Check::ok(NAME, "somebody can come in"),
        Err(failure) => Check::fail(NAME, failure.what, failure.help.unwrap_or_default()),
    }
}

/// Can an administrator come in?
pub(super) async fn admin(settings: &Settings, target: &Target) -> Check {
    let fixed = matches!(target, Target::Here(_)) && !settings.auth.static_tokens.is_empty();
    let users = target.call(&ListUsers {}).await;
    admin_grade(fixed, settings.user_auth() == UserAuth::Off && matches!(target, Target::Here(_)), users)
}

fn admin_grade(fixed_token: bool, users_off: bool, users: Result<UserList, Failure>) -> Check {
    const NAME: &str = "admin";
    if fixed_token {
        return Check::ok(NAME, "a static token is set");
    }
    if users_off {
        let fix = "set ABSTRACTGATEWAY_USER_AUTH=1 or ABSTRACTGATEWAY_AUTH_TOKEN, or: abstractgateway config init";
        return Check::fail(NAME, "no token is set and users are off, so nobody could come in", fix);
    }
    let help = "abstractgateway config bootstrap-admin";
    match users {
        Ok(list) => match list.users.iter().find(|u| u.enabled && u.roles.iter().any(|r| r == "admin")) {
            Some(user) => Check::ok(NAME, format!("{}/{} is enabled", user.tenant_id, user.user_id)),
            None => Check::fail(NAME, "no enabled admin", help),
        },
        Err(failure) => {
            let fix = failure.help.unwrap_or_else(|| help.to_owned());
            Check::warn(NAME, format!("it cannot be told: {}", failure.what), fix)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Grade;
    use super::*;

    #[test]
    fn disk_grades_hold_on_both_sides() {
        for (free, grade) in [
            (0, Grade::Fail),
            (DISK_FAIL_BYTES - 1, Grade::Fail),
            (DISK_FAIL_BYTES, Grade::Warn),
            (DISK_WARN_BYTES - 1, Grade::Warn),
            (DISK_WARN_BYTES, Grade::Ok),
            (u64::MAX, Grade::Ok),
        ] {
            assert_eq!(disk_grade(free).grade, grade, "{free}");
        }
    }

    #[test]
    fn a_data_directory_may_be_missing_but_not_unwritable() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(data_dir(dir.path()).grade, Grade::Ok);
        let missing = dir.path().join("a/b");
        assert!(data_dir(&missing).detail.ends_with("will be made by the first start"));
        assert!(!missing.exists());
        assert_eq!(data_dir(Path::new("/proc/nothing")).grade, Grade::Fail);
    }

    #[test]
    fn a_used_port_names_the_next_one() {
        let used = TcpListener::bind("127.0.0.1:0").unwrap();
        let number = used.local_addr().unwrap().port();
        assert_eq!(port("127.0.0.1", number).grade, Grade::Fail);
        drop(used);
        assert_eq!(port("127.0.0.1", number).grade, Grade::Ok);
    }

    #[test]
    fn a_first_start_that_would_be_refused_is_told() {
        for (users, grade) in [("1", Grade::Ok), ("0", Grade::Fail)] {
            let settings =
                Settings::from_env(&|name| (name == "ABSTRACTGATEWAY_USER_AUTH").then(|| users.to_owned())).unwrap();
            assert_eq!(first_start(&settings, "127.0.0.1").grade, grade, "{users}");
        }
    }

    #[test]
    fn somebody_must_be_able_to_come_in() {
        let none = || Ok(UserList { users: vec![] });
        let check = |fixed, off, users, grade| assert_eq!(admin_grade(fixed, off, users).grade, grade);
        check(true, true, none(), Grade::Ok);
        check(false, true, none(), Grade::Fail);
        check(false, false, none(), Grade::Fail);
        check(false, false, Err(Failure::new("no")), Grade::Warn);
        let mut user = crate::users::somebody();
        check(false, false, Ok(UserList { users: vec![user.clone()] }), Grade::Fail);
        user.roles = vec!["admin".into()];
        check(false, false, Ok(UserList { users: vec![user.clone()] }), Grade::Ok);
        user.enabled = false;
        check(false, false, Ok(UserList { users: vec![user] }), Grade::Fail);
    }
}
