//! What a retraining costs those who wait meanwhile: the answer time of deliveries at a steady pace, alone and while a
//! challenger is fitted.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::load;
use crate::process::Server;
use crate::table::{Bound, Row};
use crate::webhooks;

/// Deliveries a second: a large organisation's, and far below what the server can take.
const PACE: usize = 100;

/// How long each of the two measurements takes.
const SPAN: Duration = Duration::from_secs(20);

/// Corrections that the challenger learns from.
const CORRECTIONS: usize = 40;

/// The part of answers that came within the measured time.
const QUANTILE: f64 = 0.99;

/// Measures it.
pub(crate) fn measure() -> Result<Vec<Row>> {
    let count = PACE * usize::try_from(SPAN.as_secs())?;
    let all = webhooks::deliveries(0..CORRECTIONS + 2 * count)?;
    let (taught, rest) = all.split_at(CORRECTIONS);
    let (quiet, busy) = rest.split_at(count);
    let server = Server::start()?;
    load::drive(server.address, 1, &Arc::new(taught.to_vec()), CORRECTIONS)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let api = |path: String, body: Option<Value>| {
        let client = reqwest::Client::new();
        let url = format!("http://{}{path}", server.address);
        runtime.block_on(async {
            let request = match body {
                Some(body) => client.post(url).json(&body),
                None => client.get(url),
            };
            anyhow::Ok(request.send().await?.json::<Value>().await?)
        })
    };
    for id in 1..=CORRECTIONS {
        let word = json!({ "corrected_label": (["timeout", "test-failure"][id % 2]) });
        api(format!("/api/failures/{id}/corrections"), Some(word))?;
    }
    let alone = load::paced(server.address, PACE, quiet)?;
    let begun = api("/api/retrain".into(), Some(json!({})))?;
    ensure!(begun["running"].is_object(), "no retraining began: {begun}");
    let meanwhile = load::paced(server.address, PACE, busy)?;
    let status = api("/api/retrain".into(), None)?;
    ensure!(
        status["running"].is_object(),
        "the retraining ended within {SPAN:?}, so its cost was not measured: {status}"
    );
    let (alone, meanwhile) = (quantile(alone), quantile(meanwhile));
    let times = meanwhile.as_secs_f64() / alone.as_secs_f64();
    Ok(vec![Row {
        what: "a delivery's p99 while retraining",
        measured: format!("{:.2} ms", 1e3 * meanwhile.as_secs_f64()),
        reference: format!("{:.2} ms alone, at {PACE}/s: {times:.2}x", 1e3 * alone.as_secs_f64()),
        figure: times,
        bound: Bound::AtMost(2.0),
        unit: "x",
    }])
}

fn quantile(mut times: Vec<Duration>) -> Duration {
    times.sort();
    #[expect(clippy::cast_sign_loss, reason = "a share of a count")]
    let place = (QUANTILE * times.len() as f64) as usize;
    times[place.min(times.len() - 1)]
}
