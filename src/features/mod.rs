//! Evidence and measurements become a row of numbers under one [`FeatureSchema`].

use serde::{Deserialize, Serialize};

/// The names of the model's inputs, in order. Part of the bundle; its hash decides whether a vector fits a model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeatureSchema {
    /// Names in order.
    pub names: Vec<String>,
}

/// Values in the order of a schema. NaN stands for what is not known.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FeatureVector {
    /// Hash of the schema they belong to, hex.
    pub schema: String,
    /// The values.
    pub values: Vec<f32>,
}
