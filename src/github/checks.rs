//! What GitHub knows of one job apart from its log: the job itself, with its steps and runner, and the annotations of its
//! check.

use serde_json::{Value, json};

use super::actions::{Repository, delivery, of_repository};
use super::client::GitHub;
use super::{GitHubError, Purpose};
use crate::ingest::Delivery;

/// What one page holds, which is the most that GitHub gives.
const PER_PAGE: usize = 100;

/// Pages of annotations that are read; Actions keeps at most 50 of a job, other checks may have more.
const MAX_PAGES: usize = 3;

/// Where Actions puts an annotation that is about no file.
const NO_FILE: &str = ".github";

/// How the annotation starts that Actions makes for every failed step. It says no more than that it failed.
const EMPTY_WORDS: &str = "Process completed with exit code";

impl GitHub {
    /// A failed job as its delivery would have told of it: steps, runner, times. `None` where it is no job of Actions, or did not
    /// fail.
    ///
    /// # Errors
    /// Limits and trouble.
    pub async fn job(
        &self,
        repository: &Repository,
        job: i64,
        purpose: Purpose,
    ) -> Result<Option<Delivery>, GitHubError> {
        let ask = of_repository(
            repository.id,
            &["actions", "jobs", &job.to_string()],
            Vec::new(),
            purpose,
        );
        let job = match self.page(&ask).await {
            Ok(page) => page.body,
            Err(GitHubError::NotFound { .. } | GitHubError::Gone { .. } | GitHubError::Forbidden { .. }) => {
                return Ok(None);
            }
            Err(other) => return Err(other),
        };
        Ok(delivery("workflow_job", &job, repository, self.now()).filter(|delivery| delivery.failed.is_some()))
    }

    /// What the annotations of a failed check say, as a delivery of that check would have said it. `None` where they say nothing.
    ///
    /// # Errors
    /// Limits, trouble, and where we may not read checks.
    pub async fn annotations(
        &self,
        repository: &Repository,
        check: i64,
        purpose: Purpose,
    ) -> Result<Option<Delivery>, GitHubError> {
        let mut said = Vec::new();
        for page in 1..=MAX_PAGES {
            let query = vec![("per_page", PER_PAGE.to_string()), ("page", page.to_string())];
            let path = ["check-runs", &check.to_string(), "annotations"];
            let listed = self
                .page(&of_repository(repository.id, &path, query, purpose))
                .await?
                .body;
            let annotations = listed.as_array().map(Vec::as_slice).unwrap_or_default();
            said.extend(annotations.iter().filter_map(words));
            if annotations.len() < PER_PAGE {
                break;
            }
        }
        if said.is_empty() {
            return Ok(None);
        }
        let check = json!({ "id": check, "conclusion": "failure", "output": { "text": said.join("\n") } });
        Ok(delivery("check_run", &check, repository, self.now()))
    }
}

/// `file:line: title: message` of an annotation that tells of a failure.
fn words(annotation: &Value) -> Option<String> {
    let text = |field: &str| annotation[field].as_str().map(str::trim).unwrap_or_default();
    let message = text("message");
    let empty = message.is_empty() || message.starts_with(EMPTY_WORDS);
    if text("annotation_level") != "failure" || empty {
        return None;
    }
    let place = match (text("path"), annotation["start_line"].as_u64()) {
        ("" | NO_FILE, _) => None,
        (path, Some(line)) => Some(format!("{path}:{line}")),
        (path, None) => Some(path.to_owned()),
    };
    let title = Some(text("title")).filter(|title| !title.is_empty() && !message.starts_with(title));
    let parts = place.into_iter().chain(title.map(str::to_owned));
    Some(parts.chain([message.to_owned()]).collect::<Vec<_>>().join(": "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_says_where_and_what_and_nothing_where_it_only_says_that_it_failed() {
        let said = |level: &str, path: &str, title: &str, message: &str| {
            words(
                &json!({ "annotation_level": level, "path": path, "start_line": 7, "title": title, "message": message }),
            )
        };
        assert_eq!(
            said("failure", "src/a.rs", "E0308", "mismatched types").as_deref(),
            Some("src/a.rs:7: E0308: mismatched types")
        );
        let lost = "The hosted runner lost communication with the server.";
        assert_eq!(said("failure", ".github", "", lost).as_deref(), Some(lost));
        assert_eq!(
            said("failure", ".github", "", "Process completed with exit code 1."),
            None
        );
        assert_eq!(
            said("warning", "src/a.rs", "", "Node.js 16 actions are deprecated"),
            None
        );
        assert_eq!(words(&json!(null)), None);
    }
}
