//! The terminal: what an operator sees and does.
//!
//! A [`session::Session`] serves one terminal, local or remote. [`input`] becomes a [`message`] by way of the
//! [`keymap`]; [`update`] turns messages into a new [`state`] and [`intent`]s; the session carries intents out and
//! [`view`] paints the state. `update` and `view` are pure: no clock, no I/O, no waiting.

pub mod text;
pub mod theme;
pub mod layout;
pub mod input;
pub mod message;
mod chord;
pub mod keymap;
pub mod prompt;
pub mod intent;
pub mod settings;
pub mod panes;
pub mod ledger;
pub mod state;
pub mod update;
pub mod view;
pub mod surface;
mod errands;
pub mod session;
mod tower;
pub mod terminal;
pub mod console;

#[cfg(test)]
mod fixture;
