//! Files that are whole or not there: written beside their place, synced, renamed, and the folder synced.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Makes the folder, and clears away what a crash has left.
pub(super) fn prepare(folder: &Path) -> io::Result<()> {
    make(folder)?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = name(&path);
        let Some((version, what)) = name.strip_prefix('.').and_then(|rest| rest.rsplit_once('.')) else {
            continue;
        };
        match what {
            // Half written; its name was never there.
            "new" => remove(&path)?,
            // Moved away and not replaced any more.
            "old" if !folder.join(version).exists() => fs::rename(&path, folder.join(version))?,
            "old" => remove(&path)?,
            _ => {}
        }
    }
    sync(folder)
}

/// Makes a folder that nobody but its owner looks into.
fn make(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.recursive(true).create(folder)
}

/// The versions there are folders of, oldest first by their number.
pub(super) fn versions(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let number = |name: &str| name.strip_prefix('v').and_then(|digits| digits.parse::<u64>().ok());
    let mut found: Vec<(u64, String)> = entries
        .map(|entry| name(&entry.path()))
        .filter_map(|name| Some((number(&name)?, name)))
        .collect();
    found.sort();
    found.into_iter().map(|(_, name)| name).collect()
}

/// Writes a folder as a whole: beside its place first, then under its name.
pub(super) fn put(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let (new, old) = (beside(folder, "new"), beside(folder, "old"));
    remove(&new)?;
    fs::create_dir_all(&new)?;
    for (name, bytes) in files {
        write(&new.join(name), bytes)?;
    }
    sync(&new)?;
    remove(&old)?;
    if folder.exists() {
        fs::rename(folder, &old)?;
    }
    fs::rename(&new, folder)?;
    sync_parent(folder)?;
    remove(&old)
}

/// Writes a file as a whole.
pub(super) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = beside(path, "new");
    write(&new, bytes)?;
    fs::rename(&new, path)?;
    sync_parent(path)
}

/// Adds a line at this length of the file; what a crash has left behind it goes.
pub(super) fn append(path: &Path, length: u64, line: &[u8]) -> io::Result<()> {
    let is_new = !path.exists();
    let mut file = OpenOptions::new().create(true).truncate(false).write(true).open(path)?;
    file.set_len(length)?;
    io::Seek::seek(&mut file, io::SeekFrom::Start(length))?;
    file.write_all(line)?;
    file.sync_all()?;
    if is_new { sync_parent(path) } else { Ok(()) }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Removes a folder or file; one that is not there is as good.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    let removed = if path.is_dir() {
        fs::remove_dir_all(path)
    } else {
        fs::remove_file(path)
    };
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), sync)
}

fn sync(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

fn beside(path: &Path, what: &str) -> PathBuf {
    path.with_file_name(format!(".{}.{what}", name(path)))
}

fn name(path: &Path) -> String {
    let name = path.file_name();
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_crash_leaves_beside_a_folder_is_cleared_away_or_put_back() {
        let parent = tempfile::tempdir().expect("a folder");
        let make = |name: &str| fs::create_dir(parent.path().join(name)).expect("made");
        make(".v3.new");
        make(".v2.old");
        make(".v1.old");
        make("v1");
        prepare(parent.path()).expect("cleared");
        assert_eq!(versions(parent.path()), ["v1", "v2"]);
        assert!(!parent.path().join(".v1.old").exists() && !parent.path().join(".v3.new").exists());
    }

    #[test]
    fn a_line_is_added_where_the_last_whole_one_ends() {
        let parent = tempfile::tempdir().expect("a folder");
        let path = parent.path().join("ledger.jsonl");
        append(&path, 0, b"one\n").expect("added");
        fs::write(&path, b"one\ntw").expect("half a line");
        append(&path, 4, b"two\n").expect("added");
        assert_eq!(fs::read(&path).expect("a file"), b"one\ntwo\n");
    }
}
