//! The accept loop: one port, time-outs, graceful shutdown.

use serde::{Deserialize, Serialize};

/// `[server]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Address and port to listen on.
    pub listen: String,
    /// Whether to listen beyond this machine without webhook secret and API key.
    pub insecure: bool,
    /// Addresses or networks of proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<String>,
    /// Host names that requests may name beside the listening address and loopback.
    pub allowed_hosts: Vec<String>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8200".to_owned(),
            insecure: false,
            trusted_proxies: Vec::new(),
            allowed_hosts: Vec::new(),
        }
    }
}
