//! One state, one writer. Interfaces read a [`snapshot::Snapshot`], query pages, and submit commands; nothing else.

pub mod command;
pub mod event;
pub mod effect;
mod newest;
pub mod state;
pub mod snapshot;
pub mod known_issues;
pub mod retraining;
pub mod row;
pub mod dashboard;
pub mod asked;
pub mod feed;
mod intake;
pub mod look_back;
mod judging;
mod logs;
mod learner;
mod live;
mod people;
mod publisher;
mod uncancelled;
pub mod engine;
pub mod upkeep;
