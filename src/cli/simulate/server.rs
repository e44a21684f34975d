//! The server that a stream is sent to: one arrival is one request, tried again while the server is busy.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use reqwest::header::RETRY_AFTER;
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url};
use serde_json::Value;

use super::super::{Global, settings, show};
use crate::http::Role;
use crate::ingest::signature;
use crate::simulate::{Simulated, webhook};

/// Requests under way at one time.
pub(super) const AT_ONCE: usize = 16;

/// Times that a busy server is asked.
const TRIES: u32 = 4;

/// The longest pause that a busy server may ask for before a try; what asks for more is a limit and no queue.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// Time for one request.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a refusal that are shown.
const SHOWN: usize = 300;

/// What became of an arrival.
pub(super) enum Outcome {
    TakenIn,
    Duplicate,
    Refused(String),
}

/// Where to send, and with what right.
#[derive(Clone)]
pub(super) struct Server {
    client: Client,
    address: Url,
    /// The key of records or, for deliveries, the secret of signatures.
    secret: Option<Arc<str>>,
    webhook: bool,
}

impl Server {
    pub(super) fn new(url: &str, webhook: bool, global: &Global) -> Result<Self> {
        let settings = settings(global)?;
        let secret = if webhook {
            let secret = settings.webhook.secrets.first();
            Some(secret.ok_or_else(super::no_secret)?.expose().into())
        } else {
            let may_write = settings.api.keys.iter().filter(|key| key.role >= Role::Write);
            may_write.min_by_key(|key| key.role).map(|key| key.key.expose().into())
        };
        let client = Client::builder()
            .timeout(TIMEOUT)
            .user_agent(concat!("sentinel/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self {
            client,
            address: address(url, webhook)?,
            secret,
            webhook,
        })
    }

    pub(super) async fn send(self, failure: Simulated, seed: u64) -> Outcome {
        let request = if self.webhook {
            self.delivery(&failure, seed)
        } else {
            let record = self.client.post(self.address.clone()).json(&failure.record());
            Ok(match &self.secret {
                Some(key) => record.header("x-api-key", &**key),
                None => record,
            })
        };
        match request {
            Ok(request) => tried(&request).await,
            Err(error) => Outcome::Refused(error.to_string()),
        }
    }

    fn delivery(&self, failure: &Simulated, seed: u64) -> Result<RequestBuilder> {
        let (id, body) = failure.delivery(seed);
        let body = serde_json::to_vec(&body)?;
        let secret = self.secret.as_deref().unwrap_or_default();
        let signed = signature::sign(&body, secret.as_bytes()).context("the webhook secret cannot sign")?;
        let post = self.client.post(self.address.clone()).body(body);
        Ok(post
            .header("content-type", "application/json")
            .header("x-github-event", webhook::EVENT)
            .header("x-github-delivery", id)
            .header("x-hub-signature-256", signed))
    }
}

/// The route at a server's address.
fn address(url: &str, webhook: bool) -> Result<Url> {
    let mut address = Url::parse(url)
        .ok()
        .filter(|address| matches!(address.scheme(), "http" | "https"))
        .with_context(|| format!("`{}` is not an address as http://127.0.0.1:8200", show::visible(url)))?;
    let path = address.path().trim_end_matches('/').to_owned();
    let route = if webhook { "/webhook/github" } else { "/api/analyze" };
    if !path.ends_with(route) {
        address.set_path(&format!("{path}{route}"));
    }
    Ok(address)
}

async fn tried(request: &RequestBuilder) -> Outcome {
    let mut outcome = Outcome::Refused("not sent".into());
    for _ in 0..TRIES {
        let Some(request) = request.try_clone() else { break };
        let pause = match request.send().await {
            Ok(response) => {
                let pause = pause(&response);
                outcome = read(response).await;
                pause
            }
            Err(error) => {
                outcome = Outcome::Refused(format!("{:#}", anyhow::Error::from(error)));
                None
            }
        };
        match pause {
            Some(pause) => tokio::time::sleep(pause).await,
            None => break,
        }
    }
    outcome
}

/// How long to wait for a server that is busy; `None` where asking again is of no use.
fn pause(response: &Response) -> Option<Duration> {
    let busy = matches!(
        response.status(),
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE
    );
    let named = response
        .headers()
        .get(RETRY_AFTER)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    let pause = named.map_or(Duration::from_secs(1), Duration::from_secs);
    (busy && pause <= LONGEST_PAUSE).then_some(pause)
}

async fn read(response: Response) -> Outcome {
    let status = response.status();
    let text = match response.text().await {
        Ok(text) => text,
        Err(error) => return Outcome::Refused(error.to_string()),
    };
    let answer: Option<Value> = serde_json::from_str(&text).ok();
    let said = |name: &str| answer.as_ref().and_then(|answer| answer.get(name)?.as_str());
    match (status, said("status")) {
        (StatusCode::TOO_MANY_REQUESTS, _) => Outcome::Refused(format!(
            "{status}: {} (a server for tests takes more with api.rate_per_minute = 0)",
            said("error").unwrap_or_default()
        )),
        (status, _) if !status.is_success() => {
            let why = said("error").map_or_else(|| text.chars().take(SHOWN).collect(), str::to_owned);
            Outcome::Refused(format!("{status}: {why}"))
        }
        (_, Some("duplicate")) => Outcome::Duplicate,
        (_, Some("ignored")) => Outcome::Refused("the server ignored the delivery".into()),
        _ if answer.as_ref().is_some_and(|answer| answer.get("id").is_some()) => Outcome::TakenIn,
        _ => Outcome::Refused("the answer is not a verdict; is this a Sentinel?".into()),
    }
}
