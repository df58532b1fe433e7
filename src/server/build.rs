//! Takes the two Swagger UI files that `/docs` serves out of the archive a registry package carries, so that neither the
//! build nor a running gateway needs the network.

use std::error::Error;
use std::fs::File;
use std::io::{Cursor, copy};
use std::path::PathBuf;

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let mut archive = zip::ZipArchive::new(Cursor::new(utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED))?;
    for wanted in ["swagger-ui.css", "swagger-ui-bundle.js"] {
        let suffix = format!("/dist/{wanted}");
        let name = archive.file_names().flatten().find(|name| name.ends_with(&suffix)).map(|name| name.into_owned());
        let name = name.ok_or_else(|| format!("the Swagger UI archive has no {wanted}"))?;
        copy(&mut archive.by_name(&name)?, &mut File::create(out.join(wanted))?)?;
    }
    Ok(())
}
