//! Commands about the program itself: `config`, `doctor`, `health`, `completions`, `man`.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::process::Stdio;

use serde_json::Value;

use super::server::Server;
use super::{output, sentinel, sentinel_in, stderr, stdout};

#[test]
fn every_setting_is_shown_with_its_origin_and_no_secret() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("config.toml");
    std::fs::write(
        &file,
        "[drift]\nwindow = 200\n\n[api]\nkeys = [{ name = \"a\", key = \"hunter2-file\", role = \"read\" }]\n",
    )
    .expect("a file");
    let mut command = sentinel();
    command
        .env("GITHUB_WEBHOOK_SECRET", "hunter2-environment")
        .env("PSI_BINS", "7")
        .env("SENTINEL_DRIFT__BINS", "8")
        .arg("--config")
        .arg(&file)
        .args(["--set", "drift.alpha=0.01", "--json", "config", "show"]);
    let shown = output(&mut command);
    assert!(shown.status.success(), "{}", stderr(&shown));
    let text = stdout(&shown);
    assert!(!text.contains("hunter2"), "{text}");
    let lines: Vec<Value> = serde_json::from_str(&text).expect("JSON");
    let line = |key: &str| lines.iter().find(|line| line["key"] == key).expect("a line").clone();
    let origin = |key: &str| line(key)["origin"].as_str().expect("an origin").to_owned();
    assert!(origin("drift.window").ends_with("config.toml") && origin("api.keys").ends_with("config.toml"));
    assert_eq!(
        ["webhook.secrets", "drift.bins", "drift.alpha", "drift.min_samples"].map(origin),
        ["GITHUB_WEBHOOK_SECRET", "SENTINEL_DRIFT__BINS", "--set", "default"]
    );
    assert_eq!(
        (
            line("drift.window")["value"].clone(),
            line("drift.bins")["value"].clone()
        ),
        ("200".into(), "8".into())
    );
}

#[test]
fn a_wrong_setting_is_exit_code_2_for_check_and_1_for_the_doctor() {
    let mut check = sentinel();
    check.args(["config", "check", "--set", "drift.psi_sever=0.3"]);
    let refused = output(&mut check);
    assert_eq!(refused.status.code(), Some(2));
    assert!(
        stderr(&refused).contains("did you mean `drift.psi_severe`?"),
        "{}",
        stderr(&refused)
    );
    let told = output(sentinel().args(["doctor", "--set", "drift.psi_sever=0.3"]));
    assert_eq!(told.status.code(), Some(1));
    assert!(stdout(&told).starts_with("fail  configuration"), "{}", stdout(&told));
    assert!(output(sentinel().args(["config", "check"])).status.success());
}

#[test]
fn the_doctor_makes_nothing_and_sees_a_server_that_runs() {
    let dir = tempfile::tempdir().expect("a folder");
    let data = dir.path().join("data");
    let doctor = |address: &str| {
        let mut command = sentinel_in(&data);
        command
            .args(["--json", "doctor", "--set"])
            .arg(format!("server.listen={address}"));
        let output = output(&mut command);
        let findings: Vec<Value> = serde_json::from_str(&stdout(&output)).expect("JSON");
        (output.status.code(), findings)
    };
    let says = |findings: &[Value], check: &str| {
        let found = findings
            .iter()
            .find(|finding| finding["check"] == check)
            .expect("a finding");
        (
            found["state"].as_str().expect("a state").to_owned(),
            found["says"].as_str().expect("a sentence").to_owned(),
        )
    };
    let (code, findings) = doctor("127.0.0.1:1");
    assert_eq!(says(&findings, "data folder").0, "ok");
    assert!(!data.exists(), "made by the doctor");
    assert!(
        code == Some(0) || says(&findings, "address").0 == "fail",
        "{findings:?}"
    );
    let server = Server::start(&data, &[]);
    let (code, findings) = doctor(&server.address);
    assert_eq!(code, Some(0), "{findings:?}");
    assert!(says(&findings, "address").1.contains("a sentinel answers"));
    assert!(says(&findings, "database").1.contains("whose socket answers"));
    drop(server);
    let (_, findings) = doctor("127.0.0.1:1");
    assert!(says(&findings, "database").1.contains("is sound"), "{findings:?}");
    assert!(says(&findings, "model").1.contains("whole"), "{findings:?}");
}

#[test]
fn health_is_what_the_server_says() {
    let dir = tempfile::tempdir().expect("a folder");
    let server = Server::start(dir.path(), &[]);
    let health = |address: &str| {
        output(
            sentinel()
                .args(["health", "--set"])
                .arg(format!("server.listen={address}")),
        )
    };
    let address = server.address.clone();
    let healthy = health(&address);
    assert_eq!(
        (healthy.status.code(), stdout(&healthy).as_str()),
        (Some(0), "healthy\n")
    );
    drop(server);
    let gone = health(&address);
    assert_eq!(gone.status.code(), Some(1));
    assert!(stderr(&gone).contains("no sentinel answers"), "{}", stderr(&gone));
}

#[test]
fn the_doctor_asks_github_whether_it_believes_the_token() {
    let dir = tempfile::tempdir().expect("a folder");
    for (answer, state) in [("200 OK", "ok"), ("401 Unauthorized", "fail")] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let base = format!("http://{}", listener.local_addr().expect("an address"));
        let stand_in = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a request");
            let mut request = String::new();
            let mut lines = BufReader::new(stream.try_clone().expect("a stream"));
            while lines.read_line(&mut request).expect("a line") > 2 {}
            let head = format!(
                "HTTP/1.1 {answer}\r\ncontent-type: application/json\r\ncontent-length: 2\r\nconnection: close\r\n\r\n{{}}"
            );
            stream.write_all(head.as_bytes()).expect("an answer");
            request
        });
        let mut doctor = sentinel_in(dir.path());
        doctor
            .env("GITHUB_TOKEN", "ghp_hunter2")
            .args(["--json", "doctor", "--set"]);
        let told = output(doctor.arg(format!("github.api_base={base}")));
        let request = stand_in.join().expect("a request").to_ascii_lowercase();
        assert!(
            request.starts_with("get /rate_limit ") && request.contains("authorization: bearer ghp_hunter2"),
            "{request}"
        );
        let findings: Vec<Value> = serde_json::from_str(&stdout(&told)).expect("JSON");
        let github = findings
            .iter()
            .find(|finding| finding["check"] == "GitHub")
            .expect("a finding");
        assert_eq!(github["state"], state, "{github}");
        assert!(!stdout(&told).contains("hunter2"));
    }
}

#[test]
fn completions_and_manual_name_every_command() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let completions = output(sentinel().args(["completions", shell]));
        assert!(stdout(&completions).contains("analyze"), "{shell}");
    }
    let page = stdout(&output(sentinel().arg("man")));
    assert!(page.contains(".TH sentinel 1") && page.contains("exec"), "{page}");
    let dir = tempfile::tempdir().expect("a folder");
    assert!(
        output(sentinel().arg("man").arg("--dir").arg(dir.path()))
            .status
            .success()
    );
    for name in ["sentinel.1", "sentinel-exec.1", "sentinel-config-show.1"] {
        assert!(dir.path().join(name).is_file(), "{name}");
    }
}

#[test]
fn whoever_stops_reading_is_no_failure() {
    let mut command = sentinel();
    command.args(["config", "show"]).stdout(Stdio::piped());
    let mut process = command.spawn().expect("the program starts");
    drop(process.stdout.take());
    assert!(process.wait().expect("an end").success());
}
