//! Ten million rows: how soon a server answers, and the heat map is drawn.
//!
//! `cargo test --release --test commands -- --ignored --nocapture ten_million`; takes some minutes, and some gigabytes of
//! the folder for temporary files, which are gone afterwards.

use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use serde_json::json;

use super::console::Console;
use super::server::Server;

const ROWS: i64 = 10_000_000;

/// The limit on start to `/health` and to the first drawn heat map.
const SOON: Duration = Duration::from_secs(2);

/// Makes ten million rows of the one that is there.
fn multiply(data: &Path) -> rusqlite::Result<()> {
    let db = Connection::open(data.join("sentinel.db"))?;
    db.query_row("PRAGMA journal_mode = OFF", [], |_| Ok(()))?;
    db.execute_batch("PRAGMA synchronous = OFF; PRAGMA cache_size = -500000; PRAGMA foreign_keys = OFF;")?;
    let texts =
        |sql: &str| -> rusqlite::Result<Vec<String>> { db.prepare(sql)?.query_map([], |row| row.get(0))?.collect() };
    // Indexes are made faster of what is there than row by row.
    let indexes =
        texts("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'log_entries' AND sql NOT NULL")?;
    for name in
        texts("SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name = 'log_entries' AND sql NOT NULL")?
    {
        db.execute(&format!("DROP INDEX {name}"), [])?;
    }
    let columns = texts("SELECT name FROM pragma_table_info('log_entries') WHERE name NOT IN ('id', 'timestamp')")?;
    let short = |name: &String| match name.as_str() {
        "evidence" | "contributions" | "failed_steps" | "runner_labels" => "'[]'".to_owned(),
        "features" | "raw_payload" => "x''".to_owned(),
        other => other.to_owned(),
    };
    let values: Vec<String> = columns.iter().map(short).collect();
    db.execute(
        &format!(
            "INSERT INTO log_entries (timestamp, {})
             WITH RECURSIVE numbers (number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM numbers WHERE number < {ROWS})
             SELECT strftime('%Y-%m-%dT%H:%M:%f000Z', 1790000000 + number, 'unixepoch'), {}
             FROM numbers, log_entries WHERE id = 1",
            columns.join(", "),
            values.join(", ")
        ),
        [],
    )?;
    // History is walked along the table of words.
    db.execute(
        "INSERT INTO search (timestamp, id, text) SELECT timestamp, id, 'npm err! code eresolve' FROM log_entries WHERE id > 1",
        [],
    )?;
    db.execute(
        "UPDATE totals SET failures = failures + ?1, inferences = inferences + ?1, live = live + ?1",
        [ROWS],
    )?;
    indexes.iter().try_for_each(|sql| db.execute(sql, []).map(|_| ()))
}

#[test]
#[ignore = "minutes of work, gigabytes of disk"]
fn ten_million_rows_are_no_reason_to_wait() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    server.post(
        "/api/analyze",
        &json!({ "error_message": "npm ERR! code ERESOLVE", "build_duration_sec": 90.0, "cpu_usage_pct": 40.0 }),
    );
    drop(server);
    multiply(data.path()).expect("many rows");
    let bytes = std::fs::metadata(data.path().join("sentinel.db"))
        .expect("a file")
        .len();
    println!("{ROWS} rows, {:.1} GB", bytes as f64 / 1e9);

    let began = Instant::now();
    let server = Server::start(data.path(), &[]);
    assert_eq!(server.get("/health")["status"], "healthy");
    let health = began.elapsed();
    println!("start to /health: {health:?}");
    let timed = |path: &str| {
        let began = Instant::now();
        let answer = server.get(path);
        println!("GET {path}: {:?}", began.elapsed());
        answer
    };
    assert_eq!(timed("/api/dashboard")["inference_count"], ROWS + 1);
    assert_eq!(timed("/api/drift")["n"], 100);
    let page = timed("/api/history?limit=50");
    assert_eq!(page["items"].as_array().map(Vec::len), Some(50));
    timed("/api/history?limit=50&uncertain=true");
    let began = Instant::now();
    let mut console = Console::join(data.path(), &[("TERM", "xterm-256color"), ("NO_COLOR", "1")]);
    console.shows("PSI heat map");
    let drawn = began.elapsed();
    println!("a console joins and draws the heat map: {drawn:?}");
    console.press("q");
    console.left();
    assert!(health < SOON && drawn < SOON, "{health:?} {drawn:?}");
}
