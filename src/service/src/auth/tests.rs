use std::collections::HashMap;
use std::fs;

use model::api::users::User;
use tempfile::TempDir;

use super::registry::{Change, NewUser};
use super::*;

struct Gate {
    auth: Auth,
    settings: Settings,
    folder: TempDir,
}

impl Gate {
    fn open(set: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut map: HashMap<String, String> =
            set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        map.insert("ABSTRACTGATEWAY_DATA_DIR".into(), folder.path().to_str().unwrap().into());
        let settings = Settings::from_env(&|name| map.get(name).cloned()).unwrap();
        Self { auth: Auth::open(&settings).unwrap(), settings, folder }
    }

    fn users() -> Self {
        Self::open(&[
            ("ABSTRACTGATEWAY_USER_AUTH", "1"),
            ("ABSTRACTGATEWAY_AUTH_TOKEN", "a-static-token-1,a-static-token-2"),
        ])
    }

    async fn add(&self, user_id: &str, roles: &[&str]) -> (User, Secret) {
        let (secret, proof) = self.auth.issue(None).await.unwrap();
        let new = NewUser {
            user_id: user_id.into(),
            tenant_id: String::new(),
            email: String::new(),
            roles: roles.iter().map(|role| (*role).to_owned()).collect(),
            scopes: Vec::new(),
            enabled: true,
            runtime_id: String::new(),
            proof,
        };
        (self.auth.edit(move |book, now| book.create(new, now)).await.unwrap(), secret)
    }

    async fn change(&self, user_id: &str, change: Change) {
        let user_id = user_id.to_owned();
        self.auth.edit(move |book, now| book.update("default", &user_id, change, false, now)).await.unwrap();
    }

    async fn login(&self, token: &Secret) -> Opened {
        let row = self.auth.user_by_token(token.expose()).await.unwrap().unwrap();
        self.auth.open_session(&row, 3600).await.unwrap().0
    }

    /// `user`, or `-` for refused, or empty for anonymous.
    async fn who(&self, bearer: Option<&str>, session: &[&str]) -> String {
        let credentials = Credentials {
            bearer: bearer.map(str::to_owned),
            session: session.iter().map(|value| (*value).to_owned()).collect(),
        };
        match self.auth.authenticate(&credentials).await.unwrap() {
            Verdict::Anonymous => String::new(),
            Verdict::Refused => "-".into(),
            Verdict::Known(known) => known.principal.user_id,
        }
    }
}

fn off() -> Change {
    Change { enabled: Some(false), ..Change::default() }
}

#[tokio::test]
async fn credentials_lead_to_principals_in_their_order() {
    let gate = Gate::users();
    let (_, token) = gate.add("alice", &["user"]).await;
    let opened = gate.login(&token).await;
    let (token, cookie) = (token.expose(), opened.value.expose());
    for (bearer, session, expected) in [
        (None, &[][..], ""),
        (Some(" "), &[], ""),
        (None, &[""], ""),
        (Some("wrong"), &[], "-"),
        (Some("wrong"), &[cookie], "-"),
        (Some(""), &[cookie], "alice"),
        (None, &[cookie], "alice"),
        (None, &["nonsense", cookie], "alice"),
        (None, &["nonsense"], "-"),
        (Some(token), &[], "alice"),
        (Some(&format!(" {token} ")), &[], "alice"),
        (Some(token), &["nonsense"], "alice"),
        (Some("a-static-token-1"), &[], "local-admin"),
        (Some("a-static-token-2"), &[], "local-admin"),
        (Some("a-static-token-"), &[], "-"),
    ] {
        assert_eq!(gate.who(bearer, session).await, expected, "{bearer:?} {session:?}");
    }
}

#[tokio::test]
async fn without_user_auth_only_static_tokens_and_sessions_count() {
    let gate = Gate::open(&[("ABSTRACTGATEWAY_AUTH_TOKEN", "a-static-token-1")]);
    assert!(gate.auth.configured() && !gate.auth.user_auth_enabled());
    let (_, token) = gate.add("alice", &["user"]).await;
    assert_eq!(gate.who(Some(token.expose()), &[]).await, "-");
    assert_eq!(gate.who(Some("a-static-token-1"), &[]).await, "local-admin");
    let opened = gate.login(&token).await;
    assert_eq!(gate.who(None, &[opened.value.expose()]).await, "alice");
}

#[tokio::test]
async fn the_registry_may_switch_user_auth_on_by_being_there() {
    let gate = Gate::open(&[("ABSTRACTGATEWAY_USER_AUTH_AUTO", "1")]);
    assert!(!gate.auth.configured());
    let (_, token) = gate.add("alice", &["user"]).await;
    assert!(gate.auth.configured());
    assert_eq!(gate.who(Some(token.expose()), &[]).await, "alice");
}

#[tokio::test]
async fn principals_say_what_the_record_says() {
    let gate = Gate::users();
    let (_, token) = gate.add("root", &["admin", "user"]).await;
    let credentials = Credentials { bearer: Some(token.expose().to_owned()), session: Vec::new() };
    let Verdict::Known(known) = gate.auth.authenticate(&credentials).await.unwrap() else { panic!("refused") };
    let expected = serde_json::json!({
        "user_id": "root", "tenant_id": "default", "roles": ["admin", "user"], "scopes": [],
        "token_fingerprint": fingerprint(token.expose()), "runtime_id": "root", "source": "user-registry", "admin": true,
    });
    assert_eq!(serde_json::to_value(known.principal).unwrap(), expected);
    assert_eq!(known.session, None);
}

#[tokio::test]
async fn disabling_rotating_and_deleting_act_at_once() {
    for what in ["disable", "rotate", "delete"] {
        let gate = Gate::users();
        let (_, token) = gate.add("alice", &["user"]).await;
        let opened = gate.login(&token).await;
        assert_eq!(gate.who(Some(token.expose()), &[]).await, "alice");
        match what {
            "disable" => gate.change("alice", off()).await,
            "rotate" => {
                let (_, proof) = gate.auth.issue(None).await.unwrap();
                gate.change("alice", Change { proof: Some(proof), ..Change::default() }).await;
            }
            _ => drop(gate.auth.edit(|book, now| book.delete("default", "alice", false, now)).await.unwrap()),
        }
        assert_eq!(gate.who(Some(token.expose()), &[]).await, "-", "{what}");
        assert_eq!(gate.who(None, &[opened.value.expose()]).await, "-", "{what}");
        let text = fs::read_to_string(gate.settings.sessions_file()).unwrap();
        assert!(!text.contains("alice"), "the row is removed");
    }
}

#[tokio::test]
async fn a_new_role_shows_in_open_sessions() {
    let gate = Gate::users();
    let (_, token) = gate.add("alice", &["user"]).await;
    let opened = gate.login(&token).await;
    gate.change("alice", Change { roles: Some(vec!["admin".into()]), ..Change::default() }).await;
    let credentials = Credentials { bearer: None, session: vec![opened.value.expose().to_owned()] };
    let Verdict::Known(known) = gate.auth.authenticate(&credentials).await.unwrap() else { panic!("refused") };
    assert!(known.principal.admin);
    let session = known.session.unwrap();
    for (sent, expected) in [
        (Some(opened.csrf.expose()), true),
        (Some("agcsrf_wrong"), false),
        (Some(session.csrf_hash.as_str()), false),
        (Some(""), false),
        (None, false),
    ] {
        assert_eq!(gate.auth.csrf_matches(&session, sent), expected, "{sent:?}");
    }
}

#[tokio::test]
async fn a_broken_registry_leaves_static_tokens_working() {
    let gate = Gate::users();
    fs::create_dir_all(gate.folder.path().join("auth")).unwrap();
    fs::write(gate.settings.users_file(), "{").unwrap();
    assert_eq!(gate.who(Some("a-static-token-1"), &[]).await, "local-admin");
    assert_eq!(gate.who(Some("agw_any"), &[]).await, "-");
    assert_eq!(gate.auth.view().map(|_| ()).unwrap_err().code, Code::Internal);
}

#[tokio::test]
async fn existing_registries_and_their_tokens_work() {
    let gate = Gate::users();
    fs::create_dir_all(gate.folder.path().join("auth")).unwrap();
    let rows = serde_json::json!({"version": 2, "users": [
        {"user_id": "old", "token_hash": token::hash_with("abc", b"0123456789abcdef", 260_000)},
        {"user_id": "broken", "email": "nonsense", "token_hash": token::hash_with("def", b"0123456789abcdef", 1)},
    ]});
    fs::write(gate.settings.users_file(), rows.to_string()).unwrap();
    assert_eq!(gate.who(Some("abc"), &[]).await, "old", "short tokens of old registries go on working");
    assert_eq!(gate.who(Some("def"), &[]).await, "-");
}

#[tokio::test]
async fn chosen_tokens_have_a_least_length() {
    let gate = Gate::users();
    for (chosen, fine) in
        [("abc", false), ("12345678901234", false), ("123456789012345", true), ("  ", true), ("", true)]
    {
        assert_eq!(gate.auth.issue(Some(chosen)).await.is_ok(), fine, "{chosen:?}");
    }
}

fn request(gate: &Gate) -> BootstrapRequest {
    BootstrapRequest::at_start(&gate.settings).unwrap()
}

#[tokio::test]
async fn the_first_admin_is_made_once() {
    let gate = Gate::open(&[("ABSTRACTGATEWAY_USER_AUTH", "1")]);
    let first = gate.auth.bootstrap(request(&gate)).await.unwrap();
    assert_eq!((first.changed, first.token_is_new, first.token_source), (true, true, TokenSource::Generated));
    assert_eq!((first.user.user_id.as_str(), first.user.runtime_id.as_str()), ("admin", "default"));
    assert_eq!(first.user.roles, ["admin", "user"]);
    let token = first.token.unwrap();
    assert_eq!(fs::read_to_string(gate.settings.bootstrap_token_file()).unwrap(), format!("{}\n", token.expose()));
    assert_eq!(gate.who(Some(token.expose()), &[]).await, "admin");
    let again = gate.auth.bootstrap(request(&gate)).await.unwrap();
    assert_eq!((again.changed, again.token_is_new, again.token_source), (false, false, TokenSource::TokenFile));
    assert_eq!(again.token.unwrap(), token);
}

#[tokio::test]
async fn a_start_does_not_undo_what_an_admin_did() {
    let gate = Gate::open(&[("ABSTRACTGATEWAY_USER_AUTH", "1")]);
    gate.auth.bootstrap(request(&gate)).await.unwrap();
    gate.add("root", &["admin"]).await;
    gate.change("admin", off()).await;
    let outcome = gate.auth.bootstrap(request(&gate)).await.unwrap();
    assert_eq!(
        (outcome.changed, outcome.user.user_id.as_str(), outcome.token_source),
        (false, "root", TokenSource::None)
    );
    gate.change("root", off()).await;
    let outcome = gate.auth.bootstrap(request(&gate)).await.unwrap();
    assert_eq!((outcome.changed, outcome.user.user_id.as_str(), outcome.user.enabled), (true, "admin", true));
    assert_eq!(outcome.token_source, TokenSource::TokenFile);
}

#[tokio::test]
async fn a_second_admin_gets_a_token_of_its_own() {
    let gate = Gate::open(&[("ABSTRACTGATEWAY_USER_AUTH", "1")]);
    let first = gate.auth.bootstrap(request(&gate)).await.unwrap().token.unwrap();
    let asked = || BootstrapRequest { policy: BootstrapPolicy::Always, user_id: "root".into(), ..request(&gate) };
    let second = gate.auth.bootstrap(asked()).await.unwrap();
    let token = second.token.unwrap();
    assert_ne!(token, first);
    assert_eq!(gate.who(Some(first.expose()), &[]).await, "admin");
    assert_eq!(gate.who(Some(token.expose()), &[]).await, "root");
    assert_eq!(second.user.runtime_id, "root");
    let file = second.token_file.unwrap();
    assert_ne!(file, gate.settings.bootstrap_token_file());
    let again = gate.auth.bootstrap(asked()).await.unwrap();
    assert_eq!((again.changed, again.token_file, again.token), (false, Some(file), Some(token)));
    let stolen = BootstrapRequest { user_id: "third".into(), token: Some(first), ..asked() };
    assert_eq!(gate.auth.bootstrap(stolen).await.unwrap_err().code, Code::BadRequest);
}

#[tokio::test]
async fn given_tokens_count_at_creation_and_rotation_only() {
    let gate = Gate::open(&[
        ("ABSTRACTGATEWAY_USER_AUTH", "1"),
        ("ABSTRACTGATEWAY_BOOTSTRAP_ADMIN_TOKEN", "given-by-the-operator"),
    ]);
    let outcome = gate.auth.bootstrap(request(&gate)).await.unwrap();
    assert_eq!(outcome.token_source, TokenSource::Env);
    let other = || BootstrapRequest {
        token: Some(Secret::from("another-long-token")),
        policy: BootstrapPolicy::Always,
        ..request(&gate)
    };
    assert!(!gate.auth.bootstrap(other()).await.unwrap().changed);
    assert_eq!(gate.who(Some("given-by-the-operator"), &[]).await, "admin");
    let rotated = gate.auth.bootstrap(BootstrapRequest { rotate: true, ..other() }).await.unwrap();
    assert_eq!((rotated.changed, rotated.token_source), (true, TokenSource::Env));
    assert_eq!(gate.who(Some("given-by-the-operator"), &[]).await, "-");
    assert_eq!(gate.who(Some("another-long-token"), &[]).await, "admin");
    let fresh = BootstrapRequest { rotate: true, token: None, ..other() };
    assert_eq!(gate.auth.bootstrap(fresh).await.unwrap().token_source, TokenSource::Generated);
    assert_eq!(gate.who(Some("another-long-token"), &[]).await, "-");
    let short = BootstrapRequest { token: Some(Secret::from("short")), rotate: true, ..other() };
    assert_eq!(gate.auth.bootstrap(short).await.unwrap_err().code, Code::BadRequest);
}

#[tokio::test]
async fn a_token_file_of_an_older_program_is_taken_over() {
    let gate = Gate::open(&[("ABSTRACTGATEWAY_USER_AUTH", "1")]);
    fs::create_dir_all(gate.folder.path().join("auth")).unwrap();
    fs::write(gate.settings.bootstrap_token_file(), "agw_found\n").unwrap();
    let outcome = gate.auth.bootstrap(request(&gate)).await.unwrap();
    assert_eq!((outcome.token_source, outcome.token_is_new), (TokenSource::TokenFile, false));
    assert_eq!(gate.who(Some("agw_found"), &[]).await, "admin");
}

#[test]
fn a_start_may_be_forbidden_to_make_admins() {
    for name in ["ABSTRACTGATEWAY_BOOTSTRAP_ADMIN", "ABSTRACTGATEWAY_AUTO_BOOTSTRAP_ADMIN"] {
        for (word, forbidden) in [("0", true), ("n", true), ("off", true), ("1", false), ("nonsense", false)] {
            let gate = Gate::open(&[(name, word)]);
            assert_eq!(BootstrapRequest::at_start(&gate.settings).is_none(), forbidden, "{name} {word}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_requests_with_one_token_hash_it_once() {
    let gate = Gate::users();
    let (_, token) = gate.add("alice", &["user"]).await;
    let credentials = Credentials { bearer: Some(token.expose().to_owned()), session: Vec::new() };
    let asked = (0..64).map(|_| gate.auth.authenticate(&credentials));
    for verdict in futures_util::future::join_all(asked).await {
        assert!(matches!(verdict, Ok(Verdict::Known(_))));
    }
}
