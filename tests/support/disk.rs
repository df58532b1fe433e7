//! What is on the disk when the power fails: the system calls of a process, as `strace` saw them, replayed onto a disk that
//! keeps only what was synced.
//!
//! The rules are the strictest a file system may have: content is durable after `fsync` of its file, a name after `fsync` of
//! its folder. Maps of memory are not seen; a database rebuilds what it keeps there.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

/// What strace is to see.
pub const CALLS: &str = "openat,open,creat,close,write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,lseek,ftruncate,\
                         truncate,fallocate,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,link,linkat,mkdir,\
                         mkdirat,dup,dup2,dup3,fcntl,copy_file_range,sendfile";

type Inode = usize;

#[derive(Clone, Debug, Default)]
struct File {
    content: Vec<u8>,
    durable: Vec<u8>,
}

#[derive(Clone, Debug)]
enum Open {
    File { inode: Inode, at: usize, append: bool },
    Folder(PathBuf),
    Other,
}

/// A disk below one folder.
#[derive(Clone, Debug)]
pub struct Disk {
    root: PathBuf,
    files: Vec<File>,
    /// Names as processes see them; a folder has no inode.
    names: BTreeMap<PathBuf, Option<Inode>>,
    durable: BTreeMap<PathBuf, Option<Inode>>,
    open: HashMap<i64, Open>,
    /// Calls that have begun: their thread, and what a sync found when it began.
    begun: HashMap<u32, (String, Option<Synced>)>,
    /// Bytes that left over connections, in order.
    pub sent: Vec<u8>,
}

/// What a sync makes durable.
#[derive(Clone, Debug)]
enum Synced {
    File(Inode, Vec<u8>),
    Folder(PathBuf, BTreeMap<PathBuf, Option<Inode>>),
}

/// A call as strace writes it.
struct Call<'a> {
    name: &'a str,
    args: Vec<&'a str>,
    result: i64,
}

impl Disk {
    /// An empty disk below a folder that is there.
    #[must_use]
    pub fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            files: Vec::new(),
            names: BTreeMap::new(),
            durable: BTreeMap::new(),
            open: HashMap::new(),
            begun: HashMap::new(),
            sent: Vec::new(),
        }
    }

    /// Takes a line of the trace.
    ///
    /// # Panics
    /// When it is about something this disk does not know.
    pub fn replay(&mut self, line: &str) {
        let Some((thread, rest)) = line.split_once(' ') else { return };
        let (Ok(thread), rest) = (thread.parse::<u32>(), rest.trim_start()) else { return };
        if let Some(begun) = rest.strip_suffix(" <unfinished ...>") {
            if let Some(fd) = begun.strip_prefix("close(").and_then(|fd| fd.parse().ok()) {
                // Another thread may be given the number before this one is seen to end.
                self.open.remove(&fd);
                self.begun.insert(thread, ("close(-1".to_owned(), None));
                return;
            }
            let synced = self.begins(begun);
            self.begun.insert(thread, (begun.to_owned(), synced));
            return;
        }
        if rest.starts_with("<... ") {
            let Some((begun, synced)) = self.begun.remove(&thread) else { return };
            let Some((_, tail)) = rest.split_once(" resumed>") else { return };
            if let Some(call) = parse(&format!("{begun}{tail}")) {
                self.ends(&call, synced);
            }
            return;
        }
        if let Some(call) = parse(rest) {
            let synced = self.begins(rest);
            self.ends(&call, synced);
        }
    }

    /// What a sync that begins now covers.
    fn begins(&self, text: &str) -> Option<Synced> {
        let fd = text.strip_prefix("fsync(").or_else(|| text.strip_prefix("fdatasync("))?;
        let fd: i64 = fd.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()?;
        match self.open.get(&fd)? {
            Open::File { inode, .. } => Some(Synced::File(*inode, self.files[*inode].content.clone())),
            Open::Folder(path) => {
                let inside = self.names.iter().filter(|(name, _)| name.parent() == Some(path));
                Some(Synced::Folder(path.clone(), inside.map(|(name, inode)| (name.clone(), *inode)).collect()))
            }
            Open::Other => None,
        }
    }

    fn ends(&mut self, call: &Call<'_>, synced: Option<Synced>) {
        if call.result < 0 {
            return;
        }
        let fd = || call.args[0].parse::<i64>().unwrap_or(-1);
        match call.name {
            "openat" => self.opened(&path(call.args[1]), call.args[2], call.result),
            "open" => self.opened(&path(call.args[0]), call.args[1], call.result),
            "close" => drop(self.open.remove(&fd())),
            "dup" | "dup2" | "dup3" => self.doubled(fd(), call.result),
            "fcntl" if call.args[1].starts_with("F_DUPFD") => self.doubled(fd(), call.result),
            "write" | "pwrite64" | "writev" | "sendto" | "sendmsg" => self.wrote(call, fd()),
            "lseek" => {
                if let Some(Open::File { at, .. }) = self.open.get_mut(&fd()) {
                    *at = usize::try_from(call.result).unwrap();
                }
            }
            "ftruncate" => {
                if let Some(Open::File { inode, .. }) = self.open.get(&fd()) {
                    self.files[*inode].content.resize(call.args[1].parse().unwrap(), 0);
                }
            }
            "fsync" | "fdatasync" => self.synced(synced),
            "rename" => self.renamed(&path(call.args[0]), path(call.args[1])),
            "renameat" | "renameat2" => self.renamed(&path(call.args[1]), path(call.args[3])),
            "unlink" => drop(self.names.remove(&path(call.args[0]))),
            "unlinkat" => drop(self.names.remove(&path(call.args[1]))),
            "mkdir" => self.made(path(call.args[0])),
            "mkdirat" => self.made(path(call.args[1])),
            "link" | "linkat" | "truncate" | "fallocate" | "pwritev" | "pwritev2" | "creat" => {
                panic!("this disk does not know {}", call.name)
            }
            "copy_file_range" | "sendfile" => {
                let into = call.args[if call.name == "sendfile" { 0 } else { 2 }].parse().unwrap_or(-1);
                assert!(!matches!(self.open.get(&into), Some(Open::File { .. })), "this disk does not copy");
            }
            _ => {}
        }
    }

    fn opened(&mut self, path: &Path, flags: &str, fd: i64) {
        if !path.starts_with(&self.root) {
            self.open.insert(fd, Open::Other);
            return;
        }
        let known = self.names.get(path).copied();
        if path == self.root || known == Some(None) {
            self.open.insert(fd, Open::Folder(path.to_owned()));
            return;
        }
        let inode = known.flatten().unwrap_or_else(|| {
            assert!(flags.contains("O_CREAT"), "{} was there before", path.display());
            self.files.push(File::default());
            self.names.insert(path.to_owned(), Some(self.files.len() - 1));
            self.files.len() - 1
        });
        if flags.contains("O_TRUNC") {
            self.files[inode].content.clear();
        }
        self.open.insert(fd, Open::File { inode, at: 0, append: flags.contains("O_APPEND") });
    }

    fn doubled(&mut self, from: i64, to: i64) {
        let same = self.open.get(&from).cloned().unwrap_or(Open::Other);
        self.open.insert(to, same);
    }

    fn wrote(&mut self, call: &Call<'_>, fd: i64) {
        let mut data: Vec<u8> = call.args[1..].iter().flat_map(|arg| bytes(arg)).collect();
        data.truncate(usize::try_from(call.result).unwrap());
        match self.open.get_mut(&fd) {
            Some(Open::File { inode, at, append }) => {
                let content = &mut self.files[*inode].content;
                let place = match call.name {
                    "pwrite64" => call.args[3].parse().unwrap(),
                    _ if *append => content.len(),
                    _ => *at,
                };
                if content.len() < place + data.len() {
                    content.resize(place + data.len(), 0);
                }
                content[place..place + data.len()].copy_from_slice(&data);
                if call.name != "pwrite64" {
                    *at = place + data.len();
                }
            }
            // Connections are made by calls that are not traced.
            None => self.sent.extend(data),
            _ => {}
        }
    }

    fn synced(&mut self, synced: Option<Synced>) {
        match synced {
            Some(Synced::File(inode, content)) => self.files[inode].durable = content,
            Some(Synced::Folder(folder, names)) => {
                self.durable.retain(|name, _| name.parent() != Some(&folder));
                self.durable.extend(names);
            }
            None => {}
        }
    }

    fn renamed(&mut self, from: &Path, to: PathBuf) {
        if let Some(inode) = self.names.remove(from) {
            self.names.insert(to, inode);
        }
    }

    fn made(&mut self, path: PathBuf) {
        if path.starts_with(&self.root) && path != self.root {
            self.names.insert(path, None);
        }
    }

    /// Writes what is durable into another folder. A file whose folder has no durable name is not there.
    ///
    /// # Panics
    /// When that is not possible.
    pub fn restore(&self, into: &Path) {
        std::fs::create_dir_all(into).unwrap();
        for (name, inode) in &self.durable {
            let place = into.join(name.strip_prefix(&self.root).unwrap());
            match inode {
                _ if !place.parent().is_some_and(Path::is_dir) => {}
                None => std::fs::create_dir_all(place).unwrap(),
                Some(inode) => std::fs::write(place, &self.files[*inode].durable).unwrap(),
            }
        }
    }
}

fn parse(text: &str) -> Option<Call<'_>> {
    let (name, rest) = text.split_once('(')?;
    let (args, result) = rest.rsplit_once(") ").map(|(args, rest)| (args, rest.trim_start()))?;
    let result = result.strip_prefix("= ")?;
    let digits: String = result.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
    let result = if result.starts_with("0x") { 0 } else { digits.parse().ok()? };
    Some(Call { name, args: args.split(", ").collect(), result })
}

fn path(arg: &str) -> PathBuf {
    PathBuf::from(String::from_utf8(bytes(arg)).unwrap())
}

/// The bytes of every `"\x..\x.."` of an argument.
fn bytes(arg: &str) -> Vec<u8> {
    let quoted = arg.split('"').skip(1).step_by(2);
    quoted
        .flat_map(|text| text.split("\\x").skip(1))
        .map(|hex| u8::from_str_radix(hex.get(..2).unwrap_or(""), 16).expect("strace writes every byte as hex"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> String {
        format!("\"{}\"", text.bytes().map(|b| format!("\\x{b:02x}")).collect::<String>())
    }

    fn disk(lines: &[String]) -> (tempfile::TempDir, Vec<(String, String)>) {
        let mut disk = Disk::new(Path::new("/d"));
        lines.iter().for_each(|line| disk.replay(line));
        let folder = tempfile::tempdir().unwrap();
        disk.restore(folder.path());
        let mut found: Vec<_> = std::fs::read_dir(folder.path())
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.is_file())
            .map(|p| (p.file_name().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(&p).unwrap()))
            .collect();
        found.sort();
        (folder, found)
    }

    #[test]
    fn only_what_was_synced_is_there_and_only_under_a_synced_name() {
        let write = |name: &str, fd: u32| {
            vec![
                format!("1 openat(AT_FDCWD, {}, O_RDWR|O_CREAT, 0600) = {fd}", hex(&format!("/d/{name}"))),
                format!("1 write({fd}, {}, 3) = 3", hex("one")),
                format!("1 fsync({fd}) = 0"),
                format!("1 pwrite64({fd}, {}, 3, 3) = 3", hex("two")),
            ]
        };
        let mut lines = write("a", 3);
        lines.push(format!("1 openat(AT_FDCWD, {}, O_RDONLY|O_DIRECTORY) = 9", hex("/d")));
        assert_eq!(disk(&lines).1, []);
        lines.push("1 fsync(9) = 0".into());
        let one = || ("a".to_owned(), "one".to_owned());
        assert_eq!(disk(&lines).1, [one()]);
        lines.extend(write("b", 4));
        assert_eq!(disk(&lines).1, [one()]);
        lines.push(format!("1 renameat(AT_FDCWD, {}, AT_FDCWD, {}) = 0", hex("/d/b"), hex("/d/a")));
        assert_eq!(disk(&lines).1, [one()]);
        // A number that is given again before its close is seen to end is the new file's.
        lines.push("2 close(7 <unfinished ...>".into());
        lines.extend(write("c", 7));
        lines.push("2 <... close resumed>) = 0".into());
        lines.push("1 fsync(7) = 0".into());
        lines.push(format!("1 unlink({}) = 0", hex("/d/c")));
        // A write that comes while a sync is under way is not covered by it.
        lines.push("1 fsync(4 <unfinished ...>".into());
        lines.push(format!("2 pwrite64(4, {}, 5, 6) = 5", hex("three")));
        lines.push("1 <... fsync resumed>) = 0".into());
        lines.push("1 fsync(9) = 0".into());
        assert_eq!(disk(&lines).1, [("a".to_owned(), "onetwo".to_owned())]);
    }
}
