//! Bundles over HTTP (contract 04, section 4).

use serde_json::{Value, json};
use tests::{Bundle, Request, TOKEN, flow, get, multipart, node, request};

use super::{by_admin, detail};
use crate::{flows, home};

const UPLOAD: &str = "/api/gateway/bundles/upload";

fn small(version: &str) -> Bundle {
    let nodes =
        [node("s", "on_flow_start", &[], &["text"], json!({})), node("e", "on_flow_end", &["text"], &[], json!({}))];
    Bundle::new("small", version, &[("main", flow("main", &nodes, &["s>e", "s.text>e.text"]))])
}

fn upload(bundle: &Bundle, texts: &[(&str, &str)]) -> Request {
    multipart(UPLOAD, texts, "whatever.flow", &bundle.zip()).token(TOKEN)
}

#[test]
fn an_uploaded_bundle_runs_and_stays() {
    let home = home();
    let gateway = home.serve();
    let done = json!({"ok": true, "bundle_id": "small", "bundle_version": "1.0.0", "bundle_ref": "small@1.0.0",
        "default_entrypoint": "main", "entrypoints": [{"flow_id": "main"}], "gateway_reloaded": true,
        "gateway_reload_error": null});
    gateway.check(&upload(&small("1.0.0"), &[]), 200, &done);
    let start = tests::post("/api/gateway/runs/start", &json!({"bundle_id": "small", "input_data": {"text": "hi"}}));
    let run = gateway.json(&start)["run_id"].as_str().unwrap().to_owned();
    assert_eq!(gateway.until(&run, "completed")["workflow_id"], "small@1.0.0:main");
    gateway.check(&upload(&small("1.0.0"), &[]), 400, &json!({}));
    gateway.check(&upload(&small("1.0.0"), &[("overwrite", "true")]), 200, &done);
    gateway.kill();
    let gateway = home.serve();
    gateway.json(&start);
    assert!(home.uploads().is_empty());
}

#[test]
fn a_bundle_that_is_not_reloaded_waits() {
    let gateway = home().serve();
    let quiet = json!({"gateway_reloaded": false, "gateway_reload_error": null});
    gateway.check(&upload(&small("1.0.0"), &[("reload", "false")]), 200, &quiet);
    let start = tests::post("/api/gateway/runs/start", &json!({"bundle_id": "small"})).token(TOKEN);
    gateway.check(&start, 404, &json!({}));
    let reloaded = json!({"ok": true, "bundle_ids": ["basic-agent", "it", "small"], "count": 3, "errors": []});
    gateway.check(&request("POST", "/api/gateway/bundles/reload").token(TOKEN), 200, &reloaded);
    gateway.check(&start, 200, &json!({}));
}

#[test]
fn what_is_no_bundle_is_refused_and_not_kept() {
    let home = home();
    let gateway = home.serve();
    let form = |file: &[u8]| multipart(UPLOAD, &[], "x.flow", file).token(TOKEN);
    let missing = json!({"detail": [{"type": "missing", "loc": ["body", "file"]}]});
    let text_only = request("POST", UPLOAD)
        .body(
            "multipart/form-data; boundary=it",
            b"--it\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nx\r\n--it--\r\n",
        )
        .token(TOKEN);
    for (request, status, parts) in [
        (form(b""), 400, detail("Bundle content is empty")),
        (form(b"nope"), 400, json!({})),
        (form(&flows::bundle().zip()[..100]), 400, json!({})),
        (upload(&Bundle { id: "../up".into(), ..small("1.0.0") }, &[]), 400, json!({})),
        (upload(&small("../../1"), &[]), 400, json!({})),
        (
            request("POST", UPLOAD).body("multipart/form-data; boundary=it", b"--it--\r\n").token(TOKEN),
            422,
            missing.clone(),
        ),
        (request("POST", UPLOAD).body("application/json", b"{}").token(TOKEN), 422, missing.clone()),
        (request("POST", UPLOAD).token(TOKEN), 422, missing),
        (
            request("POST", UPLOAD).body("multipart/form-data; boundary=it", b"--it\r\nnonsense").token(TOKEN),
            400,
            json!({}),
        ),
        (text_only, 422, json!({"detail": [{"loc": ["body", "file"]}]})),
    ] {
        gateway.check(&request, status, &parts);
    }
    let kept: Vec<_> = std::fs::read_dir(home.flows_dir()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(kept, ["it@1.0.0.flow"]);
    assert!(home.uploads().is_empty());
}

#[test]
fn the_list_shows_the_latest_version_or_all() {
    let gateway = home().install(&small("1.2.0")).install(&small("1.10.0")).serve();
    let list = |query: &str| -> Vec<String> {
        let shown = gateway.json(&get(&format!("/api/gateway/bundles{query}")));
        let row = |item: &Value| item["bundle_ref"].as_str().unwrap().to_owned();
        shown["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(row)
            .filter(|r| r.starts_with("small") || r.starts_with("it@"))
            .collect()
    };
    assert_eq!(list(""), ["it@1.0.0", "small@1.10.0"]);
    let mut all = list("?all_versions=true");
    all.sort();
    assert_eq!(all, ["it@1.0.0", "small@1.10.0", "small@1.2.0"]);
}

#[test]
fn one_bundle_that_is_broken_blocks_no_other() {
    let home = home();
    std::fs::write(home.flows_dir().join("broken.flow"), b"nope").unwrap();
    let gateway = home.serve();
    let run = gateway.start("echo", &json!({"text": "x"}));
    gateway.until(&run, "completed");
    let reloaded = gateway.json(&request("POST", "/api/gateway/bundles/reload"));
    assert_eq!(reloaded["errors"][0]["file"], "broken.flow", "{reloaded}");
}

#[test]
fn uploads_of_a_user_are_the_users() {
    let gateway = home().with_users().serve();
    let bob = super::make_user(&gateway, &json!({"user_id": "bob"}));
    let start = || tests::post("/api/gateway/runs/start", &json!({"bundle_id": "small"}));
    gateway.check(&multipart(UPLOAD, &[], "b.flow", &small("1.0.0").zip()).token(&bob), 200, &json!({}));
    gateway.check(&start().token(&bob), 200, &json!({}));
    gateway.check(&by_admin(start()), 404, &json!({}));
}
