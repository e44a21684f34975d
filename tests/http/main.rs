//! What the outside sees of the server, through a real port.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test ends where something is not as it says"
)]

#[path = "../common/mod.rs"]
mod common;

mod api;
mod bad_input;
mod corrections;
mod doors;
mod events;
mod history;
mod metrics;
mod server;
mod upkeep;
mod webhook;
