//! A running `sentinel serve`, ended when dropped.

use std::path::Path;

use serde_json::Value;

use super::sentinel_in;
use super::served::Served;

/// The key of its administrator.
pub(crate) const KEY: &str = "a-long-key-of-the-administrator-0123456789";

/// The server, and where it listens.
pub(crate) struct Server {
    /// Ends it.
    _served: Served,
    pub address: String,
}

impl Server {
    /// Starts with a data folder, on a port of the system's choice, and waits until it listens.
    pub(crate) fn start(data: &Path, settings: &[&str]) -> Self {
        let mut command = sentinel_in(data);
        command.env("SENTINEL_API_KEY", KEY).args([
            "--set",
            "server.listen=127.0.0.1:0",
            "--set",
            "api.rate_per_minute=0",
        ]);
        for setting in settings {
            command.args(["--set", setting]);
        }
        let served = Served::start(command.arg("serve"));
        Self {
            address: served.address.to_string(),
            _served: served,
        }
    }

    /// Its address as a link.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What a route answers to its administrator.
    pub(crate) fn get(&self, path: &str) -> Value {
        self.send(|client, url| client.get(format!("{url}{path}")))
    }

    /// The same as text.
    pub(crate) fn text(&self, path: &str) -> String {
        self.ask(|client, url| client.get(format!("{url}{path}")))
    }

    /// What a route answers its administrator to a body.
    pub(crate) fn post(&self, path: &str, body: &Value) -> Value {
        self.send(|client, url| client.post(format!("{url}{path}")).json(body))
    }

    fn send(&self, request: impl FnOnce(&reqwest::Client, String) -> reqwest::RequestBuilder) -> Value {
        serde_json::from_str(&self.ask(request)).expect("JSON")
    }

    fn ask(&self, request: impl FnOnce(&reqwest::Client, String) -> reqwest::RequestBuilder) -> String {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.expect("a runtime").block_on(async {
            let request = request(&reqwest::Client::new(), self.url());
            let answer = request.header("x-api-key", KEY).send().await.expect("an answer");
            answer.text().await.expect("text")
        })
    }
}
