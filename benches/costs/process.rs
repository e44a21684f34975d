//! Processes of the built binary, and what Linux says of them in /proc.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use tempfile::TempDir;

/// The secret that deliveries are signed with.
pub(crate) const SECRET: &str = "It's a Secret to Everybody";

/// The binary that was built with these benchmarks.
pub(crate) fn sentinel() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sentinel"));
    command
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command
}

/// A folder on the disk that also holds the build: memory file systems would make a commit cheaper than it is.
pub(crate) fn folder() -> Result<TempDir> {
    Ok(tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"))?)
}

/// A running server with an empty database of its own.
pub(crate) struct Server {
    child: Child,
    pub address: SocketAddr,
    /// From the start of the process to the first answer of /health.
    pub ready_after: Duration,
    _folder: TempDir,
}

impl Server {
    pub(crate) fn start() -> Result<Self> {
        let folder = folder()?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let started = Instant::now();
        let mut child = sentinel()
            .env("GITHUB_WEBHOOK_SECRET", SECRET)
            .args(["--config", concat!(env!("CARGO_MANIFEST_DIR"), "/config.toml")])
            .args([
                "--set",
                &format!("server.listen={address}"),
                "--set",
                "api.rate_per_minute=0",
            ])
            .arg("--data")
            .arg(folder.path())
            .arg("serve")
            .spawn()?;
        while !is_healthy(address) {
            if let Some(status) = child.try_wait()? {
                bail!("the server ended with {status}");
            }
            if started.elapsed() > Duration::from_secs(30) {
                child.kill()?;
                bail!("the server did not answer in 30 s");
            }
            std::thread::sleep(Duration::from_micros(500));
        }
        Ok(Self {
            child,
            address,
            ready_after: started.elapsed(),
            _folder: folder,
        })
    }

    pub(crate) fn resident_mib(&self) -> Result<f64> {
        memory_mib(self.child.id(), "VmRSS:")
    }

    /// Processor time of all its threads so far.
    pub(crate) fn cpu(&self) -> Result<Duration> {
        // Fields 14 and 15, counted behind the name in brackets, in ticks of 1/100 s on every Linux (proc(5)).
        let stat = fs::read_to_string(format!("/proc/{}/stat", self.child.id()))?;
        let (_, fields) = stat.rsplit_once(')').context("no name in /proc/PID/stat")?;
        let mut ticks = 0;
        for field in fields.split_whitespace().skip(11).take(2) {
            ticks += field.parse::<u64>()?;
        }
        Ok(Duration::from_millis(ticks * 10))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

fn is_healthy(address: SocketAddr) -> bool {
    let mut answer = [0; 12];
    TcpStream::connect(address).is_ok_and(|mut stream| {
        let asked = stream.write_all(b"GET /health HTTP/1.1\r\nhost: localhost\r\n\r\n");
        asked.is_ok() && stream.read_exact(&mut answer).is_ok() && answer.ends_with(b"200")
    })
}

/// What a command took to its end.
pub(crate) struct Taken {
    pub time: Duration,
    /// The most memory it held at one time.
    pub peak_mib: f64,
}

/// Judges a log with `sentinel analyze`.
pub(crate) fn analyze(log: &Path) -> Result<Taken> {
    let started = Instant::now();
    let mut child = sentinel().arg("analyze").arg(log).spawn()?;
    let mut peak_mib = 0.0;
    loop {
        // The high-water mark only grows, so what is read last is near the end's.
        peak_mib = memory_mib(child.id(), "VmHWM:").unwrap_or(peak_mib);
        if let Some(status) = child.try_wait()? {
            if !status.success() {
                bail!("sentinel analyze ended with {status}");
            }
            return Ok(Taken {
                time: started.elapsed(),
                peak_mib,
            });
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

/// One line of /proc/PID/status, which gives KiB.
fn memory_mib(pid: u32, name: &str) -> Result<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix(name))
        .with_context(|| format!("no {name}"))?;
    let kib: f64 = line.trim().trim_end_matches("kB").trim().parse()?;
    Ok(kib / 1_024.0)
}

/// What was measured on.
pub(crate) fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "{cores} cores of {}",
        model.map_or("an unknown processor", |(_, name)| name)
    )
}
