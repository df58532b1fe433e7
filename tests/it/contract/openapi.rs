//! The pages beside the API: health, description, reference (contract 01, part 3).

use serde_json::{Value, json};
use tests::{get, post};

use crate::home;

#[test]
fn health_and_pages_need_no_credential() {
    let gateway = home().serve();
    gateway.check(&get("/api/health"), 200, &json!({"status": "healthy", "service": "abstractgateway"}));
    gateway.check(&get("/api/health/ready"), 200, &json!({"ready": true, "problems": []}));
    gateway.check(&get("/nothing"), 404, &json!({"detail": "Not Found"}));
    gateway.check(&post("/openapi.json", &json!({})), 405, &json!({"detail": "Method Not Allowed"}));
    let page = gateway.check(&get("/docs"), 200, &Value::Null);
    assert_eq!(page.header("content-type"), Some("text/html; charset=utf-8"));
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(page.header("x-frame-options"), Some("DENY"));
    for file in sources(&page.text()) {
        assert!(file.starts_with('/'), "{file} is of another place");
        gateway.check(&get(&file), 200, &Value::Null);
    }
}

/// What a page loads.
fn sources(page: &str) -> Vec<String> {
    let named = |attribute: &str| -> Vec<String> {
        page.split(attribute).skip(1).filter_map(|rest| Some(rest.split_once('"')?.0.to_owned())).collect()
    };
    let found = [named("src=\""), named("href=\"")].concat();
    assert!(found.len() >= 3, "{found:?}");
    found
}

#[test]
fn the_description_names_every_operation_and_who_may_use_it() {
    let gateway = home().serve();
    let document = gateway.check(
        &get("/openapi.json"),
        200,
        &json!({
            "openapi": "3.1.0",
            "info": {"title": "AbstractGateway", "version": "0.2.27"},
            "components": {"securitySchemes": {"gatewayBearerAuth": {"type": "http", "scheme": "bearer"}}},
        }),
    );
    let document = document.json();
    let paths = document["paths"].as_object().unwrap();
    for (path, methods) in paths {
        for (method, operation) in methods.as_object().unwrap() {
            let guarded = operation["security"] == json!([{"gatewayBearerAuth": []}]);
            assert_eq!(guarded, path.starts_with("/api/gateway"), "{method} {path}");
        }
    }
    for (method, path) in [
        ("post", "/api/gateway/session/login"),
        ("post", "/api/gateway/runs/start"),
        ("get", "/api/gateway/runs/{run_id}/ledger/stream"),
        ("post", "/api/gateway/commands"),
        ("patch", "/api/gateway/admin/users/{user_id}"),
        ("get", "/api/health"),
    ] {
        assert!(paths[path][method].is_object(), "{method} {path}");
    }
}
