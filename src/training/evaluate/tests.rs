//! What the figures say of rows whose answers are known by hand.

use super::*;
use FailureClass::{Build, Test};

fn row(label: FailureClass, said: FailureClass, confidence: f64) -> Row {
    let mut probabilities = [(1.0 - confidence) / 9.0; CLASS_COUNT];
    probabilities[said.index()] = confidence;
    let mut possible = [false; CLASS_COUNT];
    possible[said.index()] = true;
    Row {
        probabilities,
        label,
        possible,
        uncertain: confidence < 0.5,
    }
}

fn named(count: usize) -> Vec<String> {
    (0..count).map(|number| format!("project {number}")).collect()
}

#[test]
fn figures_agree_with_a_table_made_by_hand() {
    let rows = [
        row(Build, Build, 0.9),
        row(Build, Test, 0.8),
        row(Test, Test, 0.7),
        row(Test, Test, 0.4),
    ];
    let figures = Figures::of(&rows);
    assert!((figures.accuracy - 0.75).abs() < 1e-12);
    // Build: precision 1, recall 1/2, F1 2/3. Test: precision 2/3, recall 1, F1 4/5.
    assert!((figures.macro_f1 - f64::midpoint(2.0 / 3.0, 0.8)).abs() < 1e-12);
    assert!((figures.macro_precision - f64::midpoint(1.0, 2.0 / 3.0)).abs() < 1e-12);
    assert!((figures.certain_share - 0.75).abs() < 1e-12);
    assert!((figures.certain_accuracy - 2.0 / 3.0).abs() < 1e-12);
    assert!((figures.coverage - 0.75).abs() < 1e-12 && (figures.set_size - 1.0).abs() < 1e-12);
    assert_eq!(figures.confusion[Build.index()][Test.index()], 1);
    // For Test the order is wrong, right, right, wrong: (1/2 + 2/3) / 2.
    assert!((figures.classes[Test.index()].pr_auc - f64::midpoint(0.5, 2.0 / 3.0)).abs() < 1e-12);
    // The most confident first: right, wrong, right, right. Risks 0, 1/2, 1/3, 1/4.
    assert!((figures.risk_area - (0.0 + 0.5 + 1.0 / 3.0 + 0.25) / 4.0).abs() < 1e-12);
    assert!((figures.selected[4].risk - 0.5).abs() < 1e-12 && (figures.selected[9].risk - 0.25).abs() < 1e-12);
    assert!(figures.classes[FailureClass::Network.index()].recall.is_nan());
}

#[test]
fn equal_probabilities_share_one_threshold_of_precision() {
    let rows = [row(Build, Build, 0.9), row(Test, Build, 0.9), row(Build, Build, 0.9)];
    assert!((Figures::of(&rows).classes[Build.index()].pr_auc - 2.0 / 3.0).abs() < 1e-12);
}

#[test]
fn a_calibrated_model_has_next_to_no_calibration_error_and_an_overconfident_one_has() {
    let says = |confidence: f64| -> Vec<Row> {
        let said = |n: usize| if n * 7 % 10 < 7 { Build } else { Test };
        (0..1_000).map(|n| row(said(n), Build, confidence)).collect()
    };
    let (good, bad) = (Figures::of(&says(0.7)), Figures::of(&says(0.99)));
    assert!(
        good.calibration_error < 0.02 && good.calibration_error_rms < 0.02,
        "{good:?}"
    );
    assert!(
        bad.calibration_error > 0.25 && bad.calibration_error_rms > 0.25,
        "{bad:?}"
    );
}

#[test]
fn what_chance_adds_to_the_calibration_error_is_taken_back() {
    // Right with the very probability that is said, 300 times over: the plain error shows chance alone.
    let (mut plain, mut debiased, mut squared) = (0.0, 0.0, 0.0);
    let mut state = 7_u64;
    let mut chance = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    for _ in 0..300 {
        let rows: Vec<Row> = (0..150)
            .map(|_| {
                let confidence = 0.5 + 0.5 * chance();
                row(if chance() < confidence { Build } else { Test }, Build, confidence)
            })
            .collect();
        let figures = Figures::of(&rows);
        plain += figures.calibration_error_plain / 300.0;
        debiased += figures.calibration_error / 300.0;
        squared += figures.calibration_error_rms.powi(2) / 300.0;
    }
    assert!(debiased < 0.65 * plain, "{debiased} {plain}");
    assert!(squared.sqrt() < 0.65 * plain, "{} {plain}", squared.sqrt());
}

#[test]
fn an_interval_holds_its_figure_and_is_the_same_for_the_same_seed() {
    let rows: Vec<Row> = (0..200)
        .map(|n| row(Build, if n % 5 == 0 { Test } else { Build }, 0.8))
        .collect();
    let report = Report::of("rows", &rows, &named(200), &[("the same", rows.clone())], 3);
    let accuracy = report.figures.accuracy;
    // Four fifths of two hundred: a standard error of 0.028.
    assert!(
        (accuracy.low - 0.745).abs() < 0.02 && (accuracy.high - 0.855).abs() < 0.02,
        "{accuracy:?}"
    );
    assert_eq!(
        accuracy,
        Report::of("rows", &rows, &named(200), &[], 3).figures.accuracy
    );
    let gain = report.baselines[0].model_gains;
    assert_eq!((gain.value, gain.low, gain.high), (0.0, 0.0, 0.0));
}

#[test]
fn rows_of_one_project_are_drawn_together() {
    let rows: Vec<Row> = (0..200)
        .map(|n| row(Build, if n < 40 { Test } else { Build }, 0.8))
        .collect();
    let by_ten: Vec<String> = (0..200).map(|n| format!("project {}", n / 20)).collect();
    let width = |clusters: &[String]| {
        let accuracy = Report::of("rows", &rows, clusters, &[], 3).figures.accuracy;
        accuracy.high - accuracy.low
    };
    assert!(width(&by_ten) > 2.0 * width(&named(200)));
}

#[test]
fn the_binomial_band_is_that_of_the_tables() {
    // P(X <= 84) = 0.040 and P(X <= 83) = 0.021 of Binomial(100, 0.9); P(X <= 95) = 0.976.
    let band = binomial_band(100, 0.9);
    assert!(
        (band.low - 0.84).abs() < 1e-9 && (band.high - 0.95).abs() < 1e-9,
        "{band:?}"
    );
    assert!(band.holds(0.9) && !band.holds(0.8));
    for few in 0..5 {
        let band = binomial_band(few, 0.9);
        assert!(band.low <= 0.9 && band.high == 1.0, "{band:?}");
    }
}
