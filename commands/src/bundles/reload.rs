//! `bundles reload`.

use model::api::bundles::{BundlesReloaded, ReloadBundles};

use crate::failure::Failure;
use crate::target::Target;
use crate::ui::Shown;

pub(super) async fn fetch(target: &Target) -> Result<BundlesReloaded, Failure> {
    target.call(&ReloadBundles {}).await
}

pub(super) fn render(reloaded: &BundlesReloaded) -> Shown {
    let mut text = format!("live bundles: {}", reloaded.count);
    for id in &reloaded.bundle_ids {
        text.push_str(&format!("\n- {id}"));
    }
    for error in &reloaded.errors {
        let word = |key: &str| error[key].as_str().unwrap_or_default();
        text.push_str(&format!("\n- {} could not be loaded: {}", word("file"), word("error")));
    }
    Shown::new(reloaded, reloaded.bundle_ids.clone(), text)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_could_not_be_loaded_is_named() {
        let reloaded = BundlesReloaded {
            ok: true,
            bundle_ids: vec!["a".into()],
            count: 1,
            errors: vec![json!({"file": "b.flow", "error": "no manifest"})],
        };
        assert_eq!(render(&reloaded).text, "live bundles: 1\n- a\n- b.flow could not be loaded: no manifest");
    }
}
