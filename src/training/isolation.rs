//! Isolation forest: how unlike everything seen a row is, from inputs alone. A baseline, beside which the model's own
//! notion of what it does not know has to stand.
//!
//! Liu, Ting, Zhou, "Isolation Forest", ICDM 2008, with their defaults. The crates there are draw from the thread's own
//! chance, so that no figure comes twice, and know no missing value.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64Mcg;

/// Trees.
const TREES: usize = 100;

/// Rows of each tree.
const SAMPLE: usize = 256;

/// Depth at which a tree of so many rows is cut off: the mean depth of a search tree, where what is left is ordinary.
const DEPTH: usize = 8;

/// A fitted forest.
pub(super) struct Forest {
    trees: Vec<Node>,
    /// The mean length of a path in a tree of ordinary rows.
    ordinary: f64,
}

enum Node {
    /// So many rows were left.
    Leaf(usize),
    Split {
        column: usize,
        at: f32,
        /// Rows below the value, and rows without one.
        below: Box<Node>,
        above: Box<Node>,
    },
}

impl Forest {
    /// Fits on rows of equal length; a missing value is NaN and lies below all others.
    pub(super) fn fit(rows: &[&[f32]], seed: u64) -> Self {
        let mut rng = Pcg64Mcg::seed_from_u64(seed);
        let size = SAMPLE.min(rows.len());
        let trees = (0..TREES)
            .map(|_| {
                let mut drawn: Vec<&[f32]> = (0..size).map(|_| rows[rng.random_range(0..rows.len())]).collect();
                grow(&mut drawn, 0, &mut rng)
            })
            .collect();
        Self {
            trees,
            ordinary: mean_path(size),
        }
    }

    /// Near 1 for a row that is alone, under 0.5 for one of many.
    pub(super) fn score(&self, row: &[f32]) -> f64 {
        let total: f64 = self.trees.iter().map(|tree| path(tree, row)).sum();
        (-(total / TREES as f64) / self.ordinary.max(1.0)).exp2()
    }
}

fn value(row: &[f32], column: usize) -> f32 {
    if row[column].is_nan() { f32::MIN } else { row[column] }
}

fn grow(rows: &mut [&[f32]], depth: usize, rng: &mut Pcg64Mcg) -> Node {
    if rows.len() <= 1 || depth == DEPTH {
        return Node::Leaf(rows.len());
    }
    let Some((column, at)) = split(rows, rng) else {
        return Node::Leaf(rows.len());
    };
    rows.sort_by(|one, other| value(one, column).total_cmp(&value(other, column)));
    let border = rows.partition_point(|row| value(row, column) < at);
    let (below, above) = rows.split_at_mut(border);
    Node::Split {
        column,
        at,
        below: Box::new(grow(below, depth + 1, rng)),
        above: Box::new(grow(above, depth + 1, rng)),
    }
}

/// A column in which the rows differ, and a value between theirs; where some have none, perhaps the border to these.
fn split(rows: &[&[f32]], rng: &mut Pcg64Mcg) -> Option<(usize, f32)> {
    let columns = rows.first()?.len();
    let start = rng.random_range(0..columns);
    for step in 0..columns {
        let column = (start + step) % columns;
        let known = || rows.iter().map(|row| row[column]).filter(|value| !value.is_nan());
        let (least, most) = (known().fold(f32::MAX, f32::min), known().fold(f32::MIN, f32::max));
        let some_missing = known().count() < rows.len() && least <= most;
        if some_missing && (least == most || rng.random_bool(0.5)) {
            return Some((column, least));
        }
        if least < most {
            // Above the least one, so that both sides have rows.
            return Some((column, most - (most - least) * rng.random::<f32>() * 0.999_9));
        }
    }
    None
}

fn path(node: &Node, row: &[f32]) -> f64 {
    match node {
        Node::Leaf(left) => mean_path(*left),
        Node::Split {
            column,
            at,
            below,
            above,
        } => 1.0 + path(if value(row, *column) < *at { below } else { above }, row),
    }
}

/// The mean length of an unsuccessful search in a binary search tree of so many rows.
fn mean_path(rows: usize) -> f64 {
    const EULER: f64 = 0.577_215_664_901_532_9;
    match rows {
        0 | 1 => 0.0,
        2 => 1.0,
        rows => {
            let others = (rows - 1) as f64;
            2.0 * (others.ln() + EULER) - 2.0 * others / rows as f64
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_that_stands_alone_scores_higher_than_one_of_many() {
        let mut rng = Pcg64Mcg::seed_from_u64(5);
        let rows: Vec<[f32; 3]> = (0..600)
            .map(|_| {
                [
                    rng.random::<f32>(),
                    rng.random::<f32>(),
                    if rng.random_bool(0.3) { f32::NAN } else { 0.5 },
                ]
            })
            .collect();
        let rows: Vec<&[f32]> = rows.iter().map(<[f32; 3]>::as_slice).collect();
        let forest = Forest::fit(&rows, 1);
        let (ordinary, alone) = (forest.score(&[0.5, 0.5, 0.5]), forest.score(&[4.0, -3.0, 0.5]));
        assert!(ordinary < 0.5 && alone > 0.6, "{ordinary} {alone}");
        assert_eq!(alone, Forest::fit(&rows, 1).score(&[4.0, -3.0, 0.5]));
    }
}
