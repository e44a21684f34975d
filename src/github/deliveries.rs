//! What GitHub sent, or tried to send, to our webhook. It keeps this for three days.

use jiff::Timestamp;
use reqwest::Method;
use serde_json::Value;

use super::actions::Repository;
use super::client::{Ask, GitHub, unexpected};
use super::credentials::Who;
use super::{GitHubError, Purpose};
use crate::ingest::Delivery;
use crate::ingest::payload;

/// Where our webhook listens; a hook that leads elsewhere is none of ours.
const OUR_PATH: &str = "/webhook/github";

/// A webhook that sends to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hook {
    /// That of the App.
    App,
    /// One of a repository.
    Repository {
        /// The repository's id.
        repository: i64,
        /// The hook's id.
        hook: i64,
    },
}

impl Hook {
    /// Under which its place in the list is remembered.
    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::App => "app".into(),
            Self::Repository { repository, hook } => format!("{repository}/{hook}"),
        }
    }

    fn ask(&self, rest: &[&str], query: Vec<(&'static str, String)>, conditional: bool) -> Ask {
        let (who, front) = match self {
            Self::App => (Who::App, vec!["app".into(), "hook".into(), "deliveries".into()]),
            Self::Repository { repository, hook } => {
                let path = [
                    "repositories",
                    &repository.to_string(),
                    "hooks",
                    &hook.to_string(),
                    "deliveries",
                ];
                (Who::Repository(*repository), path.map(str::to_owned).to_vec())
            }
        };
        Ask {
            who,
            purpose: Purpose::Past,
            path: front
                .into_iter()
                .chain(rest.iter().map(|part| (*part).to_owned()))
                .collect(),
            query,
            conditional,
        }
    }
}

/// One try to deliver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// GitHub's number of this try, rising with time.
    pub id: i64,
    /// `X-GitHub-Delivery`; a redelivery has the same.
    pub guid: String,
    /// When.
    pub at: Option<Timestamp>,
    /// Whether we answered with 2xx in time. A time-out has no status code, so that the word counts, not the number.
    pub arrived: bool,
    /// `X-GitHub-Event`.
    pub event: String,
    /// The action in it.
    pub action: Option<String>,
}

impl Sent {
    fn of(value: &Value) -> Option<Self> {
        let text = |name: &str| value[name].as_str().map(str::to_owned);
        Some(Self {
            id: value["id"].as_i64()?,
            guid: text("guid")?,
            at: value["delivered_at"].as_str().and_then(|at| at.parse().ok()),
            arrived: value["status"].as_str() == Some("OK"),
            event: text("event")?,
            action: text("action"),
        })
    }

    /// Whether it may tell of a job or run that has ended.
    #[must_use]
    pub fn tells_of_an_end(&self) -> bool {
        matches!(self.event.as_str(), "workflow_run" | "workflow_job" | "check_run")
            && self.action.as_deref() == Some("completed")
    }
}

/// A page of them, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryPage {
    /// Tries.
    pub sent: Vec<Sent>,
    /// Where the next page starts, if there is one.
    pub next: Option<String>,
}

/// Whether a hook with this configuration sends to us.
fn leads_to_us(config: &Value) -> bool {
    let address = config["url"].as_str().unwrap_or_default();
    address.trim_end_matches('/').ends_with(OUR_PATH)
}

impl GitHub {
    /// The App's own hook, where we are an App whose hook sends to us.
    ///
    /// # Errors
    /// When GitHub does not say.
    pub async fn own_hook(&self) -> Result<Option<Hook>, GitHubError> {
        if !self.is_app() {
            return Ok(None);
        }
        let path = ["app", "hook", "config"].map(str::to_owned);
        match self.as_app(Method::GET, &path, Purpose::Past).await {
            Ok(config) => Ok(leads_to_us(&config).then_some(Hook::App)),
            // An App need not have a hook.
            Err(GitHubError::NotFound { .. }) => Ok(None),
            Err(other) => Err(other),
        }
    }

    /// Hooks of a repository that send to us; `None` where we may not see them.
    ///
    /// # Errors
    /// Limits and trouble.
    pub async fn hooks(&self, repository: &Repository) -> Result<Option<Vec<Hook>>, GitHubError> {
        let ask = Ask {
            who: Who::Repository(repository.id),
            purpose: Purpose::Past,
            path: vec!["repositories".into(), repository.id.to_string(), "hooks".into()],
            query: vec![("per_page", "100".into())],
            conditional: true,
        };
        let listed = match self.page(&ask).await {
            Ok(page) => page.body,
            Err(GitHubError::Forbidden { .. } | GitHubError::NotFound { .. }) => return Ok(None),
            Err(other) => return Err(other),
        };
        let hooks = listed.as_array().map(Vec::as_slice).unwrap_or_default().iter();
        let ours = hooks.filter(|hook| leads_to_us(&hook["config"]));
        let ids = ours.filter_map(|hook| hook["id"].as_i64());
        let ours = ids.map(|hook| Hook::Repository {
            repository: repository.id,
            hook,
        });
        Ok(Some(ours.collect()))
    }

    /// A page of tries, newest first.
    ///
    /// # Errors
    /// When GitHub does not list them.
    pub async fn deliveries(&self, hook: &Hook, place: Option<&str>) -> Result<DeliveryPage, GitHubError> {
        let mut query = vec![("per_page", "100".to_owned())];
        query.extend(place.map(|place| ("cursor", place.to_owned())));
        let page = self.page(&hook.ask(&[], query, place.is_none())).await?;
        let sent = page.body.as_array().map(Vec::as_slice).unwrap_or_default();
        Ok(DeliveryPage {
            sent: sent.iter().filter_map(Sent::of).collect(),
            next: page.next,
        })
    }

    /// What was sent.
    ///
    /// # Errors
    /// When GitHub does not show it, or it is no delivery.
    pub async fn delivery(&self, hook: &Hook, sent: &Sent) -> Result<Delivery, GitHubError> {
        let ask = hook.ask(&[&sent.id.to_string()], Vec::new(), false);
        let body = self.page(&ask).await?.body;
        let payload = body["request"]["payload"].to_string();
        let read = payload::parse(&sent.event, Some(&sent.guid), payload.as_bytes(), self.now());
        read.map_err(|error| unexpected(&self.address(&ask), &error.to_string()))
    }
}
