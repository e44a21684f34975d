//! A row of numbers becomes one score a class. LightGBM decides; its C interface lives in [`booster`] alone. Its trees
//! are also laid out for single rows, in `forest`.

#![deny(clippy::disallowed_methods)]

pub mod booster;
mod forest;
