//! A server in a process of its own: the built program, or a test program that serves.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};

use serde_json::Value;

/// A running server, killed when dropped.
pub(crate) struct Served {
    child: Child,
    pub address: SocketAddr,
}

impl Served {
    /// Starts a command that serves, and waits until its log says that it listens.
    pub(crate) fn start(command: &mut Command) -> Self {
        let spawned = command.stdin(Stdio::null()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.expect("the program starts");
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
                let address = entry["address"].as_str().expect("an address");
                break address.parse().expect("an address");
            }
        };
        // Nobody waits for a full pipe.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Self { child, address }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        // It may have ended by itself.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
