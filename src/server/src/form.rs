//! `multipart/form-data`: text parts become members, file parts are written to a temporary file as they arrive. The
//! files are removed when [`Form`] is dropped, unless the operation has moved them.

use std::path::Path;

use http::header::CONTENT_TYPE;
use model::api::Upload;
use model::{Code, Error, Map, Value};
use multer::{Field, Multipart};
use tempfile::TempPath;
use tokio::io::{AsyncWriteExt, BufWriter};

use crate::body::Bounds;
use crate::request::Request;

/// The largest text part.
const TEXT_MOST: usize = 1024 * 1024;
/// The most parts.
const PARTS_MOST: usize = 100;
const BUFFER: usize = 256 * 1024;

/// A form that was read.
#[derive(Default)]
pub(crate) struct Form {
    pub(crate) members: Map,
    /// Holds the uploaded files until the operation is done.
    pub(crate) files: Vec<TempPath>,
}

/// Reads a form; another kind of body is an empty one, so that the missing fields are named.
pub(crate) async fn read(request: &mut Request, bounds: Bounds, folder: &Path) -> Result<Form, Error> {
    let mut form = Form::default();
    let boundary = request.header(CONTENT_TYPE).and_then(|value| multer::parse_boundary(value).ok());
    let Some(boundary) = boundary else {
        while request.body.next(bounds).await?.is_some() {}
        return Ok(form);
    };
    let mut parts = Multipart::new(request.body.pieces(bounds), boundary);
    let mut count = 0;
    while let Some(part) = parts.next_field().await.map_err(refusal)? {
        count += 1;
        if count > PARTS_MOST {
            return Err(Error::new(Code::BadBody, format!("the form has more than {PARTS_MOST} parts")));
        }
        let Some(name) = part.name().map(str::to_owned) else { continue };
        let value = match part.file_name().map(str::to_owned) {
            Some(file_name) => {
                let (upload, file) = store(part, file_name, folder).await?;
                form.files.push(file);
                serde_json::to_value(upload).map_err(|e| Error::internal(e.to_string()))?
            }
            None => Value::String(text(part, &name).await?),
        };
        add(&mut form.members, name, value);
    }
    Ok(form)
}

/// A name that comes again makes a list of its values.
fn add(members: &mut Map, name: String, value: Value) {
    match members.get_mut(&name) {
        None => drop(members.insert(name, value)),
        Some(Value::Array(values)) => values.push(value),
        Some(first) => *first = Value::Array(vec![first.take(), value]),
    }
}

async fn text(mut part: Field<'_>, name: &str) -> Result<String, Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await.map_err(refusal)? {
        if bytes.len() + chunk.len() > TEXT_MOST {
            return Err(Error::new(Code::TooLarge, format!("the form field {name} is larger than {TEXT_MOST} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    String::from_utf8(bytes).map_err(|_| unreadable("a text part is not UTF-8"))
}

async fn store(mut part: Field<'_>, file_name: String, folder: &Path) -> Result<(Upload, TempPath), Error> {
    let content_type = part.content_type().map(ToString::to_string);
    let place = folder.to_owned();
    let made = tokio::task::spawn_blocking(move || tempfile::Builder::new().prefix("upload-").tempfile_in(&place));
    let file = made.await.map_err(|e| Error::internal(e.to_string()))?.map_err(|e| storage(&e))?;
    let (file, path) = file.into_parts();
    let mut out = BufWriter::with_capacity(BUFFER, tokio::fs::File::from_std(file));
    let mut size_bytes = 0;
    while let Some(chunk) = part.chunk().await.map_err(refusal)? {
        size_bytes += chunk.len() as u64;
        out.write_all(&chunk).await.map_err(|e| storage(&e))?;
    }
    out.flush().await.map_err(|e| storage(&e))?;
    Ok((Upload { file_name, content_type, path: path.to_path_buf(), size_bytes }, path))
}

fn storage(error: &std::io::Error) -> Error {
    Error::new(Code::StorageUnavailable, "the upload cannot be stored").context(error.to_string())
}

fn unreadable(context: &str) -> Error {
    Error::new(Code::BadBody, "There was an error parsing the body").context(context)
}

/// Our own refusals travel through the form reader; give them back as they were.
fn refusal(error: multer::Error) -> Error {
    match error {
        multer::Error::StreamReadFailed(cause) => match cause.downcast::<Error>() {
            Ok(ours) => *ours,
            Err(other) => unreadable(&other.to_string()),
        },
        other => unreadable(&other.to_string()),
    }
}
