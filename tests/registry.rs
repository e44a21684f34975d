//! The live model folder.

use sentinel::registry::load;

#[test]
fn the_first_start_puts_the_shipped_model_into_the_data_folder_and_the_next_one_serves_it() {
    let data = tempfile::tempdir().expect("a folder");
    let first = load(data.path()).expect("a model");
    assert!(
        data.path()
            .join("models")
            .join(&first.bundle.version)
            .join("manifest.json")
            .is_file()
    );
    let second = load(data.path()).expect("a model");
    assert_eq!((second.bundle.version, second.notice), (first.bundle.version, None));
}

#[test]
fn one_changed_byte_in_any_file_is_noticed_by_name_and_a_good_model_serves() {
    for file in [
        "model.txt.zst",
        "lexicon.bin.zst",
        "calibration.json",
        "reference.json",
        "card.json",
    ] {
        let data = tempfile::tempdir().expect("a folder");
        let version = load(data.path()).expect("a model").bundle.version;
        let path = data.path().join("models").join(&version).join(file);
        let mut bytes = std::fs::read(&path).expect("a file");
        let middle = bytes.len() / 2;
        bytes[middle] ^= 1;
        std::fs::write(&path, bytes).expect("written");
        let loaded = load(data.path()).expect("the shipped model serves");
        assert!(
            loaded.notice.as_deref().is_some_and(|notice| notice.contains(file)),
            "{:?}",
            loaded.notice
        );
        std::fs::remove_file(&path).expect("removed");
        let loaded = load(data.path()).expect("the shipped model serves");
        assert!(
            loaded.notice.as_deref().is_some_and(|notice| notice.contains(file)),
            "{:?}",
            loaded.notice
        );
    }
}
