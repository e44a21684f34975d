//! Sentinel: the control tower for CI/CD failures.
//!
//! Read from the top, these modules are the path that one failure travels. A module imports only from modules above
//! it in this list; `tests/architecture.rs` holds the rule.

pub mod class;
pub mod ingest;
pub mod evidence;
pub mod features;
pub mod model;
pub mod verdict;
pub mod correction;
pub mod drift;
pub mod bundle;
pub mod judge;
pub mod health;
pub mod training;
pub mod simulate;
pub mod telemetry;
pub mod background;
pub mod store;
pub mod registry;
pub mod github;
pub mod app;
pub mod collect;
pub mod http;
pub mod mcp;
pub mod tui;
pub mod server;
pub mod config;
pub mod cli;
