//! Bins of one watched feature, frozen at training.
//!
//! Training values enter; places and names of bins leave. Numbers are binned in single precision, like the model's own
//! inputs: so a bin's edge is the same number again after a trip through JSON.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::WatchedValue;

/// Categories with a bin of their own; rarer ones share `other`.
const MAX_CATEGORIES: usize = 32;

/// How a feature's values fall into bins. `missing` is no bin of these: it comes after them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bins {
    /// Upper edges of all bins but the last: a value belongs to the first bin whose edge it does not exceed.
    Numbers(Vec<f32>),
    /// Names, commonest in training first. Other values share one more bin.
    Categories(Vec<String>),
}

impl Bins {
    /// Quantile bins of numbers. A value that alone fills a bin (a point mass) is a bin of its own.
    #[must_use]
    pub fn of_numbers(values: impl Iterator<Item = f64>, bins: usize) -> Self {
        let mut sorted: Vec<f32> = values.map(single).collect();
        sorted.sort_by(f32::total_cmp);
        let fill = sorted.len() as f64 / bins.max(1) as f64;
        Self::Numbers(edges(&groups(&runs(&sorted), fill)))
    }

    /// A bin a category.
    #[must_use]
    pub fn of_categories<'a>(values: impl Iterator<Item = &'a str>) -> Self {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for value in values {
            *counts.entry(value).or_default() += 1;
        }
        let mut ranked: Vec<(&str, usize)> = counts.into_iter().collect();
        ranked.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        Self::Categories(
            ranked
                .into_iter()
                .take(MAX_CATEGORIES)
                .map(|(name, _)| name.to_owned())
                .collect(),
        )
    }

    /// How many bins there are, without `missing`.
    #[must_use]
    pub fn count(&self) -> usize {
        1 + match self {
            Self::Numbers(edges) => edges.len(),
            Self::Categories(names) => names.len(),
        }
    }

    /// The bin of a value; [`Self::count`] stands for missing. What is not of the feature's kind is missing.
    #[must_use]
    pub fn place(&self, value: &WatchedValue) -> usize {
        match (self, value) {
            (Self::Numbers(edges), WatchedValue::Number(number)) if number.is_finite() => {
                edges.partition_point(|edge| *edge < single(*number))
            }
            (Self::Categories(_), WatchedValue::Category(category)) => self.place_of_word(Some(category)),
            _ => self.count(),
        }
    }

    /// The bin of a word, or of a missing one. Numbers know no words.
    #[must_use]
    pub fn place_of_word(&self, word: Option<&str>) -> usize {
        match (self, word) {
            (Self::Categories(names), Some(word)) => names.iter().position(|name| name == word).unwrap_or(names.len()),
            _ => self.count(),
        }
    }

    /// What a person reads of each bin, `missing` last.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        let mut names = match self {
            Self::Numbers(edges) => (0..=edges.len()).map(|bin| range_name(edges, bin)).collect(),
            Self::Categories(names) => [names.clone(), vec!["other".to_owned()]].concat(),
        };
        names.push("missing".to_owned());
        names
    }
}

#[expect(clippy::cast_possible_truncation, reason = "numbers are watched in single precision")]
fn single(value: f64) -> f32 {
    // Adding zero makes one zero of both.
    value as f32 + 0.0
}

/// Each value and how often it comes.
fn runs(sorted: &[f32]) -> Vec<(f32, usize)> {
    sorted
        .chunk_by(|one, next| one.total_cmp(next).is_eq())
        .map(|run| (run[0], run.len()))
        .collect()
}

/// The training values of one bin.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Group {
    first: f32,
    last: f32,
    point_mass: bool,
}

/// Point masses by themselves; what lies between them in parts of about `fill` values.
fn groups(runs: &[(f32, usize)], fill: f64) -> Vec<Group> {
    let is_point_mass = |count: usize| count as f64 >= fill;
    let stretches = runs.chunk_by(|one, next| !is_point_mass(one.1) && !is_point_mass(next.1));
    stretches
        .flat_map(|stretch| match stretch {
            [(value, count)] if is_point_mass(*count) => {
                vec![Group {
                    first: *value,
                    last: *value,
                    point_mass: true,
                }]
            }
            _ => parts(stretch, fill),
        })
        .collect()
}

/// Splits a stretch without point masses into parts of equal weight, at least one.
fn parts(stretch: &[(f32, usize)], fill: f64) -> Vec<Group> {
    let total: usize = stretch.iter().map(|run| run.1).sum();
    let parts = (total as f64 / fill).round().max(1.0);
    let mut before = 0;
    let placed: Vec<(f64, f32)> = stretch
        .iter()
        .map(|(value, count)| {
            let middle = before as f64 + *count as f64 / 2.0;
            before += count;
            ((middle / total as f64 * parts).floor(), *value)
        })
        .collect();
    let group = |part: &[(f64, f32)]| Group {
        first: part[0].1,
        last: part[part.len() - 1].1,
        point_mass: false,
    };
    placed
        .chunk_by(|one, next| one.0.total_cmp(&next.0).is_eq())
        .map(group)
        .collect()
}

/// The edges between groups, and those that pin outer point masses down.
fn edges(groups: &[Group]) -> Vec<f32> {
    let mut edges = Vec::new();
    // No watched number is negative: nothing lies under a point mass at zero.
    if let Some(first) = groups.first().filter(|first| first.point_mass && first.first > 0.0) {
        edges.push(first.first.next_down());
    }
    edges.extend(groups.windows(2).map(|pair| match pair {
        [below, _] if below.point_mass => below.last,
        [_, above] if above.point_mass => above.first.next_down(),
        [below, above] => shortest_between(below.last, above.first),
        _ => f32::INFINITY,
    }));
    edges.extend(groups.last().filter(|last| last.point_mass).map(|last| last.last));
    edges
}

/// The number with the fewest decimals from `low` up to, but without, `high`.
fn shortest_between(low: f32, high: f32) -> f32 {
    (0..=8)
        .map(|decimals| {
            let scale = 10f64.powi(decimals);
            single((f64::from(low) * scale).ceil() / scale)
        })
        .find(|short| (low..high).contains(short))
        .unwrap_or(low)
}

/// `<= 12.5`, `(12.5, 20]`, `= 0`, `> 20`; `< 3` and `(1, 3)` under a point mass.
fn range_name(edges: &[f32], bin: usize) -> String {
    let low = bin.checked_sub(1).map(|below| edges[below]);
    let (high, next) = (edges.get(bin).copied(), edges.get(bin + 1).copied());
    let under = high.map(f32::next_up).filter(|point| next == Some(*point));
    match (low, high, under) {
        (Some(low), Some(high), _) if low.next_up().total_cmp(&high).is_eq() => format!("= {high}"),
        (Some(low), _, Some(point)) => format!("({low}, {point})"),
        (Some(low), Some(high), None) => format!("({low}, {high}]"),
        (Some(low), None, _) => format!("> {low}"),
        (None, _, Some(point)) => format!("< {point}"),
        (None, Some(high), None) => format!("<= {high}"),
        (None, None, _) => "any".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn numbers(values: &[f64], bins: usize) -> Bins {
        Bins::of_numbers(values.iter().copied(), bins)
    }

    fn counts(bins: &Bins, values: &[f64]) -> Vec<usize> {
        let mut counts = vec![0; bins.count() + 1];
        for value in values {
            counts[bins.place(&WatchedValue::Number(*value))] += 1;
        }
        counts
    }

    #[test]
    fn quantile_bins_hold_equal_shares_under_short_names() {
        let values: Vec<f64> = (0..1000).map(|value| f64::from(value) * 1.234_567).collect();
        let bins = numbers(&values, 4);
        assert_eq!(counts(&bins, &values), [250, 250, 250, 250, 0]);
        assert_eq!(bins.names(), ["<= 308", "(308, 617]", "(617, 925]", "> 925", "missing"]);
    }

    #[test]
    fn point_masses_are_bins_of_their_own() {
        let values = [
            vec![0.0; 70],
            vec![1.0; 20],
            (0..10).map(|value| 2.0 + f64::from(value)).collect(),
        ]
        .concat();
        let bins = numbers(&values, 10);
        assert_eq!(bins.names(), ["<= 0", "(0, 1]", "> 1", "missing"]);
        assert_eq!(counts(&bins, &values), [70, 20, 10, 0]);
    }

    #[test]
    fn a_point_mass_inside_of_a_spread_is_pinned_on_both_sides() {
        let values = [
            (0..50).map(f64::from).collect(),
            vec![55.0; 50],
            (60..110).map(f64::from).collect(),
        ]
        .concat();
        assert_eq!(numbers(&values, 3).names(), ["< 55", "= 55", "> 55", "missing"]);
    }

    #[test]
    fn a_constant_has_bins_for_what_it_never_was() {
        let bins = numbers(&[55.0; 100], 10);
        assert_eq!(bins.names(), ["< 55", "= 55", "> 55", "missing"]);
        assert_eq!(counts(&bins, &[54.999, 55.0, 60.0, f64::NAN]), [1, 1, 1, 1]);
    }

    #[test]
    fn without_training_values_there_is_one_bin() {
        assert_eq!(numbers(&[], 10).names(), ["any", "missing"]);
    }

    #[test]
    fn the_commonest_category_comes_first_and_an_unseen_one_is_other() {
        let bins = Bins::of_categories(["test", "build", "test"].into_iter());
        assert_eq!(bins.names(), ["test", "build", "other", "missing"]);
        assert_eq!(bins.place(&WatchedValue::Category("deploy".to_owned())), 2);
        assert_eq!(bins.place(&WatchedValue::Missing), 3);
    }

    #[test]
    fn a_value_of_another_kind_is_missing() {
        assert_eq!(
            numbers(&[1.0], 10).place(&WatchedValue::Category("one".to_owned())),
            numbers(&[1.0], 10).count()
        );
    }

    proptest! {
        #[test]
        fn bins_are_as_even_as_the_values_allow(values in proptest::collection::vec(0.0f64..1e6, 100..400), bins in 2usize..20) {
            let made = numbers(&values, bins);
            let counts = counts(&made, &values);
            prop_assert_eq!(counts.iter().sum::<usize>(), values.len());
            let fill = values.len() as f64 / bins as f64;
            prop_assert!(counts[..made.count()].iter().all(|count| *count as f64 <= 2.0 * fill + 1.0));
        }

        #[test]
        fn every_value_keeps_its_bin_through_json(values in proptest::collection::vec(0.0f64..1e6, 1..100), many in 0usize..100) {
            let values = [values.clone(), vec![values[0]; many]].concat();
            let made = numbers(&values, 10);
            let json = serde_json::to_string(&made).expect("plain data");
            let read: Bins = serde_json::from_str(&json).expect("what was written");
            prop_assert_eq!(&read, &made);
            prop_assert_eq!(counts(&read, &values), counts(&made, &values));
        }
    }
}
