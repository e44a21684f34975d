//! `submit_human_correction`: off, proposed, applied; and what people make of it.

use sentinel::app::command::{Command, Reply};
use sentinel::class::FailureClass;
use sentinel::mcp::WriteMode;
use serde_json::json;

use crate::agent::{answer, refusal, stored};
use crate::common::TestApp;

const LOG: &str = "npm ERR! code ERESOLVE\n";

async fn with(write: WriteMode) -> TestApp {
    TestApp::with(|setup| setup.doors.mcp.write = write).await
}

#[tokio::test]
async fn a_proposal_waits_for_a_person_and_then_counts() {
    let app = TestApp::start().await;
    let id = stored(&app, LOG).await;
    let word = json!({ "id": id, "corrected_label": "Timeout", "note": "token=hunter2secret99 hung" });
    let proposed = answer(&app, "submit_human_correction", word.clone()).await;
    assert_eq!(
        (&proposed["status"], &proposed["corrected_label"]),
        (&json!("proposed"), &json!("Timeout"))
    );
    assert_eq!(
        answer(&app, "submit_human_correction", word).await["proposal_id"],
        proposed["proposal_id"]
    );

    let failure = answer(&app, "get_failure", json!({ "id": id })).await;
    assert_eq!(
        (&failure["corrected_by"], failure["proposals"].as_array().unwrap().len()),
        (&json!(null), 1)
    );
    let note = failure["proposals"][0]["note"].as_str().unwrap();
    assert!(
        note.starts_with("⟦untrusted⟧") && !note.contains("hunter2secret99"),
        "{note}"
    );
    let stats = answer(&app, "get_feedback_stats", json!({})).await;
    assert_eq!(
        (&stats["proposals_waiting"], &stats["agreement"]),
        (&json!(1), &json!(null))
    );
    let mut snapshots = app.handle.watch();
    snapshots
        .wait_for(|snapshot| snapshot.totals.proposals == 1)
        .await
        .unwrap();

    let proposal = proposed["proposal_id"].as_i64().unwrap();
    let accepted = app
        .handle
        .submit(Command::Accept {
            proposal,
            actor: "ada".into(),
        })
        .await
        .unwrap();
    let Reply::Corrected(correction, row) = accepted else {
        panic!("{accepted:?}")
    };
    assert_eq!(correction.correction.author.as_deref(), Some("local via MCP"));
    assert_eq!(
        (row.verdict.label, row.verdict.corrected_by.as_deref()),
        (FailureClass::Timeout, Some("ada"))
    );
    let stats = answer(&app, "get_feedback_stats", json!({})).await;
    assert_eq!(
        (&stats["proposals_waiting"], &stats["corrections"]),
        (&json!(0), &json!(1))
    );
    assert_eq!(
        stats["agreement"],
        if row.verdict.prediction == FailureClass::Timeout {
            json!(1.0)
        } else {
            json!(0.0)
        }
    );
    assert_eq!(stats["latest"]["actor"], "ada");
    snapshots
        .wait_for(|snapshot| snapshot.totals.proposals == 0)
        .await
        .unwrap();
}

#[tokio::test]
async fn a_rejected_proposal_leaves_everything_as_it_was() {
    let app = TestApp::start().await;
    let id = stored(&app, LOG).await;
    let word = json!({ "id": id, "corrected_label": "timeout" });
    let proposal = answer(&app, "submit_human_correction", word).await["proposal_id"]
        .as_i64()
        .unwrap();
    let rejected = app
        .handle
        .submit(Command::Reject {
            proposal,
            actor: "ada".into(),
        })
        .await
        .unwrap();
    assert!(matches!(rejected, Reply::Proposed(stored) if stored.decision.is_some()));
    let failure = answer(&app, "get_failure", json!({ "id": id })).await;
    assert_eq!(
        (&failure["corrected_by"], &failure["proposals"]),
        (&json!(null), &json!([]))
    );
    assert!(
        app.handle
            .submit(Command::Accept {
                proposal,
                actor: "ada".into()
            })
            .await
            .is_err()
    );
}

#[tokio::test]
async fn where_agents_may_apply_their_word_counts_at_once_and_is_signed() {
    let app = with(WriteMode::Apply).await;
    let id = stored(&app, LOG).await;
    let applied = answer(
        &app,
        "submit_human_correction",
        json!({ "id": id, "corrected_label": "timeout" }),
    )
    .await;
    assert_eq!(
        (&applied["status"], &applied["proposal_id"]),
        (&json!("applied"), &json!(null))
    );
    let failure = answer(&app, "get_failure", json!({ "id": id })).await;
    assert_eq!(
        (&failure["label"], &failure["corrected_by"]),
        (&json!("Timeout"), &json!("local via MCP"))
    );
}

#[tokio::test]
async fn switched_off_it_says_so() {
    let app = with(WriteMode::Off).await;
    let id = stored(&app, LOG).await;
    let refused = refusal(
        &app,
        "submit_human_correction",
        json!({ "id": id, "corrected_label": "timeout" }),
    )
    .await;
    assert!(refused.contains("mcp.write = \"off\""), "{refused}");
}

#[tokio::test]
async fn wrong_arguments_are_named_and_nothing_is_stored() {
    let app = TestApp::start().await;
    let wrong = json!({ "id": -1, "corrected_label": "flaky", "note": 7, "label": "x" });
    let refused = refusal(&app, "submit_human_correction", wrong).await;
    for field in ["- id: ", "- corrected_label: ", "- note: ", "- label: "] {
        assert!(refused.contains(field), "{field} in {refused}");
    }
    let nothing = refusal(
        &app,
        "submit_human_correction",
        json!({ "id": 99, "corrected_label": "timeout" }),
    )
    .await;
    assert_eq!(nothing, "there is no failure 99");
    assert_eq!(app.handle.query().totals().await.unwrap().proposals, 0);
}

#[tokio::test]
async fn a_proposal_is_listed_accepted_and_rejected_over_http() {
    let app = TestApp::start().await;
    let id = stored(&app, LOG).await;
    for label in ["Timeout", "Network Error"] {
        answer(
            &app,
            "submit_human_correction",
            json!({ "id": id, "corrected_label": label }),
        )
        .await;
    }
    let listed = app.get("/api/proposals").await.json();
    let ids: Vec<i64> = crate::common::ids(&listed["items"]);
    assert_eq!((ids.len(), &listed["items"][0]["actor"]), (2, &json!("local via MCP")));
    let step = async |id: i64, what: &str| app.post(&format!("/api/proposals/{id}/{what}"), &json!({})).await;
    let accepted = step(ids[0], "accept").await.json();
    assert_eq!(
        (&accepted["failure"]["label"], &accepted["correction"]["actor"]),
        (&json!("Timeout"), &json!("local"))
    );
    assert_eq!(step(ids[1], "reject").await.json()["decision"]["actor"], "local");
    for (id, what) in [(ids[0], "accept"), (ids[1], "reject"), (99, "accept")] {
        step(id, what).await.error(404);
    }
    assert_eq!(app.get("/api/proposals").await.json()["items"], json!([]));
    // What a screen shows follows.
    let mut snapshots = app.handle.watch();
    snapshots
        .wait_for(|snapshot| snapshot.totals.corrections == 1 && snapshot.proposals.is_empty())
        .await
        .unwrap();
}
