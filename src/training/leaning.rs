//! What changed inside: on which inputs a challenger leans more or less than the champion.
//!
//! An input's share is that of the gain of all splits on it (Breiman et al., "Classification and Regression Trees", 1984).

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::bundle::Bundle;
use crate::model::booster::BoosterError;

/// Inputs that are told of.
const MOST: usize = 6;

/// A smaller change is none.
const LEAST: f64 = 0.0005;

/// How much both models lean on one input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FeatureChange {
    /// Which.
    pub feature: String,
    /// The champion's share of gain.
    pub champion: f64,
    /// The challenger's.
    pub challenger: f64,
}

impl FeatureChange {
    /// By how much the challenger leans on it more.
    #[must_use]
    pub fn moved(&self) -> f64 {
        self.challenger - self.champion
    }
}

/// The inputs whose shares differ most, the largest change first.
///
/// # Errors
/// When LightGBM cannot say.
pub fn changes(champion: &Bundle, challenger: &Bundle) -> Result<Vec<FeatureChange>, BoosterError> {
    let (before, after) = (champion.booster.importance()?, challenger.booster.importance()?);
    Ok(largest(&challenger.schema.names, &before, &after))
}

fn largest(names: &[String], before: &[f64], after: &[f64]) -> Vec<FeatureChange> {
    let (all_before, all_after): (f64, f64) = (before.iter().sum(), after.iter().sum());
    let share = |gain: f64, all: f64| if all > 0.0 { gain / all } else { 0.0 };
    let mut changes: Vec<FeatureChange> = names
        .iter()
        .zip(before.iter().zip(after))
        .map(|(name, (before, after))| FeatureChange {
            feature: name.clone(),
            champion: share(*before, all_before),
            challenger: share(*after, all_after),
        })
        .filter(|change| change.moved().abs() >= LEAST)
        .collect();
    changes.sort_by(|one, other| other.moved().abs().total_cmp(&one.moved().abs()));
    changes.truncate(MOST);
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_gain_are_compared_and_the_largest_changes_come_first() {
        let names = ["words", "steps", "log_lines"].map(str::to_owned);
        let changes = largest(&names, &[50.0, 30.0, 20.0], &[150.0, 20.0, 30.0]);
        let told: Vec<(&str, f64)> = changes
            .iter()
            .map(|change| (change.feature.as_str(), (change.moved() * 100.0).round()))
            .collect();
        assert_eq!(told, [("words", 25.0), ("steps", -20.0), ("log_lines", -5.0)]);
        assert!(largest(&names, &[0.0; 3], &[0.0; 3]).is_empty());
    }
}
