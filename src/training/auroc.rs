//! How well a score tells two kinds apart: the area under the ROC curve.

/// The chance that one of a kind has a higher score than one of the others, equals counting half (Bamber, 1975).
/// Each row counts as often as its weight says; no number where one kind is missing.
pub(super) fn auroc(scores: &[f64], is_kind: &[bool], weights: &[f64]) -> f64 {
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|one, other| scores[*one].total_cmp(&scores[*other]));
    let (mut below, mut kind, mut others, mut area) = (0.0, 0.0, 0.0, 0.0);
    for equals in order.chunk_by(|one, other| scores[*one] == scores[*other]) {
        let weight = |of: bool| -> f64 {
            let rows = equals.iter().filter(|row| is_kind[**row] == of);
            rows.map(|row| weights[*row]).sum()
        };
        let (own, other) = (weight(true), weight(false));
        area += own * (below + other / 2.0);
        below += other;
        kind += own;
        others += other;
    }
    if kind > 0.0 && others > 0.0 {
        area / (kind * others)
    } else {
        f64::NAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_share_of_pairs_in_the_right_order() {
        let (scores, kind) = ([0.1, 0.4, 0.4, 0.8], [false, true, false, true]);
        // Pairs: 0.4 over 0.1, 0.4 as 0.4, 0.8 over both: 3.5 of 4.
        assert!((auroc(&scores, &kind, &[1.0; 4]) - 0.875).abs() < 1e-12);
        assert!((auroc(&scores, &kind, &[1.0, 0.0, 2.0, 1.0]) - 1.0).abs() < 1e-12);
        assert!(auroc(&scores, &[true; 4], &[1.0; 4]).is_nan());
    }
}
