//! `users.json`: read when it changes, written whole, shared with other processes through a lock file.
//!
//! This module may not know: sessions, requests. The one invariant: a registry that cannot be read is never written,
//! and while it cannot be read the last good one stands.

mod book;
mod row;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::Arc;

use model::{Code, Error, Timestamp};
use parking_lot::{Mutex, RwLock};

pub(crate) use book::{Book, Change, NewUser, Proof, key_of, no_such_user};
pub(crate) use row::UserRow;
pub use row::safe;

use crate::clock;
use crate::private_file::{self, Stamp};

/// The registry of a data directory.
pub(crate) struct Registry {
    path: PathBuf,
    loaded: RwLock<Loaded>,
    writing: Mutex<()>,
}

#[derive(Clone)]
struct Loaded {
    stamp: Option<Stamp>,
    generation: u64,
    book: Arc<Book>,
    broken: Option<Arc<str>>,
    ever_good: bool,
}

/// The registry at one moment.
#[derive(Clone)]
pub(crate) struct View {
    /// Its content.
    pub(crate) book: Arc<Book>,
    /// Grows with every change of the file.
    pub(crate) generation: u64,
}

impl Registry {
    /// The registry in `path`. A file that cannot be read is reported when somebody asks.
    pub(crate) fn open(path: PathBuf) -> Self {
        let none = Loaded { stamp: None, generation: 0, book: Arc::default(), broken: None, ever_good: true };
        let registry = Self { path, loaded: RwLock::new(none), writing: Mutex::new(()) };
        registry.reload_if_changed();
        registry
    }

    /// Whether the file exists.
    pub(crate) fn exists(&self) -> bool {
        self.path.is_file()
    }

    /// The registry as it is now. Costs one `stat` unless the file changed.
    pub(crate) fn view(&self) -> Result<View, Error> {
        self.reload_if_changed();
        let loaded = self.loaded.read();
        match &loaded.broken {
            Some(why) if !loaded.ever_good => Err(unreadable(why)),
            _ => Ok(View { book: loaded.book.clone(), generation: loaded.generation }),
        }
    }

    /// Changes the registry: under the lock, on what the file holds now, durable when this returns. An error of `edit`
    /// changes nothing. Blocks: not for the async threads.
    pub(crate) fn edit<T>(&self, edit: impl FnOnce(&mut Book, Timestamp) -> Result<T, Error>) -> Result<T, Error> {
        let _one_at_a_time = self.writing.lock();
        let _one_process = private_file::lock(&self.path).map_err(|e| unwritable(&e))?;
        self.reload_if_changed();
        let loaded = self.loaded.read().clone();
        if let Some(why) = &loaded.broken {
            return Err(unreadable(why));
        }
        let mut book = Book::clone(&loaded.book);
        let now = clock::now();
        let result = edit(&mut book, now)?;
        private_file::keep_previous(&self.path).map_err(|e| unwritable(&e))?;
        private_file::write(&self.path, &book.write(now)).map_err(|e| unwritable(&e))?;
        self.reload_if_changed();
        Ok(result)
    }

    fn reload_if_changed(&self) {
        if self.loaded.read().stamp == Stamp::of(&self.path) {
            return;
        }
        let mut loaded = self.loaded.write();
        // The stamp is taken before the text: a change in between is seen at the next look.
        let stamp = Stamp::of(&self.path);
        if loaded.stamp == stamp {
            return;
        }
        let read = match private_file::read(&self.path) {
            Ok(Some(text)) => Book::read(&text),
            Ok(None) => Ok(Book::default()),
            Err(error) => Err(error.to_string()),
        };
        let (generation, ever_good) = (loaded.generation + 1, loaded.ever_good && loaded.generation > 0);
        *loaded = match read {
            Ok(book) => Loaded { stamp, generation, book: Arc::new(book), broken: None, ever_good: true },
            Err(why) => {
                tracing::error!(path = %self.path.display(), why, "the user registry cannot be read");
                Loaded { stamp, generation, book: loaded.book.clone(), broken: Some(why.into()), ever_good }
            }
        };
    }
}

fn unreadable(why: &str) -> Error {
    let text = "the user registry cannot be read; repair it or restore its .bak copy";
    Error::new(Code::Internal, text).context(why.to_owned())
}

fn unwritable(error: &std::io::Error) -> Error {
    let text = format!("the user registry cannot be written: {error}");
    Error::new(Code::StorageUnavailable, text)
}
