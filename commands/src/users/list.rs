//! `users list`.

use model::api::users::{ListUsers, UserList};

use super::state;
use crate::failure::Failure;
use crate::target::Target;
use crate::ui::{Shown, table};

pub(super) async fn fetch(target: &Target) -> Result<UserList, Failure> {
    target.call(&ListUsers {}).await
}

pub(super) fn render(list: &UserList) -> Shown {
    let rows = list
        .users
        .iter()
        .map(|u| {
            let texts = [&u.tenant_id, &u.user_id, &u.roles.join(","), &state(u).to_owned(), &u.runtime_id, &u.email];
            texts.map(String::clone).to_vec()
        })
        .collect();
    let text = table(&["tenant", "user", "roles", "state", "runtime", "email"], rows, "no users");
    Shown::new(list, list.users.iter().map(|u| u.user_id.clone()).collect(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_rows() {
        let mut other = super::super::somebody();
        other.enabled = false;
        other.email = "a@b".into();
        let shown = render(&UserList { users: vec![super::super::somebody(), other] });
        assert_eq!(
            shown.text,
            "TENANT   USER  ROLES  STATE     RUNTIME  EMAIL\n\
             default  ada   user   enabled   ada\n\
             default  ada   user   disabled  ada      a@b"
        );
        assert_eq!(render(&UserList { users: vec![] }).text, "no users");
    }
}
