//! A GitHub that answers as a test says, and remembers what it was asked.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream::{self, StreamExt};
use sentinel::app::engine::Clock;
use sentinel::app::snapshot::Snapshot;
use sentinel::collect::{Collector, Patience};
use sentinel::github::{GitHub, GitHubSettings, Pace};
use sentinel::ingest::secret::Secret;
use sentinel::store::Failure;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use warp::Filter;
use warp::http::{HeaderMap, Method, Response};

use crate::common::{Setup, TestApp};

/// The token that nobody but the fake may see.
pub(crate) const TOKEN: &str = "ghs_not_for_other_hosts";

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub method: Method,
    pub path: String,
    pub query: HashMap<String, String>,
    pub headers: HeaderMap,
}

/// One answer.
#[derive(Clone)]
pub(crate) enum Answer {
    /// Status, headers, body.
    Whole(u16, Vec<(&'static str, String)>, Vec<u8>),
    /// 200 with a body that breaks off after these bytes.
    Broken(Vec<u8>),
    /// 200 with a body that stops after these bytes and never ends.
    Silent(Vec<u8>),
    /// 200 with a body of this piece, so many times.
    Long(Bytes, usize),
    /// 200 with a body that ends when the gate opens.
    Gated(Vec<u8>, CancellationToken),
}

/// How many bodies of logs are on their way, now and at most.
#[derive(Default)]
struct Moving {
    now: AtomicUsize,
    most: AtomicUsize,
}

/// One of them.
struct Mover(Arc<Moving>);

impl Mover {
    fn one_more(moving: &Arc<Moving>) -> Self {
        let now = moving.now.fetch_add(1, Ordering::SeqCst) + 1;
        moving.most.fetch_max(now, Ordering::SeqCst);
        Self(Arc::clone(moving))
    }
}

impl Drop for Mover {
    fn drop(&mut self) {
        self.0.now.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Answer {
    pub(crate) fn status(status: u16) -> Self {
        Self::Whole(status, Vec::new(), b"{}".to_vec())
    }

    pub(crate) fn bytes(body: impl Into<Vec<u8>>) -> Self {
        Self::Whole(200, Vec::new(), body.into())
    }

    pub(crate) fn json(body: &serde_json::Value) -> Self {
        Self::bytes(body.to_string())
    }

    pub(crate) fn redirect(to: String) -> Self {
        Self::Whole(302, vec![("location", to)], Vec::new())
    }
}

type Rule = Box<dyn Fn(&Asked, usize) -> Answer + Send + Sync>;

/// A server on a port of the system's choice.
pub(crate) struct Fake {
    pub address: SocketAddr,
    asked: Arc<Mutex<Vec<Asked>>>,
    moving: Arc<Moving>,
    serving: JoinHandle<()>,
}

impl Drop for Fake {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Fake {
    /// Answers by `rule`, which is told how many requests for this path came before.
    pub(crate) async fn start(rule: impl Fn(&Asked, usize) -> Answer + Send + Sync + 'static) -> Self {
        let rule: Arc<Rule> = Arc::new(Box::new(rule));
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let remembered = Arc::clone(&asked);
        let moving: Arc<Moving> = Arc::default();
        let moved = Arc::clone(&moving);
        let route = warp::path::full()
            .and(warp::query::<HashMap<String, String>>())
            .and(warp::header::headers_cloned())
            .and(warp::method())
            .map(move |path: warp::path::FullPath, query, headers, method| {
                let request = Asked {
                    method,
                    path: path.as_str().to_owned(),
                    query,
                    headers,
                };
                let before = {
                    let mut asked = remembered.lock().expect("no panic before");
                    let before = asked.iter().filter(|known| known.path == request.path).count();
                    asked.push(request.clone());
                    before
                };
                answered(rule(&request, before), &moved)
            });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let serving = tokio::spawn(warp::serve(route).incoming(listener).run());
        Self {
            address,
            asked,
            moving,
            serving,
        }
    }

    /// What it was asked so far.
    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("no panic before").clone()
    }

    /// How often it was asked for paths that end so.
    pub(crate) fn count(&self, end: &str) -> usize {
        self.asked().iter().filter(|asked| asked.path.ends_with(end)).count()
    }

    /// Bodies of [`Answer::Long`] and [`Answer::Gated`] that have begun and not ended.
    pub(crate) fn moving(&self) -> usize {
        self.moving.now.load(Ordering::SeqCst)
    }

    /// The most of them at one time.
    pub(crate) fn most_moving(&self) -> usize {
        self.moving.most.load(Ordering::SeqCst)
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// A client of it.
    pub(crate) fn client(&self, clock: &Clock) -> Arc<GitHub> {
        self.client_with(clock, PACE)
    }

    pub(crate) fn client_with(&self, clock: &Clock, pace: Pace) -> Arc<GitHub> {
        let settings = GitHubSettings {
            api_base: self.url(""),
            token: Secret::new(TOKEN.into()),
            max_log_bytes: 28 << 20,
            ..GitHubSettings::default()
        };
        Arc::new(GitHub::new(&settings, Arc::clone(clock), pace).expect("a client"))
    }
}

/// As patient as a test can be.
pub(crate) const PACE: Pace = Pace {
    tries: 3,
    pause: std::time::Duration::from_millis(1),
    silence: std::time::Duration::from_millis(500),
    log: std::time::Duration::from_secs(20),
};

fn answered(answer: Answer, moving: &Arc<Moving>) -> warp::reply::Response {
    type Chunk = Result<Bytes, std::io::Error>;
    match answer {
        Answer::Whole(status, headers, body) => {
            let mut response = Response::builder().status(status);
            for (name, value) in headers {
                response = response.header(name, value);
            }
            response.body(body.into()).expect("a response")
        }
        Answer::Broken(body) => {
            let front = stream::iter([Chunk::Ok(Bytes::from(body))]);
            let breaks = stream::once(async {
                // What came before leaves only while nothing more is ready.
                for _ in 0..64 {
                    tokio::task::yield_now().await;
                }
                Chunk::Err(std::io::Error::other("cut"))
            });
            warp::reply::Reply::into_response(warp::reply::stream(front.chain(breaks)))
        }
        Answer::Long(piece, times) => {
            let pieces = stream::iter(std::iter::repeat_n(piece, times).map(Chunk::Ok));
            let mover = Mover::one_more(moving);
            let end = stream::once(async move {
                drop(mover);
                Chunk::Ok(Bytes::new())
            });
            warp::reply::Reply::into_response(warp::reply::stream(pieces.chain(end)))
        }
        Answer::Gated(body, gate) => {
            let front = stream::iter([Chunk::Ok(Bytes::from(body))]);
            let mover = Mover::one_more(moving);
            let end = stream::once(async move {
                gate.cancelled().await;
                drop(mover);
                Chunk::Ok(Bytes::new())
            });
            warp::reply::Reply::into_response(warp::reply::stream(front.chain(end)))
        }
        Answer::Silent(body) => {
            let front = stream::iter([Chunk::Ok(Bytes::from(body))]);
            warp::reply::Reply::into_response(warp::reply::stream(front.chain(stream::pending())))
        }
    }
}

/// A tower that asks this GitHub, and its collector.
pub(crate) struct Tower {
    pub app: TestApp,
    pub github: Arc<GitHub>,
    clock: Clock,
    collecting: Option<(JoinHandle<()>, CancellationToken)>,
}

impl Tower {
    pub(crate) async fn start(fake: &Fake) -> Self {
        Self::of(|clock| fake.client(clock)).await
    }

    /// One with this client.
    pub(crate) async fn of(client: impl FnOnce(&Clock) -> Arc<GitHub>) -> Self {
        let mut kept = None;
        let app = TestApp::with(|setup: &mut Setup| {
            let clock = Arc::clone(&setup.doors.clock);
            let github = client(&clock);
            setup.github = Some(Arc::clone(&github));
            kept = Some((clock, github));
        })
        .await;
        let (clock, github) = kept.expect("set up");
        Self {
            app,
            github,
            clock,
            collecting: None,
        }
    }

    pub(crate) fn collector(&self) -> Collector {
        self.collector_with(GitHubSettings::default())
    }

    pub(crate) fn collector_with(&self, settings: GitHubSettings) -> Collector {
        let patience = Patience {
            look: std::time::Duration::from_millis(5),
            ..Patience::default()
        };
        let settings = GitHubSettings {
            repositories: vec!["octo/hello".into()],
            ..settings
        };
        let (handle, github) = (self.app.handle.clone(), Arc::clone(&self.github));
        Collector::new(handle, github, Arc::clone(&self.clock), &settings, patience)
    }

    /// Collects from now on.
    pub(crate) fn collect(&mut self) {
        self.collect_with(GitHubSettings::default());
    }

    pub(crate) fn collect_with(&mut self, settings: GitHubSettings) {
        let closing = CancellationToken::new();
        let running = tokio::spawn(self.collector_with(settings).run(closing.clone()));
        self.collecting = Some((running, closing));
    }

    /// Waits until this holds for a row.
    pub(crate) async fn until(&self, id: i64, holds: impl Fn(&Failure) -> bool) -> Failure {
        let found = |snapshot: &Snapshot| {
            let row = snapshot.rows.iter().find(|row| row.id() == id)?;
            holds(row).then(|| Failure::clone(row))
        };
        let mut watched = self.app.handle.watch();
        let waited = tokio::time::timeout(std::time::Duration::from_secs(30), async {
            let snapshot = watched.wait_for(|snapshot| found(snapshot).is_some()).await;
            found(&snapshot.expect("a running application")).expect("just seen")
        });
        waited.await.expect("in time")
    }
}
