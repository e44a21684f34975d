//! How a command reaches the data, whoever has it: the server that owns the folder, over its socket, or this process, which
//! takes the lock and answers with the very same routes. Either way a command asks by method and path, and gets JSON.

mod client;

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, anyhow, bail};
use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use serde::de::DeserializeOwned;
use serde_json::Value;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use warp::http::header::CONTENT_TYPE;
use warp::http::{Method, Request, StatusCode};

pub(super) use self::client::Client;
use self::client::Failed;
use super::opened::Opened;
use crate::app::engine::Handle;
use crate::config::Settings;
use crate::http::LocalUser;
use crate::server::{ServerDoors, Site, local};
use crate::store::StoreError;

/// A body as it comes.
type Body = UnsyncBoxBody<Bytes, Box<dyn std::error::Error + Send + Sync>>;

/// How often a folder is tried that somebody holds who cannot be asked: another command at work, or a server that starts
/// or ends.
const TRIES: usize = 100;

/// Between two of them.
const BETWEEN_TRIES: Duration = Duration::from_millis(200);

/// Bytes of an answer that is read whole: a thousand rows of history have less.
const MAX_ANSWER: usize = 64 << 20;

/// The way to the data.
pub(super) enum Reach {
    /// Through the server that owns the folder.
    Server(Client),
    /// By ourselves: the folder is ours until [`Reach::close`].
    Own(Box<Own>),
}

/// The data in this process.
pub(super) struct Own {
    site: Site,
    pub(super) handle: Handle,
    pub(super) doors: ServerDoors,
    pub(super) user: LocalUser,
}

/// An answer that says no, in the server's words.
#[derive(Debug, thiserror::Error)]
#[error("{error}{}", details.iter().map(|detail| format!("\n  {detail}")).collect::<String>())]
pub(super) struct Refused {
    error: String,
    details: Vec<String>,
}

impl Reach {
    /// The way to a data folder that is there.
    ///
    /// # Errors
    /// When there is none, or it is held by somebody who does not answer.
    pub(super) async fn of(settings: &Settings) -> Result<Self> {
        let dir = &settings.data.dir;
        if !dir.join("sentinel.db").is_file() && Client::at(dir).await.is_err() {
            bail!(
                "there is no database in {}; name the data folder with --data DIR, or start `sentinel` there first",
                dir.display()
            );
        }
        Self::or_make(settings).await
    }

    /// The way to a data folder, which is made where it is missing.
    ///
    /// # Errors
    /// When it is held by somebody who does not answer, or cannot be opened.
    pub(super) async fn or_make(settings: &Settings) -> Result<Self> {
        let dir = &settings.data.dir;
        let mut tried = 1;
        loop {
            let failed = match Client::at(dir).await {
                Ok(client) => return Ok(Self::Server(client)),
                Err(failed) => failed,
            };
            match Own::open(settings).await {
                Ok(own) => return Ok(Self::Own(Box::new(own))),
                Err(error) if tried < TRIES && failed.may_pass() && is_locked(&error) => sleep(BETWEEN_TRIES).await,
                Err(error) => return Err(explained(error, failed, dir)),
            }
            tried += 1;
        }
    }

    /// Asks, with a body of JSON or none, and reads the JSON that is answered.
    ///
    /// # Errors
    /// [`Refused`] in the server's words; a connection that broke.
    pub(super) async fn ask<T: DeserializeOwned>(&self, method: Method, path: &str, body: Option<&Value>) -> Result<T> {
        let whole = whole(self.body(method, path, body).await?).await?;
        serde_json::from_slice(&whole).with_context(|| format!("the answer to {path} cannot be read"))
    }

    /// Asks, and gives what is answered piece by piece, as it comes.
    ///
    /// # Errors
    /// As of [`Reach::ask`].
    pub(super) async fn body(&self, method: Method, path: &str, body: Option<&Value>) -> Result<Body> {
        let request = request(method, path, body)?;
        let answer = match self {
            Self::Server(client) => client.send(request).await?,
            Self::Own(own) => {
                let answer = own.site.ask(own.user.clone(), request).await;
                answer.map(|body| body.map_err(Into::into).boxed_unsync())
            }
        };
        if answer.status().is_success() {
            return Ok(answer.into_body());
        }
        let status = answer.status();
        Err(refused(status, &whole(answer.into_body()).await?).into())
    }

    /// Gives the folder up, once all that was asked for is on disk.
    pub(super) async fn close(self) {
        match self {
            Self::Server(_client) => {}
            Self::Own(own) => own.handle.shutdown().await,
        }
    }
}

impl Own {
    async fn open(settings: &Settings) -> Result<Self> {
        let Opened { handle, doors, .. } = Opened::open(settings, settings.server.listen.clone()).await?;
        let listening = settings.server.listen.parse()?;
        let site = Site::new(handle.clone(), doors.clone(), listening, CancellationToken::new())?;
        let user = LocalUser(local::own_user());
        Ok(Self {
            site,
            handle,
            doors,
            user,
        })
    }
}

fn is_locked(error: &anyhow::Error) -> bool {
    matches!(error.downcast_ref(), Some(StoreError::Locked { .. }))
}

/// Why the folder cannot be had: somebody has it, and cannot be asked.
fn explained(error: anyhow::Error, failed: Failed, dir: &Path) -> anyhow::Error {
    match error.downcast_ref() {
        Some(StoreError::Locked { owner, .. }) => {
            let dir = dir.display();
            anyhow!("{dir} is in use by process {owner}, which cannot be asked: {failed}")
        }
        // Who may not open the socket may not open the database either, and the socket says why.
        _ if failed.is_denied() => anyhow!(failed),
        _ => error,
    }
}

fn request(method: Method, path: &str, body: Option<&Value>) -> Result<Request<Full<Bytes>>> {
    let mut request = Request::builder().method(method).uri(path);
    if body.is_some() {
        request = request.header(CONTENT_TYPE, "application/json");
    }
    let body = body.map(Value::to_string).unwrap_or_default();
    request.body(Full::new(body.into())).with_context(|| path.to_owned())
}

async fn whole(body: Body) -> Result<Bytes> {
    let read = http_body_util::Limited::new(body, MAX_ANSWER).collect().await;
    let read = read.map_err(|error| anyhow!("the answer broke off: {error}"))?;
    Ok(read.to_bytes())
}

fn refused(status: StatusCode, body: &[u8]) -> Refused {
    let body: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let details = body["details"].as_array().into_iter().flatten().filter_map(text);
    Refused {
        error: text(&body["error"]).unwrap_or_else(|| format!("the server answered {status}")),
        details: details.collect(),
    }
}
