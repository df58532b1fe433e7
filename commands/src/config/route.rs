//! What the verbs on capability defaults share: whose defaults, and the name of a route.

use model::api::users::ShowUser;
use model::{Map, Value};

use crate::cli::Reach;
use crate::context::Context;
use crate::failure::Failure;
use crate::target::{Target, registered};
use crate::value::json_or_text;

/// Whose defaults
#[derive(clap::Args, Clone, Debug)]
pub(super) struct Scope {
    /// Whose defaults: those of the gateway, or of one user
    #[arg(long, value_parser = ["gateway", "user", "local", "core"], default_value = "gateway")]
    scope: String,
    /// The tenant of the user
    #[arg(long, default_value = "default")]
    tenant: String,
    /// The user, with --scope user
    #[arg(long)]
    user: Option<String>,
    /// The data plane of the user (default: the user's own)
    #[arg(long)]
    runtime: Option<String>,
    #[command(flatten)]
    pub(super) reach: Reach,
}

/// The target, acting as the one whose defaults are meant.
pub(super) async fn acting(target: &Target, scope: &Scope) -> Result<Target, Failure> {
    if scope.scope != "user" {
        return Ok(target.clone());
    }
    let Some(user_id) = &scope.user else {
        return Err(Failure::new("--user is required when --scope user"));
    };
    let Target::Here(here) = target else {
        return Err(Failure::new("a server changes the defaults of the one whose token it is shown")
            .why(format!("{} is a server", target.name()))
            .help(format!("repeat the command without --scope user, with the token of {user_id}: --token TOKEN")));
    };
    let found = target.call(&ShowUser { user_id: user_id.clone(), tenant_id: scope.tenant.clone() }).await;
    let user = match found {
        Ok(reply) => reply.user,
        Err(failure) if failure.what.contains("not found") => {
            return Err(Failure::new(format!("Gateway user not found: {}/{user_id}", scope.tenant))
                .help("abstractgateway users list"));
        }
        Err(failure) => return Err(failure),
    };
    let runtime_id = scope.runtime.clone().unwrap_or(user.runtime_id);
    let admin = user.roles.iter().any(|role| role == "admin");
    Ok(Target::Here(here.acting_as(registered(&user.tenant_id, &user.user_id, &runtime_id, admin))))
}

/// `--scope user` needs a user: said before anything is opened.
pub(super) fn check(_: &Context, scope: &Scope) -> Result<(), Failure> {
    if scope.scope == "user" && scope.user.is_none() {
        return Err(Failure::new("--user is required when --scope user"));
    }
    Ok(())
}

/// A route: `kind.modality[.task]`, or with colons.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Route {
    pub(super) kind: String,
    pub(super) modality: String,
    pub(super) task: Option<String>,
}

impl Route {
    /// Reads the name of a route; whether it exists is for the gateway to say.
    pub(super) fn parse(text: &str) -> Result<Self, Failure> {
        let parts: Vec<&str> = text.trim().split(['.', ':']).map(str::trim).collect();
        let (kind, modality, task) = match parts[..] {
            [kind, modality] => (kind, modality, None),
            [kind, modality, task] => (kind, modality, Some(task)),
            _ => return Err(malformed(text)),
        };
        if parts.iter().any(|part| part.is_empty()) {
            return Err(malformed(text));
        }
        Ok(Self { kind: kind.to_owned(), modality: modality.to_owned(), task: task.map(str::to_owned) })
    }
}

fn malformed(text: &str) -> Failure {
    Failure::new(format!("'{text}' is no route"))
        .why("a route is KIND.MODALITY or KIND.MODALITY.TASK, such as input.text")
        .help("abstractgateway config defaults")
}

/// The `--option` values as an object; nothing when there are none.
pub(super) fn options(texts: &[String]) -> Result<Option<Map>, Failure> {
    let mut map = Map::new();
    for text in texts {
        let Some((key, value)) = text.split_once('=') else {
            return Err(Failure::new(format!("Invalid --option value '{text}'; expected KEY=VALUE")));
        };
        if key.trim().is_empty() {
            return Err(Failure::new(format!("Invalid --option value '{text}'; key is empty")));
        }
        map.insert(key.trim().to_owned(), json_or_text(value));
    }
    Ok((!map.is_empty()).then_some(map))
}

/// `- input.text: p/m (source)`
pub(super) fn row_line(row: &Value, indent: &str) -> String {
    let word = |key: &str| row[key].as_str().filter(|t| !t.is_empty()).unwrap_or("-");
    format!("{indent}- {}: {}/{} ({})", word("key"), word("provider"), word("model"), word("source"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn routes_have_two_or_three_parts() {
        for (text, expected) in [
            ("input.text", Some(("input", "text", None))),
            ("input:text", Some(("input", "text", None))),
            ("output.image.text_to_image", Some(("output", "image", Some("text_to_image")))),
            ("input", None),
            ("input.", None),
            (".text", None),
            ("a.b.c.d", None),
            ("", None),
        ] {
            let found = Route::parse(text).ok();
            let expected =
                expected.map(|(k, m, t)| Route { kind: k.into(), modality: m.into(), task: t.map(str::to_owned) });
            assert_eq!(found, expected, "{text}");
        }
    }

    #[test]
    fn options_are_json_or_text() {
        let texts = ["a=1", "b=x y", "c={\"d\":true}"].map(str::to_owned);
        assert_eq!(options(&texts).unwrap().map(Value::Object), Some(json!({"a": 1, "b": "x y", "c": {"d": true}})));
        assert_eq!(options(&[]).unwrap(), None);
        for (text, what) in [
            ("x", "Invalid --option value 'x'; expected KEY=VALUE"),
            ("=v", "Invalid --option value '=v'; key is empty"),
        ] {
            let failure = options(&[text.to_owned()]).unwrap_err();
            assert_eq!((failure.what.as_str(), failure.exit), (what, crate::failure::Exit::Error));
        }
    }
}
