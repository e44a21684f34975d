//! Drift's statistics against `NumPy`, `SciPy` and `NannyML`, relative at 1e-9.
//!
//! `tests/parity/drift.json` is written by `tests/parity/drift.py`. A second, larger set of reference values is read where
//! a checkout has one beside it, at `../shared/golden`.

#![expect(clippy::expect_used, reason = "a test ends where something is not as it says")]
#![expect(clippy::print_stderr, reason = "says what it leaves out")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use sentinel::drift::older_reports::{psi_equal_width, psi_quantile};
use sentinel::drift::performance::estimate;
use sentinel::drift::significance::benjamini_hochberg;
use sentinel::drift::table::Table;
use sentinel::drift::{chi_square, psi};
use serde::Deserialize;

#[track_caller]
fn assert_same(what: &str, found: f64, expected: f64) {
    let difference = (found - expected).abs();
    assert!(
        difference <= 1e-9 * expected.abs() + 1e-15,
        "{what}: {found} instead of {expected}"
    );
}

fn floats(counts: &[u64]) -> Vec<f64> {
    counts.iter().map(|count| *count as f64).collect()
}

#[derive(Deserialize)]
struct Parity {
    numeric: Vec<Numeric>,
    tables: Vec<Tabled>,
    yurdakul: Vec<Yurdakul>,
    false_discovery: Vec<FalseDiscovery>,
    cbpe: Vec<Cbpe>,
}

#[derive(Deserialize)]
struct Numeric {
    name: String,
    reference: Vec<f64>,
    live: Vec<f64>,
    equal_width: BTreeMap<String, f64>,
    quantile: f64,
}

#[derive(Deserialize)]
struct Tabled {
    name: String,
    table: [Vec<u64>; 2],
    statistic: f64,
    p_value: f64,
    degrees: usize,
    uncorrected: f64,
}

#[derive(Deserialize)]
struct Yurdakul {
    psi: f64,
    bins: usize,
    live_n: f64,
    reference_n: f64,
    p_value: f64,
}

#[derive(Deserialize)]
struct FalseDiscovery {
    p_values: Vec<f64>,
    corrected: Vec<f64>,
}

#[derive(Deserialize)]
struct Cbpe {
    confidences: Vec<f64>,
    accuracy: f64,
}

fn own() -> Parity {
    serde_json::from_str(include_str!("parity/drift.json")).expect("the file that drift.py writes")
}

#[test]
fn psi_of_older_reports_is_numpys() {
    for case in own().numeric {
        for (bins, expected) in &case.equal_width {
            let found = psi_equal_width(&case.reference, &case.live, bins.parse().expect("a number"));
            assert_same(
                &format!("{}, {bins} bins", case.name),
                found.expect("values"),
                *expected,
            );
        }
        assert_same(
            &case.name,
            psi_quantile(&case.reference, &case.live, 10).expect("values"),
            case.quantile,
        );
    }
}

#[test]
fn chi_square_is_scipys() {
    for case in own().tables {
        let table = Table::new(floats(&case.table[0]), floats(&case.table[1]));
        let found = chi_square::test(&table);
        assert_eq!(found.degrees, case.degrees, "{}", case.name);
        assert_same(&case.name, found.statistic, case.statistic);
        assert_same(&case.name, found.p_value, case.p_value);
        assert_same(&case.name, chi_square::statistic(&table), case.uncorrected);
    }
}

#[test]
fn the_p_value_of_psi_is_scipys_chi_square_tail() {
    for case in own().yurdakul {
        let row = |n: f64| vec![n / case.bins as f64; case.bins];
        let table = Table::new(row(case.reference_n), row(case.live_n));
        assert_same(
            &format!("PSI {}", case.psi),
            psi::p_value(case.psi, &table),
            case.p_value,
        );
    }
}

#[test]
fn correction_for_many_features_is_scipys() {
    for case in own().false_discovery {
        let found = benjamini_hochberg(&case.p_values, &vec![1.0; case.p_values.len()]);
        found
            .iter()
            .zip(&case.corrected)
            .for_each(|(found, expected)| assert_same("corrected", *found, *expected));
    }
}

#[test]
fn expected_accuracy_is_nannymls() {
    for case in own().cbpe {
        let found = estimate(&case.confidences, std::iter::empty()).expect("confidences");
        assert_same("expected accuracy", found.expected_accuracy, case.accuracy);
    }
}

/// Reference values beside the checkout, if there are any.
fn golden<T: for<'de> Deserialize<'de>>(file: &str) -> Option<T> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/golden")
        .join(file);
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: there is no {}", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).expect("the layout that its README states"))
}

#[derive(Deserialize)]
struct GoldenNumeric {
    reference: Vec<f64>,
    current: Vec<f64>,
    equal_width: GoldenEqualWidth,
    quantile: GoldenQuantile,
}

#[derive(Deserialize)]
struct GoldenEqualWidth {
    #[serde(rename = "psi_5_bins")]
    five: f64,
    #[serde(rename = "psi_10_bins")]
    ten: f64,
    #[serde(rename = "psi_20_bins")]
    twenty: f64,
}

#[derive(Deserialize)]
struct GoldenQuantile {
    psi: Option<f64>,
}

#[test]
fn psi_is_that_of_the_golden_files() {
    let Some(cases) = golden::<BTreeMap<String, GoldenNumeric>>("drift_numeric.json") else {
        return;
    };
    assert!(!cases.is_empty());
    for (name, case) in cases {
        let wanted = &case.equal_width;
        for (bins, expected) in [(5, wanted.five), (10, wanted.ten), (20, wanted.twenty)] {
            let found = psi_equal_width(&case.reference, &case.current, bins).expect("values");
            assert_same(&format!("{name}, {bins} bins"), found, expected);
        }
        match (psi_quantile(&case.reference, &case.current, 10), case.quantile.psi) {
            (Some(found), Some(expected)) => assert_same(&name, found, expected),
            (found, expected) => assert_eq!(found, expected, "{name}"),
        }
    }
}

#[derive(Deserialize)]
struct GoldenCategorical {
    table: [Vec<u64>; 2],
    scipy_chi2_contingency: Option<GoldenTest>,
    scipy_no_yates: Option<GoldenTest>,
}

#[derive(Deserialize)]
struct GoldenTest {
    chi2: f64,
    p: f64,
}

#[test]
fn chi_square_is_that_of_the_golden_files() {
    let Some(cases) = golden::<BTreeMap<String, GoldenCategorical>>("drift_categorical.json") else {
        return;
    };
    assert!(!cases.is_empty());
    for (name, case) in cases {
        let table = Table::new(floats(&case.table[0]), floats(&case.table[1]));
        let found = chi_square::test(&table);
        let Some(expected) = case.scipy_chi2_contingency else {
            assert_eq!(found.degrees, 0, "{name}: nothing to test");
            continue;
        };
        assert_same(&name, found.statistic, expected.chi2);
        assert_same(&name, found.p_value, expected.p);
        let plain = chi_square::statistic(&table);
        let expected = case.scipy_no_yates.expect("beside the corrected one");
        assert_same(&name, plain, expected.chi2);
        assert_same(&name, chi_square::upper_tail(plain, found.degrees), expected.p);
    }
}
