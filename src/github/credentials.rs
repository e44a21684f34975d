//! Who we are to GitHub: nobody, the holder of a token, or an App with its installations.

use std::collections::HashMap;
use std::path::Path;

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use reqwest::header::HeaderValue;
use serde::Serialize;
use tokio::sync::Mutex;

use super::GitHubError;
use super::budget::Account;
use super::settings::GitHubSettings;

/// A token of an installation is renewed this long before it ends; it lives an hour.
const RENEWED: SignedDuration = SignedDuration::from_mins(5);

/// GitHub takes JSON web tokens of at most ten minutes; a minute is left for clocks that differ.
const JWT_LIFE: i64 = 9 * 60;

/// Repositories and installations that are remembered.
const REMEMBERED: usize = 10_000;

/// Whom a request is sent as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Who {
    /// The App itself, or the token's holder.
    App,
    /// Whoever may read this repository.
    Repository(i64),
    /// One installation of the App.
    Installation(i64),
}

/// What goes with a request.
#[derive(Debug, Clone)]
pub(super) struct Pass {
    pub(super) account: Account,
    pub(super) header: Option<HeaderValue>,
}

pub(super) enum Credentials {
    Nobody,
    Token(HeaderValue),
    App(App),
}

/// A GitHub App.
pub(super) struct App {
    id: u64,
    key: EncodingKey,
    /// By repository.
    pub(super) installations: Mutex<HashMap<i64, i64>>,
    /// By installation.
    pub(super) tokens: Mutex<HashMap<i64, Lease>>,
}

/// A token of an installation.
#[derive(Clone)]
pub(super) struct Lease {
    pub(super) header: HeaderValue,
    pub(super) ends: Timestamp,
}

#[derive(Serialize)]
struct Claims {
    iat: i64,
    exp: i64,
    iss: String,
}

impl Credentials {
    /// Those of the settings; the App's before the token.
    pub(super) fn of(settings: &GitHubSettings) -> Result<Self, GitHubError> {
        if settings.app_id != 0 {
            return App::of(settings).map(Self::App);
        }
        if settings.token.is_set() {
            return bearer(settings.token.expose()).map(Self::Token);
        }
        Ok(Self::Nobody)
    }

    /// In a log line.
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Nobody => "none",
            Self::Token(_) => "token",
            Self::App(_) => "app",
        }
    }
}

impl App {
    fn of(settings: &GitHubSettings) -> Result<Self, GitHubError> {
        let file = Path::new(&settings.app_key_file);
        let unusable = |why: String| GitHubError::Credentials(format!("{}: {why}", file.display()));
        let pem = std::fs::read(file).map_err(|error| unusable(error.to_string()))?;
        let key = EncodingKey::from_rsa_pem(&pem)
            .map_err(|_reason| unusable("is no RSA private key in PEM, as GitHub makes it for an App".into()))?;
        Ok(Self {
            id: settings.app_id,
            key,
            installations: Mutex::default(),
            tokens: Mutex::default(),
        })
    }

    /// The App itself: a JSON web token (RFC 7519, RS256), made for this request.
    pub(super) fn itself(&self, now: Timestamp) -> Result<Pass, GitHubError> {
        let iat = now.as_second() - 60;
        let claims = Claims {
            iat,
            exp: iat + JWT_LIFE,
            iss: self.id.to_string(),
        };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::RS256), &claims, &self.key)
            .map_err(|error| GitHubError::Credentials(format!("signing as the App: {error}")))?;
        Ok(Pass {
            account: -1,
            header: Some(bearer(&token)?),
        })
    }

    /// The token of an installation that is good for a while.
    pub(super) async fn lease(&self, installation: i64, now: Timestamp) -> Option<Pass> {
        let tokens = self.tokens.lock().await;
        let lease = tokens.get(&installation).filter(|lease| lease.ends > now + RENEWED)?;
        Some(Pass {
            account: installation,
            header: Some(lease.header.clone()),
        })
    }

    /// Keeps a token.
    pub(super) async fn keep(&self, installation: i64, lease: Lease) {
        remember(&mut *self.tokens.lock().await, installation, lease);
    }

    /// Keeps whose a repository is.
    pub(super) async fn belongs(&self, repository: i64, installation: i64) {
        remember(&mut *self.installations.lock().await, repository, installation);
    }

    /// Forgets a token that was refused, and whose the repository was thought to be.
    pub(super) async fn forget(&self, who: Who, account: Account) {
        self.tokens.lock().await.remove(&account);
        if let Who::Repository(id) = who {
            self.installations.lock().await.remove(&id);
        }
    }
}

fn remember<T>(known: &mut HashMap<i64, T>, id: i64, value: T) {
    if known.len() >= REMEMBERED {
        known.clear();
    }
    known.insert(id, value);
}

/// `Authorization: Bearer`, marked as not to be printed.
pub(super) fn bearer(token: &str) -> Result<HeaderValue, GitHubError> {
    let mut value = HeaderValue::from_str(&format!("Bearer {}", token.trim()))
        .map_err(|_not_shown| GitHubError::Credentials("the token has characters that no token has".into()))?;
    value.set_sensitive(true);
    Ok(value)
}
