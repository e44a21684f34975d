//! The rules that hold the tree together, read from the source itself. A broken one is named by file, line and import.
//!
//! If the layer rule fails, a type lives too high: move the type down. There are no exceptions to add here.

#![expect(clippy::expect_used, reason = "a test ends where something is not as it says")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The modules of `src/lib.rs`, in its order: each imports only from those before it.
const LAYERS: [&str; 26] = [
    "class",
    "ingest",
    "evidence",
    "features",
    "model",
    "verdict",
    "correction",
    "drift",
    "bundle",
    "judge",
    "health",
    "training",
    "simulate",
    "telemetry",
    "background",
    "store",
    "registry",
    "github",
    "app",
    "collect",
    "http",
    "mcp",
    "tui",
    "server",
    "config",
    "cli",
];

/// Values in, values out: no files, environment, clock, tasks or chance. Clippy holds it, where these say so.
const PURE: [&str; 19] = [
    "class",
    "ingest",
    "evidence",
    "features",
    "model",
    "verdict",
    "correction",
    "drift",
    "bundle",
    "judge",
    "health",
    "training",
    "simulate",
    "app/command",
    "app/effect",
    "app/event",
    "app/newest",
    "app/snapshot",
    "app/state",
];

/// Doors of the one application. None knows another.
const INTERFACES: [&str; 3] = ["http", "mcp", "tui"];

/// Names that say nothing of what a module makes.
const EMPTY_NAMES: [&str; 9] = [
    "base", "common", "core", "helper", "helpers", "manager", "misc", "types", "util",
];

/// One file of the tree.
struct Source {
    /// From the root, with `/`.
    path: String,
    text: String,
}

impl Source {
    /// Its lines of code with their numbers from 1; lines of comment are left out.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..)
            .zip(self.text.lines())
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
    }

    /// The module it is in, from the root of the library: `store/sqlite/mod.rs` is `["store", "sqlite"]`.
    fn module(&self) -> Vec<&str> {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let inside = inside.strip_suffix(".rs").unwrap_or(inside);
        inside.split('/').filter(|part| *part != "mod").collect()
    }

    /// The layers it names, with line numbers: by `crate::`, in braces, or by climbing to the root.
    fn imports(&self) -> Vec<(usize, &str)> {
        let mut found = Vec::new();
        let mut braces = None;
        for (number, line) in self.code() {
            let mut rest = line;
            if let Some(depth) = braces.take() {
                braces = group(rest, depth, number, &mut found);
            }
            while let Some(at) = rest.find("crate::") {
                rest = rest.get(at + "crate::".len()..).unwrap_or_default();
                match rest.strip_prefix('{') {
                    Some(names) => braces = group(names, 0, number, &mut found),
                    None => found.push((number, word(rest))),
                }
            }
            found.extend(self.climbs(line).map(|name| (number, name)));
        }
        found.retain(|(_, name)| LAYERS.contains(name));
        found
    }

    /// Names reached from the root of the library by `super::super::...`. A module inside of the file stands one deeper
    /// than the file, and is taken to climb just as high.
    fn climbs<'a>(&self, line: &'a str) -> impl Iterator<Item = &'a str> {
        const UP: &str = "super::";
        let depth = self.module().len();
        let starts = line
            .match_indices(UP)
            .filter(|(at, _)| !line.get(..*at).unwrap_or_default().ends_with("::"));
        starts.filter_map(move |(at, _)| {
            let path = line.get(at..)?;
            let name = path.trim_start_matches(UP);
            ((path.len() - name.len()) / UP.len() >= depth).then(|| word(name))
        })
    }
}

/// Reads the names of `use crate::{a, b::{c, d}}` on one line; the depth of braces that stay open.
fn group<'a>(line: &'a str, mut depth: usize, number: usize, found: &mut Vec<(usize, &'a str)>) -> Option<usize> {
    for (at, part) in line
        .match_indices(|letter: char| !is_of_word(letter))
        .chain([(line.len(), "")])
    {
        let before = line.get(..at).unwrap_or_default();
        let start = before
            .rfind(|letter: char| !is_of_word(letter))
            .map_or(0, |place| place + 1);
        let (name, path) = (
            line.get(start..at).unwrap_or_default(),
            line.get(..start).unwrap_or_default(),
        );
        if depth == 0 && !name.is_empty() && !path.ends_with("::") {
            found.push((number, name));
        }
        match part {
            "{" => depth += 1,
            "}" if depth == 0 => return None,
            "}" => depth -= 1,
            _ => {}
        }
    }
    Some(depth)
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The word that a text begins with.
fn word(text: &str) -> &str {
    let end = text.find(|letter: char| !is_of_word(letter)).unwrap_or(text.len());
    text.get(..end).unwrap_or_default()
}

fn has_word(line: &str, wanted: &str) -> bool {
    line.split(|letter: char| !is_of_word(letter))
        .any(|found| found == wanted)
}

/// Every Rust file below these folders.
fn sources(folders: &[&str]) -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waiting: Vec<PathBuf> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut found = Vec::new();
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let entries = std::fs::read_dir(&path).expect("a folder that can be read");
            waiting.extend(entries.map(|entry| entry.expect("an entry").path()));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a file that can be read");
            let path = path
                .strip_prefix(root)
                .expect("below the root")
                .to_string_lossy()
                .replace('\\', "/");
            found.push(Source { path, text });
        }
    }
    assert!(!found.is_empty(), "no Rust files below {folders:?}");
    found.sort_by(|one, next| one.path.cmp(&next.path));
    found
}

fn place(layer: &str) -> Option<usize> {
    LAYERS.iter().position(|known| *known == layer)
}

/// What is wrong with the imports of one file.
fn forbidden(source: &Source) -> Vec<String> {
    let module = source.module();
    let Some((own, height)) = module.first().and_then(|own| Some((*own, place(own)?))) else {
        return Vec::new();
    };
    let wrong = |name: &str| {
        if place(name) > Some(height) {
            Some(format!(
                "`{own}` stands below `{name}` and may not import `crate::{name}`"
            ))
        } else if name != own && INTERFACES.contains(&name) && INTERFACES.contains(&own) {
            Some(format!(
                "`{own}` and `{name}` are both interfaces: no `crate::{name}` here"
            ))
        } else {
            None
        }
    };
    let imports = source.imports().into_iter();
    imports
        .filter_map(|(line, name)| Some(format!("{}:{line}: {}", source.path, wrong(name)?)))
        .collect()
}

fn assert_none(rule: &str, broken: &[String]) {
    let mut list = String::new();
    for one in broken {
        writeln!(list, "  {one}").expect("memory");
    }
    assert!(broken.is_empty(), "{rule}:\n{list}");
}

#[test]
fn a_module_imports_only_from_modules_before_it() {
    let broken: Vec<String> = sources(&["src"]).iter().flat_map(forbidden).collect();
    assert_none("imports against the layers", &broken);
}

#[test]
fn the_map_is_the_table_of_layers_and_nothing_else() {
    let map = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).expect("the map");
    let lines = map
        .lines()
        .filter(|line| !line.trim().is_empty() && !line.starts_with("//!"));
    let modules: Vec<&str> = lines
        .map(|line| {
            let name = line.strip_prefix("pub mod ").and_then(|rest| rest.strip_suffix(';'));
            name.unwrap_or(line)
        })
        .collect();
    assert_eq!(
        modules, LAYERS,
        "src/lib.rs holds `pub mod` lines only, in the order of the layers"
    );
}

#[test]
fn every_file_says_at_its_top_what_it_is_for() {
    let silent = |source: &Source| !source.text.starts_with("//! ");
    let broken: Vec<String> = sources(&["src", "tests", "benches"])
        .into_iter()
        .filter(silent)
        .map(|source| source.path)
        .collect();
    assert_none("files that do not open with `//!`", &broken);
}

#[test]
fn a_module_is_named_for_what_it_makes() {
    let mut broken = Vec::new();
    for source in sources(&["src"]) {
        let inside = source
            .code()
            .filter_map(|(_, line)| Some(word(line.trim_start().split_once("mod ")?.1)));
        let names = source.module().into_iter().chain(inside);
        broken.extend(
            names
                .filter(|name| EMPTY_NAMES.contains(name))
                .map(|name| format!("{}: {name}", source.path)),
        );
    }
    assert_none("names that say nothing", &broken);
}

#[test]
fn unsafe_code_stands_in_the_booster_alone() {
    let mut broken = Vec::new();
    for source in sources(&["src", "tests", "benches"]) {
        if ["src/model/booster.rs", file!()].contains(&source.path.as_str()) {
            continue;
        }
        let found = source
            .code()
            .filter(|(_, line)| has_word(line, "unsafe") || has_word(line, "unsafe_code"));
        broken.extend(found.map(|(line, _)| format!("{}:{line}", source.path)));
    }
    assert_none("unsafe outside of src/model/booster.rs", &broken);
}

#[test]
fn sql_stands_in_the_store_alone() {
    const SQL: [&str; 7] = [
        "rusqlite",
        "SELECT ",
        "INSERT INTO",
        "UPDATE log_entries",
        "DELETE FROM",
        "CREATE TABLE",
        "PRAGMA ",
    ];
    let mut broken = Vec::new();
    for source in sources(&["src"])
        .iter()
        .filter(|source| source.module().first() != Some(&"store"))
    {
        let found = source
            .code()
            .filter(|(_, line)| SQL.iter().any(|word| line.contains(word)));
        broken.extend(found.map(|(line, _)| format!("{}:{line}", source.path)));
    }
    assert_none("SQL outside of src/store", &broken);
}

#[test]
fn every_pure_module_denies_files_environment_clock_and_tasks() {
    let sources = sources(&["src"]);
    let denies = |module: &&str| {
        let files = [format!("src/{module}.rs"), format!("src/{module}/mod.rs")];
        let mut own = sources.iter().filter(|source| files.contains(&source.path));
        own.any(|source| {
            source
                .code()
                .any(|(_, line)| line == "#![deny(clippy::disallowed_methods)]")
        })
    };
    let broken: Vec<String> = PURE
        .into_iter()
        .filter(|module| !denies(module))
        .map(ToOwned::to_owned)
        .collect();
    assert_none("pure modules without #![deny(clippy::disallowed_methods)]", &broken);
}

#[test]
fn a_forbidden_import_is_found_in_whatever_form_it_is_written() {
    let forms = [
        "use crate::http::Doors;",
        "    let doors = crate::http::Doors::new();",
        "use crate::{class, http};",
        "use crate::{class::{self, FailureClass}, http::Doors};",
        "use crate::{\n    class,\n    evidence::{\n        excerpt,\n    },\n    http::Doors,\n};",
        "use super::super::http::Doors;",
        "fn answer(reply: crate::class::FailureClass, doors: &crate::http::Doors) {}",
    ];
    for form in forms {
        let source = Source {
            path: "src/drift/psi.rs".into(),
            text: format!("//! Drift.\n{form}\n"),
        };
        let found = forbidden(&source);
        assert_eq!(found.len(), 1, "{form}: {found:?}");
        assert!(found[0].contains("`drift` stands below `http`"), "{}", found[0]);
    }
}

#[test]
fn what_is_allowed_is_not_reported() {
    let forms = [
        "use crate::class::FailureClass;",
        "use crate::{class, ingest::{self, http}};",
        "/// As [`crate::http`] shows it.",
        "use super::http;",
        "use super::chi_square::tail;",
        "use warp::http::HeaderMap;",
    ];
    for form in forms {
        let source = Source {
            path: "src/drift/psi.rs".into(),
            text: form.into(),
        };
        assert!(forbidden(&source).is_empty(), "{form}: {:?}", forbidden(&source));
    }
}
