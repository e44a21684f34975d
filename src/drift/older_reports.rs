//! PSI as older dashboards compute it, for comparison with their figures. Nothing here decides anything.
//!
//! Shares are floored at 1e-4 and brought back to a sum of 1. Equal-width bins span the joint range of both samples, so a
//! single outlier moves every bin: that, and the missing error rate, is why Sentinel's own drift does neither.

use super::psi::psi;

/// The least share of a bin.
const FLOOR: f64 = 1e-4;

/// How far the joint range is widened on both sides.
const MARGIN: f64 = 1e-6;

/// PSI over bins of equal width, from the smallest to the largest value of both samples. `None` without values or bins.
#[must_use]
pub fn psi_equal_width(reference: &[f64], live: &[f64], bins: usize) -> Option<f64> {
    if reference.is_empty() || live.is_empty() || bins == 0 {
        return None;
    }
    let both = || reference.iter().chain(live).copied();
    let low = both().fold(f64::INFINITY, f64::min) - MARGIN;
    let high = both().fold(f64::NEG_INFINITY, f64::max) + MARGIN;
    let step = (high - low) / bins as f64;
    let inner: Vec<f64> = (1..bins).map(|edge| low + edge as f64 * step).collect();
    Some(floored_psi(reference, live, &inner))
}

/// PSI over bins between the distinct quantiles of the reference, the outer ones open; a quantile that is the smallest or
/// largest value of all is no edge. `None` where the reference knows one value only, or a sample none.
#[must_use]
pub fn psi_quantile(reference: &[f64], live: &[f64], bins: usize) -> Option<f64> {
    let mut sorted = reference.to_vec();
    sorted.sort_by(f64::total_cmp);
    if live.is_empty() || bins == 0 || sorted.first() == sorted.last() {
        return None;
    }
    let mut inner: Vec<f64> = (1..bins)
        .map(|edge| quantile(&sorted, edge as f64 / bins as f64))
        .collect();
    inner.dedup();
    inner.retain(|edge| Some(edge) != sorted.first() && Some(edge) != sorted.last());
    Some(floored_psi(reference, live, &inner))
}

/// Linear between the two nearest values (type 7 of Hyndman and Fan, 1996). `sorted` is not empty.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place in a slice"
)]
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let (below, part) = (sorted[place.floor() as usize], place.fract());
    below + (sorted[place.ceil() as usize] - below) * part
}

fn floored_psi(reference: &[f64], live: &[f64], inner: &[f64]) -> f64 {
    psi(&floored_shares(reference, inner), &floored_shares(live, inner))
}

fn floored_shares(values: &[f64], inner: &[f64]) -> Vec<f64> {
    let mut shares = vec![0.0; inner.len() + 1];
    for value in values {
        shares[inner.partition_point(|edge| edge <= value)] += 1.0 / values.len() as f64;
    }
    let floored: Vec<f64> = shares.iter().map(|share| share.max(FLOOR)).collect();
    let sum: f64 = floored.iter().sum();
    floored.iter().map(|share| share / sum).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_outlier_hides_every_other_difference() {
        let reference: Vec<f64> = (0..1000).map(f64::from).collect();
        let mut live: Vec<f64> = (0..500).map(f64::from).collect();
        live.push(1e9);
        assert!(psi_equal_width(&reference, &live, 10).is_some_and(|psi| psi < 0.05));
        assert!(psi_quantile(&reference, &live, 10).is_some_and(|psi| psi > 2.0));
    }

    #[test]
    fn no_values_no_figure() {
        assert_eq!(psi_equal_width(&[], &[1.0], 10), None);
        assert_eq!(psi_quantile(&[1.0, 1.0], &[1.0], 10), None);
    }
}
