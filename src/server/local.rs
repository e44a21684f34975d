//! The Unix socket in the data folder: the same routes as the port, for the users of this machine who may open it. Who they
//! are, the kernel says; neither key nor host is asked for. A connection can also become a stream: MCP, as over standard
//! input and output, or a terminal.

use std::fs::{self, Permissions};
use std::future::pending;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hyper::Request;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, UPGRADE};
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use nix::unistd::{Gid, Group, Uid, User, chown, getuid};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use warp::http::{Method, StatusCode};
use warp::reply::Response;

use crate::app::engine::Handle;
use crate::http::{LocalUser, Problem};
use crate::mcp::{self, AgentDoor, Caller};
use crate::tui::console;

/// The socket in the data folder.
const SOCKET: &str = "sentinel.sock";

/// Its name until it has its mode: nobody may open it before that.
const UNFINISHED: &str = "sentinel.new";

/// Bytes of a path that the system takes for a socket: `sun_path` of unix(7) has 108, the last one zero.
const LONGEST_PATH: usize = 107;

/// Connections of the socket at one time.
pub(super) const CONNECTIONS: usize = 64;

/// Streams at one time: agents and terminals.
const STREAMS: usize = 32;

/// The mode of the socket: its owner and its group.
const MODE: u32 = 0o660;

/// The mode of a data folder whose socket a group may open: it may pass through, but not look around.
const FOLDER_OF_GROUP: u32 = 0o710;

/// Where the socket of a data folder is.
#[must_use]
pub fn path(dir: &Path) -> PathBuf {
    dir.join(SOCKET)
}

/// Why there is no socket.
#[derive(Debug, thiserror::Error)]
pub enum SocketError {
    /// The system takes no such path.
    #[error("{path} has {length} bytes, and a socket may have a path of {LONGEST_PATH}; choose a shorter data.dir")]
    TooLong {
        /// The path.
        path: String,
        /// Its bytes.
        length: usize,
    },
    /// No such group on this machine.
    #[error("data.socket_group = \"{0}\": there is no such group on this machine")]
    NoGroup(String),
    /// The system said no.
    #[error("{path}: {error}")]
    Io {
        /// The file.
        path: String,
        /// What it said.
        error: io::Error,
    },
}

/// The socket of a data folder that is ours; gone when this is dropped.
#[derive(Debug)]
pub struct LocalSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl LocalSocket {
    /// Listens in a data folder whose lock this process holds: what is there from an earlier owner is replaced. `group` may
    /// open it too; empty, only the owner's own may.
    ///
    /// # Errors
    /// When the path is too long, the group is unknown, or the system says no.
    pub fn bind(dir: &Path, group: &str) -> Result<Self, SocketError> {
        let (path, unfinished) = (path(dir), dir.join(UNFINISHED));
        let length = path.as_os_str().len();
        if length > LONGEST_PATH {
            let path = path.display().to_string();
            return Err(SocketError::TooLong { path, length });
        }
        let group = gid(group)?;
        remove(&unfinished).map_err(|error| at(&unfinished, error))?;
        let listener = UnixListener::bind(&unfinished).map_err(|error| at(&unfinished, error))?;
        let finished = open_to(dir, &unfinished, group).and_then(|()| fs::rename(&unfinished, &path));
        finished.map_err(|error| at(&path, error))?;
        Ok(Self { listener, path })
    }
}

impl Drop for LocalSocket {
    fn drop(&mut self) {
        if let Err(error) = remove(&self.path) {
            tracing::warn!(%error, "the socket could not be removed");
        }
    }
}

fn gid(group: &str) -> Result<Option<Gid>, SocketError> {
    if group.is_empty() {
        return Ok(None);
    }
    let unknown = || SocketError::NoGroup(group.to_owned());
    let found = Group::from_name(group).ok().flatten().ok_or_else(unknown)?;
    Ok(Some(found.gid))
}

fn open_to(dir: &Path, socket: &Path, group: Option<Gid>) -> io::Result<()> {
    if group.is_some() {
        chown(dir, None, group)?;
        fs::set_permissions(dir, Permissions::from_mode(FOLDER_OF_GROUP))?;
        chown(socket, None, group)?;
    }
    fs::set_permissions(socket, Permissions::from_mode(MODE))
}

fn remove(file: &Path) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn at(path: &Path, error: io::Error) -> SocketError {
    SocketError::Io {
        path: path.display().to_string(),
        error,
    }
}

/// The next connection; none ever where there is no socket.
pub(super) async fn accept(socket: Option<&LocalSocket>) -> io::Result<UnixStream> {
    match socket {
        Some(socket) => socket.listener.accept().await.map(|(stream, _nameless)| stream),
        None => pending().await,
    }
}

/// The user at the other end, as the kernel says (`SO_PEERCRED`).
pub(super) async fn user_of(stream: &UnixStream) -> String {
    let Ok(peer) = stream.peer_cred() else {
        return "unknown user".to_owned();
    };
    let uid = Uid::from_raw(peer.uid());
    // A name may come from a directory on the network.
    tokio::task::spawn_blocking(move || name_of(uid))
        .await
        .unwrap_or_else(|_died| format!("uid {uid}"))
}

/// The user that this process runs as.
#[must_use]
pub fn own_user() -> String {
    name_of(getuid())
}

fn name_of(uid: Uid) -> String {
    let user = User::from_uid(uid).ok().flatten();
    user.map_or_else(|| format!("uid {uid}"), |user| user.name)
}

/// What a connection can become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StreamKind {
    /// MCP, a message a line.
    Mcp,
    /// A terminal, as [`console`] speaks.
    Console,
}

impl StreamKind {
    const ALL: [Self; 2] = [Self::Mcp, Self::Console];

    /// Where it is asked for.
    #[must_use]
    pub const fn path(self) -> &'static str {
        match self {
            Self::Mcp => "/streams/mcp",
            Self::Console => "/streams/console",
        }
    }

    /// Its name in the `Upgrade` header.
    #[must_use]
    pub const fn protocol(self) -> &'static str {
        match self {
            Self::Mcp => "sentinel-mcp",
            Self::Console => "sentinel-console",
        }
    }
}

/// The streams of the socket.
#[derive(Clone)]
pub(super) struct Streams {
    door: AgentDoor,
    tower: Arc<Handle>,
    free: Arc<Semaphore>,
    tasks: TaskTracker,
    closing: CancellationToken,
}

impl Streams {
    pub(super) fn new(door: AgentDoor, tower: Handle) -> Self {
        Self {
            door,
            tower: Arc::new(tower),
            free: Arc::new(Semaphore::new(STREAMS)),
            tasks: TaskTracker::new(),
            closing: CancellationToken::new(),
        }
    }

    /// Makes a stream of a connection that asks for one: the answer to its request, after which it is one.
    pub(super) fn begin(&self, user: &LocalUser, request: &mut Request<Incoming>) -> Option<Response> {
        let kind = StreamKind::ALL
            .into_iter()
            .find(|kind| kind.path() == request.uri().path())?;
        let asked = request.headers().get(UPGRADE).map(HeaderValue::as_bytes);
        if request.method() != Method::GET || asked != Some(kind.protocol().as_bytes()) {
            let what = format!("ask by GET with `Upgrade: {}`", kind.protocol());
            return Some(Problem::bad_request(what, Vec::new()).into_response());
        }
        let Ok(place) = Arc::clone(&self.free).try_acquire_owned() else {
            let what = format!("{STREAMS} agents and terminals are at the socket already; end one of them");
            return Some(Problem::busy(what).into_response());
        };
        self.spawn(kind, user.0.clone(), hyper::upgrade::on(request), place);
        Some(switched(kind))
    }

    fn spawn(&self, kind: StreamKind, user: String, upgrade: OnUpgrade, place: OwnedSemaphorePermit) {
        let streams = self.clone();
        self.tasks.spawn(async move {
            match upgrade.await {
                Ok(stream) => streams.serve(kind, TokioIo::new(stream), user).await,
                Err(error) => tracing::debug!(%error, "a connection has not become a stream"),
            }
            drop(place);
        });
    }

    async fn serve(self, kind: StreamKind, stream: TokioIo<Upgraded>, user: String) {
        let ended = match kind {
            StreamKind::Mcp => tokio::select! {
                () = self.closing.cancelled() => Ok(()),
                ended = mcp::serve_stream(stream, self.door, Caller::local(user)) => ended.map_err(|error| error.to_string()),
            },
            StreamKind::Console => {
                let ended = console::serve(stream, self.tower, user, self.closing).await;
                ended.map_err(|error| error.to_string())
            }
        };
        if let Err(error) = ended {
            tracing::debug!(error, ?kind, "a stream of the socket broke off");
        }
    }

    /// Ends them.
    pub(super) async fn close(&self) {
        self.closing.cancel();
        self.tasks.close();
        self.tasks.wait().await;
    }
}

fn switched(kind: StreamKind) -> Response {
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static(kind.protocol()));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_stale_socket_is_replaced_and_only_owner_and_group_may_open_it() {
        let dir = tempfile::tempdir().expect("a folder");
        drop(std::os::unix::net::UnixListener::bind(path(dir.path())).expect("a stale socket"));
        let socket = LocalSocket::bind(dir.path(), "").expect("a socket");
        let mode = fs::metadata(path(dir.path())).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, MODE);
        let (here, there) = tokio::join!(UnixStream::connect(path(dir.path())), accept(Some(&socket)));
        here.expect("a connection");
        assert_eq!(user_of(&there.expect("a connection")).await, own_user());
        drop(socket);
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 0);
    }

    #[tokio::test]
    async fn a_path_that_is_too_long_and_a_group_that_is_none_are_named() {
        let dir = tempfile::tempdir().expect("a folder");
        let deep = dir.path().join("x".repeat(120));
        let refused = LocalSocket::bind(&deep, "").expect_err("too long").to_string();
        assert!(refused.contains("choose a shorter data.dir"), "{refused}");
        let refused = LocalSocket::bind(dir.path(), "no-such-group")
            .expect_err("no group")
            .to_string();
        assert!(refused.contains("data.socket_group"), "{refused}");
    }
}
