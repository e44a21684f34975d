//! The failure lab and the records captured in it belong together: neither is without the other.

#![expect(clippy::expect_used, reason = "a test ends where something is not as it says")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use sentinel::training::corpus::{Corpus, Origin, Record};

fn entries(folder: &Path) -> Vec<PathBuf> {
    let listed = std::fs::read_dir(folder).expect("a folder of the lab");
    listed.map(|entry| entry.expect("an entry").path()).collect()
}

/// The text of each scenario by its name, `tool/name`.
fn scenarios() -> BTreeMap<String, String> {
    let lab = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/lab");
    let folders = entries(&lab).into_iter().filter(|path| path.is_dir());
    let files = folders.flat_map(|folder| entries(&folder));
    let named = files.map(|file| {
        let name = file.strip_prefix(&lab).expect("below the lab").with_extension("");
        let text = std::fs::read_to_string(&file).expect("a scenario");
        (name.display().to_string(), text)
    });
    named.collect()
}

/// The captured records by the name of their scenario.
fn captured(corpus: &Corpus) -> BTreeMap<String, &Record> {
    let mut found = BTreeMap::new();
    for record in &corpus.failures {
        if let Origin::Captured(capture) = &record.origin {
            let before = found.insert(capture.scenario.clone(), record);
            assert!(before.is_none(), "{} is there twice", capture.scenario);
        }
    }
    found
}

#[test]
fn every_scenario_of_the_lab_has_its_record_and_every_captured_record_its_scenario() {
    let corpus = Corpus::shipped().expect("the shipped corpus");
    let (scenarios, captured) = (scenarios(), captured(&corpus));
    let names: Vec<&String> = scenarios.keys().collect();
    assert!(!names.is_empty());
    assert_eq!(names, captured.keys().collect::<Vec<_>>(), "run assets/lab/run.sh");
}

#[test]
fn a_captured_record_says_what_its_scenario_says() {
    let corpus = Corpus::shipped().expect("the shipped corpus");
    let captured = captured(&corpus);
    for (name, text) in scenarios() {
        let record = captured.get(&name).expect("a record");
        let field = |wanted: &str| {
            let header = text.lines().take_while(|line| line.starts_with("# "));
            let values = header.filter_map(|line| line.strip_prefix(&format!("# {wanted}: ")));
            values.map(|value| value.trim().to_owned()).collect::<Vec<_>>()
        };
        let class = record.class.expect("a class").slug();
        assert_eq!(field("class"), [class], "{name}");
        assert_eq!(field("tool"), [record.tool.as_str()], "{name}");
        assert_eq!(field("ecosystem"), [record.ecosystem.as_str()], "{name}");
        assert_eq!(field("step"), [record.step.as_str()], "{name}");
        for proof in field("proof") {
            let marked = |(line, decisive): &(String, bool)| *decisive && line.contains(&proof);
            assert!(record.lines.iter().any(marked), "{name}: {proof}");
        }
    }
}
