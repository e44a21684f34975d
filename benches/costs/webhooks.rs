//! Signed deliveries of failed jobs, 10 KB each and no two alike, as requests ready to be sent.

use std::ops::Range;

use anyhow::{Context, Result};
use sentinel::ingest::signature::sign;
use serde_json::{Value, json};

use crate::process::SECRET;

/// Bytes of a body.
const BODY: usize = 10_000;

/// The deliveries of these numbers.
pub(crate) fn deliveries(numbers: Range<usize>) -> Result<Vec<Vec<u8>>> {
    numbers.map(delivery).collect()
}

fn delivery(number: usize) -> Result<Vec<u8>> {
    let body = body(number);
    let signature = sign(&body, SECRET.as_bytes()).context("the secret is empty")?;
    let mut request = format!(
        "POST /webhook/github HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
         x-github-event: workflow_job\r\nx-github-delivery: 72d3162e-cc78-11e3-81ab-{number:012x}\r\n\
         x-hub-signature-256: {signature}\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(&body);
    Ok(request)
}

/// A failed job with so many steps that the body is 10 KB. The rest of a real repository object is stood in for by its
/// description.
fn body(number: usize) -> Vec<u8> {
    let job = 20_000_000_000 + number;
    let (run, minute) = (job / 7, number % 50);
    let mut payload = json!({
        "action": "completed",
        "workflow_job": {
            "id": job, "run_id": run, "run_attempt": 1, "name": format!("test ({})", number % 13), "workflow_name": "CI",
            "head_branch": "main", "head_sha": format!("{job:040x}"), "status": "completed", "conclusion": "failure",
            "html_url": format!("https://github.com/octo/hello/actions/runs/{run}/job/{job}"),
            "created_at": "2026-09-01T09:59:50Z", "started_at": "2026-09-01T10:00:00Z",
            "completed_at": format!("2026-09-01T10:{:02}:00Z", minute + 1), "labels": ["ubuntu-24.04"],
            "steps": (0..30).map(|step| step_of(step, number)).collect::<Vec<Value>>(),
        },
        "repository": {
            "id": 42, "full_name": "octo/hello", "html_url": "https://github.com/octo/hello", "language": "Rust",
            "description": "",
        },
        "sender": { "login": "ada" },
    });
    let missing = BODY.saturating_sub(payload.to_string().len());
    payload["repository"]["description"] = json!(
        "a repository as any other "
            .chars()
            .cycle()
            .take(missing)
            .collect::<String>()
    );
    payload.to_string().into_bytes()
}

fn step_of(step: usize, number: usize) -> Value {
    const NAMES: [&str; 6] = ["Set up job", "Checkout", "Install", "Build", "Run tests", "Deploy"];
    let conclusion = match step {
        29 => "failure",
        _ => "success",
    };
    json!({
        "name": format!("{} {step}", NAMES[(step + number) % NAMES.len()]), "status": "completed",
        "conclusion": conclusion, "number": step + 1,
        "started_at": format!("2026-09-01T10:00:{step:02}Z"), "completed_at": format!("2026-09-01T10:00:{:02}Z", step + 1),
    })
}
