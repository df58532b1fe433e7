use serde_json::json;

use super::*;

/// A plane's folder beside an operator's folder, a mount, and a folder nobody allowed; a link leads out of the first.
struct Place {
    base: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        let base = tempfile::tempdir().unwrap();
        for folder in ["data/workspaces/w", "data/users", "shared/sub", "mount", "elsewhere"] {
            std::fs::create_dir_all(base.path().join(folder)).unwrap();
        }
        std::os::unix::fs::symlink(base.path().join("elsewhere"), base.path().join("shared/link")).unwrap();
        Self { base }
    }

    /// `$name` is a folder of this place.
    fn fill(&self, text: &str) -> String {
        text.replace('$', &format!("{}/", self.base.path().canonicalize().unwrap().display()))
    }

    fn scope(&self, env: &[(&str, &str)]) -> Scope {
        let env: Vec<_> = env.iter().map(|(n, v)| (*n, self.fill(v))).collect();
        let data = self.fill("$data");
        let lookup = |name: &str| match name {
            "ABSTRACTGATEWAY_DATA_DIR" => Some(data.clone()),
            "HOME" => Some(self.fill("$mount")),
            other => env.iter().find(|(n, _)| *n == other).map(|(_, v)| v.clone()),
        };
        Scope::of(&Settings::from_env(&lookup).unwrap(), Path::new(&data))
    }

    fn check(&self, env: &[(&str, &str)], given: &Value, expected: &Value) {
        let fill = |value: &Value| -> Map { serde_json::from_str(&self.fill(&value.to_string())).unwrap() };
        let mut vars = fill(given);
        self.scope(env).clamp(&mut vars);
        assert_eq!(Value::Object(vars), Value::Object(fill(expected)), "{env:?} {given}");
    }
}

#[test]
fn a_client_gets_what_lies_below_an_allowed_root() {
    let place = Place::new();
    let shared =
        [("ABSTRACTGATEWAY_WORKSPACE_DIR", "$shared"), ("ABSTRACTGATEWAY_WORKSPACE_MOUNTS", "m=$mount\nbad=nowhere")];
    for (given, expected) in [
        (json!({"prompt": "x"}), json!({"prompt": "x"})),
        (json!({"workspace_root": "/etc"}), json!({})),
        (json!({"workspace_root": "$data/users"}), json!({})),
        (json!({"workspace_root": "$shared/link"}), json!({})),
        (json!({"workspace_root": "../elsewhere"}), json!({})),
        (json!({"workspace_root": 5}), json!({})),
        (json!({"workspaceRoot": "$shared/sub"}), json!({"workspace_root": "$shared/sub"})),
        (json!({"workspace_root": "sub/../new"}), json!({"workspace_root": "$shared/new"})),
        (json!({"workspace_root": "$mount"}), json!({"workspace_root": "$mount"})),
        (json!({"workspace_root": "~/x"}), json!({"workspace_root": "$mount/x"})),
        (json!({"workspace_root": "$data/workspaces/w"}), json!({"workspace_root": "$data/workspaces/w"})),
        (json!({"workspace_root": "$shared/sub", "workspaceRoot": "/etc"}), json!({"workspace_root": "$shared/sub"})),
        (json!({"workspace_access_mode": "all_except_ignored"}), json!({"workspace_access_mode": "workspace_only"})),
        (
            json!({"workspaceAccessMode": "Workspace_Or_Allowed"}),
            json!({"workspace_access_mode": "workspace_or_allowed"}),
        ),
        (json!({"workspace_access_mode": "whatever"}), json!({"workspace_access_mode": "workspace_only"})),
        (
            json!({"workspace_allowed_paths": ["sub", "/etc", "$mount"]}),
            json!({"workspace_allowed_paths": ["$shared/sub", "$mount"]}),
        ),
        (
            json!({"workspaceAllowedPaths": "sub\n/etc", "workspace_root": "$mount"}),
            json!({"workspace_allowed_paths": "$mount/sub", "workspace_root": "$mount"}),
        ),
        (json!({"workspace_allowed_paths": "[\"/etc\"]"}), json!({})),
        (json!({"workspace_ignored_paths": ["a", " ", "b"]}), json!({"workspace_ignored_paths": "a\nb"})),
        (json!({"workspaceIgnoredPaths": []}), json!({})),
    ] {
        place.check(&shared, &given, &expected);
    }
}

#[test]
fn without_settings_only_the_planes_own_workspaces_are_allowed() {
    let place = Place::new();
    place.check(&[], &json!({"workspace_root": "$shared"}), &json!({}));
    place.check(&[], &json!({"workspace_root": "$data"}), &json!({}));
    place.check(&[], &json!({"workspace_root": "."}), &json!({"workspace_root": "$data/workspaces"}));
    place.check(&[], &json!({"workspace_root": "w"}), &json!({"workspace_root": "$data/workspaces/w"}));
}

#[test]
fn the_operator_may_let_clients_choose() {
    let place = Place::new();
    let wish = json!({"workspace_root": "$elsewhere", "workspace_access_mode": "all_except_ignored"});
    for (name, word, open) in [
        ("ABSTRACTGATEWAY_ALLOW_CLIENT_WORKSPACE_SCOPE", "1", true),
        ("ABSTRACTGATEWAY_TRUST_CLIENT_WORKSPACE_SCOPE", "yes", true),
        ("ABSTRACTGATEWAY_TOOL_MODE", "local", true),
        ("ABSTRACTGATEWAY_TOOL_MODE", "local_all", false),
        ("ABSTRACTGATEWAY_TOOL_MODE", "approval", false),
    ] {
        let expected = if open { wish.clone() } else { json!({"workspace_access_mode": "workspace_only"}) };
        place.check(&[(name, word)], &wish, &expected);
    }
}

#[test]
fn a_run_that_lost_its_root_gets_one_of_its_own() {
    let place = Place::new();
    let vars = json!({"workspace_root": "/etc", "secret": 1});
    let own = place.scope(&[]).of_run(&RunId::from("1-2/../3"), vars.as_object().unwrap());
    assert_eq!(Value::Object(own), json!({"workspace_root": place.fill("$data/workspaces/12_3")}));
}
