//! The record of a failed step goes to a server. A step's outcome never hangs on it: few tries, and a deadline.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, Response, StatusCode, Url};
use serde_json::Value;
use tokio::time::{sleep, timeout};

use super::super::{Global, settings, show};
use crate::http::Role;

/// Time for all tries together: nobody waits longer for a job that has failed already.
const DEADLINE: Duration = Duration::from_secs(15);

/// Time for a connection to be made.
const CONNECT: Duration = Duration::from_secs(5);

/// Times a server that is busy, restarting or not reached is asked again.
const TRIES: u32 = 3;

/// Pause before the next try where the server names none.
const PAUSE: Duration = Duration::from_secs(1);

/// Bytes of an answer that are read.
const MAX_ANSWER: usize = 1 << 20;

/// Bytes of a refusal that are shown.
const SHOWN: usize = 300;

/// Sends a record, with the least key of the settings that may write; the id that it has there.
pub(super) async fn send(url: &str, record: &Value, global: &Global) -> Result<i64> {
    let address = address(url)?;
    let keys = settings(global)?.api.keys;
    let may_write = keys.iter().filter(|key| key.role >= Role::Write);
    let key = may_write.min_by_key(|key| key.role).map(|key| key.key.expose());
    let sent = timeout(DEADLINE, try_to_send(&address, record, key)).await;
    sent.with_context(|| format!("{url} did not answer in {} s", DEADLINE.as_secs()))?
}

/// The route of records at a server's address.
fn address(url: &str) -> Result<Url> {
    let mut address = Url::parse(url)
        .ok()
        .filter(|address| matches!(address.scheme(), "http" | "https"))
        .with_context(|| format!("`{}` is not an address as http://127.0.0.1:8200", show::visible(url)))?;
    let path = address.path().trim_end_matches('/').to_owned();
    if !path.ends_with("/api/analyze") {
        address.set_path(&format!("{path}/api/analyze"));
    }
    Ok(address)
}

async fn try_to_send(address: &Url, record: &Value, key: Option<&str>) -> Result<i64> {
    let client = Client::builder()
        .connect_timeout(CONNECT)
        .user_agent(concat!("sentinel/", env!("CARGO_PKG_VERSION")))
        .build()?;
    for attempt in 1.. {
        let mut request = client.post(address.clone()).json(record);
        if let Some(key) = key {
            request = request.header("x-api-key", key);
        }
        let pause = match request.send().await {
            Ok(response) if is_busy(response.status()) && attempt < TRIES => pause(&response),
            Ok(response) => return answer(response).await,
            Err(error) if error.is_connect() && attempt < TRIES => PAUSE,
            Err(error) => return Err(error.into()),
        };
        sleep(pause).await;
    }
    bail!("not tried")
}

fn is_busy(status: StatusCode) -> bool {
    matches!(status, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE)
}

fn pause(response: &Response) -> Duration {
    let named = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok());
    named
        .and_then(|text| text.parse().ok())
        .map_or(PAUSE, Duration::from_secs)
}

async fn answer(mut response: Response) -> Result<i64> {
    let status = response.status();
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            bail!("the answer is longer than {MAX_ANSWER} bytes; is this a Sentinel?");
        }
    }
    let answer: Option<Value> = serde_json::from_slice(&body).ok();
    if status.is_success() {
        let id = answer.as_ref().and_then(|verdict| verdict.get("id")?.as_i64());
        return id.context("the answer is not a verdict; is this a Sentinel?");
    }
    let said = answer.map_or_else(String::new, |problem| refusal(&problem));
    bail!("{status}{}", show::visible(&said))
}

fn refusal(problem: &Value) -> String {
    let error = problem.get("error").and_then(Value::as_str).unwrap_or_default();
    let details = problem.get("details").and_then(Value::as_array);
    let details = details.into_iter().flatten().filter_map(Value::as_str);
    let said: Vec<&str> = [error].into_iter().chain(details).collect();
    format!(": {}", said.join("; ").chars().take(SHOWN).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_named_by_its_address_or_by_the_route() {
        for (url, wanted) in [
            ("http://127.0.0.1:8200", "http://127.0.0.1:8200/api/analyze"),
            (
                "https://ci.example/sentinel/",
                "https://ci.example/sentinel/api/analyze",
            ),
            ("https://ci.example/api/analyze", "https://ci.example/api/analyze"),
        ] {
            assert_eq!(address(url).expect("an address").as_str(), wanted);
        }
        for url in ["", "127.0.0.1:8200", "file:///etc/passwd", "ftp://ci.example"] {
            assert!(address(url).is_err(), "{url}");
        }
    }
}
