//! `sentinel exec`: a step runs as if nobody stood beside it.

use std::fs::File;
use std::io::{BufRead, BufReader, Read, pipe};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use serde_json::Value;

use super::server::{KEY, Server};
use super::{output, sentinel, stderr};

fn exec(options: &[&str], script: &str) -> Command {
    let mut command = sentinel();
    command.arg("exec").args(options).args(["--", "sh", "-c", script]);
    command
}

fn run(options: &[&str], script: &str) -> Output {
    output(&mut exec(options, script))
}

#[test]
fn a_step_that_succeeds_passes_its_bytes_and_nothing_else() {
    let script = r"printf 'a\000\377\r\nb'; printf 'c\033[31m' >&2";
    let passed = run(&[], script);
    assert_eq!(passed.status.code(), Some(0));
    assert_eq!(passed.stdout, b"a\0\xff\r\nb");
    assert_eq!(passed.stderr, b"c\x1b[31m");
}

#[test]
fn a_step_that_fails_keeps_its_exit_code_and_is_judged_on_stderr() {
    let script = "echo 'npm error code ERESOLVE'; echo 'npm error ERESOLVE could not resolve'; exit 7";
    let failed = run(&[], script);
    assert_eq!(failed.status.code(), Some(7));
    assert_eq!(
        failed.stdout,
        b"npm error code ERESOLVE\nnpm error ERESOLVE could not resolve\n"
    );
    let summary = stderr(&failed);
    assert!(summary.starts_with("sentinel: exit 7 after "), "{summary}");
    assert!(
        summary.contains("Dependency Error (") && summary.contains("ERESOLVE"),
        "{summary}"
    );
    assert!(summary.lines().all(|line| line.starts_with("sentinel: ")), "{summary}");
}

#[test]
fn a_step_that_fails_without_a_word_keeps_its_exit_code() {
    let failed = output(sentinel().args(["exec", "--", "false"]));
    assert_eq!((failed.status.code(), failed.stdout.len()), (Some(1), 0));
    assert!(stderr(&failed).contains("uncertain"), "{}", stderr(&failed));
}

#[test]
fn the_verdict_can_be_had_as_json_on_stderr() {
    let failed = run(&["--json"], "echo 'error[E0308]: mismatched types'; exit 1");
    let verdict: Value = serde_json::from_str(&stderr(&failed)).expect("JSON");
    assert_eq!(verdict["prediction"], "Build Failure");
}

#[test]
fn a_command_that_cannot_be_run_has_the_code_that_shells_give_it() {
    let missing = output(sentinel().args(["exec", "--", "no-such-command-anywhere"]));
    assert_eq!(missing.status.code(), Some(127));
    assert!(stderr(&missing).contains("no-such-command-anywhere"));
    let plain = output(sentinel().args(["exec", "--", "/etc/passwd"]));
    assert_eq!(plain.status.code(), Some(126));
    let nothing = output(sentinel().args(["exec"]));
    assert_eq!(nothing.status.code(), Some(2));
}

#[test]
fn a_script_without_a_first_line_that_names_its_shell_runs_as_under_a_shell() {
    use std::os::unix::fs::PermissionsExt;
    let folder = tempfile::tempdir().expect("a folder");
    let script = folder.path().join("step");
    std::fs::write(&script, "echo \"$1\"; exit 3\n").expect("a script");
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let ran = output(sentinel().args(["exec", "--"]).arg(&script).arg("hello"));
    assert_eq!((ran.status.code(), ran.stdout), (Some(3), b"hello\n".to_vec()));
}

#[test]
fn where_both_outputs_are_one_file_their_order_is_kept() {
    let script = "i=0; while [ $i -lt 500 ]; do printf o$i; printf e$i >&2; i=$((i+1)); done";
    let (mut reader, writer) = pipe().expect("a pipe");
    let mut command = exec(&[], script);
    command.stdout(writer.try_clone().expect("a writer")).stderr(writer);
    let mut child = command.spawn().expect("the program starts");
    drop(command);
    let mut read = String::new();
    reader.read_to_string(&mut read).expect("text");
    assert!(child.wait().expect("its end").success());
    let expected: String = (0..500).map(|i| format!("o{i}e{i}")).collect();
    assert_eq!(read, expected);
}

#[test]
fn a_step_under_a_terminal_sees_a_terminal_and_its_bytes_pass_unchanged() {
    let ends = nix::pty::openpty(None, None).expect("a pseudo terminal");
    let mut command = exec(&[], r"test -t 1 && test -t 2 && printf 'yes\n' && test ! -t 0");
    command
        .stdout(ends.slave.try_clone().expect("an end"))
        .stderr(ends.slave);
    let mut child = command.spawn().expect("the program starts");
    drop(command);
    let mut seen = String::new();
    // The terminal itself makes \r\n of a line end; its own end is told as an error.
    let read = BufReader::new(File::from(ends.master)).read_line(&mut seen);
    assert!(read.is_ok() && child.wait().expect("its end").success());
    assert_eq!(seen, "yes\r\n");
}

#[test]
fn whoever_stops_reading_ends_the_step_as_without_us() {
    let (reader, writer) = pipe().expect("a pipe");
    let mut child = exec(&[], "yes; echo not reached >&2")
        .stdout(writer)
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    let mut first = [0; 2];
    let mut reader = reader;
    reader.read_exact(&mut first).expect("output");
    drop(reader);
    // `yes` is ended by SIGPIPE, and the shell goes on to its next command.
    assert_eq!((first, child.wait().expect("its end").code()), (*b"y\n", Some(0)));
}

#[test]
fn a_step_that_a_signal_ended_has_128_and_its_number() {
    let killed = run(&[], "kill -KILL $$");
    assert_eq!(killed.status.code(), Some(137));
    assert!(stderr(&killed).contains("ended by SIGKILL"), "{}", stderr(&killed));
}

/// A started step whose first line has been read.
fn started(script: &str) -> (std::process::Child, BufReader<std::process::ChildStdout>) {
    let mut command = exec(&[], script);
    command.stdout(Stdio::piped()).stderr(Stdio::null()).process_group(0);
    let mut child = command.spawn().expect("the program starts");
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    let mut line = String::new();
    out.read_line(&mut line).expect("a line");
    assert_eq!(line, "ready\n");
    (child, out)
}

fn process(child: &std::process::Child) -> Pid {
    Pid::from_raw(i32::try_from(child.id()).expect("a process id"))
}

#[test]
fn signals_reach_the_step_and_its_answer_counts() {
    for (signal, name) in [
        (Signal::SIGINT, "INT"),
        (Signal::SIGTERM, "TERM"),
        (Signal::SIGHUP, "HUP"),
        (Signal::SIGQUIT, "QUIT"),
        (Signal::SIGUSR1, "USR1"),
    ] {
        let script = format!("trap 'echo {name}; exit 42' {name}; echo ready; while :; do sleep 0.05; done");
        let (mut child, mut out) = started(&script);
        kill(process(&child), signal).expect("a signal");
        let mut rest = String::new();
        out.read_to_string(&mut rest).expect("text");
        assert_eq!(
            (rest.as_str(), child.wait().expect("its end").code()),
            (format!("{name}\n").as_str(), Some(42))
        );
    }
}

#[test]
fn a_signal_that_we_were_told_to_ignore_stays_ignored() {
    let script = "trap '' HUP; exec \"$0\" exec -- sh -c 'echo ready; kill -HUP $$; echo alive'";
    let alive = output(
        Command::new("sh")
            .args(["-c", script, env!("CARGO_BIN_EXE_sentinel")])
            .stdin(Stdio::null()),
    );
    assert_eq!(alive.stdout, b"ready\nalive\n");
}

#[test]
fn a_step_that_is_stopped_stops_with_us_and_goes_on_with_us() {
    let (mut child, mut out) = started("echo ready; sleep 0.3; echo done");
    let own = process(&child);
    kill(own, Signal::SIGTSTP).expect("a signal");
    let status = waitpid(own, Some(WaitPidFlag::WUNTRACED)).expect("a status");
    assert_eq!(status, WaitStatus::Stopped(own, Signal::SIGSTOP));
    kill(own, Signal::SIGCONT).expect("a signal");
    let mut rest = String::new();
    out.read_to_string(&mut rest).expect("text");
    assert_eq!(
        (rest.as_str(), child.wait().expect("its end").code()),
        ("done\n", Some(0))
    );
}

#[test]
fn a_time_limit_ends_the_step_with_all_its_processes() {
    let script = "sleep 600 & echo $!; wait";
    let ended = run(&["--timeout", "0.3"], script);
    assert_eq!(ended.status.code(), Some(124));
    let summary = stderr(&ended);
    assert!(
        summary.contains("ended by --timeout 0.3") && summary.contains("Timeout"),
        "{summary}"
    );
    let left: i32 = super::stdout(&ended).trim().parse().expect("a process id");
    let state = std::fs::read_to_string(format!("/proc/{left}/stat")).unwrap_or_default();
    assert!(state.is_empty() || state.contains(") Z "), "it still runs: {state}");
}

#[test]
fn a_step_that_will_not_end_is_killed() {
    let ended = run(&["--timeout", "0.2"], "trap '' TERM; while :; do sleep 0.1; done");
    assert_eq!(ended.status.code(), Some(124));
}

#[test]
fn a_process_that_is_left_behind_is_not_waited_for() {
    let started = std::time::Instant::now();
    let ended = run(&[], "sleep 60 & echo started");
    assert_eq!((ended.status.code(), ended.stdout), (Some(0), b"started\n".to_vec()));
    assert!(started.elapsed().as_secs() < 30);
}

#[test]
fn a_report_that_fails_changes_nothing_but_a_line_on_stderr() {
    let failed = run(
        &["--report", "http://127.0.0.1:1"],
        "echo 'fatal error: no such file'; exit 5",
    );
    assert_eq!(failed.status.code(), Some(5));
    assert!(stderr(&failed).contains("not reported: "), "{}", stderr(&failed));
    let passed = run(&["--report", "http://127.0.0.1:1"], "true");
    assert_eq!((passed.status.code(), passed.stderr.len()), (Some(0), 0));
}

#[test]
fn a_report_stores_the_failure_with_its_run_and_measurements() {
    let data = tempfile::tempdir().expect("a folder");
    let server = Server::start(data.path(), &[]);
    let mut step = exec(
        &["--stage", "test", "--report", &server.url()],
        "echo '--- FAIL: TestBalance (0.02s)'; exit 1",
    );
    step.env("SENTINEL_API_KEY", KEY)
        .env("GITHUB_ACTIONS", "true")
        .env("GITHUB_SERVER_URL", "https://github.com")
        .env("GITHUB_REPOSITORY", "acme/ledger")
        .env("GITHUB_RUN_ID", "77")
        .env("GITHUB_RUN_ATTEMPT", "3")
        .env("GITHUB_JOB", "unit");
    let failed = output(&mut step);
    assert!(stderr(&failed).contains("as failure 1"), "{}", stderr(&failed));
    let row = &server.get("/api/failures/1");
    assert_eq!(
        (&row["event_source"], &row["repository"]),
        (&"exec".into(), &"acme/ledger".into())
    );
    assert_eq!((&row["job"], &row["decided_from"]), (&"unit".into(), &"log".into()));
    assert_eq!(row["url"], "https://github.com/acme/ledger/actions/runs/77");
    let measured = &row["metrics_payload"];
    assert_eq!(measured["retry_count"], 2.0);
    for name in ["test_duration_sec", "cpu_usage_pct", "memory_usage_mb"] {
        assert!(
            measured[name].as_f64().is_some_and(|number| number >= 0.0),
            "{name}: {measured}"
        );
    }
}

#[test]
fn measurements_are_those_of_the_step() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("steps.jsonl");
    let path = file.display().to_string();
    // `tail` keeps one line of 64 million bytes in memory.
    run(&["--capture", &path], "head -c 64000000 /dev/zero | tail; exit 3");
    run(&["--capture", &path], "echo fine");
    let lines = std::fs::read_to_string(&file).expect("a capture");
    let records: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert_eq!(records.len(), 2);
    assert_eq!(
        (&records[0]["exit_code"], &records[1]["exit_code"]),
        (&3.into(), &0.into())
    );
    let memory = |record: &Value| record["memory_usage_mb"].as_f64().expect("a number");
    assert!(
        memory(&records[0]) > 60.0 && memory(&records[1]) < memory(&records[0]),
        "{lines:.300}"
    );
    assert_eq!(records[1]["log"], "fine\n");
}

/// Commands of every day, and what each needs.
const EVERY_DAY: [&str; 5] = [
    "seq 1 2000; exit 0",
    "head -c 300000 /dev/zero | od -An -v -tx1 | head -n 4000",
    "ls /no/such/folder; exit 2",
    "for i in 1 2 3 4 5 6 7 8; do echo out$i; echo err$i >&2; done",
    "printf 'no line end'; cat /proc/self/comm",
];

#[test]
fn two_hundred_steps_at_one_time_print_and_end_as_they_do_alone() {
    let alone: Vec<Output> = EVERY_DAY
        .iter()
        .map(|script| output(Command::new("sh").args(["-c", script]).stdin(Stdio::null())))
        .collect();
    let together: Vec<_> = (0..200)
        .map(|number| {
            let mut step = exec(&[], EVERY_DAY[number % EVERY_DAY.len()]);
            step.stdout(Stdio::piped()).stderr(Stdio::piped());
            step.spawn().expect("the program starts")
        })
        .collect();
    // Each is read while all the others run.
    let readers: Vec<_> = together
        .into_iter()
        .map(|step| std::thread::spawn(move || step.wait_with_output().expect("its end")))
        .collect();
    for (number, reader) in readers.into_iter().enumerate() {
        let (step, alone) = (reader.join().expect("no panic"), &alone[number % EVERY_DAY.len()]);
        assert_eq!((step.status.code(), &step.stdout), (alone.status.code(), &alone.stdout));
        assert!(step.stderr.starts_with(&alone.stderr), "{number}");
        assert!(alone.status.success() == (step.stderr == alone.stderr), "{number}");
    }
}

#[test]
fn a_capture_that_cannot_be_written_changes_nothing_but_a_line_on_stderr() {
    let nowhere = Path::new("/no/such/folder/steps.jsonl").display().to_string();
    let passed = run(&["--capture", &nowhere], "exit 0");
    assert_eq!(passed.status.code(), Some(0));
    assert!(stderr(&passed).contains("--capture /no/such/folder/steps.jsonl"));
}
