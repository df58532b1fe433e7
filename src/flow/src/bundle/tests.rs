use serde_json::json;

use super::*;

fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in members {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

fn manifest(change: &[(&str, Value)]) -> String {
    let mut manifest = json!({"bundle_format_version": "1", "bundle_id": "b", "bundle_version": 2,
        "entrypoints": [{"flow_id": "f"}], "flows": {"f": "flows/f.json"}});
    for (key, value) in change {
        manifest[*key] = value.clone();
    }
    manifest.to_string()
}

#[test]
fn a_bundle_is_read_and_written_back() {
    let bundle =
        Bundle::read(&zip(&[("manifest.json", &manifest(&[])), ("flows/f.json", "{\"id\": \"OTHER\"}")])).unwrap();
    assert_eq!((bundle.manifest.bundle_version.as_str(), bundle.flows["f"]["id"].as_str()), ("2", Some("OTHER")));
    let again = Bundle::read(&bundle.pack().unwrap()).unwrap();
    assert_eq!((again.manifest, again.flows), (bundle.manifest, bundle.flows));
}

#[test]
fn broken_bundles_are_refused_in_the_contracts_words() {
    let check = |members: &[(&str, &str)], code: &str, text: &str| {
        let error = Bundle::read(&zip(members)).unwrap_err();
        assert_eq!((error.code, error.text.as_str()), (code, text));
    };
    let broken =
        |change: (&str, Value), text: &str| check(&[("manifest.json", &manifest(&[change]))], "bad_manifest", text);
    assert_eq!(Bundle::read(b"nope").unwrap_err().text, "File is not a zip file");
    check(&[("x", "")], "bad_manifest", "manifest.json not found in bundle");
    check(&[("manifest.json", "[]")], "bad_manifest", "manifest.json must be a JSON object");
    check(&[("manifest.json", &manifest(&[]))], "missing_member", "Bundle file not found: flows/f.json");
    broken(("bundle_format_version", json!("2")), "Unsupported WorkflowBundle bundle_format_version '2'. Supported: 1");
    broken(("bundle_id", json!(" ")), "bundle_id must be a non-empty string");
    broken(("entrypoints", json!([5])), "manifest.entrypoints must be a non-empty list");
    broken(("entrypoints", json!([{"flow_id": "f"}, {"flow_id": "f"}])), "Duplicate entrypoint flow_id 'f'");
    broken(("default_entrypoint", json!("zz")), "default_entrypoint 'zz' must match an entrypoint.flow_id");
    broken(("flows", json!({})), "Bundle 'b@2' has no flows (manifest.flows is empty)");
    for path in ["../x.json", "/x", "C:x", "a/./b", "..\\x", ""] {
        broken(("flows", json!({"f": path})), &format!("manifest.flows entry 'f' has unsafe path '{path}'"));
    }
}

#[test]
fn a_bomb_is_cut_off_while_unpacking() {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let deflated = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    zip.start_file("manifest.json", deflated).unwrap();
    zip.write_all(manifest(&[]).as_bytes()).unwrap();
    zip.start_file("flows/f.json", deflated).unwrap();
    let spaces = vec![b' '; 1 << 20];
    for _ in 0..33 {
        zip.write_all(&spaces).unwrap();
    }
    let bomb = zip.finish().unwrap().into_inner();
    assert!(bomb.len() < 1 << 20);
    assert_eq!(Bundle::read(&bomb).unwrap_err().code, "too_large");
}

#[test]
fn unsafe_names_get_a_suggestion() {
    assert_eq!(check_id("a-b_1"), Ok(()));
    assert!(check_id("a b").unwrap_err().ends_with("(suggested: 'a-b')."));
    assert_eq!(check_version("1.0-rc_1"), Ok(()));
    assert!(check_version("1 0").unwrap_err().ends_with("(suggested: '1-0')."));
}
