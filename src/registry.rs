//! The live model folder: `models/<version>/` in the data folder, made at first start from the model inside of the
//! program. What cannot be verified is not served; then the model inside of the program is, and that is said.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::bundle::{Bundle, BundleError, FILES, MANIFEST, shipped_files};

/// The name of the folder of models in the data folder.
const FOLDER: &str = "models";

/// A loaded model, and what was noticed on the way.
#[derive(Debug)]
pub struct Loaded {
    /// What is to be served.
    pub bundle: Bundle,
    /// Why it is not the one in the data folder, where it is not.
    pub notice: Option<String>,
}

/// Why no model can be served.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The model inside of the program does not fit it.
    #[error("the model inside of this program cannot be served: {0}")]
    Shipped(#[from] BundleError),
    /// The folder cannot be written.
    #[error("{path}: {error}")]
    Folder {
        /// Which.
        path: String,
        /// Why.
        error: io::Error,
    },
}

/// Loads the live model of a data folder, and puts the one inside of the program there where it has none.
///
/// # Errors
/// When the folder cannot be written, or no model can be served.
pub fn load(data: &Path) -> Result<Loaded, RegistryError> {
    let shipped = shipped_files();
    let bundle = Bundle::from_files(&shipped)?;
    let folder = data.join(FOLDER).join(&bundle.version);
    match read(&folder) {
        Ok(Some(files)) if files.get(MANIFEST) == shipped.get(MANIFEST) => Ok(serve(&folder, &files, bundle)),
        // Another build of this program made it, or nothing did.
        Ok(_) => {
            put(&folder, &shipped).map_err(|error| failed(&folder, error))?;
            Ok(Loaded { bundle, notice: None })
        }
        Err(error) => {
            let notice = format!("{}: {error}; the model inside of the program serves", folder.display());
            Ok(Loaded {
                bundle,
                notice: Some(notice),
            })
        }
    }
}

/// Serves what lies in the folder, or, where that is broken, the model inside of the program.
fn serve(folder: &Path, files: &BTreeMap<String, Vec<u8>>, shipped: Bundle) -> Loaded {
    match Bundle::from_files(files) {
        Ok(bundle) => Loaded { bundle, notice: None },
        Err(error) => {
            let notice = format!("{}: {error}; the model inside of the program serves", folder.display());
            Loaded {
                bundle: shipped,
                notice: Some(notice),
            }
        }
    }
}

/// The files of a model folder; `None` where there is no such folder. A file that is not there is left out.
fn read(folder: &Path) -> io::Result<Option<BTreeMap<String, Vec<u8>>>> {
    if !folder.is_dir() {
        return Ok(None);
    }
    let mut files = BTreeMap::new();
    for name in FILES.into_iter().chain([MANIFEST]) {
        match fs::read(folder.join(name)) {
            Ok(bytes) => drop(files.insert(name.to_owned(), bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
    }
    Ok(Some(files))
}

/// Writes a model folder as a whole: beside it first, then under its name.
fn put(folder: &Path, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    let new = beside(folder, "new");
    remove(&new)?;
    fs::create_dir_all(&new)?;
    for (name, bytes) in files {
        let mut file = fs::File::create(new.join(name))?;
        file.write_all(bytes)?;
        file.sync_all()?;
    }
    let old = beside(folder, "old");
    remove(&old)?;
    if folder.exists() {
        fs::rename(folder, &old)?;
    }
    fs::rename(&new, folder)?;
    if let Some(parent) = folder.parent() {
        fs::File::open(parent)?.sync_all()?;
    }
    remove(&old)
}

fn beside(folder: &Path, what: &str) -> PathBuf {
    let name = folder
        .file_name()
        .map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    folder.with_file_name(format!(".{name}.{what}"))
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn failed(path: &Path, error: io::Error) -> RegistryError {
    RegistryError::Folder {
        path: path.display().to_string(),
        error,
    }
}
