//! `bundles upload`.

use std::path::PathBuf;

use model::api::Upload;
use model::api::bundles::{BundleUploaded, UploadBundle};

use crate::context::Context;
use crate::failure::Failure;
use crate::target::Target;
use crate::ui::{Shown, details};

/// Install a bundle file
#[derive(clap::Args, Debug)]
#[command(after_help = "Example:\n  abstractgateway bundles upload my-agent@1.0.0.flow --overwrite")]
pub(super) struct Args {
    /// The .flow file
    file: PathBuf,
    /// Replace the same version
    #[arg(long)]
    overwrite: bool,
    /// Do not make it live at once
    #[arg(long)]
    no_reload: bool,
}

pub(super) async fn fetch(context: &Context, target: &Target, args: Args) -> Result<BundleUploaded, Failure> {
    let file = upload(&args.file)?;
    let bar = context.ui.busy(&format!("uploading {}", file.file_name));
    let uploaded = target.call(&UploadBundle { file, overwrite: args.overwrite, reload: !args.no_reload }).await;
    bar.finish_and_clear();
    let uploaded = uploaded.map_err(|failure| advised(failure, args.overwrite))?;
    if let Some(error) = &uploaded.gateway_reload_error {
        context.ui.warn(&format!("the bundle is installed and not live: {error}"));
    }
    Ok(uploaded)
}

fn advised(failure: Failure, overwrite: bool) -> Failure {
    let failure = failure.help_for("bundle_invalid", "a bundle is a zip archive with manifest.json and flows/*.json");
    // An installed version is the one refusal that a flag mends.
    if overwrite { failure } else { failure.help_for("bad_request", "--overwrite replaces an installed version") }
}

fn upload(path: &std::path::Path) -> Result<Upload, Failure> {
    let unreadable = |e: std::io::Error| Failure::new(format!("{} could not be read", path.display())).why(e);
    let size_bytes = std::fs::metadata(path).map_err(unreadable)?.len();
    let file_name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    Ok(Upload { file_name, content_type: None, path: path.to_owned(), size_bytes })
}

pub(super) fn render(uploaded: &BundleUploaded) -> Shown {
    let flows: Vec<&str> = uploaded.entrypoints.iter().filter_map(|e| e["flow_id"].as_str()).collect();
    let text = details(&[
        ("installed", Some(uploaded.bundle_ref.clone())),
        ("flows", Some(flows.join(", "))),
        ("live", Some(if uploaded.gateway_reloaded { "yes" } else { "no" }.to_owned())),
        ("sha256", Some(uploaded.sha256.clone())),
    ]);
    Shown::new(uploaded, vec![uploaded.bundle_ref.clone()], text)
}
