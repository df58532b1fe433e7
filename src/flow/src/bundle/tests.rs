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
    assert_eq!(
        (bundle.manifest.bundle_version.as_str(), bundle.flows["f"].value()["id"].as_str()),
        ("2", Some("OTHER"))
    );
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

#[test]
fn every_limit_has_two_sides() {
    let flow = format!("{{\"id\": \"{}\"}}", "x".repeat(3000));
    let bytes = zip(&[("manifest.json", &manifest(&[])), ("flows/f.json", &flow)]);
    let sizes = (manifest(&[]).len() as u64, flow.len() as u64);
    let check = |limits: Limits, expected: Option<&str>| {
        let code = Bundle::read_within(&bytes, &limits).err().map(|e| e.code);
        assert_eq!(code, expected, "{limits:?}");
    };
    let all = Limits { member_bytes: sizes.1, total_bytes: sizes.0 + sizes.1, members: 2, ratio: 1 };
    check(all, None);
    check(Limits { member_bytes: sizes.1 - 1, ..all }, Some("too_large"));
    check(Limits { total_bytes: sizes.0 + sizes.1 - 1, ..all }, Some("too_large"));
    check(Limits { members: 1, ..all }, Some("too_large"));
}

#[test]
fn the_ratio_counts_beyond_a_mebibyte() {
    let pack = |extra: usize| {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        let deflated = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
        zip.start_file("manifest.json", deflated).unwrap();
        zip.write_all(manifest(&[]).as_bytes()).unwrap();
        zip.start_file("flows/f.json", deflated).unwrap();
        zip.write_all(b"{}").unwrap();
        zip.write_all(&vec![b' '; extra]).unwrap();
        zip.finish().unwrap().into_inner()
    };
    let code = |bytes: &[u8], ratio: u64| {
        Bundle::read_within(bytes, &Limits { ratio, ..Limits::DEFAULT }).err().map(|e| e.code)
    };
    let (small, large) = (pack((1 << 20) - 2), pack(1 << 20));
    assert_eq!((code(&small, 1), code(&large, 1), code(&large, 10_000)), (None, Some("too_large"), None));
}

#[test]
fn hostile_archives_are_refused() {
    // The name of the second member is made that of the first, in both headers.
    let twice = zip(&[("manifest.json", &manifest(&[])), ("flows/f.json", "{}"), ("flows/g.json", "{}")]);
    let mut doubled = twice.clone();
    while let Some(at) = doubled.windows(12).position(|w| w == b"flows/g.json") {
        doubled[at + 6] = b'f';
    }
    let refused = Bundle::read(&doubled).unwrap_err();
    assert!(matches!(refused.code, "hostile" | "not_a_zip"), "{refused:?}");
    let mut link = zip::ZipWriter::new(Cursor::new(Vec::new()));
    link.add_symlink("manifest.json", "/etc/passwd", zip::write::SimpleFileOptions::default()).unwrap();
    assert_eq!(Bundle::read(&link.finish().unwrap().into_inner()).unwrap_err().code, "hostile");
    let plain = zip(&[("manifest.json", &manifest(&[])), ("flows/f.json", "{}")]);
    let flip = |signature: &[u8], offset: usize, bits: u8| {
        let mut bytes = plain.clone();
        for at in 0..bytes.len() - signature.len() {
            if bytes[at..].starts_with(signature) {
                bytes[at + offset] = bits;
            }
        }
        Bundle::read(&bytes).unwrap_err().code
    };
    // Encrypted (flag bit 0) and an unknown method, in the central directory.
    assert_eq!(flip(b"PK\x01\x02", 8, 1), "hostile");
    assert_eq!(flip(b"PK\x01\x02", 10, 77), "hostile");
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for bad in ["\u{0}", "{", "[]", &deep] {
        let error = Bundle::read(&zip(&[("manifest.json", &manifest(&[])), ("flows/f.json", bad)])).unwrap_err();
        assert_eq!(error.code, "bad_flow", "{bad}");
    }
    for cut in (0..plain.len()).step_by(7) {
        assert!(Bundle::read(&plain[..cut]).is_err());
    }
}
