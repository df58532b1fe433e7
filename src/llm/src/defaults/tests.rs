//! Layers, files and listings.

use super::*;

fn row(provider: &str, model: &str) -> Row {
    Row { provider: Some(provider.into()), model: Some(model.into()), ..Row::default() }
}

fn listed(defaults: &Defaults, key: &str) -> Map {
    let listing = defaults.listing(Authority::Gateway);
    let rows = listing["routes"].as_array().unwrap();
    assert_eq!(rows.len(), 22);
    rows.iter().find(|r| r["key"] == key).unwrap().as_object().unwrap().clone()
}

#[test]
fn a_write_keeps_what_it_does_not_know() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("config/abstractcore.json");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let before = json!({"vision": {"strategy": "disabled"}, "api_keys": {"openai": "sk-x"},
        "capability_defaults": {"version": 1, "note": "kept", "routes": {
            "embedding.text": {"provider_id": "openai", "model_id": "e", "language": "en"}, "future.route": {"x": 1}}}});
    std::fs::write(&path, before.to_string()).unwrap();
    set(&path, "in", "text", None, &Row { base_url: Some(" http://x/v1 ".into()), ..row("openai-compatible", "m") })
        .unwrap();
    let text = std::fs::read_to_string(&path).unwrap();
    let after: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(after["vision"], before["vision"]);
    assert_eq!(after["api_keys"], before["api_keys"]);
    assert_eq!(after["capability_defaults"]["note"], "kept");
    assert_eq!(after["capability_defaults"]["routes"]["future.route"], json!({"x": 1}));
    assert_eq!(
        after["capability_defaults"]["routes"]["input.text"],
        json!({"provider":"openai-compatible","model":"m","base_url":"http://x/v1"})
    );
    assert!(text.starts_with("{\n  \"vision\"") && text.ends_with("}\n"));
    assert!(!path.with_file_name("abstractcore.json.tmp").exists());
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions());
        assert_eq!(mode & 0o777, 0o600);
    }
    let defaults = Defaults::load(&path, None);
    assert_eq!(defaults.row("embedding.text").unwrap().options, json!({"language": "en"}).as_object().unwrap().clone());
    assert_eq!(defaults.text().unwrap().base_url.as_deref(), Some("http://x/v1"));
}

#[test]
fn set_and_clear_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    clear(&path, "input", "text", None).unwrap();
    assert!(!path.exists());
    let error = set(&path, "output", "image", Some("text_to_video"), &row("p", "m")).unwrap_err();
    assert_eq!(error.to_string(), "Failed to set capability default output.image.text_to_video");
    assert_eq!(
        set(&path, "foo", "text", None, &row("p", "m")).unwrap_err().to_string(),
        "Failed to set capability default foo.text"
    );
    set(&path, "output", "text", None, &row("p", "m")).unwrap();
    let stored: Value = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
    assert_eq!(stored["capability_defaults"]["routes"], json!({"input.text": {"provider": "p", "model": "m"}}));
    set(&path, "input", "text", None, &Row::default()).unwrap();
    assert!(Defaults::load(&path, None).text().is_none());
    std::fs::write(&path, "{broken").unwrap();
    assert!(matches!(set(&path, "input", "text", None, &row("p", "m")), Err(SetError::Io(_))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "{broken");
    assert!(Defaults::load(&path, None).text().is_none());
}

#[test]
fn a_users_row_replaces_the_baselines_as_a_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (base, user) = (folder.path().join("b.json"), folder.path().join("u.json"));
    set(&base, "input", "text", None, &Row { base_url: Some("http://b".into()), ..row("pb", "gpt-4o") }).unwrap();
    set(&base, "output", "voice", None, &row("pv", "v")).unwrap();
    set(&user, "input", "text", None, &row("pu", "mu")).unwrap();
    let defaults = Defaults::load(&base, Some(&user));
    let text = defaults.text().unwrap();
    assert_eq!((text.provider.as_str(), text.base_url), ("pu", None));
    assert_eq!(listed(&defaults, "input.text")["source"], "abstractcore.runtime");
    assert_eq!(listed(&defaults, "output.voice")["source"], "abstractcore.gateway_runtime");
    assert_eq!(listed(&defaults, "input.image")["configured"], false, "coverage follows the merged row");
    let listing = defaults.listing(Authority::Gateway);
    assert_eq!(
        (&listing["authority"], &listing["principal_defaults"], &listing["gateway_defaults"]),
        (&json!("abstractcore.runtime"), &json!(true), &json!(true))
    );
    assert_eq!(listing["principal_config_file"], json!(user));
    let admin = Defaults::load(&base, Some(&base)).listing(Authority::Gateway);
    assert_eq!(
        (&admin["source"], &admin["principal_defaults"]),
        (&json!("abstractcore.gateway_runtime"), &json!(false))
    );
}

#[test]
fn derived_rows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json");
    let none = Defaults::load(&path, None);
    assert_eq!(listed(&none, "output.text")["source"], "not_configured");
    set(
        &path,
        "input",
        "text",
        None,
        &Row { options: json!({"temperature": 0.1}).as_object().unwrap().clone(), ..row("openai", "gpt-4o") },
    )
    .unwrap();
    set(&path, "input", "image", None, &row("x", "y")).unwrap();
    set(&path, "input", "video", None, &row("x", "y")).unwrap();
    let defaults = Defaults::load(&path, None);
    let alias = listed(&defaults, "output.text");
    assert_eq!(
        (&alias["model"], &alias["derived_from"], &alias["read_only"]),
        (&json!("gpt-4o"), &json!("input.text"), &json!(true))
    );
    let image = listed(&defaults, "input.image");
    assert_eq!(
        (
            &image["model"],
            &image["covered_by"],
            &image["read_only"],
            &image["base_url"],
            &image["options"],
            &image["source"]
        ),
        (
            &json!("gpt-4o"),
            &json!("input.text"),
            &json!(true),
            &Value::Null,
            &json!({"temperature": 0.1}),
            &json!("abstractcore.capability_defaults")
        )
    );
    assert_eq!(listed(&defaults, "input.video")["model"], "y");
    clear(&path, "input", "video", None).unwrap();
    let video = listed(&Defaults::load(&path, None), "input.video");
    assert_eq!((&video["coverage_mode"], &video["overrideable"]), (&json!("video_frames"), &json!(true)));
    assert_eq!(listed(&defaults, "input.music")["configured"], false);
}

#[test]
fn generation_falls_back_to_the_broad_row() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("b.json");
    set(&path, "output", "image", None, &row("broad", "m")).unwrap();
    set(&path, "output", "image", Some("i2i"), &row("edit", "m")).unwrap();
    let defaults = Defaults::load(&path, None);
    let provider = |task| defaults.for_task("image", task).and_then(|r| r.provider.clone());
    assert_eq!(provider(None).as_deref(), Some("broad"));
    assert_eq!(provider(Some("image_edit")).as_deref(), Some("edit"));
    assert_eq!(provider(Some("upscale")).as_deref(), Some("broad"));
    assert_eq!(defaults.for_task("video", None), None);
}
