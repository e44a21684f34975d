//! Payloads as GitHub sends them, with the fields that matter here.

use serde_json::{Value, json};

fn repository() -> Value {
    json!({ "id": 42, "full_name": "octo/hello", "html_url": "https://github.com/octo/hello", "language": "Rust" })
}

/// A job that failed.
pub(crate) fn job(run: i64, job: i64) -> Value {
    job_that(run, job, "completed", "failure")
}

/// A job with this action and conclusion.
pub(crate) fn job_that(run: i64, job: i64, action: &str, conclusion: &str) -> Value {
    json!({
        "action": action,
        "workflow_job": {
            "id": job, "run_id": run, "run_attempt": 1, "name": "build (ubuntu)", "workflow_name": "CI", "head_branch": "main",
            "head_sha": "4c0b1d2e3f405162738495a6b7c8d9e0f1a2b3c4", "status": "completed", "conclusion": conclusion,
            "html_url": format!("https://github.com/octo/hello/actions/runs/{run}/job/{job}"),
            "created_at": "2026-09-01T09:59:50Z", "started_at": "2026-09-01T10:00:00Z", "completed_at": "2026-09-01T10:05:00Z",
            "labels": ["ubuntu-24.04"],
            "steps": [
                { "name": "Set up job", "status": "completed", "conclusion": "success", "number": 1,
                  "started_at": "2026-09-01T10:00:00Z", "completed_at": "2026-09-01T10:00:05Z" },
                { "name": "Run cargo test", "status": "completed", "conclusion": "failure", "number": 2,
                  "started_at": "2026-09-01T10:00:05Z", "completed_at": "2026-09-01T10:05:00Z" },
            ],
        },
        "repository": repository(),
        "sender": { "login": "ada" },
    })
}

/// The run of such jobs.
pub(crate) fn run(run: i64) -> Value {
    json!({
        "action": "completed",
        "workflow_run": {
            "id": run, "run_attempt": 1, "name": "CI", "head_branch": "main", "event": "push",
            "head_sha": "4c0b1d2e3f405162738495a6b7c8d9e0f1a2b3c4", "status": "completed", "conclusion": "failure",
            "html_url": format!("https://github.com/octo/hello/actions/runs/{run}"), "actor": { "login": "ada" },
            "created_at": "2026-09-01T09:59:40Z", "run_started_at": "2026-09-01T09:59:40Z", "updated_at": "2026-09-01T10:05:10Z",
        },
        "repository": repository(),
        "sender": { "login": "ada" },
    })
}

/// The check of such a job.
pub(crate) fn check(run: i64, job: i64) -> Value {
    json!({
        "action": "completed",
        "check_run": {
            "id": job, "name": "build (ubuntu)", "status": "completed", "conclusion": "failure",
            "head_sha": "4c0b1d2e3f405162738495a6b7c8d9e0f1a2b3c4",
            "html_url": format!("https://github.com/octo/hello/actions/runs/{run}/job/{job}"),
            "details_url": format!("https://github.com/octo/hello/actions/runs/{run}/job/{job}"),
            "started_at": "2026-09-01T10:00:00Z", "completed_at": "2026-09-01T10:05:00Z",
            "output": { "title": "build failed", "summary": "error[E0308]: mismatched types", "text": null },
            "check_suite": { "head_branch": "main" }, "app": { "slug": "github-actions" },
        },
        "repository": repository(),
        "sender": { "login": "ada" },
    })
}
