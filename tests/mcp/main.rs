//! What agents see of the server: through a real port, and through streams.

#![expect(
    clippy::expect_used,
    clippy::unwrap_used,
    reason = "a test ends where something is not as it says"
)]

#[path = "../common/mod.rs"]
#[expect(dead_code, reason = "other tests use the rest")]
mod common;

mod agent;
mod http;
mod resources;
mod streams;
mod tools;
mod writing;
