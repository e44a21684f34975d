//! A corpus becomes a bundle: records are composed into logs, read by the one pipeline, fitted, calibrated, evaluated.
//!
//! Everything random comes from a seed that is an argument; progress and cancellation go through a callback.

#![deny(clippy::disallowed_methods)]

pub mod corpus;
pub mod frozen;
pub mod compose;
pub mod foreign;
pub mod delivery;
pub mod lesson;
pub mod dataset;
mod lexicon;
mod baseline;
mod auroc;
pub mod evaluate;
pub mod repetition;
pub mod lineage;
pub mod fit;
pub mod papers;
pub mod trial;
mod isolation;
pub mod study;
pub mod leaning;
pub mod gate;
pub mod challenge;
pub mod policy;
