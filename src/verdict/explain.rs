//! Which inputs made the score of the predicted class, exactly.

use super::Contribution;

/// Contributions of one verdict.
pub const MAX_CONTRIBUTIONS: usize = 10;

/// Pairs names, values and SHAP contributions, largest first; those that added nothing are left out.
#[must_use]
pub fn top(names: &[String], values: &[f32], contributions: &[f64]) -> Vec<Contribution> {
    let mut all: Vec<Contribution> = names
        .iter()
        .zip(values)
        .zip(contributions)
        .filter(|(_, contribution)| **contribution != 0.0)
        .map(|((name, value), contribution)| Contribution {
            feature: name.clone(),
            value: value.is_finite().then_some(f64::from(*value)),
            contribution: *contribution,
        })
        .collect();
    all.sort_by(|one, other| other.contribution.abs().total_cmp(&one.contribution.abs()));
    all.truncate(MAX_CONTRIBUTIONS);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_largest_contribution_comes_first_and_a_missing_value_is_null() {
        let names = ["a", "b", "c"].map(String::from);
        let found = top(&names, &[1.0, f32::NAN, 2.0], &[0.1, -0.9, 0.0]);
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].feature.as_str(), found[0].value), ("b", None));
    }
}
