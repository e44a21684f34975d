//! Which watched feature is worth a look first.
//!
//! Effect times importance: how far it moved (PSI, where effect and evidence both say that it moved) times its share of
//! the model's gain. What did not move has no effect but chance: it stands behind, by importance alone, so that the order
//! does not jump with every event.

use super::FeatureDrift;

/// Places of the features, the first to look at first. An importance that is not given is 0.
#[must_use]
pub fn ranking(features: &[FeatureDrift], importance: &[f64]) -> Vec<usize> {
    let weight = |place: usize| importance.get(place).copied().unwrap_or(0.0);
    let effect = |place: usize| match &features[place] {
        feature if feature.is_drifted => feature.score.unwrap_or(0.0),
        _ => 0.0,
    };
    let key = |place: usize| {
        let (effect, weight) = (effect(place), weight(place));
        [f64::from(u8::from(effect > 0.0)), effect * weight, effect, weight]
    };
    let mut places: Vec<usize> = (0..features.len()).collect();
    places.sort_by(|one, other| {
        let pairs = key(*other).into_iter().zip(key(*one));
        pairs.fold(std::cmp::Ordering::Equal, |order, (other, one)| {
            order.then(other.total_cmp(&one))
        })
    });
    places
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::drift::{Method, Severity};

    fn feature(score: f64, severity: Severity) -> FeatureDrift {
        FeatureDrift {
            feature: String::new(),
            method: Method::Psi,
            score: Some(score),
            p_value: Some(0.5),
            severity,
            is_drifted: severity >= Severity::Moderate,
            n: 100,
            bins: Vec::new(),
            reference: Vec::new(),
            live: Vec::new(),
        }
    }

    #[test]
    fn what_moved_comes_first_by_effect_times_importance_and_the_rest_by_importance() {
        let features = [
            feature(0.09, Severity::None),
            feature(0.30, Severity::Severe),
            feature(0.05, Severity::None),
            feature(0.20, Severity::Moderate),
            feature(0.90, Severity::Severe),
        ];
        assert_eq!(ranking(&features, &[0.1, 0.2, 1.0, 0.9]), [3, 1, 4, 2, 0]);
        assert_eq!(ranking(&features, &[]), [4, 1, 3, 0, 2]);
        assert!(ranking(&[], &[0.3]).is_empty());
    }
}
