//! A small client of the Unix socket: a request a connection.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, HOST, HeaderValue, UPGRADE};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;
use tokio::time::timeout;
use warp::http::{Request, Response, StatusCode};

use super::Body;
use crate::server::local::{self, StreamKind};

/// Time in which a server that lives says so.
const ALIVE: Duration = Duration::from_secs(5);

/// The server at the other end of a socket.
#[derive(Debug, Clone)]
pub(in crate::cli) struct Client {
    socket: PathBuf,
}

/// Why a server cannot be asked.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum Failed {
    /// No socket.
    #[error("there is no socket {0}; a command at work has none, wait until it has ended")]
    None(String),
    /// Nobody listens.
    #[error("nobody listens at {0}")]
    Refused(String),
    /// Somebody listens and says nothing.
    #[error("the server at {0} does not answer within 5 seconds; if it hangs, end it and start it again")]
    Silent(String),
    /// Not for us.
    #[error(
        "{0} may not be opened by this user; run this as the server's user, or set data.socket_group to a group of yours"
    )]
    Denied(String),
    /// Something else.
    #[error("{0}: {1}")]
    Io(String, io::Error),
}

impl Failed {
    /// Whether another moment may help.
    pub(super) const fn may_pass(&self) -> bool {
        matches!(self, Self::None(_) | Self::Refused(_))
    }

    /// Whether it is for others.
    pub(super) const fn is_denied(&self) -> bool {
        matches!(self, Self::Denied(_))
    }

    fn of(socket: &Path, error: io::Error) -> Self {
        let socket = socket.display().to_string();
        match error.kind() {
            io::ErrorKind::NotFound => Self::None(socket),
            io::ErrorKind::ConnectionRefused => Self::Refused(socket),
            io::ErrorKind::PermissionDenied => Self::Denied(socket),
            _ => Self::Io(socket, error),
        }
    }
}

impl Client {
    /// The server of a data folder, if one answers there.
    ///
    /// # Errors
    /// When none does, and why.
    pub(in crate::cli) async fn at(dir: &Path) -> Result<Self, Failed> {
        let client = Self {
            socket: local::path(dir),
        };
        // Whether anybody is there at all is a matter of the file; whether that one lives, of a question.
        drop(
            client
                .connect()
                .await
                .map_err(|error| Failed::of(&client.socket, error))?,
        );
        let question = Request::get("/health").body(Full::default());
        let asked = async {
            match question {
                Ok(question) => client.send(question).await.is_ok(),
                Err(_never) => false,
            }
        };
        match timeout(ALIVE, asked).await {
            Ok(true) => Ok(client),
            Ok(false) => Err(Failed::Refused(client.socket.display().to_string())),
            Err(_late) => Err(Failed::Silent(client.socket.display().to_string())),
        }
    }

    async fn connect(&self) -> io::Result<UnixStream> {
        UnixStream::connect(&self.socket).await
    }

    /// Sends a request on a connection of its own.
    ///
    /// # Errors
    /// When the connection breaks.
    pub(super) async fn send(&self, request: Request<Full<Bytes>>) -> Result<Response<Body>> {
        let answer = self.exchange(request).await?;
        Ok(answer.map(|body| body.map_err(Into::into).boxed_unsync()))
    }

    /// Makes a stream of a connection.
    ///
    /// # Errors
    /// When the server does not want to.
    pub(in crate::cli) async fn stream(&self, kind: StreamKind) -> Result<TokioIo<Upgraded>> {
        let request = Request::get(kind.path())
            .header(CONNECTION, "upgrade")
            .header(UPGRADE, kind.protocol())
            .body(Full::default())?;
        let answer = self.exchange(request).await?;
        if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
            let status = answer.status();
            let body = answer.into_body().collect().await?.to_bytes();
            bail!(super::refused(status, &body));
        }
        Ok(TokioIo::new(hyper::upgrade::on(answer).await?))
    }

    async fn exchange(&self, mut request: Request<Full<Bytes>>) -> Result<Response<hyper::body::Incoming>> {
        request
            .headers_mut()
            .insert(HOST, HeaderValue::from_static("localhost"));
        let gone = || format!("the server at {} has gone", self.socket.display());
        let stream = self.connect().await.with_context(gone)?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.with_context(gone)?;
        // It ends with the answer's body, or goes on as a stream.
        tokio::spawn(connection.with_upgrades());
        sender.send_request(request).await.with_context(gone)
    }
}
