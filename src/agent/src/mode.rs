//! Who may let a tool run: the mode the operator chose, and the lists that go with it.

use model::{Map, Value};
use serde_json::json;

use crate::tools::{ToolPolicy, fetch_url};

/// What happens to a batch of tool calls (contract 07, section 2.8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ToolMode {
    /// Safe calls run at once; everything else asks a person.
    #[default]
    Approval,
    /// Everything runs at once.
    Local,
    /// Nothing runs here: a worker outside does it and answers.
    Delegated,
    /// Every call asks a person.
    Passthrough,
}

impl ToolMode {
    /// Reads the operator's word; an unknown one asks for everything.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        match text.trim().to_ascii_lowercase().as_str() {
            "" | "approval" | "local_approval" | "local-approval" => Self::Approval,
            "local" | "local_all" => Self::Local,
            "delegated" | "delegate" | "job" => Self::Delegated,
            _ => Self::Passthrough,
        }
    }

    /// The word for health and discovery.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Approval => "approval",
            Self::Local => "local",
            Self::Delegated => "delegated",
            Self::Passthrough => "passthrough",
        }
    }

    /// The policy an approval wait shows.
    pub(crate) fn policy(self) -> Value {
        let auto: &[&str] = if self == Self::Approval { &AUTO_APPROVED } else { &[] };
        json!({"auto_approve_tools": auto, "require_approval_tools": NEEDS_APPROVAL})
    }
}

/// Tools that run without asking in [`ToolMode::Approval`], sorted. Sending messages is not among them, although the
/// reference lets Telegram through: a model must not tell the world things on its own.
pub const AUTO_APPROVED: [&str; 10] = [
    "analyze_code",
    "fetch_url",
    "list_files",
    "read_file",
    "search_files",
    "skim_files",
    "skim_folders",
    "skim_url",
    "skim_websearch",
    "web_search",
];

/// Tools that always ask in [`ToolMode::Approval`], sorted. What is on neither list asks as well.
pub const NEEDS_APPROVAL: [&str; 7] = [
    "edit_file",
    "execute_command",
    "send_email",
    "send_telegram_artifact",
    "send_telegram_message",
    "send_whatsapp_message",
    "write_file",
];

/// Whether the call may run without asking.
pub(crate) fn is_auto_approved(mode: ToolMode, name: &str, arguments: &Map, policy: &ToolPolicy) -> bool {
    match mode {
        ToolMode::Local => true,
        ToolMode::Delegated | ToolMode::Passthrough => false,
        ToolMode::Approval if name == "fetch_url" => fetch_url::is_harmless(arguments, policy),
        ToolMode::Approval => AUTO_APPROVED.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_modes() {
        for (text, mode) in [
            ("", ToolMode::Approval),
            (" Approval ", ToolMode::Approval),
            ("local-approval", ToolMode::Approval),
            ("local_approval", ToolMode::Approval),
            ("local", ToolMode::Local),
            ("LOCAL_ALL", ToolMode::Local),
            ("delegated", ToolMode::Delegated),
            ("delegate", ToolMode::Delegated),
            ("job", ToolMode::Delegated),
            ("passthrough", ToolMode::Passthrough),
            ("loca", ToolMode::Passthrough),
        ] {
            assert_eq!(ToolMode::parse(text), mode, "{text}");
        }
    }

    #[test]
    fn lists_are_sorted_and_apart() {
        assert!(AUTO_APPROVED.is_sorted() && NEEDS_APPROVAL.is_sorted());
        assert!(!AUTO_APPROVED.iter().any(|n| NEEDS_APPROVAL.contains(n)));
    }

    #[test]
    fn only_harmless_calls_run_without_asking() {
        let closed = ToolPolicy::default();
        let open = ToolPolicy { allow_private_addresses: true, ..ToolPolicy::default() };
        let check = |mode, name: &str, arguments: Value, policy: &ToolPolicy, expected: bool| {
            let map = arguments.as_object().cloned().unwrap();
            assert_eq!(is_auto_approved(mode, name, &map, policy), expected, "{mode:?} {name} {arguments}");
        };
        check(ToolMode::Approval, "read_file", json!({}), &closed, true);
        check(ToolMode::Approval, "write_file", json!({}), &closed, false);
        check(ToolMode::Approval, "unheard_of", json!({}), &closed, false);
        check(ToolMode::Approval, "send_telegram_message", json!({}), &closed, false);
        check(ToolMode::Local, "write_file", json!({}), &closed, true);
        check(ToolMode::Passthrough, "read_file", json!({}), &closed, false);
        check(ToolMode::Approval, "fetch_url", json!({"url": "https://example.com"}), &closed, true);
        check(ToolMode::Approval, "fetch_url", json!({"url": "https://example.com", "method": "head"}), &closed, true);
        check(ToolMode::Approval, "fetch_url", json!({"url": "https://example.com", "method": "POST"}), &closed, false);
        check(ToolMode::Approval, "fetch_url", json!({"url": "https://example.com", "data": "x"}), &closed, false);
        check(ToolMode::Approval, "fetch_url", json!({"url": "http://127.0.0.1/"}), &open, false);
        check(ToolMode::Approval, "fetch_url", json!({"url": "http://localhost:8080/"}), &open, false);
        check(ToolMode::Approval, "fetch_url", json!({"url": "http://127.0.0.1/"}), &closed, true);
    }
}
