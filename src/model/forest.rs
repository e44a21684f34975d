//! The trees that LightGBM grew, laid out so that one row is scored in a few microseconds, by any number of threads.
//!
//! LightGBM walks each tree from its root, which touches most of a model of a megabyte for every row. Here the splits of
//! all trees stand input by input, in the order of their thresholds: those that a value exceeds are a prefix, and each
//! strikes the leaves out that can no longer be reached. The first leaf left of each tree is the one that a walk would
//! end in, so the scores are LightGBM's own, to the last bit. Lucchese et al., "`QuickScorer`: A Fast Algorithm to Rank
//! Documents with Additive Ensembles of Regression Trees", SIGIR 2015.

use std::collections::HashMap;
use std::ops::Range;
use std::str::FromStr;

use crate::class::CLASS_COUNT;

/// Leaves of one tree, a bit each. LightGBM grows 31 unless it is told otherwise.
const MAX_LEAVES: usize = 32;

/// Values closer to zero than this are zero to LightGBM.
const ZERO: f32 = 1e-35;

/// Bits of LightGBM's `decision_type`: whether a split is categorical, where a missing value goes, and what is missing.
const CATEGORICAL: u8 = 1;
const DEFAULT_LEFT: u8 = 2;
const MISSING: u8 = 0b1100;
const MISSING_NONE: u8 = 0;
const MISSING_NAN: u8 = 0b1000;

/// All trees of a model.
#[derive(Debug, Default)]
pub(super) struct Forest {
    /// The splits of all trees, input by input, thresholds ascending.
    splits: Vec<Split>,
    /// Where the splits of each input stand.
    of_input: Vec<Range<usize>>,
    /// By input: what a missing value strikes out.
    of_missing: Vec<Vec<Strike>>,
    /// Where the leaves of each tree begin.
    trees: Vec<usize>,
    /// From left to right, tree by tree.
    leaves: Vec<f64>,
}

/// A split. What exceeds its threshold goes right.
#[derive(Debug, Clone, Copy)]
struct Split {
    threshold: f32,
    strike: Strike,
}

/// Leaves of a tree that cannot be reached any more.
#[derive(Debug, Clone, Copy)]
struct Strike {
    tree: u32,
    /// The bits of all others.
    others: u32,
}

impl Forest {
    /// Reads the trees out of LightGBM's text form. `inputs` is how many values a row has.
    ///
    /// # Errors
    /// When a tree is not of the kind that is grown here, or does not hang together.
    pub(super) fn from_text(text: &str, inputs: usize) -> Result<Self, String> {
        if text.lines().any(|line| line == "average_output") {
            return Err("the model is a random forest, not a boosted one".to_owned());
        }
        let mut forest = Self {
            of_missing: vec![Vec::new(); inputs],
            ..Self::default()
        };
        let mut by_input: Vec<Vec<Split>> = vec![Vec::new(); inputs];
        for tree in text.split("\nTree=").skip(1) {
            let number = forest.trees.len();
            let tree = Tree::read(tree).map_err(|reason| format!("tree {number}: {reason}"))?;
            forest
                .plant(&tree, &mut by_input)
                .map_err(|reason| format!("tree {number}: {reason}"))?;
        }
        if forest.trees.is_empty() || !forest.trees.len().is_multiple_of(CLASS_COUNT) {
            return Err(format!("{} trees are not as many for each class", forest.trees.len()));
        }
        for mut splits in by_input {
            splits.sort_by(|one, other| one.threshold.total_cmp(&other.threshold));
            let start = forest.splits.len();
            forest.splits.extend(splits);
            forest.of_input.push(start..forest.splits.len());
        }
        Ok(forest)
    }

    fn plant(&mut self, tree: &Tree, by_input: &mut [Vec<Split>]) -> Result<(), String> {
        let number = u32::try_from(self.trees.len()).map_err(|error| error.to_string())?;
        self.trees.push(self.leaves.len());
        let Some(root) = tree.root() else {
            self.leaves.push(tree.leaves[0]);
            return Ok(());
        };
        let (mut planted, mut open) = (0, vec![Step::Enter(root)]);
        let mut strikes = vec![0_u32; tree.nodes.len()];
        // Every node is entered once in a tree; more steps than that are a circle.
        let mut left = 4 * MAX_LEAVES;
        while let Some(step) = open.pop() {
            left = left.checked_sub(1).ok_or("its nodes go round in a circle")?;
            match step {
                Step::Enter(Child::Leaf(leaf)) => {
                    self.leaves.push(*tree.leaves.get(leaf).ok_or("a leaf is missing")?);
                    planted += 1;
                }
                Step::Enter(Child::Node(node)) => {
                    let split = tree.nodes.get(node).ok_or("a node is missing")?;
                    let before = planted;
                    open.extend([
                        Step::Enter(split.right),
                        Step::Between(node, before),
                        Step::Enter(split.left),
                    ]);
                }
                Step::Between(node, before) => strikes[node] = bits(before..planted),
            }
        }
        if planted != tree.leaves.len() {
            return Err(format!("{planted} of {} leaves can be reached", tree.leaves.len()));
        }
        for (node, struck) in tree.nodes.iter().zip(strikes) {
            let strike = Strike {
                tree: number,
                others: !struck,
            };
            let (splits, missing) = by_input
                .get_mut(node.input)
                .zip(self.of_missing.get_mut(node.input))
                .ok_or_else(|| format!("it reads input {}", node.input))?;
            splits.push(Split {
                threshold: at_most(node.threshold),
                strike,
            });
            if node.missing_goes_right {
                missing.push(strike);
            }
        }
        Ok(())
    }

    /// One probability a class; they sum to 1. The row has one value an input.
    pub(super) fn scores(&self, row: &[f32]) -> [f64; CLASS_COUNT] {
        let mut left = vec![u32::MAX; self.trees.len()];
        for ((&value, splits), missing) in row.iter().zip(&self.of_input).zip(&self.of_missing) {
            if value.is_nan() {
                for strike in missing {
                    left[strike.tree as usize] &= strike.others;
                }
                continue;
            }
            let value = if value.abs() <= ZERO { 0.0 } else { value };
            for split in &self.splits[splits.clone()] {
                if split.threshold >= value {
                    break;
                }
                left[split.strike.tree as usize] &= split.strike.others;
            }
        }
        let mut raw = [0.0_f64; CLASS_COUNT];
        for (left, first) in left.chunks_exact(CLASS_COUNT).zip(self.trees.chunks_exact(CLASS_COUNT)) {
            for ((raw, left), first) in raw.iter_mut().zip(left).zip(first) {
                *raw += self.leaves[first + left.trailing_zeros() as usize];
            }
        }
        softmax(raw)
    }
}

/// What is to be done while the leaves of a tree are counted from left to right.
enum Step {
    Enter(Child),
    /// The left side of this node is done; so many leaves stood before it.
    Between(usize, usize),
}

/// One bit a leaf.
fn bits(leaves: Range<usize>) -> u32 {
    leaves.fold(0, |bits, leaf| bits | 1 << leaf)
}

/// The largest value of single precision that is not above a threshold: both split such values alike.
#[expect(
    clippy::cast_possible_truncation,
    reason = "that is what it is for; the next lines mend what it rounds up"
)]
fn at_most(threshold: f64) -> f32 {
    let near = threshold as f32;
    if f64::from(near) > threshold {
        near.next_down()
    } else {
        near
    }
}

/// In the order in which LightGBM does it, so that nothing is rounded otherwise.
fn softmax(raw: [f64; CLASS_COUNT]) -> [f64; CLASS_COUNT] {
    let largest = raw.iter().copied().fold(raw[0], f64::max);
    let powers = raw.map(|score| (score - largest).exp());
    let sum = powers.iter().fold(0.0, |sum, power| sum + power);
    powers.map(|power| power / sum)
}

/// A tree as LightGBM writes it.
struct Tree {
    nodes: Vec<Node>,
    leaves: Vec<f64>,
}

struct Node {
    input: usize,
    threshold: f64,
    missing_goes_right: bool,
    left: Child,
    right: Child,
}

#[derive(Clone, Copy)]
enum Child {
    Node(usize),
    Leaf(usize),
}

impl Child {
    /// LightGBM numbers leaves by the complement.
    fn of(number: i32) -> Self {
        let at = |number: i32| usize::try_from(number).unwrap_or(usize::MAX);
        if number < 0 {
            Self::Leaf(at(!number))
        } else {
            Self::Node(at(number))
        }
    }
}

impl Tree {
    fn read(text: &str) -> Result<Self, String> {
        let fields: HashMap<&str, &str> = text
            .lines()
            .take_while(|line| *line != "end of trees")
            .filter_map(|line| line.split_once('='))
            .collect();
        let leaves: Vec<f64> = numbers(&fields, "leaf_value")?;
        if leaves.is_empty() || leaves.len() > MAX_LEAVES {
            return Err(format!("{} leaves; 1 to {MAX_LEAVES} are read", leaves.len()));
        }
        if fields.get("is_linear").is_some_and(|linear| *linear != "0") {
            return Err("its leaves are linear models".to_owned());
        }
        if leaves.len() == 1 {
            return Ok(Self {
                nodes: Vec::new(),
                leaves,
            });
        }
        let inputs: Vec<usize> = numbers(&fields, "split_feature")?;
        let thresholds: Vec<f64> = numbers(&fields, "threshold")?;
        let decisions: Vec<u8> = numbers(&fields, "decision_type")?;
        let lefts: Vec<i32> = numbers(&fields, "left_child")?;
        let rights: Vec<i32> = numbers(&fields, "right_child")?;
        let lengths = [
            inputs.len(),
            thresholds.len(),
            decisions.len(),
            lefts.len(),
            rights.len(),
        ];
        if lengths.iter().any(|length| *length != leaves.len() - 1) {
            return Err(format!("{lengths:?} splits for {} leaves", leaves.len()));
        }
        let nodes = (0..leaves.len() - 1).map(|at| {
            Ok(Node {
                input: inputs[at],
                threshold: thresholds[at],
                missing_goes_right: missing_goes_right(decisions[at], thresholds[at])?,
                left: Child::of(lefts[at]),
                right: Child::of(rights[at]),
            })
        });
        Ok(Self {
            nodes: nodes.collect::<Result<_, String>>()?,
            leaves,
        })
    }

    /// Where a walk begins; a single leaf has no way to it.
    fn root(&self) -> Option<Child> {
        (!self.nodes.is_empty()).then_some(Child::Node(0))
    }
}

/// Where no value was missing in training, a missing one counts as zero.
fn missing_goes_right(decision: u8, threshold: f64) -> Result<bool, String> {
    if decision & CATEGORICAL != 0 {
        return Err("it splits by categories".to_owned());
    }
    match decision & MISSING {
        MISSING_NONE => Ok(0.0 > threshold),
        MISSING_NAN => Ok(decision & DEFAULT_LEFT == 0),
        _ => Err("zeros count as missing in it".to_owned()),
    }
}

fn numbers<T: FromStr>(fields: &HashMap<&str, &str>, name: &str) -> Result<Vec<T>, String> {
    let text = fields.get(name).ok_or_else(|| format!("it has no {name}"))?;
    let read = |word: &str| word.parse().map_err(|_invalid| format!("{name} holds {word:?}"));
    text.split_ascii_whitespace().map(read).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A model of one round: the same tree for each class.
    fn text(tree: &str) -> String {
        (0..CLASS_COUNT)
            .map(|number| format!("\nTree={number}\n{tree}\n"))
            .collect()
    }

    const STUMP: &str =
        "num_leaves=2\nsplit_feature=0\nthreshold=1\ndecision_type=2\nleft_child=-1\nright_child=-2\nleaf_value=3 4";

    #[test]
    fn what_is_no_tree_of_this_kind_is_refused_with_the_reason() {
        for (from, to, reason) in [
            ("decision_type=2", "decision_type=1", "tree 0: it splits by categories"),
            (
                "decision_type=2",
                "decision_type=6",
                "tree 0: zeros count as missing in it",
            ),
            ("split_feature=0", "split_feature=7", "tree 0: it reads input 7"),
            (
                "right_child=-2",
                "right_child=0",
                "tree 0: its nodes go round in a circle",
            ),
            ("left_child=-1", "left_child=5", "tree 0: a node is missing"),
            ("leaf_value=3 4", "leaf_value=3 x", "tree 0: leaf_value holds \"x\""),
            ("leaf_value=3 4", "leaf_value=", "tree 0: 0 leaves; 1 to 32 are read"),
            (
                "threshold=1",
                "threshold=1 2",
                "tree 0: [1, 2, 1, 1, 1] splits for 2 leaves",
            ),
            ("threshold=1\n", "", "tree 0: it has no threshold"),
            ("num_leaves=2", "is_linear=1", "tree 0: its leaves are linear models"),
        ] {
            let broken = text(&STUMP.replace(from, to));
            assert_eq!(Forest::from_text(&broken, 1).map(drop), Err(reason.to_owned()), "{to}");
        }
        assert!(Forest::from_text(&text(STUMP), 1).is_ok());
        let unreached = "split_feature=0 0\nthreshold=1 1\ndecision_type=2 2\nleft_child=-1 -3\nright_child=-2 -3\nleaf_value=3 4 5";
        assert_eq!(
            Forest::from_text(&text(unreached), 1).map(drop),
            Err("tree 0: 2 of 3 leaves can be reached".to_owned())
        );
        assert!(Forest::from_text("tree", 1).is_err());
    }

    #[test]
    fn a_tree_of_one_leaf_says_the_same_of_every_row() {
        let forest = Forest::from_text(&text("num_leaves=1\nleaf_value=0.5"), 1).expect("a forest");
        assert_eq!(forest.scores(&[f32::NAN]), [0.1; CLASS_COUNT]);
    }

    proptest! {
        #[test]
        fn a_threshold_of_single_precision_splits_alike(threshold: f64, value: f32) {
            let near = at_most(threshold);
            for value in [value, near, near.next_up(), near.next_down()] {
                prop_assert_eq!(f64::from(value) <= threshold, value <= near);
            }
        }
    }
}
