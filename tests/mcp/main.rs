//! What agents see of the server: through a real port, and through streams.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod common;

mod agent;
mod http;
mod resources;
mod streams;
mod tools;
mod writing;
