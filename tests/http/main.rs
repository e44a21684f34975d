//! What the outside sees of the server, through a real port.

#[path = "../common/mod.rs"]
#[allow(dead_code, reason = "other tests use the rest")]
mod common;

mod api;
mod bad_input;
mod corrections;
mod doors;
mod history;
mod server;
mod webhook;
