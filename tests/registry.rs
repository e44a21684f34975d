//! The live model folder.

#![expect(clippy::expect_used, reason = "a test that cannot go on ends there")]

use std::fs;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use sentinel::bundle::Bundle;
use sentinel::registry::{Action, Approval, Loaded, ModelSettings, Registry, RegistryError, SealKey};
use sentinel::training::gate::{Case, GateDecision, Outcome, decide};

fn now() -> Timestamp {
    Timestamp::from_second(1_790_000_000).expect("a second")
}

fn open(data: &Path, settings: &ModelSettings) -> (Registry, Loaded) {
    Registry::open(data, settings, now()).expect("a model serves")
}

fn sealed(secret: &str) -> ModelSettings {
    ModelSettings {
        signature_secret: SealKey::new(secret.into()),
        ..ModelSettings::default()
    }
}

fn approval(reason: &str) -> Approval {
    Approval {
        actor: "ada".into(),
        reason: reason.into(),
        at: now(),
        corrections: 12,
    }
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).expect("a file");
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(path, bytes).expect("written");
}

#[test]
fn the_first_start_puts_the_shipped_model_into_the_data_folder_and_the_next_one_serves_it() {
    let data = tempfile::tempdir().expect("a folder");
    let (registry, first) = open(data.path(), &ModelSettings::default());
    let folder = data.path().join("models").join(&first.bundle.version);
    assert!(folder.join("manifest.json").is_file() && folder.join("schema.json").is_file());
    assert_eq!(registry.live_version(), Some(first.bundle.version.clone()));
    let (again, second) = open(data.path(), &ModelSettings::default());
    assert_eq!((second.bundle.version, second.notice), (first.bundle.version, None));
    let ledger = again.view(None).ledger;
    assert_eq!(ledger.len(), 1);
    assert_eq!(ledger[0].action, Action::Installed);
}

#[test]
fn one_changed_byte_in_any_file_is_noticed_by_name_and_a_good_model_serves() {
    for file in [
        "model.txt.zst",
        "lexicon.bin.zst",
        "calibration.json",
        "reference.json",
        "card.json",
        "schema.json",
        "manifest.json",
    ] {
        for remove in [false, true] {
            let data = tempfile::tempdir().expect("a folder");
            let version = open(data.path(), &ModelSettings::default()).1.bundle.version;
            let path = data.path().join("models").join(&version).join(file);
            if remove {
                fs::remove_file(&path).expect("removed");
            } else {
                flip(&path);
            }
            let (_, loaded) = open(data.path(), &ModelSettings::default());
            assert!(
                loaded.notice.as_deref().is_some_and(|notice| notice.contains(file)),
                "{file}: {:?}",
                loaded.notice
            );
            // The program's own model was put back.
            assert_eq!(open(data.path(), &ModelSettings::default()).1.notice, None, "{file}");
        }
    }
}

/// A challenger that the gate let pass, under a version of its own.
fn promote_a_challenger(registry: &Registry, loaded: Loaded) -> PathBuf {
    let decision = GateDecision {
        outcome: Outcome::Promote,
        ..decide(&Case::default())
    };
    // What it was taught tells it from the program's own model, which is trusted without a seal.
    let mut challenger = Bundle {
        version: "v2".into(),
        ..loaded.bundle
    };
    challenger.card.lessons = 100;
    registry
        .add(&challenger, &decision, &approval("better"))
        .expect("a folder that can be written");
    PathBuf::from("models/v2")
}

#[test]
fn the_decision_on_a_challenger_is_shown_where_no_correction_was_held_back() {
    let data = tempfile::tempdir().expect("a folder");
    let (registry, loaded) = open(data.path(), &ModelSettings::default());
    promote_a_challenger(&registry, loaded);
    let shown = registry.view(None).models;
    let challenger = shown.iter().find(|model| model.version == "v2").expect("a version");
    let decision = challenger.decision.as_ref().expect("a decision");
    assert_eq!((decision.fresh.count, decision.fresh.champion_f1), (0, None));
}

#[test]
fn one_flipped_byte_in_any_file_of_a_challenger_is_refused_by_name_and_the_last_good_version_serves() {
    let settings = sealed("a secret");
    let data = tempfile::tempdir().expect("a folder");
    let (registry, loaded) = open(data.path(), &settings);
    let before = loaded.bundle.version.clone();
    let folder = data.path().join(promote_a_challenger(&registry, loaded));
    assert_eq!(open(data.path(), &settings).1.bundle.version, "v2");
    let files: Vec<PathBuf> = fs::read_dir(&folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    assert_eq!(files.len(), 9, "{files:?}");
    let ledger = data.path().join("models/ledger.jsonl");
    let lines = fs::read(&ledger).expect("a ledger");
    for file in files {
        flip(&file);
        let (_, loaded) = open(data.path(), &settings);
        let name = file.file_name().expect("a name").to_string_lossy();
        assert_eq!(loaded.bundle.version, before, "{name}");
        let notice = loaded.notice.unwrap_or_default();
        // A manifest is looked at under its seal before anything else.
        let named = if name == "manifest.json" { "manifest." } else { &*name };
        assert!(notice.contains(named), "{name}: {notice}");
        flip(&file);
        fs::write(&ledger, &lines).expect("written");
    }
    assert_eq!(open(data.path(), &settings).1.bundle.version, "v2", "all is as it was");
}

#[test]
fn a_changed_line_of_the_ledger_is_noticed_kept_aside_and_does_not_count() {
    let data = tempfile::tempdir().expect("a folder");
    drop(open(data.path(), &ModelSettings::default()));
    let ledger = data.path().join("models/ledger.jsonl");
    flip(&ledger);
    let (registry, loaded) = open(data.path(), &ModelSettings::default());
    assert!(
        loaded
            .notice
            .as_deref()
            .is_some_and(|notice| notice.contains("ledger.jsonl:1")),
        "{:?}",
        loaded.notice
    );
    let aside = |entry: &PathBuf| entry.to_string_lossy().contains("ledger.broken-");
    let files = fs::read_dir(data.path().join("models")).expect("a folder");
    assert!(files.flatten().any(|entry| aside(&entry.path())));
    assert!(registry.verify().iter().all(|(_, checked)| checked.is_ok()));
}

#[test]
fn half_a_line_of_the_ledger_is_a_change_that_never_was() {
    let data = tempfile::tempdir().expect("a folder");
    drop(open(data.path(), &ModelSettings::default()));
    let path = data.path().join("models/ledger.jsonl");
    let mut bytes = fs::read(&path).expect("a ledger");
    bytes.extend_from_slice(br#"{"seq":2,"at":"2026"#);
    fs::write(&path, bytes).expect("written");
    let (registry, loaded) = open(data.path(), &ModelSettings::default());
    assert_eq!(loaded.notice, None);
    assert_eq!(registry.view(None).ledger.len(), 1);
}

#[test]
fn what_cannot_be_promoted_is_refused_by_name_and_changes_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let (registry, loaded) = open(data.path(), &ModelSettings::default());
    let live = loaded.bundle.version;
    let unknown = registry
        .promote("v99", &approval("why not"))
        .expect_err("no such model");
    assert!(matches!(unknown, RegistryError::Unknown { .. }), "{unknown}");
    let again = registry.promote(&live, &approval("again")).expect_err("live already");
    assert!(matches!(again, RegistryError::Live(_)), "{again}");
    let before = registry.roll_back(&approval("back")).expect_err("nothing before");
    assert!(matches!(before, RegistryError::NothingBefore(_)), "{before}");
    assert_eq!(registry.view(None).ledger.len(), 1);
}

#[test]
fn a_manifest_is_sealed_under_a_secret_and_another_secret_does_not_verify() {
    let data = tempfile::tempdir().expect("a folder");
    let (registry, loaded) = open(data.path(), &sealed("one"));
    let seal = data
        .path()
        .join("models")
        .join(&loaded.bundle.version)
        .join("manifest.seal");
    assert!(seal.is_file());
    assert!(registry.verify().iter().all(|(_, checked)| checked.is_ok()));
    let (other, _) = open(data.path(), &sealed("two"));
    assert!(other.verify().iter().any(|(_, checked)| checked.is_err()));
}
