//! A row of numbers becomes one score a class. LightGBM decides; its C interface lives in [`booster`] alone.

#![deny(clippy::disallowed_methods)]

pub mod booster;
