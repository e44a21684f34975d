//! As a GitHub App: a signed token for itself, a token of an hour for each installation, and the hook it has.

use std::path::PathBuf;
use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use rsa::pkcs1::{EncodeRsaPrivateKey, EncodeRsaPublicKey, LineEnding};
use sentinel::app::engine::Clock;
use sentinel::github::{FetchedLog, GitHub, GitHubError, GitHubSettings, Purpose};
use serde_json::{Value, json};

use crate::common::{START, deliveries};
use crate::fake::{Answer, Asked, Fake, PACE, Tower};

const APP: u64 = 77;

const LOG: &str = "npm ERR! code ERESOLVE\n";

/// A key of this test run, as PEM: private and public.
fn key() -> &'static (String, String) {
    static KEY: OnceLock<(String, String)> = OnceLock::new();
    KEY.get_or_init(|| {
        let key = rsa::RsaPrivateKey::new(&mut rsa::rand_core::OsRng, 2_048).expect("a key");
        let private = key.to_pkcs1_pem(LineEnding::LF).expect("PEM").to_string();
        (private, key.to_public_key().to_pkcs1_pem(LineEnding::LF).expect("PEM"))
    })
}

/// A clock that a test turns.
#[derive(Clone)]
struct Hand(Arc<AtomicI64>);

impl Hand {
    fn new() -> Self {
        Self(Arc::new(AtomicI64::new(START)))
    }

    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.load(Ordering::SeqCst)).expect("a second")
    }

    fn turn(&self, minutes: i64) {
        self.0.fetch_add(60 * minutes, Ordering::SeqCst);
    }

    fn clock(&self) -> Clock {
        let hand = self.clone();
        Arc::new(move || hand.now())
    }
}

/// What GitHub does with an App: believes its signature, and hands out tokens that end.
struct Apps {
    now: Box<dyn Fn() -> Timestamp + Send + Sync>,
    made: AtomicUsize,
    /// Tokens up to this one were revoked.
    revoked: AtomicUsize,
}

impl Apps {
    fn new(now: impl Fn() -> Timestamp + Send + Sync + 'static) -> Arc<Self> {
        Arc::new(Self {
            now: Box::new(now),
            made: AtomicUsize::new(0),
            revoked: AtomicUsize::new(0),
        })
    }

    fn bearer(asked: &Asked) -> &str {
        let header = asked.headers.get("authorization").and_then(|value| value.to_str().ok());
        header
            .and_then(|value| value.strip_prefix("Bearer "))
            .unwrap_or_default()
    }

    /// Whether the App itself asks: RS256, its key, its id, and a life of ten minutes at most that has begun.
    fn believes(&self, asked: &Asked) -> bool {
        let token = Self::bearer(asked);
        let rs256 = decode_header(token).is_ok_and(|header| header.alg == Algorithm::RS256);
        let mut validation = Validation::new(Algorithm::RS256);
        validation.validate_exp = false;
        validation.set_issuer(&[APP.to_string()]);
        let public = DecodingKey::from_rsa_pem(key().1.as_bytes()).expect("a public key");
        let Ok(read) = decode::<Value>(token, &public, &validation) else {
            return false;
        };
        let second = |name: &str| read.claims[name].as_i64().unwrap_or_default();
        let (iat, exp, now) = (second("iat"), second("exp"), (self.now)().as_second());
        rs256 && iat <= now && now < exp && exp - iat <= 600
    }

    /// `ghs_INSTALLATION_NUMBER_END`, so that the token says all there is to know of it.
    fn hand_out(&self, installation: &str) -> Answer {
        let number = self.made.fetch_add(1, Ordering::SeqCst) + 1;
        let ends = (self.now)() + SignedDuration::from_hours(1);
        let token = format!("ghs_{installation}_{number}_{}", ends.as_second());
        let body = json!({ "token": token, "expires_at": ends.to_string(), "permissions": { "actions": "read" } });
        Answer::Whole(201, Vec::new(), body.to_string().into_bytes())
    }

    /// Whether this token is one of this installation, and good now.
    fn admits(&self, asked: &Asked, installation: &str) -> bool {
        let parts: Vec<&str> = Self::bearer(asked).split('_').collect();
        let [_, of, number, ends] = parts[..] else { return false };
        let number: usize = number.parse().expect("a number");
        let ends: i64 = ends.parse().expect("a second");
        of == installation && number > self.revoked.load(Ordering::SeqCst) && ends > (self.now)().as_second()
    }

    /// Repository 42 belongs to installation 9, 43 to 10; nobody else has installed the App.
    fn answer(&self, asked: &Asked) -> Answer {
        let parts: Vec<&str> = asked.path.trim_start_matches('/').split('/').collect();
        match parts[..] {
            ["app"] if self.believes(asked) => Answer::json(&json!({ "id": APP, "slug": "sentinel" })),
            ["repositories", id, "installation"] if self.believes(asked) => match id {
                "42" => Answer::json(&json!({ "id": 9, "app_id": APP })),
                "43" => Answer::json(&json!({ "id": 10, "app_id": APP })),
                _ => Answer::status(404),
            },
            ["app", "installations", installation, "access_tokens"]
                if asked.method == "POST" && self.believes(asked) =>
            {
                self.hand_out(installation)
            }
            ["repositories", "42", ..] if self.admits(asked, "9") => Answer::bytes(LOG),
            ["repositories", "43", ..] if self.admits(asked, "10") => Answer::bytes(LOG),
            _ => Answer::status(401),
        }
    }
}

/// A client of this GitHub as the App, and the folder of its key.
fn client(fake: &Fake, clock: &Clock) -> Arc<GitHub> {
    let dir = tempfile::tempdir().expect("a folder");
    let file: PathBuf = dir.path().join("app.pem");
    std::fs::write(&file, &key().0).expect("written");
    let settings = GitHubSettings {
        api_base: fake.url(""),
        app_id: APP,
        app_key_file: file.display().to_string(),
        ..GitHubSettings::default()
    };
    // The key is read once, here.
    Arc::new(GitHub::new(&settings, Arc::clone(clock), PACE).expect("a client"))
}

async fn start(hand: &Hand) -> (Fake, Arc<Apps>, Arc<GitHub>) {
    let told = hand.clone();
    let apps = Apps::new(move || told.now());
    let answering = Arc::clone(&apps);
    let fake = Fake::start(move |asked, _| answering.answer(asked)).await;
    let github = client(&fake, &hand.clock());
    (fake, apps, github)
}

fn came(log: &FetchedLog) -> bool {
    !matches!(log, FetchedLog::Missing(_))
}

#[tokio::test]
async fn an_app_proves_itself_and_uses_the_token_of_each_installation_until_it_is_renewed_in_time() {
    let hand = Hand::new();
    let (fake, _, github) = start(&hand).await;
    github.introduce().await.expect("it is believed");
    let log = |repository| github.job_log(repository, 70, Purpose::Live);
    for repository in [42, 42, 43, 42] {
        assert!(came(&log(repository).await.expect("a log")));
    }
    assert_eq!(fake.count("/access_tokens"), 2, "one an installation");
    assert_eq!(
        fake.count("/installation"),
        2,
        "whose a repository is, is asked for once"
    );
    hand.turn(54);
    assert!(came(&log(42).await.expect("a log")));
    assert_eq!(fake.count("/access_tokens"), 2, "still good for six minutes");
    hand.turn(2);
    assert!(came(&log(42).await.expect("a log")));
    assert_eq!(fake.count("/access_tokens"), 3, "renewed before it ends");
    assert_eq!(fake.count("/logs"), 6, "none was refused");
    let others = log(44).await.expect("an answer");
    assert!(!came(&others), "the App is not installed there");
}

#[tokio::test]
async fn a_token_that_is_refused_is_renewed_once() {
    let hand = Hand::new();
    let (fake, apps, github) = start(&hand).await;
    let log = || github.job_log(42, 70, Purpose::Live);
    assert!(came(&log().await.expect("a log")));
    apps.revoked.store(1, Ordering::SeqCst);
    assert!(came(&log().await.expect("a log by a new token")));
    assert_eq!(fake.count("/access_tokens"), 2);
    apps.revoked.store(usize::MAX, Ordering::SeqCst);
    let refused = log().await.expect_err("no token is believed");
    assert!(matches!(refused, GitHubError::Credentials(_)), "{refused}");
    assert_eq!(fake.count("/access_tokens"), 3, "one renewal, no more");
}

/// Number 1 to 20 of tries to deliver; every other one timed out.
fn sent(number: i64) -> Value {
    let arrived = number % 2 == 0;
    json!({
        "id": 1_000 + number, "guid": format!("d-{number}"), "delivered_at": "2026-09-21T14:00:00Z", "redelivery": false,
        "status": if arrived { "OK" } else { "timed out" }, "status_code": if arrived { 200 } else { 0 },
        "event": "workflow_job", "action": "completed", "installation_id": 9, "repository_id": 42,
    })
}

#[tokio::test]
async fn an_app_finds_in_the_deliveries_of_its_hook_what_never_arrived() {
    let now = Arc::new(AtomicI64::new(START));
    let told = Arc::clone(&now);
    let apps = Apps::new(move || Timestamp::from_second(told.load(Ordering::SeqCst)).expect("a second"));
    let fake = Fake::start(move |asked, _| {
        if !asked.path.starts_with("/app/hook") {
            return apps.answer(asked);
        }
        if !apps.believes(asked) {
            return Answer::status(401);
        }
        match asked.path.as_str() {
            "/app/hook/config" => Answer::json(&json!({ "url": "https://sentinel.example/webhook/github" })),
            "/app/hook/deliveries" => {
                let tries = (1..=20).rev().map(sent);
                Answer::json(&Value::from(tries.collect::<Vec<_>>()))
            }
            path => {
                let number: i64 = path.rsplit('/').next().expect("a part").parse().expect("a number");
                let job = number - 1_000;
                Answer::json(&json!({ "id": number, "request": { "payload": deliveries::job(job, job) } }))
            }
        }
    })
    .await;
    let tower = Tower::of(|clock| {
        // The fake reads the time that the client has just read.
        let (clock, now) = (Arc::clone(clock), Arc::clone(&now));
        let shared: Clock = Arc::new(move || {
            let at = clock();
            now.store(at.as_second(), Ordering::SeqCst);
            at
        });
        client(&fake, &shared)
    })
    .await;
    for number in (2..=20).step_by(2) {
        let name = format!("d-{number}");
        tower
            .app
            .deliver("workflow_job", &name, &deliveries::job(number, number))
            .await
            .json();
    }
    let collector = tower.collector();
    assert_eq!(collector.sweep().await.expect("swept"), 10);
    assert_eq!(collector.sweep().await.expect("swept again"), 0);
    assert_eq!(tower.app.ids().await.len(), 20);
    assert_eq!(fake.count("/access_tokens"), 0, "the hook is the App's own");
}
