//! The name of a step or a job becomes the stage it belongs to: build, test or deploy, by the words people use for them.

/// A stage of a pipeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Compile, bundle, lint.
    Build,
    /// Run tests.
    Test,
    /// Release, publish, roll out.
    Deploy,
}

/// How words of each stage start. `test` also covers tests, testing, tested.
const STARTS: [(&str, Stage); 20] = [
    ("build", Stage::Build),
    ("compil", Stage::Build),
    ("bundl", Stage::Build),
    ("lint", Stage::Build),
    ("assembl", Stage::Build),
    ("typecheck", Stage::Build),
    ("test", Stage::Test),
    ("unittest", Stage::Test),
    ("spec", Stage::Test),
    ("coverage", Stage::Test),
    ("integration", Stage::Test),
    ("deploy", Stage::Deploy),
    ("redeploy", Stage::Deploy),
    ("releas", Stage::Deploy),
    ("publish", Stage::Deploy),
    ("rollout", Stage::Deploy),
    ("provision", Stage::Deploy),
    ("promot", Stage::Deploy),
    ("migrat", Stage::Deploy),
    ("terraform", Stage::Deploy),
];

/// Whole words of each stage, most of them names of tools.
const WORDS: [(&str, Stage); 28] = [
    ("make", Stage::Build),
    ("cmake", Stage::Build),
    ("webpack", Stage::Build),
    ("package", Stage::Build),
    ("packaging", Stage::Build),
    ("clippy", Stage::Build),
    ("eslint", Stage::Build),
    ("tsc", Stage::Build),
    ("mypy", Stage::Build),
    ("fmt", Stage::Build),
    ("format", Stage::Build),
    ("pytest", Stage::Test),
    ("jest", Stage::Test),
    ("vitest", Stage::Test),
    ("mocha", Stage::Test),
    ("karma", Stage::Test),
    ("rspec", Stage::Test),
    ("phpunit", Stage::Test),
    ("junit", Stage::Test),
    ("ctest", Stage::Test),
    ("tox", Stage::Test),
    ("e2e", Stage::Test),
    ("cypress", Stage::Test),
    ("playwright", Stage::Test),
    ("helm", Stage::Deploy),
    ("kubectl", Stage::Deploy),
    ("pulumi", Stage::Deploy),
    ("ship", Stage::Deploy),
];

/// Words of steps that only carry things there and back, whatever else their names say.
const CARRIERS: [&str; 12] = [
    "setup",
    "checkout",
    "cache",
    "upload",
    "download",
    "artifact",
    "artifacts",
    "report",
    "results",
    "install",
    "restore",
    "cleanup",
];

/// Starts of the names that the runner itself gives.
const RUNNER: [&str; 5] = ["set up ", "post ", "complete job", "initialize ", "stop containers"];

impl Stage {
    /// The name in records, metrics and filters.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Test => "test",
            Self::Deploy => "deploy",
        }
    }

    /// The stage that the name of a step or a job speaks of. The first word that tells decides: people put the verb first.
    #[must_use]
    pub fn of(name: &str) -> Option<Self> {
        if RUNNER.iter().any(|start| starts_with(name, start)) {
            return None;
        }
        let mut told = None;
        for word in name.split(|c: char| !c.is_alphanumeric()) {
            if CARRIERS.iter().any(|carrier| carrier.eq_ignore_ascii_case(word)) {
                return None;
            }
            told = told.or_else(|| of_word(word));
        }
        told
    }
}

fn of_word(word: &str) -> Option<Stage> {
    let whole = WORDS.iter().find(|(known, _)| known.eq_ignore_ascii_case(word));
    whole
        .or_else(|| STARTS.iter().find(|(start, _)| starts_with(word, start)))
        .map(|(_, stage)| *stage)
}

/// Whatever the case of its letters.
fn starts_with(text: &str, start: &str) -> bool {
    text.get(..start.len())
        .is_some_and(|front| front.eq_ignore_ascii_case(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_word_that_tells_names_the_stage() {
        for (name, stage) in [
            ("Build image", Some(Stage::Build)),
            ("cargo clippy", Some(Stage::Build)),
            ("Run npm test", Some(Stage::Test)),
            ("unit-tests (3.12, ubuntu-latest)", Some(Stage::Test)),
            ("pytest", Some(Stage::Test)),
            ("Deploy to the test environment", Some(Stage::Deploy)),
            ("terraform apply", Some(Stage::Deploy)),
            ("latest news", None),
            ("", None),
        ] {
            assert_eq!(Stage::of(name), stage, "{name}");
        }
    }

    #[test]
    fn steps_that_only_carry_things_have_no_stage() {
        for name in [
            "Set up job",
            "Post Run actions/cache@v4",
            "Upload test results",
            "Install test dependencies",
            "Run actions/checkout@v4",
            "Set up build environment",
        ] {
            assert_eq!(Stage::of(name), None, "{name}");
        }
    }
}
