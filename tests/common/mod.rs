//! A whole server for tests: a data folder of its own, a small model, a clock that counts seconds, a port of the system's
//! choice.

pub(crate) mod deliveries;
mod gated;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use reqwest::{Method, RequestBuilder};
use sentinel::app::engine::{App, AppLimits, AppParts, Clock, Handle, Learning};
use sentinel::app::known_issues::KnownIssues;
use sentinel::bundle::Bundle;
use sentinel::drift::DriftSettings;
use sentinel::github::GitHub;
use sentinel::http::{ApiKey, Role, Secret};
use sentinel::ingest::signature;
use sentinel::registry::{Approval, Loaded, ModelSettings, Registry};
use sentinel::server::{ServerDoors, serve};
use sentinel::store::sqlite::{SqliteLimits, SqliteStore};
use sentinel::training::corpus::{Corpus, Record};
use sentinel::training::fit::{TrainSettings, train};
use sentinel::training::gate::{Case, GateDecision, Outcome, decide};
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

pub(crate) use self::gated::Gated;

/// The secret of a server that asks for signatures.
pub(crate) const SECRET: &str = "It's a Secret to Everybody";

/// The first second of the clock.
pub(crate) const START: i64 = 1_790_000_000;

/// What can be set up differently.
pub(crate) struct Setup {
    pub doors: ServerDoors,
    pub limits: AppLimits,
    pub drift: DriftSettings,
    pub github: Option<Arc<GitHub>>,
    pub known_issues: Arc<KnownIssues>,
    pub data: Option<PathBuf>,
    pub retrain_auto: bool,
    /// Boosting rounds of a challenger.
    pub rounds: usize,
    /// Records of each class that a challenger learns from.
    pub records: usize,
    pub retrain_threshold: u64,
}

impl Setup {
    /// Asks for signatures.
    pub(crate) fn signed(&mut self) {
        self.doors.webhook.secrets = vec![Secret::new("an older one".into()), Secret::new(SECRET.into())];
    }

    /// Asks for keys: `NAME-key` of each name and role.
    pub(crate) fn keys(&mut self, keys: &[(&str, Role)]) {
        let key = |(name, role): &(&str, Role)| ApiKey {
            name: (*name).to_owned(),
            key: Secret::new(format!("{name}-key")),
            role: *role,
        };
        self.doors.api.keys = keys.iter().map(key).collect();
    }
}

/// A running server.
pub(crate) struct TestApp {
    pub address: SocketAddr,
    pub store: Arc<Gated>,
    pub handle: Handle,
    pub shutdown: CancellationToken,
    pub serving: JoinHandle<std::io::Result<()>>,
    client: reqwest::Client,
    signs: bool,
    _dir: TempDir,
}

impl TestApp {
    /// Open on loopback, without limits.
    pub(crate) async fn start() -> Self {
        Self::with(|_| ()).await
    }

    /// As `change` sets it up.
    pub(crate) async fn with(change: impl FnOnce(&mut Setup)) -> Self {
        let mut setup = Setup {
            doors: ServerDoors {
                clock: clock(),
                ..ServerDoors::default()
            },
            limits: AppLimits::default(),
            drift: DriftSettings {
                window: 20,
                min_samples: 10,
                ..DriftSettings::default()
            },
            github: None,
            known_issues: Arc::default(),
            data: None,
            retrain_auto: false,
            rounds: 3,
            records: SMALL,
            retrain_threshold: 100,
        };
        setup.doors.webhook.rate_per_minute = 0;
        setup.doors.api.rate_per_minute = 0;
        change(&mut setup);
        let dir = tempfile::tempdir().expect("a folder");
        let data = setup.data.clone().unwrap_or_else(|| dir.path().to_owned());
        let store = Gated::new(SqliteStore::open(&data, SqliteLimits::default()).expect("a store"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let handle = App::start(parts(&setup, &data, Arc::clone(&store), address))
            .await
            .expect("an application");
        let shutdown = CancellationToken::new();
        let signs = !setup.doors.webhook.secrets.is_empty();
        let serving = tokio::spawn(serve(listener, handle.clone(), setup.doors, shutdown.clone()));
        let client = reqwest::Client::builder().no_proxy().build().expect("a client");
        Self {
            address,
            store,
            handle,
            shutdown,
            serving,
            client,
            signs,
            _dir: dir,
        }
    }

    /// A request to be sent with [`send`].
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client.request(method, format!("http://{}{path}", self.address))
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Answer {
        send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        send(self.request(Method::DELETE, path)).await
    }

    /// Posts a delivery as GitHub would: signed where the server asks for it.
    pub(crate) async fn deliver(&self, event: &str, id: &str, payload: &Value) -> Answer {
        send(self.delivery(event, id, payload.to_string().into_bytes())).await
    }

    /// The request of a delivery.
    pub(crate) fn delivery(&self, event: &str, id: &str, body: Vec<u8>) -> RequestBuilder {
        let request = self.request(Method::POST, "/webhook/github");
        let request = request.header("content-type", "application/json");
        let request = request.header("x-github-event", event).header("x-github-delivery", id);
        let request = if self.signs {
            request.header("x-hub-signature-256", sign(&body))
        } else {
            request
        };
        request.body(body)
    }

    /// Ids of all rows of the history, newest first.
    pub(crate) async fn ids(&self) -> Vec<i64> {
        ids(&self.get("/api/history?limit=1000").await.json()["items"])
    }
}

/// The header that GitHub sends with a body.
pub(crate) fn sign(body: &[u8]) -> String {
    signature::sign(body, SECRET.as_bytes()).expect("a secret")
}

pub(crate) fn ids(items: &Value) -> Vec<i64> {
    items
        .as_array()
        .expect("items")
        .iter()
        .map(|row| row["id"].as_i64().expect("an id"))
        .collect()
}

pub(crate) async fn send(request: RequestBuilder) -> Answer {
    let response = request.send().await.expect("an answer");
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    Answer {
        status,
        headers,
        body: response.bytes().await.expect("a body").to_vec(),
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What came back with what went well.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text());
        serde_json::from_slice(&self.body).expect("JSON")
    }

    /// The sentence and details of an error, which has this status and the one shape of all errors.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> String {
        assert_eq!(self.status, status, "{}", self.text());
        assert_eq!(self.headers["content-type"], "application/json");
        let body: BTreeMap<String, Value> = serde_json::from_slice(&self.body).expect("an object");
        assert!(
            body["error"].as_str().is_some_and(|sentence| !sentence.is_empty()),
            "{body:?}"
        );
        let details: Vec<String> = serde_json::from_value(body["details"].clone()).expect("a list of texts");
        assert!(
            body.keys()
                .all(|key| ["error", "details", "reason"].contains(&key.as_str())),
            "{body:?}"
        );
        format!("{}: {}", body["error"], details.join("; "))
    }
}

fn parts(setup: &Setup, data: &Path, store: Arc<Gated>, address: SocketAddr) -> AppParts {
    let (learning, bundle) = learning(data, setup);
    AppParts {
        store,
        bundle,
        learning,
        drift: setup.drift.clone(),
        retrain_threshold: setup.retrain_threshold,
        address: address.to_string(),
        limits: setup.limits,
        store_logs: true,
        github: setup.github.clone(),
        known_issues: Arc::clone(&setup.known_issues),
        clock: Arc::clone(&setup.doors.clock),
    }
}

/// A clock that is a second later whenever it is read.
fn clock() -> Clock {
    let second = AtomicI64::new(START);
    Arc::new(move || Timestamp::from_second(second.fetch_add(1, Ordering::Relaxed)).expect("a second"))
}

/// A registry whose live model is the small one, and a training that is as small.
fn learning(data: &Path, setup: &Setup) -> (Learning, Arc<Bundle>) {
    let open = || Registry::open(data, &ModelSettings::default(), at(START)).expect("a registry");
    let (registry, Loaded { mut bundle, notice }) = open();
    if registry.live_version().as_deref() == Some("v1") {
        let small = small_model();
        let approval = Approval {
            actor: "the test".into(),
            reason: "small and fast".into(),
            at: at(START),
            corrections: 0,
        };
        registry
            .add(&small, &decision(), &approval)
            .expect("a folder that can be written");
        bundle = open().1.bundle;
    }
    let learning = Learning {
        registry: Arc::new(registry),
        notice,
        corpus: Some(corpus_of(setup.records)),
        settings: TrainSettings {
            rounds: setup.rounds,
            ..small_settings()
        },
        auto: setup.retrain_auto,
    };
    (learning, Arc::new(bundle))
}

/// A decision about nothing that lets the challenger pass.
fn decision() -> GateDecision {
    let nothing = Case {
        at: at(START),
        champion: "v1".into(),
        challenger: "v2".into(),
        seed: 1,
        ..Case::default()
    };
    GateDecision {
        outcome: Outcome::Promote,
        ..decide(&nothing)
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).expect("a second")
}

/// Records of each class that the small model learned from.
const SMALL: usize = 6;

/// A few records of every class.
fn corpus_of(records: usize) -> Arc<Corpus> {
    let mut corpus = Corpus::shipped().expect("the corpus");
    let mut kept = BTreeMap::new();
    corpus.failures.retain(|record: &Record| {
        let count: &mut usize = kept.entry(record.class).or_default();
        *count += 1;
        *count <= records
    });
    Arc::new(corpus)
}

fn small_settings() -> TrainSettings {
    TrainSettings {
        rounds: 3,
        folds: 2,
        version: "v2".into(),
        ..TrainSettings::default()
    }
}

/// A model of a few records, fitted once: what it says is of no interest, but it says it fast.
fn small_model() -> Arc<Bundle> {
    static MODEL: OnceLock<Arc<Bundle>> = OnceLock::new();
    let fit = || {
        let fitted = train(&corpus_of(SMALL), &small_settings(), &mut |_| ControlFlow::Continue(()));
        Arc::new(fitted.expect("a model"))
    };
    Arc::clone(MODEL.get_or_init(fit))
}
