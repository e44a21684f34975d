//! Who is let in: keys and roles, host names, limits, proxies.

use reqwest::Method;
use sentinel::http::Role;
use serde_json::json;

use crate::common::deliveries::job;
use crate::common::{Answer, TestApp, send};

const ROLES: [(&str, Role); 3] = [("eye", Role::Read), ("hand", Role::Write), ("head", Role::Admin)];

/// All guarded routes that read, and those that write.
const READ: [&str; 5] = [
    "/api/dashboard",
    "/api/drift",
    "/api/psi",
    "/api/history",
    "/api/failures/1",
];
const WRITE: [(&str, &str); 3] = [
    ("POST", "/api/analyze"),
    ("POST", "/api/failures/1/corrections"),
    ("DELETE", "/api/failures/1/corrections/1"),
];

async fn write(app: &TestApp, (method, path): (&str, &str), key: Option<&str>) -> Answer {
    let request = app.request(method.parse().unwrap(), path).json(&json!({}));
    send(if let Some(key) = key {
        request.header("x-api-key", key)
    } else {
        request
    })
    .await
}

#[tokio::test]
async fn without_a_key_401_with_a_wrong_one_403() {
    let app = TestApp::with(|setup| setup.keys(&ROLES)).await;
    for path in READ {
        let refused = app.get(path).await;
        refused.error(401);
        assert!(
            refused.headers["www-authenticate"]
                .to_str()
                .unwrap()
                .starts_with("Bearer")
        );
        send(app.request(Method::GET, path).header("x-api-key", "guess"))
            .await
            .error(403);
        send(app.request(Method::GET, path).bearer_auth("guess"))
            .await
            .error(403);
        send(app.request(Method::GET, path).basic_auth("eye", Some("eye-key")))
            .await
            .error(401);
    }
    for route in WRITE {
        write(&app, route, None).await.error(401);
        write(&app, route, Some("guess")).await.error(403);
    }
}

#[tokio::test]
async fn a_role_may_do_what_those_before_it_may() {
    let app = TestApp::with(|setup| setup.keys(&ROLES)).await;
    for path in READ {
        for key in ["eye-key", "hand-key", "head-key"] {
            let status = send(app.request(Method::GET, path).header("x-api-key", key))
                .await
                .status;
            assert!([200, 404].contains(&status), "{path} {key}: {status}");
        }
    }
    for route in WRITE {
        assert!(write(&app, route, Some("eye-key")).await.error(403).contains("write"));
        for key in ["hand-key", "head-key"] {
            let status = write(&app, route, Some(key)).await.status;
            assert!([400, 404].contains(&status), "{route:?} {key}: {status}");
        }
    }
}

#[tokio::test]
async fn health_and_readiness_ask_for_no_key_and_metrics_only_if_told_to() {
    let app = TestApp::with(|setup| setup.keys(&ROLES)).await;
    for path in ["/health", "/ready", "/metrics"] {
        assert_eq!(app.get(path).await.status, 200, "{path}");
    }
    let app = TestApp::with(|setup| {
        setup.keys(&ROLES);
        setup.doors.metrics.auth = true;
    })
    .await;
    app.get("/metrics").await.error(401);
    assert_eq!(
        send(app.request(Method::GET, "/metrics").bearer_auth("eye-key"))
            .await
            .status,
        200
    );
}

#[tokio::test]
async fn an_open_door_refuses_what_a_proxy_brings_in() {
    let app = TestApp::start().await;
    for header in [
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-proto",
        "x-real-ip",
        "forwarded",
    ] {
        let request = app.request(Method::GET, "/api/history").header(header, "203.0.113.9");
        assert!(send(request).await.error(403).contains("SENTINEL_API_KEY"), "{header}");
    }
    let app = TestApp::with(|setup| setup.keys(&ROLES)).await;
    let request = app
        .request(Method::GET, "/api/history")
        .bearer_auth("eye-key")
        .header("x-forwarded-for", "203.0.113.9");
    assert_eq!(send(request).await.status, 200);
}

#[tokio::test]
async fn a_request_for_another_host_or_from_another_page_is_refused_everywhere_but_at_webhook_and_health() {
    let app = TestApp::with(|setup| setup.doors.server.allowed_hosts = vec!["ci.example.com".into()]).await;
    for path in READ.into_iter().chain(["/ready", "/metrics"]) {
        send(app.request(Method::GET, path).header("host", "evil.example"))
            .await
            .error(403);
        send(app.request(Method::GET, path).header("origin", "https://evil.example"))
            .await
            .error(403);
        send(app.request(Method::GET, path).header("origin", "null"))
            .await
            .error(403);
    }
    for (method, path) in WRITE {
        let request = app.request(method.parse().unwrap(), path).json(&json!({}));
        send(request.header("host", "evil.example")).await.error(403);
    }
    assert_eq!(
        send(app.request(Method::GET, "/health").header("host", "evil.example"))
            .await
            .status,
        200
    );
    let delivery = app
        .delivery("workflow_job", "d", job(7, 70).to_string().into())
        .header("host", "evil.example");
    assert_eq!(send(delivery).await.status, 200);
    let own = app
        .request(Method::GET, "/api/history")
        .header("host", "ci.example.com");
    assert_eq!(send(own.header("origin", "https://ci.example.com")).await.status, 200);
}

#[tokio::test]
async fn requests_are_limited_for_each_client_address() {
    let app = TestApp::with(|setup| {
        setup.keys(&ROLES);
        setup.doors.api.rate_per_minute = 4;
        setup.doors.server.trusted_proxies = vec!["127.0.0.0/8".into()];
    })
    .await;
    let from = |client: &str| {
        let request = app.request(Method::GET, "/api/history").bearer_auth("eye-key");
        send(request.header("x-forwarded-for", client))
    };
    for _ in 0..4 {
        assert_eq!(from("198.51.100.1").await.status, 200);
    }
    let limited = from("6.6.6.6, 198.51.100.1").await;
    limited.error(429);
    let wait: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=15).contains(&wait));
    assert_eq!(from("198.51.100.2").await.status, 200);
    assert_eq!(app.get("/health").await.status, 200);
}

#[tokio::test]
async fn guesses_of_a_key_are_limited_and_a_stranger_cannot_change_its_address() {
    let app = TestApp::with(|setup| {
        setup.keys(&ROLES);
        setup.doors.api.rate_per_minute = 4;
    })
    .await;
    let guess = |number: u32| {
        let request = app
            .request(Method::GET, "/api/history")
            .header("x-api-key", format!("guess-{number}"));
        send(request.header("x-forwarded-for", format!("198.51.100.{number}")))
    };
    for number in 0..4 {
        guess(number).await.error(403);
    }
    guess(4).await.error(429);
}
