//! One port: connections in, each under time-outs; requests to the doors; a shutdown that lets answers go out.

mod idle;
mod linger;
pub mod local;

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::FutureExt;
use http_body_util::Full;
use hyper::Request;
use hyper::body::{Body, Incoming};
use hyper::header::{EXPECT, HOST, HeaderValue};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::{GracefulShutdown, Watcher};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;
use warp::filters::BoxedFilter;
use warp::http::Method;
use warp::reply::Response;

use self::idle::{Idle, UnderWay};
use self::linger::Lingering;
use self::local::{LocalSocket, Streams};
use crate::app::engine::{Clock, Handle};
use crate::collect::Collector;
use crate::http::{
    self, Agent, ApiSettings, BodyLimits, Broken, DoorParts, Doors, LocalUser, MetricsSettings, Peer, Problem, Role,
    WebhookSettings,
};
use crate::mcp::{self, AgentDoor, AgentService, Allowance, Caller, McpSettings};

/// `[server]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerSettings {
    /// Address and port to listen on.
    pub listen: String,
    /// Whether to listen beyond this machine without webhook secret and API key.
    pub insecure: bool,
    /// Addresses or networks of proxies whose `X-Forwarded-For` counts.
    pub trusted_proxies: Vec<String>,
    /// Host names that requests may name beside the listening address and loopback.
    pub allowed_hosts: Vec<String>,
}

impl Default for ServerSettings {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8200".to_owned(),
            insecure: false,
            trusted_proxies: Vec::new(),
            allowed_hosts: Vec::new(),
        }
    }
}

/// The bounds of the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ServerLimits {
    /// Connections at one time; more wait in the system's queue.
    pub connections: usize,
    /// Time for the head of a request, and between two requests of a connection.
    pub head: Duration,
    /// Time in which something has to move on a connection that sends or reads.
    pub idle: Duration,
    /// Time that a shutdown leaves for requests under way.
    pub drain: Duration,
    /// Between two signs of life to who follows events while nothing happens; well below `idle`, and below the minute
    /// after which proxies hang up.
    pub heartbeat: Duration,
    /// Bounds of bodies.
    pub bodies: BodyLimits,
}

impl Default for ServerLimits {
    /// `head` is longer than the 15 seconds in which Prometheus comes again: else both ends would race for each connection.
    fn default() -> Self {
        Self {
            connections: 1_024,
            head: Duration::from_secs(20),
            idle: Duration::from_mins(1),
            drain: Duration::from_secs(10),
            heartbeat: Duration::from_secs(15),
            bodies: BodyLimits::default(),
        }
    }
}

/// What the server's doors are set up with.
#[derive(Clone)]
pub struct ServerDoors {
    /// `[server]`.
    pub server: ServerSettings,
    /// `[webhook]`.
    pub webhook: WebhookSettings,
    /// `[api]`.
    pub api: ApiSettings,
    /// `[metrics]`.
    pub metrics: MetricsSettings,
    /// `[mcp]`.
    pub mcp: McpSettings,
    /// Bounds.
    pub limits: ServerLimits,
    /// The time.
    pub clock: Clock,
    /// Who collects from GitHub.
    pub collector: Option<Collector>,
}

impl Default for ServerDoors {
    fn default() -> Self {
        Self {
            server: ServerSettings::default(),
            webhook: WebhookSettings::default(),
            api: ApiSettings::default(),
            metrics: MetricsSettings::default(),
            mcp: McpSettings::default(),
            limits: ServerLimits::default(),
            clock: Arc::new(Timestamp::now),
            collector: None,
        }
    }
}

/// Where requests go. Cheap to clone.
#[derive(Clone)]
pub struct Site {
    doors: Arc<Doors>,
    /// All paths but that of agents.
    routes: BoxedFilter<(Response,)>,
    agents: AgentService,
    /// Bodies that are read away.
    lingering: TaskTracker,
}

/// What is listened on.
pub struct Listeners {
    /// The port.
    pub port: Option<TcpListener>,
    /// The socket in the data folder.
    pub socket: Option<LocalSocket>,
}

impl From<TcpListener> for Listeners {
    fn from(port: TcpListener) -> Self {
        Self {
            port: Some(port),
            socket: None,
        }
    }
}

/// HTTP/2 streams of one connection at one time.
const MAX_STREAMS: u32 = 64;

/// Bytes of the head of a request.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// A moment to wait where the system has no connection to give (too many open files).
const NO_SOCKET: Duration = Duration::from_millis(100);

/// Serves until `shutdown`, and then until the requests under way are answered or `limits.drain` is over.
///
/// The application stays up: it is shut down after this returns, so that what was taken in is carried out.
///
/// # Errors
/// When the settings name no usable proxies, or the listener has no address.
pub async fn serve(
    listeners: impl Into<Listeners>,
    handle: Handle,
    settings: ServerDoors,
    shutdown: CancellationToken,
) -> io::Result<()> {
    let Listeners { port, socket } = listeners.into();
    let limits = settings.limits;
    let listening = match &port {
        Some(port) => port.local_addr()?,
        None => address(&settings.server.listen)?,
    };
    let streams = Streams::new(agent_door(&handle, &settings), handle.clone());
    let site = Site::new(handle, settings, listening, shutdown.clone())?;
    let server = Server {
        builder: builder(&limits),
        site,
        streams,
        limits,
    };
    let (mut connections, mut locals, graceful) = (JoinSet::new(), JoinSet::new(), GracefulShutdown::new());
    loop {
        let accepted = tokio::select! {
            () = shutdown.cancelled() => break,
            Some(_ended) = connections.join_next() => continue,
            Some(_ended) = locals.join_next() => continue,
            accepted = accept(port.as_ref()), if connections.len() < limits.connections => accepted.map(|(stream, peer)| {
                connections.spawn(server.connection(stream, peer, graceful.watcher()));
            }),
            accepted = local::accept(socket.as_ref()), if locals.len() < local::CONNECTIONS => accepted.map(|stream| {
                locals.spawn(server.local_connection(stream, graceful.watcher()));
            }),
        };
        if let Err(error) = accepted {
            pause(&error).await;
        }
    }
    // Who finds the socket gone knows that nobody is there any more.
    drop((port, socket));
    server.drain(connections, locals, graceful).await;
    Ok(())
}

/// The next connection of the port; none ever where there is no port.
async fn accept(port: Option<&TcpListener>) -> io::Result<(TcpStream, SocketAddr)> {
    match port {
        Some(port) => port.accept().await,
        None => std::future::pending().await,
    }
}

fn address(text: &str) -> io::Result<SocketAddr> {
    text.parse()
        .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, format!("server.listen = {text}: {error}")))
}

fn agent_door(handle: &Handle, settings: &ServerDoors) -> AgentDoor {
    AgentDoor::new(handle.clone(), Arc::clone(&settings.clock), settings.mcp.write)
}

fn parts(handle: Handle, settings: ServerDoors, listening: SocketAddr, closing: CancellationToken) -> DoorParts {
    let ServerDoors {
        server,
        webhook,
        api,
        metrics,
        mcp: _,
        limits,
        clock,
        collector,
    } = settings;
    DoorParts {
        handle,
        clock,
        collector,
        webhook,
        api,
        metrics,
        trusted_proxies: server.trusted_proxies,
        allowed_hosts: server.allowed_hosts,
        insecure: server.insecure,
        listening,
        bodies: limits.bodies,
        heartbeat: limits.heartbeat,
        closing,
    }
}

fn builder(limits: &ServerLimits) -> Arc<Builder<TokioExecutor>> {
    let mut builder = Builder::new(TokioExecutor::new());
    builder
        .http1()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .max_buf_size(MAX_HEAD_BYTES);
    let mut http2 = builder.http2();
    http2
        .timer(TokioTimer::new())
        .keep_alive_interval(limits.head)
        .keep_alive_timeout(limits.head);
    http2
        .max_concurrent_streams(MAX_STREAMS)
        .max_header_list_size(u32::try_from(MAX_HEAD_BYTES).unwrap_or(u32::MAX));
    Arc::new(builder)
}

/// A connection that was gone before it was taken needs no rest; a system without sockets does.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionReset, Interrupted};
    if !matches!(error.kind(), ConnectionAborted | ConnectionReset | Interrupted) {
        tracing::warn!(%error, "no connection can be accepted");
        tokio::time::sleep(NO_SOCKET).await;
    }
}

/// What all connections share.
struct Server {
    builder: Arc<Builder<TokioExecutor>>,
    site: Site,
    streams: Streams,
    limits: ServerLimits,
}

impl Server {
    /// Everything that happens on one connection.
    fn connection(&self, stream: TcpStream, peer: SocketAddr, watcher: Watcher) -> impl Future<Output = ()> + use<> {
        let (builder, limits) = (Arc::clone(&self.builder), self.limits);
        let site = self.site.clone();
        let under_way = UnderWay::default();
        let answering = under_way.clone();
        let service = service_fn(move |request| {
            let answering = answering.one_more();
            let answer = answer(site.clone(), peer, request);
            async move {
                let answer = answer.await;
                drop(answering);
                answer
            }
        });
        async move {
            // Answers are small and written whole: waiting for more (Nagle's algorithm) only delays them.
            let prompt = stream.set_nodelay(true);
            let stream = TokioIo::new(Idle::new(stream, limits.head, limits.idle, under_way));
            let served = watcher.watch(builder.serve_connection(stream, service)).await;
            if let Err(error) = served {
                tracing::debug!(%error, ?prompt, "connection ended");
            }
        }
    }

    /// Everything that happens on one connection of the Unix socket. Its other end is a program of this machine and is
    /// neither hurried nor cut off when it falls silent.
    fn local_connection(&self, stream: UnixStream, watcher: Watcher) -> impl Future<Output = ()> + use<> {
        let builder = Arc::clone(&self.builder);
        let (site, streams) = (self.site.clone(), self.streams.clone());
        async move {
            let user = LocalUser(local::user_of(&stream).await);
            let service = service_fn(move |request| local_answer(site.clone(), streams.clone(), user.clone(), request));
            let served = watcher
                .watch(builder.serve_connection_with_upgrades(TokioIo::new(stream), service))
                .await;
            if let Err(error) = served {
                tracing::debug!(%error, "connection of the socket ended");
            }
        }
    }

    /// Takes no more requests, and waits for those under way.
    async fn drain(self, mut connections: JoinSet<()>, mut locals: JoinSet<()>, graceful: GracefulShutdown) {
        self.streams.close().await;
        if timeout(self.limits.drain, graceful.shutdown()).await.is_err() {
            let left = connections.len() + locals.len();
            tracing::warn!(left, "connections were cut off");
        }
        connections.shutdown().await;
        locals.shutdown().await;
        self.site.lingering.close();
        self.site.lingering.wait().await;
    }
}

/// Answers one request.
async fn answer(site: Site, peer: SocketAddr, mut request: Request<Incoming>) -> Result<Response, Infallible> {
    name_host(&mut request);
    request.extensions_mut().insert(Peer(peer));
    let held_back = request.headers().contains_key(EXPECT);
    let request = request.map(|body| Lingering::new(body, held_back, site.lingering.clone()));
    Ok(site.answer_or_say(request).await)
}

/// Answers one request of the Unix socket, or makes a stream of its connection.
async fn local_answer(
    site: Site,
    streams: Streams,
    user: LocalUser,
    mut request: Request<Incoming>,
) -> Result<Response, Infallible> {
    if let Some(answer) = streams.begin(&user, &mut request) {
        return Ok(answer);
    }
    request.extensions_mut().insert(user);
    Ok(site.answer_or_say(request).await)
}

impl Site {
    /// A site of its own. `listening` is the address that is listened on; answers that go on and on end when `closing` is
    /// cancelled.
    ///
    /// # Errors
    /// When the settings name no usable proxies.
    pub fn new(
        handle: Handle,
        settings: ServerDoors,
        listening: SocketAddr,
        closing: CancellationToken,
    ) -> io::Result<Self> {
        let agents = AgentService::new(agent_door(&handle, &settings), &settings.mcp.allowed_origins);
        let doors = Doors::new(parts(handle, settings, listening, closing))
            .map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, format!("server.trusted_proxies: {error}")))?;
        let doors = Arc::new(doors);
        Ok(Self {
            routes: http::routes(&doors),
            doors,
            agents,
            lingering: TaskTracker::new(),
        })
    }

    /// Answers a user of this machine who asks without any connection, in the same process.
    pub async fn ask(&self, user: LocalUser, mut request: Request<Full<Bytes>>) -> Response {
        request.extensions_mut().insert(user);
        self.clone().answer_or_say(request).await
    }

    async fn answer_or_say<B>(self, request: Request<B>) -> Response
    where
        B: Body<Data = Bytes, Error: Into<Broken>> + Send + Sync + 'static,
    {
        let answered = AssertUnwindSafe(self.answer(request)).catch_unwind().await;
        answered.unwrap_or_else(|_panic| Problem::internal("this request cannot be answered").into_response())
    }
}

impl Site {
    async fn answer<B>(self, request: Request<B>) -> Response
    where
        B: Body<Data = Bytes, Error: Into<Broken>> + Send + Sync + 'static,
    {
        if request.uri().path() == mcp::PATH {
            return self.agent(request).await;
        }
        let Ok(answered) = warp::service(self.routes).call(request).await;
        answered
    }

    /// A request of an agent; or of its web page, which asks first whether it may.
    async fn agent<B>(self, request: Request<B>) -> Response
    where
        B: Body<Data = Bytes, Error: Into<Broken>> + Send + 'static,
    {
        let page = self.agents.page(request.headers());
        if let Some(page) = page.as_ref().filter(|_| request.method() == Method::OPTIONS) {
            return mcp::may_ask(page).map(Into::into);
        }
        let mut answered = match self.doors.admit_agent(request, page.is_some()).await {
            Ok((agent, request)) => self.agents.answer(self.caller(agent), request).await.map(Into::into),
            Err(problem) => problem.into_response(),
        };
        if let Some(page) = &page {
            mcp::may_read(page, answered.headers_mut());
        }
        answered
    }

    fn caller(&self, agent: Agent) -> Caller {
        let Agent { name, role, client } = agent;
        let doors = Arc::clone(&self.doors);
        let allowance = match client {
            Some(client) => Allowance::new(move || doors.count_call(client)),
            None => Allowance::unlimited(),
        };
        Caller::new(name, role >= Role::Write, allowance)
    }
}

/// HTTP/2 names the host in its pseudo header; an absolute target of HTTP/1.1 overrules the header (RFC 9112, 3.2.2).
fn name_host(request: &mut Request<Incoming>) {
    let authority = request
        .uri()
        .authority()
        .and_then(|authority| HeaderValue::from_str(authority.as_str()).ok());
    if let Some(authority) = authority {
        request.headers_mut().insert(HOST, authority);
    }
}
