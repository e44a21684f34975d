//! `export` and `backup`: what is in the data folder comes out whole.

use std::collections::BTreeSet;
use std::fs::File;
use std::path::Path;

use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::record::RowAccessor;
use serde_json::{Value, json};

use super::server::Server;
use super::{output, sentinel_in, stderr, stdout};

/// Failures with texts that a format has to quote.
const TEXTS: [&str; 3] = [
    "npm ERR! code ERESOLVE, \"quoted\"",
    "error[E0308]: mismatched types\n  --> src/main.rs:12:5",
    "curl: (6) Could not resolve host: é.example",
];

/// Fills a data folder, and leaves it to nobody.
fn fill(data: &Path) {
    let server = Server::start(data, &[]);
    for text in TEXTS {
        server.post(
            "/api/analyze",
            &json!({ "log": text, "repository": "acme/web", "build_duration_sec": 4.5 }),
        );
    }
}

fn export(data: &Path, arguments: &[&str]) -> String {
    let output = output(sentinel_in(data).arg("export").args(arguments));
    assert!(output.status.success(), "{}", stderr(&output));
    stdout(&output)
}

#[test]
fn every_format_holds_every_row_and_every_column() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    fill(&data);

    let lines = export(&data, &[]);
    let rows: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    let ids: Vec<i64> = rows.iter().map(|row| row["id"].as_i64().expect("an id")).collect();
    assert_eq!(ids, [3, 2, 1]);
    let fields: BTreeSet<&str> = rows[0]
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();

    let text = export(&data, &["--format", "csv"]);
    let mut table = csv::Reader::from_reader(text.as_bytes());
    let header = table.headers().expect("a header").clone();
    assert_eq!(header.iter().collect::<BTreeSet<_>>(), fields);
    let records: Vec<csv::StringRecord> = table.records().map(|record| record.expect("a record")).collect();
    assert_eq!(records.len(), TEXTS.len());
    let column = |name: &str| header.iter().position(|each| each == name).expect("a column");
    let evidence = records[2].get(column("evidence")).expect("a cell");
    assert_eq!(
        serde_json::from_str::<Value>(evidence).expect("JSON"),
        rows[2]["evidence"]
    );

    let file = dir.path().join("out.parquet");
    export(&data, &["--format", "parquet", "--out", file.to_str().expect("a path")]);
    let reader = SerializedFileReader::new(File::open(&file).expect("the file")).expect("Parquet");
    let schema = reader.metadata().file_metadata().schema_descr();
    let columns: BTreeSet<&str> = schema.columns().iter().map(|column| column.name()).collect();
    assert_eq!(columns, fields);
    let all: Vec<_> = reader
        .get_row_iter(None)
        .expect("rows")
        .map(|row| row.expect("a row"))
        .collect();
    assert_eq!(all.len(), TEXTS.len());
    assert_eq!(all[0].get_long(0).expect("an id"), 3);
    let names: Vec<&str> = schema.columns().iter().map(|column| column.name()).collect();
    let label = names.iter().position(|name| *name == "label").expect("a column");
    assert_eq!(all[1].get_string(label).expect("a label").as_str(), rows[1]["label"]);
}

#[test]
fn rows_are_chosen_as_the_history_is() {
    let dir = tempfile::tempdir().expect("a folder");
    fill(dir.path());
    assert_eq!(
        export(dir.path(), &["--repo", "ACME/web", "--since", "1h"])
            .lines()
            .count(),
        3
    );
    assert_eq!(export(dir.path(), &["--source", "exec"]), "");
    let refused = output(sentinel_in(dir.path()).args(["export", "--class", "flaky"]));
    assert_eq!(refused.status.code(), Some(2));
    assert!(stderr(&refused).contains("--class"), "{}", stderr(&refused));
}

#[test]
fn a_backup_is_a_whole_database_and_replaces_nothing_but_one() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    fill(&data);
    let copy = dir.path().join("restored/sentinel.db");
    std::fs::create_dir(copy.parent().expect("a folder")).expect("made");
    let backed_up = output(sentinel_in(&data).arg("backup").arg(&copy));
    assert!(backed_up.status.success(), "{}", stderr(&backed_up));
    let restored = copy.parent().expect("a folder");
    assert_eq!(export(restored, &[]), export(&data, &[]));

    let other = dir.path().join("notes.txt");
    std::fs::write(&other, "mine").expect("a file");
    let refused = output(sentinel_in(&data).arg("backup").arg(&other));
    assert_eq!(refused.status.code(), Some(1));
    assert_eq!(std::fs::read_to_string(&other).expect("the file"), "mine");
}

#[test]
fn a_folder_without_a_database_is_named_and_not_made() {
    let dir = tempfile::tempdir().expect("a folder");
    let missing = dir.path().join("nowhere");
    let refused = output(sentinel_in(&missing).arg("export"));
    assert_eq!(refused.status.code(), Some(1));
    assert!(
        stderr(&refused).contains("there is no database"),
        "{}",
        stderr(&refused)
    );
    assert!(!missing.exists());
}

#[test]
fn while_a_server_runs_the_rows_come_from_it() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let server = Server::start(&data, &[]);
    server.post("/api/analyze", &json!({ "log": TEXTS[0] }));
    assert_eq!(export(&data, &[]).lines().count(), 1);
    let copy = dir.path().join("copy.db");
    let backed_up = output(sentinel_in(&data).arg("backup").arg(&copy));
    assert!(backed_up.status.success(), "{}", stderr(&backed_up));
    assert!(copy.is_file());
}
