//! `sentinel known-issues`: a file of patterns tried on what failed and on what passed.

use serde_json::json;

use super::server::Server;
use super::{output, sentinel_in, stderr, stdout};

const ISSUES: &str = r#"
[[issue]]
pattern = "ERESOLVE"
link = "https://issues.example/1"

[[issue]]
pattern = "no space left"
expires = "2020-01-01"

[[issue]]
pattern = "retrying"
"#;

#[test]
fn patterns_are_tried_on_stored_failures_and_refused_where_they_hit_what_passed() {
    let dir = tempfile::tempdir().expect("a folder");
    let (data, green) = (dir.path().join("data"), dir.path().join("green"));
    let server = Server::start(&data, &[]);
    for log in [
        "npm ERR! code ERESOLVE\n",
        "npm ERR! code ERESOLVE\n",
        "write /tmp/x: no space left on device\n",
    ] {
        let stored = server.post("/api/analyze", &json!({ "log": log }));
        assert!(stored["id"].is_i64(), "{stored}");
    }
    std::fs::create_dir(&green).expect("a folder");
    for number in 0..10 {
        let said = if number < 2 {
            "timed out, retrying"
        } else {
            "all is well"
        };
        std::fs::write(green.join(format!("{number}.log")), said).expect("written");
    }
    let file = dir.path().join("issues.toml");
    std::fs::write(&file, ISSUES).expect("written");
    let tried = output(sentinel_in(&data).arg("known-issues").arg(&file));
    assert_eq!(tried.status.code(), Some(0), "{}", stderr(&tried));
    let lines: Vec<String> = stdout(&tried).lines().map(str::to_owned).collect();
    assert_eq!(
        lines,
        [
            "ERESOLVE: 2 of 3 failures",
            "no space left: 1 of 3 failures, expired",
            "retrying: 0 of 3 failures"
        ]
    );
    let refused = output(
        sentinel_in(&data)
            .arg("known-issues")
            .arg(&file)
            .arg("--green")
            .arg(&green),
    );
    assert_eq!(refused.status.code(), Some(1));
    assert!(stdout(&refused).contains("retrying: 0 of 3 failures, 2 of 10 logs of jobs that passed, refused"));
    assert!(
        stderr(&refused).contains("hit more than 10 % of the logs of jobs that passed: 1"),
        "{}",
        stderr(&refused)
    );
    drop(server);
    let nobody = output(sentinel_in(&data).arg("known-issues"));
    assert_eq!(nobody.status.code(), Some(2), "no file is named");
}
