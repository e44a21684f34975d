//! A simulated failure as a webhook delivery of GitHub.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::Simulated;
use crate::training::delivery;

pub use crate::training::delivery::EVENT;

/// Where the clock of the simulated house begins: the first second of 2026. Time is a matter of the seed, too.
const BEGIN: i64 = 1_767_225_600;

/// Seconds between two failures of that house.
const BETWEEN: i64 = 40;

impl Simulated {
    /// The delivery's id, the same each time it is sent, and its body.
    #[must_use]
    pub fn delivery(&self, seed: u64) -> (String, Value) {
        let number = i64::try_from(self.number).unwrap_or(i64::MAX / 4);
        let id = format!("{seed:08x}-5e17-4000-8000-{number:012x}");
        (id, self.body(number))
    }

    fn body(&self, number: i64) -> Value {
        let project = &self.project;
        let repository = project.repository();
        let mut body = delivery::workflow_job(&self.delivered, number, instant(number, self.skew_hours));
        let job = &mut body["workflow_job"];
        let link = format!(
            "https://github.com/{repository}/actions/runs/{}/job/{}",
            job["run_id"], job["id"]
        );
        job["workflow_name"] = json!(project.workflow);
        job["head_branch"] = json!(project.branch);
        job["head_sha"] = json!(project.head_sha);
        job["html_url"] = json!(link);
        body["repository"] = json!({
            "id": 700_000 + project.repository, "full_name": repository,
            "html_url": format!("https://github.com/{repository}"), "language": project.language,
        });
        body["sender"] = json!({ "login": project.author });
        body
    }
}

fn instant(number: i64, skew_hours: i64) -> Timestamp {
    Timestamp::from_second(
        BEGIN
            .saturating_add(number.saturating_mul(BETWEEN))
            .saturating_add(skew_hours * 3_600),
    )
    .unwrap_or(Timestamp::UNIX_EPOCH)
}
