//! What every route shares, and the order in which a request is let in: is it for us, is it too often, who asks.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use warp::http::HeaderMap;

use super::auth::{AuthError, Caller, Keys};
use super::body::{BodyLimits, BodyReader};
use super::client::{ProxyError, TrustedProxies, is_forwarded};
use super::host::{HostError, Hosts};
use super::limit::Limiter;
use super::reject::Problem;
use super::{ApiSettings, MetricsSettings, Role, Secret, WebhookSettings};
use crate::app::engine::{Clock, Handle};
use crate::collect::Collector;

/// What the doors are made of.
#[derive(Clone)]
pub struct DoorParts {
    /// The application behind them.
    pub handle: Handle,
    /// The time.
    pub clock: Clock,
    /// Who collects from GitHub.
    pub collector: Option<Collector>,
    /// `[webhook]`.
    pub webhook: WebhookSettings,
    /// `[api]`.
    pub api: ApiSettings,
    /// `[metrics]`.
    pub metrics: MetricsSettings,
    /// `server.trusted_proxies`.
    pub trusted_proxies: Vec<String>,
    /// `server.allowed_hosts`.
    pub allowed_hosts: Vec<String>,
    /// `server.insecure`.
    pub insecure: bool,
    /// The address that is listened on.
    pub listening: SocketAddr,
    /// Bounds of bodies.
    pub bodies: BodyLimits,
    /// Between two signs of life to who follows events while nothing happens.
    pub heartbeat: Duration,
    /// Ends what has no end of its own.
    pub closing: CancellationToken,
}

/// Everything a route needs.
pub struct Doors {
    pub(super) handle: Handle,
    pub(super) clock: Clock,
    pub(super) collector: Option<Collector>,
    pub(super) bodies: BodyReader,
    pub(super) heartbeat: Duration,
    pub(super) closing: CancellationToken,
    /// Secrets of the webhook; `None` where nobody is asked for a signature.
    pub(super) secrets: Option<Vec<Secret>>,
    pub(super) metrics_ask_for_a_key: bool,
    keys: Keys,
    /// Whether a door that asks for no secret is for this machine alone.
    loopback_only: bool,
    proxies: TrustedProxies,
    hosts: Hosts,
    unsigned: Limiter,
    pub(super) asked: Limiter,
}

impl Doors {
    /// The doors of one server.
    ///
    /// Where a secret is not set up, its door is open on loopback (or with `insecure`), and shut to everybody elsewhere.
    ///
    /// # Errors
    /// When an entry of `trusted_proxies` is no address or network.
    pub fn new(parts: DoorParts) -> Result<Self, ProxyError> {
        let loopback = parts.listening.ip().to_canonical().is_loopback();
        let may_be_open = loopback || parts.insecure;
        let unsigned_is_fine = parts.webhook.secrets.is_empty() && may_be_open;
        Ok(Self {
            bodies: BodyReader::new(parts.webhook.max_body_bytes, parts.bodies),
            unsigned: Limiter::new(parts.webhook.rate_per_minute),
            secrets: (!unsigned_is_fine).then_some(parts.webhook.secrets),
            keys: Keys::new(&parts.api.keys, may_be_open),
            asked: Limiter::new(parts.api.rate_per_minute),
            metrics_ask_for_a_key: parts.metrics.auth,
            loopback_only: !parts.insecure,
            proxies: TrustedProxies::parse(&parts.trusted_proxies)?,
            hosts: Hosts::new(&parts.allowed_hosts, parts.listening.ip()),
            heartbeat: parts.heartbeat,
            closing: parts.closing,
            handle: parts.handle,
            clock: parts.clock,
            collector: parts.collector,
        })
    }

    /// Lets in who may do what needs `role`.
    ///
    /// # Errors
    /// 400 and 403 for a request to or from somebody else, 429, 401, 403.
    pub(super) fn admit(&self, head: &Head, role: Role) -> Result<Caller, Problem> {
        if let Some(user) = &head.user {
            return Ok(user.caller());
        }
        self.check_host(head)?;
        let asked = self.asked.take(self.client(head), Instant::now());
        asked.map_err(Problem::too_often)?;
        self.identify(head, role)
    }

    /// Who asks, if that may do what needs `role`.
    ///
    /// # Errors
    /// 401, 403.
    pub(super) fn identify(&self, head: &Head, role: Role) -> Result<Caller, Problem> {
        if self.keys.open() {
            self.check_not_forwarded(head, "an API key (SENTINEL_API_KEY)")?;
        }
        self.keys.identify(&head.headers, role).map_err(|error| match error {
            AuthError::Missing => Problem::unauthorized(error),
            AuthError::Wrong | AuthError::TooWeak { .. } => Problem::forbidden(error),
        })
    }

    /// Lets in whoever knows where we live.
    ///
    /// # Errors
    /// 400 and 403 for a request to or from somebody else.
    pub(super) fn check_host(&self, head: &Head) -> Result<(), Problem> {
        if head.user.is_some() {
            return Ok(());
        }
        self.hosts.check(&head.headers).map_err(|error| match error {
            HostError::Missing => Problem::bad_request(error, Vec::new()),
            HostError::Host | HostError::Origin => Problem::forbidden(error),
        })
    }

    /// A door without a secret on loopback is for this machine; what a tunnel or proxy brings in comes from elsewhere.
    ///
    /// # Errors
    /// 403.
    pub(super) fn check_not_forwarded(&self, head: &Head, secret: &str) -> Result<(), Problem> {
        if self.loopback_only && is_forwarded(&head.headers) {
            return Err(Problem::forbidden(format!(
                "this request was forwarded, and without {secret} only this machine is let in"
            )));
        }
        Ok(())
    }

    /// Counts a delivery whose signature failed.
    ///
    /// # Errors
    /// 429.
    pub(super) fn count_unsigned(&self, head: &Head) -> Result<(), Problem> {
        let counted = self.unsigned.take(self.client(head), Instant::now());
        counted.map_err(|wait| {
            Problem::too_many(
                "too many deliveries without a right signature (webhook.rate_per_minute)",
                wait,
            )
        })
    }

    pub(super) fn client(&self, head: &Head) -> IpAddr {
        self.proxies.client(head.peer.0.ip().to_canonical(), &head.headers)
    }
}

/// The other end of a connection: the server puts it into every request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Peer(pub SocketAddr);

impl Peer {
    /// Nobody knows who: all of these are one client.
    pub(super) const UNKNOWN: Self = Self(SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), 0));
}

/// A user of this machine who has the data folder or its socket: the server puts it into a request, and then neither names
/// nor keys are asked for. No header can.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalUser(pub String);

impl LocalUser {
    /// Who holds the folder may do everything with it.
    pub(super) fn caller(&self) -> Caller {
        Caller {
            name: self.0.clone(),
            role: Role::Admin,
        }
    }
}

/// A request without its body.
#[derive(Debug, Clone)]
pub(super) struct Head {
    pub(super) headers: HeaderMap,
    /// Decoded, in the order they came.
    pub(super) query: Vec<(String, String)>,
    pub(super) peer: Peer,
    pub(super) user: Option<LocalUser>,
}

impl Head {
    /// A header as text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}
