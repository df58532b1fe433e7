//! Browser sessions and who I am (contract 01, 2.7).
//!
//! The one invariant: session and CSRF values travel in cookies only, never in a body or a log.

#[cfg(test)]
mod tests;

use model::api::sessions::{LoggedOut, Login, Logout, Me, WhoAmI};
use model::{Code, Error, Value};
use serde_json::json;

use crate::auth::{fingerprint, locked_out, principal, registry::UserRow};
use crate::{Answer, Call, Cookie, Handle, Services};

impl Handle<WhoAmI> for Services {
    async fn handle(&self, call: Call, _: WhoAmI) -> Result<Answer<Me>, Error> {
        let users = self.auth.user_auth_enabled();
        let mode = if users { "users" } else { "legacy-token" };
        let auth = json!({"mode": mode, "user_auth_enabled": users});
        Ok(Me { ok: true, principal: call.principal, auth, routing: routing(users), session: None }.into())
    }
}

impl Handle<Login> for Services {
    async fn handle(&self, call: Call, input: Login) -> Result<Answer<Me>, Error> {
        let ip = call.client_ip.map(|ip| ip.to_string());
        if let Some(seconds) = ip.as_deref().and_then(|ip| self.auth.locked_for(ip)) {
            return Err(locked_out(seconds));
        }
        let row = match self.check_login(&input).await {
            Err(refused) if refused.code == Code::Unauthorized => {
                return Err(ip.as_deref().and_then(|ip| self.auth.failed(ip)).map_or(refused, locked_out));
            }
            checked => checked?,
        };
        if let Some(ip) = ip {
            self.auth.succeeded(&ip);
        }
        let settings = &self.settings.auth;
        let ttl_s = if input.remember { settings.remember_session_ttl_s } else { settings.session_ttl_s };
        let (opened, expires_at) = self.auth.open_session(&row, ttl_s).await?;
        let me = Me {
            ok: true,
            principal: principal(&row, fingerprint(input.token.trim())),
            auth: json!({"mode": "users", "user_auth_enabled": true, "session": "gateway-browser-session"}),
            routing: routing(self.auth.user_auth_enabled()),
            session: Some(json!({"expires_at": expires_at})),
        };
        let principal = me.principal.clone();
        let max_age_s = input.remember.then_some(ttl_s);
        let cookie = |name: &str, value: &str, http_only| Cookie {
            name: name.to_owned(),
            value: Some(value.to_owned()),
            max_age_s,
            http_only,
            secure: call.secure,
        };
        Ok(Answer::from(me)
            .by(principal)
            .cookie(cookie(&self.settings.http.session_cookie, opened.value.expose(), true))
            .cookie(cookie(&self.settings.http.csrf_cookie, opened.csrf.expose(), false)))
    }
}

impl Handle<Logout> for Services {
    async fn handle(&self, call: Call, _: Logout) -> Result<Answer<LoggedOut>, Error> {
        let deleted = match call.session_value {
            Some(value) => self.auth.end_session(value).await?,
            None => false,
        };
        let removed = |name: &str, http_only| Cookie {
            name: name.to_owned(),
            value: None,
            max_age_s: None,
            http_only,
            secure: call.secure,
        };
        Ok(Answer::from(LoggedOut { ok: true, deleted })
            .cookie(removed(&self.settings.http.session_cookie, true))
            .cookie(removed(&self.settings.http.csrf_cookie, false)))
    }
}

impl Services {
    async fn check_login(&self, input: &Login) -> Result<UserRow, Error> {
        let Some(row) = self.auth.user_by_token(&input.token).await? else {
            return Err(Error::new(Code::Unauthorized, "Invalid Gateway user token"));
        };
        let (known, asked) = (row.user.user_id.as_str(), input.user_id.trim());
        if !asked.is_empty() && asked != known {
            let text = format!("Gateway token resolved to user '{known}', not '{asked}'.");
            return Err(Error::new(Code::Unauthorized, text));
        }
        Ok(row)
    }
}

fn routing(users: bool) -> Value {
    let mode = if users { "per-principal" } else { "single-user" };
    json!({"mode": mode, "one_user_one_runtime": users})
}
