//! `sentinel doctor`: what keeps this sentinel from working well, and how to mend it. Changes nothing.

use std::io::{BufWriter, Write, stdout};
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use jiff::{SignedDuration, Timestamp};
use nix::sys::statvfs::statvfs;
use serde::Serialize;
use serde_json::Value;
use warp::http::Method;

use super::reach::Reach;
use super::{Ended, Global, config_file, health, runtime, settings, show};
use crate::bundle::Bundle;
use crate::config::Settings;
use crate::github::{GitHub, Pace};
use crate::registry::Registry;
use crate::store::StoreError;
use crate::store::sqlite::{Inspection, inspect};

/// Free bytes below which a disk is about to be full ...
const LITTLE: u64 = 1 << 30;

/// ... and below which a busy day fills it.
const TOO_LITTLE: u64 = 100 << 20;

/// How far ahead of the clock a stored row may be; beyond, the clock has gone back.
const AHEAD: SignedDuration = SignedDuration::from_mins(2);

/// A clock before this program was made is wrong: 2025-01-01.
const LONG_AGO: Timestamp = Timestamp::constant(1_735_689_600, 0);

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Ok,
    Warn,
    Fail,
}

/// One line of the report.
#[derive(Debug, Serialize)]
struct Finding {
    state: State,
    check: &'static str,
    says: String,
    /// How to mend it.
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self {
            state: State::Ok,
            check,
            says: says.into(),
            fix: None,
        }
    }

    fn warn(check: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            state: State::Warn,
            fix: Some(fix.into()),
            ..Self::ok(check, says)
        }
    }

    fn fail(check: &'static str, says: impl Into<String>, fix: impl Into<String>) -> Self {
        Self {
            state: State::Fail,
            ..Self::warn(check, says, fix)
        }
    }
}

/// Runs every check; exit code 1 where one failed.
pub(super) fn run(global: &Global) -> Result<Ended> {
    let findings = match settings(global) {
        Ok(settings) => examine(&settings, global),
        Err(error) => vec![Finding::fail(
            "configuration",
            format!("{error:#}"),
            "mend that setting; `sentinel config show` lists what is used",
        )],
    };
    let mut out = BufWriter::new(stdout().lock());
    print(&mut out, &findings, global.json)?;
    out.flush()?;
    let failed = findings.iter().any(|finding| finding.state == State::Fail);
    Ok(if failed { Ended::With(1) } else { Ended::Done })
}

fn print(out: &mut impl Write, findings: &[Finding], json: bool) -> Result<()> {
    if json {
        serde_json::to_writer_pretty(&mut *out, findings)?;
        return Ok(writeln!(out)?);
    }
    for Finding {
        state,
        check,
        says,
        fix,
    } in findings
    {
        let state = match state {
            State::Ok => "ok",
            State::Warn => "warn",
            State::Fail => "fail",
        };
        writeln!(out, "{state:<5} {check:<14} {}", show::visible(says))?;
        if let Some(fix) = fix {
            writeln!(out, "{:20} -> {}", "", show::visible(fix))?;
        }
    }
    Ok(())
}

fn examine(settings: &Settings, global: &Global) -> Vec<Finding> {
    let server = health::reachable(&settings.server.listen).and_then(health::ask);
    let dir = &settings.data.dir;
    let inspected = inspect(dir);
    let newest = inspected
        .as_ref()
        .ok()
        .and_then(Option::as_ref)
        .and_then(|found| found.newest);
    let owned = matches!(inspected, Err(StoreError::Locked { .. }));
    let database = match &inspected {
        Err(StoreError::Locked { owner, .. }) => in_use(settings, owner),
        inspected => database(inspected),
    };
    vec![
        configuration(global),
        webhook(settings),
        keys(settings),
        listening(settings, server.is_ok()),
        folder(dir),
        disk(dir),
        database,
        model(settings, owned),
        github(settings),
        clock(Timestamp::now(), newest),
    ]
}

fn configuration(global: &Global) -> Finding {
    const CHECK: &str = "configuration";
    match config_file(global) {
        Some(file) => Finding::ok(CHECK, format!("{} can be used", file.display())),
        None => Finding::ok(CHECK, "no file; the built-in settings and the environment are used"),
    }
}

fn webhook(settings: &Settings) -> Finding {
    const CHECK: &str = "webhook";
    match settings.webhook.secrets.len() {
        0 => Finding::warn(
            CHECK,
            "no secret: only this machine may deliver, and nothing proves that a delivery is GitHub's",
            "set GITHUB_WEBHOOK_SECRET to the secret of the webhook",
        ),
        1 => Finding::ok(CHECK, "deliveries are signed with one secret"),
        several => Finding::ok(
            CHECK,
            format!("{several} secrets are taken, as while one is being replaced"),
        ),
    }
}

fn keys(settings: &Settings) -> Finding {
    const CHECK: &str = "keys";
    match settings.api.keys.len() {
        0 => Finding::warn(
            CHECK,
            "no API key: whoever is on this machine is administrator",
            "set SENTINEL_API_KEY, or api.keys with a name and a role each",
        ),
        1 => Finding::ok(CHECK, "one API key"),
        keys => Finding::ok(CHECK, format!("{keys} API keys")),
    }
}

fn listening(settings: &Settings, answers: bool) -> Finding {
    const CHECK: &str = "address";
    let listen = &settings.server.listen;
    if answers {
        return Finding::ok(CHECK, format!("a sentinel answers at {listen}"));
    }
    match TcpListener::bind(listen) {
        Ok(_free) => Finding::ok(CHECK, format!("{listen} is free; no server runs there")),
        Err(error) => Finding::fail(
            CHECK,
            format!("{listen}: {error}"),
            "end what listens there, or set server.listen to another address",
        ),
    }
}

/// Whether the data folder can be written, or made.
fn folder(dir: &Path) -> Finding {
    const CHECK: &str = "data folder";
    let there = dir.ancestors().find(|folder| folder.exists()).unwrap_or(Path::new("."));
    let fix = "give it to the user that sentinel runs as, or name another with --data DIR or data.dir";
    match tempfile_in(there) {
        Ok(()) if there == dir => Finding::ok(CHECK, format!("{} can be written", dir.display())),
        Ok(()) => Finding::ok(CHECK, format!("{} will be made at the first start", dir.display())),
        Err(error) => Finding::fail(CHECK, format!("{}: {error}", there.display()), fix),
    }
}

/// Tries to write a file, and takes it away again.
fn tempfile_in(folder: &Path) -> std::io::Result<()> {
    let folder = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let file = folder.join(format!(".sentinel-doctor-{}", std::process::id()));
    std::fs::write(&file, "written by sentinel doctor\n")?;
    std::fs::remove_file(file)
}

fn disk(dir: &Path) -> Finding {
    const CHECK: &str = "disk";
    let there = dir
        .ancestors()
        .find(|folder| folder.exists() && !folder.as_os_str().is_empty());
    let fix = "free some space, or move the data folder to another disk";
    match statvfs(there.unwrap_or(Path::new("."))) {
        Err(error) => Finding::warn(CHECK, format!("cannot be asked: {error}"), fix),
        Ok(disk) => {
            let free = disk.blocks_available().saturating_mul(disk.fragment_size());
            let says = format!("{} MB free", free / 1_000_000);
            match free {
                ..TOO_LITTLE => Finding::fail(CHECK, says, fix),
                TOO_LITTLE..LITTLE => Finding::warn(CHECK, says, fix),
                LITTLE.. => Finding::ok(CHECK, says),
            }
        }
    }
}

/// A database that a server has open: asked over its socket, which is looked at by that too.
fn in_use(settings: &Settings, owner: &str) -> Finding {
    const CHECK: &str = "database";
    let ready = runtime().and_then(|runtime| {
        runtime.block_on(async {
            let reach = Reach::of(settings).await?;
            let ready = reach.ask::<Value>(Method::GET, "/ready", None).await;
            reach.close().await;
            ready
        })
    });
    match ready {
        Ok(_) => Finding::ok(
            CHECK,
            format!("in use by process {owner}, whose socket answers and which can write it"),
        ),
        Err(error) => Finding::fail(
            CHECK,
            format!("in use by process {owner}: {error:#}"),
            "look at the log of that server; end it and start it again where it hangs",
        ),
    }
}

fn database(inspected: &Result<Option<Inspection>, StoreError>) -> Finding {
    const CHECK: &str = "database";
    match inspected {
        Ok(None) => Finding::ok(CHECK, "none yet; the first start makes it"),
        Ok(Some(found)) => sound(found),
        Err(error) => Finding::fail(CHECK, error.to_string(), "restore a backup made with `sentinel backup`"),
    }
}

fn sound(found: &Inspection) -> Finding {
    const CHECK: &str = "database";
    let (schema, known) = found.schema;
    let file = found.file.display();
    if !found.faults.is_empty() {
        let fix = "move it aside and restore a backup made with `sentinel backup`";
        return Finding::fail(CHECK, format!("{file} is damaged: {}", found.faults.join("; ")), fix);
    }
    if schema > known {
        let says = format!("{file} has schema {schema}, this sentinel knows up to {known}");
        return Finding::fail(CHECK, says, "use a newer sentinel");
    }
    let later = if schema < known {
        "; the next start brings it up to date"
    } else {
        ""
    };
    Finding::ok(
        CHECK,
        format!("{file} is sound: schema {schema}{later}, {} failures", found.failures),
    )
}

/// The models of the data folder while nobody uses it; the one inside of the program always.
fn model(settings: &Settings, owned: bool) -> Finding {
    const CHECK: &str = "model";
    if let Err(error) = Bundle::shipped() {
        return Finding::fail(CHECK, error.to_string(), "install sentinel again");
    }
    if owned || !Registry::is_in(&settings.data.dir) {
        return Finding::ok(CHECK, "the shipped model can be served");
    }
    let fix = "`sentinel model verify` says more; `sentinel model rollback` serves the one before";
    let checked = match Registry::look(&settings.data.dir, &settings.model) {
        Ok(checked) => checked,
        Err(error) => return Finding::fail(CHECK, error.to_string(), fix),
    };
    let wrong = checked
        .iter()
        .filter_map(|(name, checked)| Some(format!("{name}: {}", checked.as_ref().err()?)));
    let wrong: Vec<String> = wrong.collect();
    if wrong.is_empty() {
        let sealed = if settings.model.signature_secret.is_set() {
            "sealed"
        } else {
            "not sealed (no MODEL_SIGNATURE_SECRET)"
        };
        return Finding::ok(
            CHECK,
            format!("{} files of models and ledger are whole, {sealed}", checked.len()),
        );
    }
    Finding::fail(CHECK, wrong.join("; "), fix)
}

/// Whether GitHub lets us in, where there is anything to be let in with.
fn github(settings: &Settings) -> Finding {
    const CHECK: &str = "GitHub";
    let settings = &settings.github;
    if !settings.has_credential() {
        return Finding::ok(
            CHECK,
            "not connected: verdicts come from payloads alone; GITHUB_TOKEN with actions:read brings the logs",
        );
    }
    let pace = Pace {
        tries: 1,
        ..Pace::default()
    };
    let asked = runtime().and_then(|runtime| {
        let github = GitHub::new(settings, Arc::new(Timestamp::now), pace)?;
        runtime.block_on(github.introduce())?;
        Ok(format!("{} lets the {} in", github.host(), github.credential()))
    });
    match asked {
        Ok(says) => Finding::ok(CHECK, says),
        Err(error) => Finding::fail(
            CHECK,
            format!("{error:#}"),
            "renew the token or key and give it actions:read; is github.api_base reached from here?",
        ),
    }
}

fn clock(now: Timestamp, newest: Option<Timestamp>) -> Finding {
    const CHECK: &str = "clock";
    let fix = "set the clock, and let a time service (systemd-timesyncd, chrony) keep it";
    if now < LONG_AGO {
        return Finding::fail(CHECK, format!("{now:.0} is long past"), fix);
    }
    match newest.filter(|newest| newest.duration_since(now) > AHEAD) {
        Some(newest) => Finding::fail(
            CHECK,
            format!("{now:.0} is before the newest failure, {newest:.0}"),
            fix,
        ),
        None => Finding::ok(CHECK, format!("{now:.0}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_went_back_is_found() {
        let now = Timestamp::constant(1_790_000_000, 0);
        assert_eq!(clock(now, None).state, State::Ok);
        assert_eq!(clock(now, Some(now)).state, State::Ok);
        assert_eq!(clock(now, Some(now + AHEAD * 2)).state, State::Fail);
        assert_eq!(clock(Timestamp::UNIX_EPOCH, None).state, State::Fail);
    }

    #[test]
    fn whatever_is_wrong_says_how_to_mend_it() {
        let settings = Settings::default();
        for finding in [webhook(&settings), keys(&settings)] {
            assert!(finding.state == State::Warn && finding.fix.is_some(), "{finding:?}");
        }
        assert_eq!(folder(Path::new("/proc/no/such/folder")).state, State::Fail);
    }
}
