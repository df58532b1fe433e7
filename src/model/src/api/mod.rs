//! The operations of the product. An operation is one row: its name, method, path, who may, what body, how large, which
//! slot, its fields, its reply. HTTP, CLI, OpenAPI and the tests read the same row; a field is named once.
//!
//! The input struct *is* the operation: `impl Operation for StartRun`. `service` binds each to one method.

pub mod audit;
pub mod bundles;
pub mod commands;
pub mod defaults;
pub mod health;
pub mod kg;
pub mod ledger;
pub mod reservations;
pub mod runs;
pub mod sessions;
pub mod storage;
pub mod users;
pub mod workflows;

mod read;
#[cfg(test)]
mod tests;

pub use read::{Body, read_input};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The prefix of every operation behind the security layer.
pub const PREFIX: &str = "/api/gateway";

/// HTTP methods in use.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[allow(missing_docs, reason = "the names are HTTP's")]
pub enum Method {
    Get,
    Post,
    Put,
    Patch,
    Delete,
}

impl Method {
    /// `GET` …
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Patch => "PATCH",
            Self::Delete => "DELETE",
        }
    }

    /// Whether it may change something.
    #[must_use]
    pub const fn is_write(self) -> bool {
        !matches!(self, Self::Get)
    }
}

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anybody, without a credential.
    Public,
    /// Any authenticated principal.
    User,
    /// Admins; the word is the resource class of the refusal.
    Admin(&'static str),
}

/// What an operation reads as its body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyKind {
    /// Nothing.
    None,
    /// A JSON object; unknown keys are ignored.
    Json,
    /// A JSON object; unknown keys are refused.
    StrictJson,
    /// `multipart/form-data`.
    Multipart,
}

/// Which limit the body is held to; the sizes are settings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Limit {
    /// The general one.
    Body,
    /// That of attachments.
    Attachment,
    /// That of bundles.
    Bundle,
}

/// Which concurrency counter an operation takes a place in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// Answers at once.
    Request,
    /// Stays open.
    Stream,
}

/// Where a field travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// A segment of the path.
    Path,
    /// The query string.
    Query,
    /// A member of the JSON body, or a text part of a form.
    Body,
    /// A request header, optional.
    Header,
    /// A file part of a form.
    File,
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A string.
    Text,
    /// A whole number.
    Integer,
    /// A number.
    Number,
    /// True or false.
    Boolean,
    /// A JSON object.
    Object,
    /// A list of anything.
    List,
    /// A list of strings.
    TextList,
    /// Any JSON.
    Any,
    /// An uploaded file.
    File,
}

/// One field of an operation's input.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name on the wire.
    pub name: &'static str,
    /// What it means.
    pub doc: &'static str,
    /// Where it travels.
    pub place: Place,
    /// What it holds.
    pub kind: Kind,
    /// Whether it must be there.
    pub required: bool,
    /// Whether null is as good as absent.
    pub nullable: bool,
    /// JSON text used when absent.
    pub default: Option<&'static str>,
    /// Smallest number, or shortest text or list.
    pub min: Option<i64>,
    /// Largest number, or longest text or list.
    pub max: Option<i64>,
    /// Never shown in errors, logs or the audit.
    pub secret: bool,
}

impl Field {
    const fn at(place: Place, kind: Kind) -> Self {
        Self {
            name: "",
            doc: "",
            place,
            kind,
            required: true,
            nullable: false,
            default: None,
            min: None,
            max: None,
            secret: false,
        }
    }

    /// Not needed; null is fine.
    #[must_use]
    pub const fn optional(mut self) -> Self {
        self.required = false;
        self.nullable = true;
        self
    }

    /// Not needed; this JSON text stands in for it. Null is refused.
    #[must_use]
    pub const fn or(mut self, json: &'static str) -> Self {
        self.required = false;
        self.default = Some(json);
        self
    }

    /// At least: a number, or a length.
    #[must_use]
    pub const fn min(mut self, min: i64) -> Self {
        self.min = Some(min);
        self
    }

    /// At most: a number, or a length.
    #[must_use]
    pub const fn max(mut self, max: i64) -> Self {
        self.max = Some(max);
        self
    }

    /// Never echoed.
    #[must_use]
    pub const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// Another name on the wire than in Rust.
    #[must_use]
    pub const fn wire(mut self, name: &'static str) -> Self {
        self.name = name;
        self
    }

    /// Gives the field its Rust name (unless it has a wire name) and its doc line.
    #[must_use]
    pub const fn named(mut self, name: &'static str, doc: &'static str) -> Self {
        if self.name.is_empty() {
            self.name = name;
        }
        self.doc = doc;
        self
    }
}

/// A path segment.
#[must_use]
pub const fn path() -> Field {
    Field::at(Place::Path, Kind::Text)
}

/// A query parameter.
#[must_use]
pub const fn query(kind: Kind) -> Field {
    Field::at(Place::Query, kind)
}

/// A member of the body.
#[must_use]
pub const fn body(kind: Kind) -> Field {
    Field::at(Place::Body, kind)
}

/// A request header; always optional.
#[must_use]
pub const fn header(name: &'static str) -> Field {
    Field::at(Place::Header, Kind::Text).wire(name).optional()
}

/// A file part.
#[must_use]
pub const fn file() -> Field {
    Field::at(Place::File, Kind::File)
}

/// Everything the faces need to know of an operation.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// `noun.verb`: the metric name, the OpenAPI operation id, the audit name.
    pub name: &'static str,
    /// The method.
    pub method: Method,
    /// The path with `{segments}`.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    /// What body.
    pub body: BodyKind,
    /// How large.
    pub limit: Limit,
    /// Which slot.
    pub slot: Slot,
    /// One sentence, imperative.
    pub doc: &'static str,
    /// The fields, in the order errors list them.
    pub fields: &'static [Field],
}

impl Row {
    /// A row with the usual body for its method: none for GET and DELETE, JSON otherwise.
    #[must_use]
    pub const fn new(name: &'static str, method: Method, path: &'static str, access: Access) -> Self {
        let body = match method {
            Method::Get | Method::Delete => BodyKind::None,
            _ => BodyKind::Json,
        };
        Self { name, method, path, access, body, limit: Limit::Body, slot: Slot::Request, doc: "", fields: &[] }
    }

    /// Another body kind.
    #[must_use]
    pub const fn body(mut self, body: BodyKind) -> Self {
        self.body = body;
        self
    }

    /// Another limit.
    #[must_use]
    pub const fn limit(mut self, limit: Limit) -> Self {
        self.limit = limit;
        self
    }

    /// Stays open.
    #[must_use]
    pub const fn stream(mut self) -> Self {
        self.slot = Slot::Stream;
        self
    }

    /// The noun: what stands before the dot of the name.
    #[must_use]
    pub fn noun(&self) -> &'static str {
        self.name.split('.').next().unwrap_or(self.name)
    }
}

/// An operation: its input type, and with it everything else.
pub trait Operation: Serialize + DeserializeOwned + Send + 'static {
    /// What it answers, as JSON; `()` for streams, files and pages.
    type Reply: Serialize + Send;
    /// The row.
    const ROW: Row;
}

/// A file that was uploaded: the server keeps it on disk until the operation is done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    /// The name the client gave.
    pub file_name: String,
    /// The media type the client gave.
    #[serde(default)]
    pub content_type: Option<String>,
    /// Where the bytes are.
    pub path: std::path::PathBuf,
    /// Length in bytes.
    pub size_bytes: u64,
}

/// Declares operations: the input struct, its fields and its row, all from one place.
///
/// ```ignore
/// operation! {
///     /// Starts a durable run.
///     StartRun = Row::new("runs.start", Post, "/api/gateway/runs/start", Access::User) => RunStarted {
///         /// The bundle, perhaps with `@version`.
///         bundle_id: Option<String> = body(Kind::Text).optional(),
///     }
/// }
/// ```
#[macro_export]
macro_rules! operation {
    ($(
        $(#[doc = $doc:literal])+
        $name:ident = $row:expr => $reply:ty {
            $( $(#[doc = $field_doc:literal])+ $(#[serde($($serde:tt)*)])? $field:ident : $type:ty = $spec:expr ),* $(,)?
        }
    )+) => {$(
        $(#[doc = $doc])+
        #[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $( $(#[doc = $field_doc])+ $(#[serde($($serde)*)])? pub $field : $type, )*
        }

        impl $crate::api::Operation for $name {
            type Reply = $reply;
            const ROW: $crate::api::Row = $crate::api::Row {
                doc: concat!($($doc),+),
                fields: &[ $( $spec.named(stringify!($field), concat!($($field_doc),+)), )* ],
                ..$row
            };
        }
    )+};
}

/// Every row of the nouns in this folder. `ops` adds its own.
#[must_use]
pub fn rows() -> Vec<Row> {
    [
        audit::rows(),
        bundles::rows(),
        commands::rows(),
        defaults::rows(),
        health::rows(),
        kg::rows(),
        ledger::rows(),
        reservations::rows(),
        runs::rows(),
        sessions::rows(),
        storage::rows(),
        users::rows(),
        workflows::rows(),
    ]
    .concat()
}
