//! `abstractgateway`, and `abstractgateway-config` when it is called by that name.

use std::path::Path;

fn main() -> std::process::ExitCode {
    let name = std::env::args_os().next().unwrap_or_default();
    match Path::new(&name).file_name().and_then(|name| name.to_str()) {
        Some("abstractgateway-config") => commands::config(),
        _ => commands::gateway(),
    }
}
