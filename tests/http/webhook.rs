//! `POST /webhook/github`.

use std::sync::atomic::Ordering;

use reqwest::Method;
use sentinel::app::engine::AppLimits;
use serde_json::{Value, json};

use crate::common::deliveries::{check, job, job_that, run};
use crate::common::{Setup, TestApp, send, sign};

#[tokio::test]
async fn a_failed_job_is_answered_with_its_row_and_prediction() {
    let app = TestApp::with(Setup::signed).await;
    let answer = app.deliver("workflow_job", "d1", &job(7, 70)).await.json();
    let row = &app.get("/api/history").await.json()["items"][0];
    assert_eq!(
        answer,
        json!({ "status": "success", "id": row["id"], "prediction": row["prediction"] })
    );
    assert_eq!(
        (&row["delivery_id"], &row["run_id"], &row["job_id"]),
        (&json!("d1"), &json!(7), &json!(70))
    );
}

#[tokio::test]
async fn a_second_delivery_of_the_same_id_is_a_duplicate_and_changes_nothing() {
    let app = TestApp::start().await;
    let first = app.deliver("workflow_job", "d1", &job(7, 70)).await.json();
    let before = app.get("/api/history").await.json();
    let again = app.deliver("workflow_job", "d1", &job(7, 70)).await.json();
    assert_eq!(again, json!({ "status": "duplicate", "id": first["id"] }));
    assert_eq!(app.get("/api/history").await.json(), before);
}

#[tokio::test]
async fn another_delivery_of_a_known_job_that_says_nothing_new_is_a_duplicate() {
    let app = TestApp::start().await;
    let first = app.deliver("workflow_job", "d1", &job(7, 70)).await.json();
    let again = app.deliver("workflow_job", "d2", &job(7, 70)).await.json();
    assert_eq!(again, json!({ "status": "duplicate", "id": first["id"] }));
}

#[tokio::test]
async fn run_job_and_check_of_one_job_meet_in_one_row_in_any_order() {
    let events = [
        ("workflow_run", run(7)),
        ("workflow_job", job(7, 70)),
        ("check_run", check(7, 70)),
    ];
    for order in [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]] {
        let app = TestApp::start().await;
        for at in order {
            let (event, payload) = &events[at];
            let answer = app.deliver(event, "one id for all", payload).await.json();
            assert!(
                ["success", "duplicate"].contains(&answer["status"].as_str().unwrap()),
                "{order:?}: {answer}"
            );
        }
        let items = &app.get("/api/history").await.json()["items"];
        assert_eq!(items.as_array().unwrap().len(), 1, "{order:?}: {items}");
        let row = &items[0];
        assert_eq!(
            (&row["run_id"], &row["job_id"], &row["workflow"]),
            (&json!(7), &json!(70), &json!("CI")),
            "{order:?}"
        );
        assert_eq!(row["failed_steps"], json!(["Run cargo test"]), "{order:?}");
        assert!(
            row["message"]
                .as_str()
                .is_some_and(|text| text.contains("mismatched types")),
            "{order:?}: {row}"
        );
    }
}

#[tokio::test]
async fn what_did_not_fail_is_ignored_and_makes_no_row() {
    let app = TestApp::start().await;
    let ignored =
        |action: Value, conclusion: Value| json!({ "status": "ignored", "action": action, "conclusion": conclusion });
    for (action, conclusion) in [
        ("completed", "success"),
        ("completed", "cancelled"),
        ("in_progress", "failure"),
    ] {
        let answer = app
            .deliver("workflow_job", "d", &job_that(7, 70, action, conclusion))
            .await
            .json();
        assert_eq!(answer, ignored(action.into(), conclusion.into()));
    }
    let push = app
        .deliver("push", "d", &json!({ "ref": "refs/heads/main" }))
        .await
        .json();
    assert_eq!(push["status"], "ignored");
    assert!(app.ids().await.is_empty());
}

#[tokio::test]
async fn a_time_out_is_a_failure() {
    let app = TestApp::start().await;
    let answer = app
        .deliver("workflow_job", "d", &job_that(7, 70, "completed", "timed_out"))
        .await
        .json();
    assert_eq!(answer["status"], "success");
    assert_eq!(
        app.get("/api/history").await.json()["items"][0]["conclusion"],
        "timed_out"
    );
}

#[tokio::test]
async fn githubs_greeting_is_answered() {
    let app = TestApp::with(Setup::signed).await;
    let ping = json!({ "zen": "Keep it logically awesome.", "hook_id": 1 });
    assert_eq!(app.deliver("ping", "d", &ping).await.status, 200);
}

#[tokio::test]
async fn a_form_is_signed_as_a_whole_and_read_as_json_is() {
    let app = TestApp::with(Setup::signed).await;
    let encoded: String = job(7, 70)
        .to_string()
        .bytes()
        .map(|byte| format!("%{byte:02X}"))
        .collect();
    let body = format!("payload={encoded}").into_bytes();
    let signature = sign(&body);
    let form = |body: Vec<u8>, signature: &str| {
        let request = app
            .request(Method::POST, "/webhook/github")
            .header("x-github-event", "workflow_job");
        let request = request.header("content-type", "application/x-www-form-urlencoded; charset=utf-8");
        send(
            request
                .header("x-github-delivery", "d")
                .header("x-hub-signature-256", signature)
                .body(body),
        )
    };
    assert_eq!(form(body, &signature).await.json()["status"], "success");
    let other = b"text=hello".to_vec();
    let signature = sign(&other);
    assert!(form(other, &signature).await.error(400).contains("payload"));
}

#[tokio::test]
async fn no_signature_is_401_and_a_wrong_one_403_and_nothing_is_stored() {
    let app = TestApp::with(Setup::signed).await;
    let body = job(7, 70).to_string();
    let unsigned = || {
        let request = app
            .request(Method::POST, "/webhook/github")
            .header("content-type", "application/json");
        request.header("x-github-event", "workflow_job").body(body.clone())
    };
    send(unsigned()).await.error(401);
    send(unsigned().header("x-hub-signature", "sha1=757107ea0eb2509fc211221cce984b8a37570b6d"))
        .await
        .error(401);
    for wrong in [
        "nonsense",
        "sha256=",
        "sha1=757107ea0eb2509fc211221cce984b8a37570b6d",
        &sign(b"another body"),
    ] {
        send(unsigned().header("x-hub-signature-256", wrong)).await.error(403);
    }
    assert!(app.ids().await.is_empty());
}

#[tokio::test]
async fn without_a_secret_this_machine_alone_may_deliver() {
    let app = TestApp::start().await;
    let body = job(7, 70).to_string().into_bytes();
    for header in ["x-forwarded-for", "forwarded", "x-real-ip"] {
        let forwarded = app
            .delivery("workflow_job", "d", body.clone())
            .header(header, "203.0.113.9");
        assert!(
            send(forwarded).await.error(403).contains("GITHUB_WEBHOOK_SECRET"),
            "{header}"
        );
    }
    assert_eq!(
        send(app.delivery("workflow_job", "d", body)).await.json()["status"],
        "success"
    );
}

#[tokio::test]
async fn with_a_secret_a_forwarded_delivery_is_taken_under_any_host_name() {
    let app = TestApp::with(Setup::signed).await;
    let delivery = app.delivery("workflow_job", "d", job(7, 70).to_string().into_bytes());
    let delivery = delivery
        .header("x-forwarded-for", "140.82.115.1")
        .header("host", "ci.example.com");
    assert_eq!(send(delivery).await.json()["status"], "success");
}

#[tokio::test]
async fn failed_signatures_are_limited_and_right_ones_are_not() {
    let app = TestApp::with(|setup| {
        setup.signed();
        setup.doors.webhook.rate_per_minute = 3;
    })
    .await;
    let unsigned = || {
        let request = app
            .request(Method::POST, "/webhook/github")
            .header("content-type", "application/json");
        send(request.header("x-github-event", "push").body("{}"))
    };
    for _ in 0..3 {
        unsigned().await.error(401);
    }
    let limited = unsigned().await;
    limited.error(429);
    let forged = app
        .request(Method::POST, "/webhook/github")
        .header("content-type", "application/json");
    let forged = forged
        .header("x-github-event", "push")
        .header("x-hub-signature-256", sign(b"other"));
    send(forged.body("{}")).await.error(429);
    let wait: u64 = limited.headers["retry-after"].to_str().unwrap().parse().unwrap();
    assert!((1..=20).contains(&wait));
    for number in 0..5 {
        let answer = app
            .deliver("workflow_job", &format!("d{number}"), &job(8, 80 + number))
            .await;
        assert_eq!(answer.json()["status"], "success");
    }
}

#[tokio::test]
async fn other_types_are_415_and_other_methods_405() {
    let app = TestApp::start().await;
    for kind in [
        "text/plain",
        "application/xml",
        "multipart/form-data; boundary=x",
        "application/jsonp",
    ] {
        let request = app
            .request(Method::POST, "/webhook/github")
            .header("content-type", kind)
            .body("{}");
        send(request.header("x-github-event", "push")).await.error(415);
    }
    send(app.request(Method::POST, "/webhook/github")).await.error(415);
    let wrong = app.get("/webhook/github").await;
    wrong.error(405);
    assert_eq!(wrong.headers["allow"], "POST");
}

#[tokio::test]
async fn a_full_queue_is_503_and_the_sender_may_come_again() {
    let app = TestApp::with(|setup| {
        setup.limits = AppLimits {
            commands: 1,
            ..AppLimits::default()
        }
    })
    .await;
    app.store.held.store(true, Ordering::SeqCst);
    let first_job = job(7, 70);
    let first = app.deliver("workflow_job", "d1", &first_job);
    let second = async {
        app.store.arrived.acquire().await.unwrap().forget();
        let refused = app.deliver("workflow_job", "d2", &job(7, 71)).await;
        app.store.held.store(false, Ordering::SeqCst);
        app.store.passing.add_permits(1);
        refused
    };
    let (first, refused) = tokio::join!(first, second);
    assert_eq!(first.json()["status"], "success");
    refused.error(503);
    assert_eq!(refused.headers["retry-after"], "1");
    assert_eq!(
        app.deliver("workflow_job", "d2", &job(7, 71)).await.json()["status"],
        "success"
    );
}

#[tokio::test]
async fn a_full_disk_is_503_and_nothing_is_acknowledged() {
    let app = TestApp::start().await;
    app.store.full.store(true, Ordering::SeqCst);
    let refused = app.deliver("workflow_job", "d1", &job(7, 70)).await;
    assert!(refused.error(503).contains("disk is full"));
    assert!(refused.headers.contains_key("retry-after"));
    app.store.full.store(false, Ordering::SeqCst);
    assert_eq!(
        app.deliver("workflow_job", "d1", &job(7, 70)).await.json()["status"],
        "success"
    );
}
