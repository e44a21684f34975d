//! The built program against the fake GitHub, and what Linux says of it in /proc.

use std::io::{BufReader, Read};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::fake::{Fake, TOKEN};
use crate::served::Served;

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
    served: Served,
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
        let served = Served::start(sentinel(data, fake).args(settings).arg("serve"));
        Self {
            address: served.address,
            served,
        }
    }

    /// The most memory that it held at one time, in MiB.
    pub(crate) fn peak_mib(&self) -> f64 {
        peak_mib(self.served.pid())
    }

    /// Lets the mark of the most memory start anew from what is held now.
    pub(crate) fn forget_peak(&self) {
        std::fs::write(format!("/proc/{}/clear_refs", self.served.pid()), "5").expect("written");
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
