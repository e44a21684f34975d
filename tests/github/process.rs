//! The built program against the fake GitHub, and what Linux says of it in /proc.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::fake::{Fake, TOKEN};

/// The program with this data folder, this GitHub and a token.
pub(crate) fn sentinel(data: &Path, fake: &Fake) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel"));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("GITHUB_TOKEN", TOKEN)
        .stdin(Stdio::null())
        .arg("--data")
        .arg(data)
        .args(["--set", &format!("github.api_base={}", fake.url(""))]);
    command
}

/// A server, ended when dropped.
pub(crate) struct Server {
    child: Child,
    pub address: SocketAddr,
}

impl Server {
    /// Starts it and waits until it listens.
    pub(crate) fn start(data: &Path, fake: &Fake) -> Self {
        Self::start_with(data, fake, &[])
    }

    /// Starts it with further settings.
    pub(crate) fn start_with(data: &Path, fake: &Fake, further: &[&str]) -> Self {
        let settings = [
            "server.listen=127.0.0.1:0",
            "api.rate_per_minute=0",
            "webhook.rate_per_minute=0",
        ];
        let settings = settings.iter().chain(further).flat_map(|setting| ["--set", setting]);
        let command = &mut sentinel(data, fake);
        let mut child = command
            .args(settings)
            .arg("serve")
            .stderr(Stdio::piped())
            .spawn()
            .expect("a server");
        let mut log = BufReader::new(child.stderr.take().expect("piped"));
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(
                log.read_line(&mut line).expect("a log"),
                0,
                "the server ended before it listened"
            );
            let entry: Value = serde_json::from_str(&line).expect("JSON");
            if entry["message"] == "listening" {
                break entry["address"]
                    .as_str()
                    .expect("an address")
                    .parse()
                    .expect("an address");
            }
        };
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, address }
    }

    /// The most memory that it held at one time, in MiB.
    pub(crate) fn peak_mib(&self) -> f64 {
        peak_mib(self.child.id())
    }

    /// Lets the mark of the most memory start anew from what is held now.
    pub(crate) fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.child.id()), "5").expect("written");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// `VmHWM` of a process, in MiB.
pub(crate) fn peak_mib(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("a running process");
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))
        .expect("a mark");
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse().expect("a number");
    kib / 1_024.0
}

/// All that a child has left to say.
pub(crate) fn rest(source: impl Read) -> String {
    let mut text = String::new();
    BufReader::new(source).read_to_string(&mut text).expect("text");
    text
}
