//! Requests and what becomes of them: credentials, limits, retries, redirects, answers that have not changed.

use std::collections::VecDeque;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jiff::Timestamp;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, LOCATION};
use reqwest::{Client, Method, Response, StatusCode, Url, redirect};
use serde_json::Value;
use tokio::sync::Semaphore;
use tokio::time::{sleep, timeout};

use super::budget::Budget;
use super::credentials::{App, Credentials, Lease, Pass, Who, bearer};
use super::settings::{GitHubSettings, base, is_loopback};
use super::{GitHubError, Purpose};

/// What tells the time. Tests give their own.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Requests at one time; GitHub allows a hundred.
const CONCURRENT: usize = 16;

/// Hops from an address to its answer.
const HOPS: usize = 5;

/// Bytes of an answer that is JSON: a page of a hundred jobs has about one megabyte.
const MAX_ANSWER: usize = 16 << 20;

/// Bytes of a refusal that are read for words on a limit.
const MAX_REFUSAL: usize = 64 << 10;

/// Answers that are kept to be asked for again only if they have changed: how many, which is one for each of many repositories,
/// bytes of one of them, and of all.
const KEPT: usize = 4_096;
const MAX_KEPT: usize = 1 << 20;
const MAX_ALL_KEPT: usize = 16 << 20;

/// The version of the API that this is written for.
const API_VERSION: HeaderValue = HeaderValue::from_static("2022-11-28");

/// How patient the client is. Tests are less so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// Times a request is sent.
    pub tries: u32,
    /// The pause before the second; doubled for each further one, and jittered.
    pub pause: Duration,
    /// How long GitHub may say nothing.
    pub silence: Duration,
    /// How long one log may take.
    pub log: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            tries: 3,
            pause: Duration::from_millis(500),
            silence: Duration::from_secs(30),
            log: Duration::from_mins(5),
        }
    }
}

/// A client of one GitHub.
pub struct GitHub {
    http: Client,
    pub(super) base: Url,
    credentials: Credentials,
    budget: Budget,
    kept: Mutex<VecDeque<KeptAnswer>>,
    slots: Semaphore,
    clock: Clock,
    pub(super) pace: Pace,
    /// Bytes of a log, unpacked, that are read.
    pub(super) max_log: u64,
}

/// An answer with the mark that tells whether it has changed.
struct KeptAnswer {
    url: Url,
    etag: HeaderValue,
    body: Bytes,
    next: Option<String>,
}

/// What is asked.
pub(super) struct Ask {
    pub(super) who: Who,
    pub(super) purpose: Purpose,
    pub(super) path: Vec<String>,
    pub(super) query: Vec<(&'static str, String)>,
    /// Whether the answer is kept, so that one which has not changed costs nothing.
    pub(super) conditional: bool,
}

/// A page of JSON, and the address of the next one as GitHub names it.
pub(super) struct Page {
    pub(super) body: Value,
    pub(super) next: Option<String>,
}

impl GitHub {
    /// A client for these settings. Sends nothing yet.
    ///
    /// # Errors
    /// When the address is none, or the App's key cannot be read.
    pub fn new(settings: &GitHubSettings, clock: Clock, pace: Pace) -> Result<Self, GitHubError> {
        let base = base(&settings.api_base).ok_or_else(|| {
            GitHubError::Credentials(format!("github.api_base: `{}` is no address", settings.api_base))
        })?;
        let builder = Client::builder()
            .redirect(redirect::Policy::none())
            .connect_timeout(Duration::from_secs(10))
            .read_timeout(pace.silence)
            .user_agent(concat!("sentinel/", env!("CARGO_PKG_VERSION")));
        let builder = if is_loopback(&base) {
            builder.no_proxy()
        } else {
            builder
        };
        let http = builder
            .build()
            .map_err(|error| GitHubError::Credentials(format!("starting the client: {error}")))?;
        Ok(Self {
            http,
            base,
            credentials: Credentials::of(settings)?,
            budget: Budget::default(),
            kept: Mutex::default(),
            slots: Semaphore::new(CONCURRENT),
            clock,
            pace,
            max_log: settings.max_log_bytes,
        })
    }

    /// `token`, `app` or `none`.
    #[must_use]
    pub const fn credential(&self) -> &'static str {
        self.credentials.kind()
    }

    /// Asks whether GitHub believes who we are: the App, or the token's holder. Costs nothing of the hour's requests of a token.
    ///
    /// # Errors
    /// When it does not, or is not reached.
    pub async fn introduce(&self) -> Result<(), GitHubError> {
        let path = if self.is_app() { "app" } else { "rate_limit" };
        let ask = Ask {
            who: Who::App,
            purpose: Purpose::Live,
            path: vec![path.to_owned()],
            query: Vec::new(),
            conditional: false,
        };
        self.page(&ask).await.map(drop)
    }

    /// The host whose pages this API belongs to, as payloads name it: `github.com` for `api.github.com`, and for a stand-in on
    /// this machine.
    #[must_use]
    pub fn host(&self) -> String {
        if is_loopback(&self.base) {
            return "github.com".into();
        }
        let host = self.base.host_str().unwrap_or_default();
        let host = host.strip_prefix("api.").unwrap_or(host);
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// Whether ids of this host mean something here. A stand-in on this machine answers for every host.
    #[must_use]
    pub fn answers_for(&self, host: &str) -> bool {
        is_loopback(&self.base) || host.eq_ignore_ascii_case(&self.host())
    }

    pub(super) const fn is_app(&self) -> bool {
        matches!(self.credentials, Credentials::App(_))
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// Asks for JSON.
    pub(super) async fn page(&self, ask: &Ask) -> Result<Page, GitHubError> {
        let url = self.address(ask);
        let etag = if ask.conditional { self.kept_etag(&url) } else { None };
        let response = self.send(ask, &url, etag.as_ref()).await?;
        if response.status() == StatusCode::NOT_MODIFIED {
            return self
                .kept_page(&url)
                .ok_or_else(|| unexpected(&url, "304 without a question"));
        }
        let etag = response.headers().get(ETAG).cloned();
        let next = next_page(response.headers());
        let body = read_body(response, MAX_ANSWER, &url).await?;
        let page = parse(&body, next.clone(), &url)?;
        if ask.conditional
            && body.len() <= MAX_KEPT
            && let Some(etag) = etag
        {
            self.keep(KeptAnswer { url, etag, body, next });
        }
        Ok(page)
    }

    fn at(&self, path: &[String]) -> Url {
        let mut url = self.base.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }

    /// The address of what is asked: the setting's, then parts that cannot leave it.
    pub(super) fn address(&self, ask: &Ask) -> Url {
        let mut url = self.at(&ask.path);
        if !ask.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&ask.query);
        }
        url
    }

    /// Sends, tries again, and follows redirects, until there is an answer with a body.
    pub(super) async fn send(&self, ask: &Ask, url: &Url, etag: Option<&HeaderValue>) -> Result<Response, GitHubError> {
        let mut renewed = false;
        let mut trouble = String::new();
        for attempt in 0..self.pace.tries.max(1) {
            if attempt > 0 {
                self.rest(attempt).await;
            }
            let pass = self.pass(ask.who, ask.purpose).await?;
            match self.follow(&Method::GET, url, &pass, ask.purpose, etag).await? {
                Hop::Answer(response) => return Ok(response),
                Hop::Trouble(why) => trouble = why,
                Hop::Unbelieved if !renewed && self.is_app() => {
                    renewed = true;
                    if let Credentials::App(app) = &self.credentials {
                        app.forget(ask.who, pass.account).await;
                    }
                    "the token of the installation was refused".clone_into(&mut trouble);
                }
                Hop::Unbelieved => return Err(self.unbelieved()),
            }
        }
        Err(GitHubError::Unavailable {
            what: shown(url),
            why: trouble,
        })
    }

    fn unbelieved(&self) -> GitHubError {
        GitHubError::Credentials(match self.credentials {
            Credentials::Nobody => "GitHub asks for a token (401); set GITHUB_TOKEN, or github.app_id".into(),
            Credentials::Token(_) => "the token is refused (401): it is wrong, has expired or was revoked".into(),
            Credentials::App(_) => "the App is refused (401): look at github.app_id, its key, and this clock".into(),
        })
    }

    /// From an address to its answer.
    async fn follow(
        &self,
        method: &Method,
        url: &Url,
        pass: &Pass,
        purpose: Purpose,
        etag: Option<&HeaderValue>,
    ) -> Result<Hop, GitHubError> {
        let mut at = url.clone();
        for _ in 0..HOPS {
            let ours = same_origin(&at, &self.base);
            if ours {
                self.budget
                    .take(pass.account, purpose, self.now())
                    .map_err(|until| GitHubError::Limited { until })?;
            }
            let mut headers = HeaderMap::new();
            if ours {
                // Elsewhere nobody learns who we are, nor even that we speak this API.
                headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github+json"));
                headers.insert("x-github-api-version", API_VERSION);
                headers.extend(pass.header.clone().map(|header| (AUTHORIZATION, header)));
                headers.extend(etag.cloned().map(|etag| (IF_NONE_MATCH, etag)));
            }
            let response = match self.once(method.clone(), at.clone(), headers).await {
                Ok(response) => response,
                Err(why) => return Ok(Hop::Trouble(why)),
            };
            if method == Method::GET
                && response.status().is_redirection()
                && response.status() != StatusCode::NOT_MODIFIED
            {
                at = self.next_hop(&at, &response)?;
                continue;
            }
            let limited = ours
                .then(|| {
                    self.budget
                        .learn(pass.account, response.status(), response.headers(), self.now())
                })
                .flatten();
            if let Some(until) = limited {
                return Err(GitHubError::Limited { until });
            }
            return self.weigh(url, &at, pass, response).await;
        }
        Err(unexpected(url, "it redirects in circles"))
    }

    /// Where a redirect leads: over TLS, unless all of this is plain.
    fn next_hop(&self, at: &Url, response: &Response) -> Result<Url, GitHubError> {
        let location = response
            .headers()
            .get(LOCATION)
            .and_then(|location| location.to_str().ok());
        let next = location.and_then(|location| at.join(location).ok());
        let allowed =
            |next: &Url| next.scheme() == "https" || (next.scheme() == "http" && self.base.scheme() == "http");
        next.filter(allowed)
            .ok_or_else(|| unexpected(at, "it redirects to what is no address with TLS"))
    }

    /// What an answer's status means. `asked` is named in errors: links of redirects carry secrets of their own.
    async fn weigh(&self, asked: &Url, at: &Url, pass: &Pass, response: Response) -> Result<Hop, GitHubError> {
        let what = shown(asked);
        let status = response.status();
        match status {
            _ if status.is_success() && is_html(&response) => Ok(Hop::Trouble(format!("{status} with a web page"))),
            StatusCode::NOT_MODIFIED => Ok(Hop::Answer(response)),
            _ if status.is_success() => Ok(Hop::Answer(response)),
            StatusCode::UNAUTHORIZED if same_origin(at, &self.base) => Ok(Hop::Unbelieved),
            StatusCode::NOT_FOUND => Err(GitHubError::NotFound { what }),
            StatusCode::GONE => Err(GitHubError::Gone { what }),
            StatusCode::FORBIDDEN if same_origin(at, &self.base) => {
                let text = read_body(response, MAX_REFUSAL, asked).await.unwrap_or_default();
                if speaks_of_a_limit(&text) {
                    let until = self.budget.block(pass.account, self.now());
                    return Err(GitHubError::Limited { until });
                }
                Err(GitHubError::Forbidden { what })
            }
            // A link of a storage that has ended, or a storage in trouble: a new link may do.
            _ if status.is_server_error() || !same_origin(at, &self.base) => Ok(Hop::Trouble(status.to_string())),
            _ => Err(GitHubError::Unexpected {
                what,
                why: status.to_string(),
            }),
        }
    }

    async fn once(&self, method: Method, url: Url, headers: HeaderMap) -> Result<Response, String> {
        let _slot = self.slots.acquire().await.map_err(|closed| closed.to_string())?;
        let sent = self.http.request(method, url).headers(headers).send();
        match timeout(self.pace.silence, sent).await {
            Ok(Ok(response)) => Ok(response),
            Ok(Err(error)) => Err(why(&error)),
            Err(_elapsed) => Err(format!("no answer in {} s", self.pace.silence.as_secs_f64())),
        }
    }

    /// Waits before another try, for a time that many clients do not share.
    async fn rest(&self, attempt: u32) {
        // The seed of a hash map is the chance at hand: nothing secret hangs on it.
        let chance = std::hash::RandomState::new().build_hasher().finish();
        let share = 0.5 + (chance % 1_000) as f64 / 1_000.0;
        sleep(self.pace.pause.mul_f64(share) * 2_u32.saturating_pow(attempt - 1)).await;
    }

    /// What a request is sent with.
    async fn pass(&self, who: Who, purpose: Purpose) -> Result<Pass, GitHubError> {
        let app = match &self.credentials {
            Credentials::Nobody => {
                return Ok(Pass {
                    account: 0,
                    header: None,
                });
            }
            Credentials::Token(header) => {
                return Ok(Pass {
                    account: 0,
                    header: Some(header.clone()),
                });
            }
            Credentials::App(app) => app,
        };
        let installation = match who {
            Who::App => return app.itself(self.now()),
            Who::Installation(installation) => installation,
            Who::Repository(repository) => self.installation(app, repository, purpose).await?,
        };
        if let Some(pass) = app.lease(installation, self.now()).await {
            return Ok(pass);
        }
        let path = ["app", "installations", &installation.to_string(), "access_tokens"].map(str::to_owned);
        let made = self.as_app(Method::POST, &path, purpose).await?;
        let header = bearer(made["token"].as_str().unwrap_or_default())?;
        let ends = made["expires_at"].as_str().and_then(|text| text.parse().ok());
        let ends = ends.unwrap_or_else(|| self.now() + jiff::SignedDuration::from_mins(30));
        let lease = Lease {
            header: header.clone(),
            ends,
        };
        app.keep(installation, lease).await;
        Ok(Pass {
            account: installation,
            header: Some(header),
        })
    }

    /// The installation that may read a repository.
    async fn installation(&self, app: &App, repository: i64, purpose: Purpose) -> Result<i64, GitHubError> {
        let known = app.installations.lock().await.get(&repository).copied();
        if let Some(installation) = known {
            return Ok(installation);
        }
        let path = ["repositories".into(), repository.to_string(), "installation".into()];
        let nowhere = || GitHubError::Forbidden {
            what: format!("repository {repository}, where the App is not installed"),
        };
        let found = match self.as_app(Method::GET, &path, purpose).await {
            Err(GitHubError::NotFound { .. }) => return Err(nowhere()),
            other => other?,
        };
        let id = found["id"].as_i64().ok_or_else(nowhere)?;
        app.belongs(repository, id).await;
        Ok(id)
    }

    /// A request of the App itself, which needs no installation. Made anew for each try: the token that proves it is short-lived.
    pub(super) async fn as_app(&self, method: Method, path: &[String], purpose: Purpose) -> Result<Value, GitHubError> {
        let Credentials::App(app) = &self.credentials else {
            return Err(self.unbelieved());
        };
        let url = self.at(path);
        let mut trouble = String::new();
        for attempt in 0..self.pace.tries.max(1) {
            if attempt > 0 {
                self.rest(attempt).await;
            }
            let pass = app.itself(self.now())?;
            match self.follow(&method, &url, &pass, purpose, None).await? {
                Hop::Answer(response) => {
                    let body = read_body(response, MAX_ANSWER, &url).await?;
                    return parse(&body, None, &url).map(|page| page.body);
                }
                Hop::Trouble(why) => trouble = why,
                Hop::Unbelieved => return Err(self.unbelieved()),
            }
        }
        Err(GitHubError::Unavailable {
            what: shown(&url),
            why: trouble,
        })
    }

    fn kept_etag(&self, url: &Url) -> Option<HeaderValue> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter()
            .find(|answer| answer.url == *url)
            .map(|answer| answer.etag.clone())
    }

    fn kept_page(&self, url: &Url) -> Option<Page> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let answer = kept.iter().find(|answer| answer.url == *url)?;
        parse(&answer.body, answer.next.clone(), url).ok()
    }

    fn keep(&self, answer: KeptAnswer) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.retain(|known| known.url != answer.url);
        kept.push_back(answer);
        let mut bytes: usize = kept.iter().map(|known| known.body.len()).sum();
        while kept.len() > KEPT || bytes > MAX_ALL_KEPT {
            bytes -= kept.pop_front().map_or(bytes, |oldest| oldest.body.len());
        }
    }
}

/// What one try has come to.
enum Hop {
    Answer(Response),
    /// It passes; try again.
    Trouble(String),
    /// 401.
    Unbelieved,
}

pub(super) fn same_origin(one: &Url, other: &Url) -> bool {
    one.scheme() == other.scheme()
        && one.host_str() == other.host_str()
        && one.port_or_known_default() == other.port_or_known_default()
}

/// An address in an error: without its query, which may hold a signature.
pub(super) fn shown(url: &Url) -> String {
    format!("{}{}", url.host_str().unwrap_or_default(), url.path())
}

pub(super) fn unexpected(url: &Url, why: &str) -> GitHubError {
    GitHubError::Unexpected {
        what: shown(url),
        why: why.to_owned(),
    }
}

/// The innermost reason; the outer ones name the address, whose query may hold a signature.
pub(super) fn why(error: &reqwest::Error) -> String {
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    if error.is_timeout() {
        return "it fell silent".into();
    }
    reason.to_string()
}

fn is_html(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    kind.is_some_and(|kind| kind.trim_start().to_ascii_lowercase().starts_with("text/html"))
}

fn speaks_of_a_limit(text: &[u8]) -> bool {
    let text = String::from_utf8_lossy(text).to_lowercase();
    text.contains("secondary rate limit")
        || text.contains("api rate limit exceeded")
        || text.contains("abuse detection")
}

/// Reads a body within a bound.
async fn read_body(mut response: Response, limit: usize, url: &Url) -> Result<Bytes, GitHubError> {
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => {
                return Err(unexpected(url, &format!("it is longer than {limit} bytes")));
            }
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(body.into()),
            Err(error) => {
                return Err(GitHubError::Unavailable {
                    what: shown(url),
                    why: why(&error),
                });
            }
        }
    }
}

fn parse(body: &[u8], next: Option<String>, url: &Url) -> Result<Page, GitHubError> {
    let body = serde_json::from_slice(body).map_err(|error| unexpected(url, &format!("it is no JSON: {error}")))?;
    Ok(Page { body, next })
}

/// The `page` or `cursor` of the link to the next page. The link itself is not followed.
fn next_page(headers: &HeaderMap) -> Option<String> {
    let links = headers.get("link")?.to_str().ok()?;
    let link = links.split(',').find(|link| link.contains("rel=\"next\""))?;
    let address = link.split_once('<')?.1.split_once('>')?.0;
    let url = Url::parse(address).ok()?;
    url.query_pairs()
        .find(|(name, _)| name == "page" || name == "cursor")
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(base: &str) -> GitHub {
        let settings = GitHubSettings {
            api_base: base.into(),
            ..GitHubSettings::default()
        };
        GitHub::new(&settings, Arc::new(|| Timestamp::UNIX_EPOCH), Pace::default()).expect("a client")
    }

    #[test]
    fn a_part_of_an_address_cannot_leave_it() {
        let ask = Ask {
            who: Who::App,
            purpose: Purpose::Live,
            path: vec!["repos".into(), "../../evil".into(), "a?b#c".into()],
            query: vec![("page", "1&x=2".into())],
            conditional: false,
        };
        let url = client("https://ghe.example.com/api/v3/").address(&ask);
        assert_eq!(
            url.as_str(),
            "https://ghe.example.com/api/v3/repos/..%2F..%2Fevil/a%3Fb%23c?page=1%26x%3D2"
        );
    }

    #[test]
    fn an_api_answers_for_the_pages_of_its_host() {
        let github = client("https://api.github.com");
        assert!(github.answers_for("github.com") && !github.answers_for("ghe.example.com"));
        let enterprise = client("https://ghe.example.com:8443/api/v3");
        assert!(enterprise.answers_for("ghe.example.com:8443") && !enterprise.answers_for("github.com"));
        assert!(client("http://127.0.0.1:9").answers_for("github.com"));
    }

    #[test]
    fn of_the_next_link_only_the_place_is_taken() {
        let mut headers = HeaderMap::new();
        let links =
            "<https://evil.example/x?per_page=100&cursor=v1_77>; rel=\"next\", <https://a/b?page=9>; rel=\"last\"";
        headers.insert("link", HeaderValue::from_static(links));
        assert_eq!(next_page(&headers).as_deref(), Some("v1_77"));
        assert_eq!(next_page(&HeaderMap::new()), None);
    }
}
