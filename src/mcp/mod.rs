//! MCP: the door of agents. Tools, resources and a prompt over what people see, by HTTP, stdio or the Unix socket.
//!
//! The promise: an agent sees what a person with the same key may see, writes what that key may write, and every text of a
//! stranger comes to it fenced ([`fence`]), bounded, and with nothing in it that cannot be seen.

mod analyze;
mod answer;
mod arguments;
mod caller;
mod correct;
mod door;
mod fence;
mod health;
mod history;
mod http;
mod prompt;
mod refused;
mod resource;
mod search;
mod stdio;
mod tool;

use serde::{Deserialize, Serialize};

pub use caller::{Allowance, Caller};
pub use door::AgentDoor;
pub use http::{AgentService, PATH, may_ask, may_read};
pub use stdio::{StreamError, bridge, serve_stdio, serve_stream};

/// `[mcp]` of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct McpSettings {
    /// What becomes of an agent's correction.
    pub write: WriteMode,
    /// Origins of web pages that may talk to `/mcp` beside those of this server, as `https://agents.example.com`.
    pub allowed_origins: Vec<String>,
}

/// What becomes of an agent's correction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WriteMode {
    /// It is refused.
    Off,
    /// It waits until a person accepts it.
    #[default]
    Propose,
    /// It counts at once.
    Apply,
}

impl WriteMode {
    /// The name in the configuration.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Propose => "propose",
            Self::Apply => "apply",
        }
    }
}
