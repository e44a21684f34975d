//! Repositories, runs and jobs: what GitHub lists becomes the deliveries that it would have sent.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::{Value, json};

use super::client::{Ask, GitHub, Page};
use super::credentials::Who;
use super::settings::is_repository;
use super::{GitHubError, Purpose};
use crate::ingest::Delivery;
use crate::ingest::payload;

/// What one page holds, which is the most that GitHub gives.
const PER_PAGE: usize = 100;

/// Pages of the jobs of one attempt: a matrix has at most 256 jobs, a workflow may have several.
const MAX_JOB_PAGES: usize = 30;

/// Runs that one search finds at most; a longer time is to be asked for in pieces.
pub const MAX_FOUND_RUNS: u64 = 1_000;

/// A repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repository {
    /// GitHub's id.
    pub id: i64,
    /// `owner/name`, where it is known.
    pub name: Option<String>,
    /// Its default branch, where it is known.
    pub default_branch: Option<String>,
}

impl Repository {
    /// As a payload holds it.
    fn payload(&self) -> Value {
        json!({ "id": self.id, "full_name": self.name, "default_branch": self.default_branch })
    }
}

/// One attempt of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attempt {
    /// GitHub's id of the run.
    pub run: i64,
    /// Counted from 1.
    pub number: i64,
}

/// A run that has ended, as listed.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Its latest attempt.
    pub attempt: Attempt,
    /// How that ended.
    pub conclusion: Option<String>,
    /// When its first attempt was made.
    pub created_at: Option<Timestamp>,
    value: Value,
}

impl Run {
    fn of(value: Value) -> Option<Self> {
        Some(Self {
            attempt: Attempt {
                run: value["id"].as_i64()?,
                number: value["run_attempt"].as_i64().unwrap_or(1),
            },
            conclusion: value["conclusion"].as_str().map(str::to_owned),
            created_at: value["created_at"].as_str().and_then(|text| text.parse().ok()),
            value,
        })
    }

    /// Whether it failed or ran out of time.
    #[must_use]
    pub fn failed(&self) -> bool {
        matches!(self.conclusion.as_deref(), Some("failure" | "timed_out"))
    }

    /// Whether it succeeded.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.conclusion.as_deref() == Some("success")
    }

    /// The delivery that tells of it.
    #[must_use]
    pub fn delivery(&self, repository: &Repository, at: Timestamp) -> Option<Delivery> {
        delivery("workflow_run", &self.value, repository, at)
    }
}

/// The body that GitHub sends when this ends, read as such. `None` for what cannot be read.
pub(super) fn delivery(event: &str, subject: &Value, repository: &Repository, at: Timestamp) -> Option<Delivery> {
    let body = json!({ "action": "completed", event: subject, "repository": repository.payload() });
    let read = payload::parse(event, None, body.to_string().as_bytes(), at);
    read.inspect_err(|error| tracing::warn!(%error, event, "what GitHub lists cannot be read"))
        .ok()
}

impl GitHub {
    /// Looks a repository up by its name.
    ///
    /// # Errors
    /// When there is none of this name that we may see.
    pub async fn repository(&self, name: &str, purpose: Purpose) -> Result<Repository, GitHubError> {
        let (owner, repo) =
            name.split_once('/')
                .filter(|_| is_repository(name))
                .ok_or_else(|| GitHubError::NotFound {
                    what: format!(
                        "repository `{}`; write it as owner/name",
                        name.chars().take(200).collect::<String>()
                    ),
                })?;
        let path = ["repos".to_owned(), owner.to_owned(), repo.to_owned()];
        let who = if self.is_app() {
            let mut path = path.to_vec();
            path.push("installation".into());
            let found = self.as_app(Method::GET, &path, purpose).await?;
            Who::Installation(found["id"].as_i64().unwrap_or_default())
        } else {
            Who::App
        };
        let found = self
            .page(&Ask {
                who,
                purpose,
                path: path.to_vec(),
                query: Vec::new(),
                conditional: true,
            })
            .await?
            .body;
        let id = found["id"].as_i64().ok_or_else(|| GitHubError::Unexpected {
            what: format!("repository {name}"),
            why: "it has no id".into(),
        })?;
        Ok(Repository {
            id,
            name: Some(found["full_name"].as_str().unwrap_or(name).to_owned()),
            default_branch: found["default_branch"].as_str().map(str::to_owned),
        })
    }

    /// The jobs of an attempt that failed or passed, as their deliveries.
    ///
    /// # Errors
    /// When GitHub does not list them all.
    pub async fn jobs(
        &self,
        repository: &Repository,
        attempt: Attempt,
        purpose: Purpose,
    ) -> Result<Vec<Delivery>, GitHubError> {
        let mut ended = Vec::new();
        let mut seen = 0;
        for page in 1..=MAX_JOB_PAGES {
            let (run, number) = (attempt.run.to_string(), attempt.number.to_string());
            let path = ["actions", "runs", &run, "attempts", &number, "jobs"];
            let listed = self
                .of_repository(repository.id, &path, page, Vec::new(), purpose)
                .await?;
            let jobs = listed.body["jobs"].as_array().map(Vec::as_slice).unwrap_or_default();
            let found = jobs
                .iter()
                .filter_map(|job| delivery("workflow_job", job, repository, self.now()));
            ended.extend(found.filter(|delivery| delivery.failed.is_some() || delivery.passed.is_some()));
            seen += jobs.len();
            let total = listed.body["total_count"]
                .as_u64()
                .and_then(|total| usize::try_from(total).ok());
            if jobs.len() < PER_PAGE || total.is_some_and(|total| seen >= total) {
                break;
            }
        }
        Ok(ended)
    }

    /// A page of the runs that have ended, newest first, and how many there are in all. `created` is a range in GitHub's
    /// words, as `2026-01-01T00:00:00Z..2026-01-02T00:00:00Z`.
    ///
    /// # Errors
    /// When GitHub does not list them.
    pub async fn runs(
        &self,
        repository: &Repository,
        created: &str,
        page: usize,
        purpose: Purpose,
    ) -> Result<(Vec<Run>, u64), GitHubError> {
        let query = vec![("status", "completed".to_owned()), ("created", created.to_owned())];
        let mut listed = self
            .of_repository(repository.id, &["actions", "runs"], page, query, purpose)
            .await?
            .body;
        let total = listed["total_count"].as_u64().unwrap_or_default();
        let runs = match listed["workflow_runs"].take() {
            Value::Array(runs) => runs,
            _ => Vec::new(),
        };
        Ok((runs.into_iter().filter_map(Run::of).collect(), total))
    }

    /// An earlier attempt of a run.
    ///
    /// # Errors
    /// When GitHub does not show it.
    pub async fn attempt(
        &self,
        repository: &Repository,
        attempt: Attempt,
        purpose: Purpose,
    ) -> Result<Option<Run>, GitHubError> {
        let (run, number) = (attempt.run.to_string(), attempt.number.to_string());
        let path = ["actions", "runs", &run, "attempts", &number];
        let ask = of_repository(repository.id, &path, Vec::new(), purpose);
        Ok(Run::of(self.page(&ask).await?.body))
    }

    async fn of_repository(
        &self,
        repository: i64,
        path: &[&str],
        page: usize,
        mut query: Vec<(&'static str, String)>,
        purpose: Purpose,
    ) -> Result<Page, GitHubError> {
        query.extend([("per_page", PER_PAGE.to_string()), ("page", page.to_string())]);
        self.page(&of_repository(repository, path, query, purpose)).await
    }
}

/// A question on a repository, by its id: it may have been renamed since its name was told.
pub(super) fn of_repository(id: i64, path: &[&str], query: Vec<(&'static str, String)>, purpose: Purpose) -> Ask {
    let front = ["repositories".to_owned(), id.to_string()];
    Ask {
        who: Who::Repository(id),
        purpose,
        path: front
            .into_iter()
            .chain(path.iter().map(|part| (*part).to_owned()))
            .collect(),
        query,
        conditional: true,
    }
}
