//! The project that a simulated failure belongs to: the names on a screen.

use rand::Rng;
use rand_pcg::Pcg64Mcg;

use crate::training::compose::Form;

/// Repositories of the simulated house.
const REPOSITORIES: [&str; 12] = [
    "acme/storefront",
    "acme/checkout",
    "acme/billing",
    "acme/search",
    "acme/mobile",
    "acme/warehouse",
    "acme/identity",
    "acme/notifications",
    "acme/infrastructure",
    "acme/data-lake",
    "acme/firmware",
    "acme/docs",
];

const AUTHORS: [&str; 8] = ["ada", "grace", "edsger", "barbara", "tony", "frances", "ken", "radia"];

const BRANCHES: [&str; 6] = ["main", "main", "main", "develop", "feature/cart", "fix/flaky-login"];

const WORKFLOWS: [&str; 4] = ["ci", "build", "release", "nightly"];

/// Names of a project and of one of its runs.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Project {
    pub(super) repository: usize,
    pub(super) author: &'static str,
    pub(super) branch: &'static str,
    pub(super) workflow: &'static str,
    pub(super) head_sha: String,
    pub(super) ci_tool: Option<&'static str>,
    pub(super) language: Option<&'static str>,
}

impl Project {
    pub(super) fn draw(ecosystem: &str, form: Form, rng: &mut Pcg64Mcg) -> Self {
        Self {
            repository: rng.random_range(0..REPOSITORIES.len()),
            author: one_of(&AUTHORS, rng),
            branch: one_of(&BRANCHES, rng),
            workflow: one_of(&WORKFLOWS, rng),
            head_sha: format!(
                "{:016x}{:016x}{:08x}",
                rng.random::<u64>(),
                rng.random::<u64>(),
                rng.random::<u32>()
            ),
            ci_tool: ci_tool(form),
            language: language(ecosystem),
        }
    }

    pub(super) const fn repository(&self) -> &'static str {
        REPOSITORIES[self.repository]
    }
}

fn one_of(names: &[&'static str], rng: &mut Pcg64Mcg) -> &'static str {
    names[rng.random_range(0..names.len())]
}

const fn ci_tool(form: Form) -> Option<&'static str> {
    match form {
        Form::GithubActions | Form::Payload => Some("github-actions"),
        Form::Travis => Some("travis-ci"),
        Form::Gitlab => Some("gitlab-ci"),
        Form::Jenkins => Some("jenkins"),
        Form::Azure => Some("azure-pipelines"),
        Form::Plain | Form::Excerpt | Form::Message | Form::Silent => None,
    }
}

fn language(ecosystem: &str) -> Option<&'static str> {
    const LANGUAGES: [(&str, &str); 12] = [
        ("node", "typescript"),
        ("python", "python"),
        ("jvm", "java"),
        ("c-cpp", "c++"),
        ("dotnet", "c#"),
        ("go", "go"),
        ("ruby", "ruby"),
        ("rust", "rust"),
        ("php", "php"),
        ("mobile", "kotlin"),
        ("shell", "shell"),
        ("perl", "perl"),
    ];
    LANGUAGES
        .iter()
        .find_map(|(name, language)| (*name == ecosystem).then_some(*language))
}
