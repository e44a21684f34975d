//! What a test runner says at its end: how many tests failed, and of how many.
//!
//! `3 failed, 40 passed` is a suite that ran to its end, whatever the tests printed on the way; where all of them
//! failed, what they ran on was broken.

/// A runner's own count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SuiteCount {
    /// Tests that failed; never 0.
    pub failed: u64,
    /// Tests that were counted in all, where that is said.
    pub of: Option<u64>,
}

const FAILED: [&str; 8] = [
    "failed", "failures", "failure", "errors", "error", "failing", "fail", "broken",
];
const PASSED: [&str; 7] = ["passed", "passing", "pass", "succeeded", "success", "successes", "ok"];
const COUNTED: [&str; 8] = [
    "tests",
    "test",
    "run",
    "total",
    "examples",
    "example",
    "specs",
    "scenarios",
];

impl SuiteCount {
    /// Reads a line such as `Tests run: 5, Failures: 1`, `2 examples, 1 failure` or `=== 3 failed, 40 passed in 2 s`.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(line).to_lowercase();
        let (mut failed, mut passed, mut counted) = (0_u64, None, None);
        for part in text.split([',', ';', '.', '(', ')', '|']) {
            let words = || part.split(|c: char| !c.is_ascii_alphanumeric());
            let Some(number) = words().find_map(|word| word.parse::<u32>().ok()).map(u64::from) else {
                continue;
            };
            let says = |known: &[&str]| words().any(|word| known.contains(&word));
            if says(&FAILED) {
                failed += number;
            } else if says(&PASSED) {
                passed = Some(number);
            } else if says(&COUNTED) {
                counted = Some(number);
            }
        }
        let of = counted.or(passed.map(|passed| passed + failed));
        (failed > 0).then_some(Self {
            failed,
            of: of.map(|of| of.max(failed)),
        })
    }

    /// The share of tests that failed.
    #[must_use]
    pub fn share(self) -> Option<f32> {
        self.of.map(|of| self.failed as f32 / of as f32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runners_count_in_their_own_words() {
        for (line, failed, of) in [
            ("Tests run: 5, Failures: 1, Errors: 1, Skipped: 0", 2, Some(5)),
            (
                "===== 3 failed, 40 passed, 224 deselected, 5 xfailed in 255.21s (0:04:15) ======",
                3,
                Some(43),
            ),
            ("12 examples, 1 failure", 1, Some(12)),
            (
                "test result: FAILED. 3 passed; 1 failed; 0 ignored; 0 measured; finished in 0.02s",
                1,
                Some(4),
            ),
            (
                "Failed!  - Failed:     3, Passed:    10, Skipped:     0, Total:    13",
                3,
                Some(13),
            ),
            ("FAILED (failures=2)", 2, None),
            ("Tests:       1 failed, 2 passed, 3 total", 1, Some(3)),
        ] {
            assert_eq!(
                SuiteCount::read(line.as_bytes()),
                Some(SuiteCount { failed, of }),
                "{line}"
            );
        }
        for line in ["12 tests, 0 failed", "all 12 passed", "FAIL src/a.test.ts", ""] {
            assert_eq!(SuiteCount::read(line.as_bytes()), None, "{line}");
        }
    }
}
