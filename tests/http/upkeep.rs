//! Copies and forgetting: over the route, and from time to time.

use reqwest::Method;
use sentinel::app::upkeep::Upkeep;
use sentinel::http::Role;
use sentinel::store::{BackupSettings, DataSettings};

use crate::common::deliveries::job;
use crate::common::{TestApp, send};

#[tokio::test]
async fn a_backup_is_for_administrators_and_is_a_database() {
    let app = TestApp::with(|setup| setup.keys(&[("eye", Role::Write), ("ada", Role::Admin)])).await;
    let request = |key: &str| app.request(Method::GET, "/api/backup").header("x-api-key", key);
    send(request("eye-key")).await.error(403);
    let copy = send(request("ada-key")).await;
    assert_eq!(
        (copy.status, &copy.headers["content-type"]),
        (200, &"application/vnd.sqlite3".parse().unwrap())
    );
    assert!(copy.body.starts_with(b"SQLite format 3\0"), "{} bytes", copy.body.len());
}

#[tokio::test]
async fn copies_are_made_when_due_and_the_oldest_go() {
    let app = TestApp::start().await;
    let dir = tempfile::tempdir().expect("a folder");
    let upkeep = |every_hours| Upkeep {
        data: DataSettings::default(),
        backup: BackupSettings {
            dir: dir.path().join("copies"),
            every_hours,
            keep: 2,
        },
    };
    let names = || {
        let entries = std::fs::read_dir(dir.path().join("copies")).expect("the folder");
        let mut names: Vec<_> = entries.map(|entry| entry.expect("an entry").file_name()).collect();
        names.sort();
        names
    };
    std::fs::create_dir(dir.path().join("copies")).expect("made");
    let old = dir.path().join("copies/sentinel-20200101T000000Z.db");
    std::fs::write(old, "SQLite format 3\0").expect("an old copy");
    upkeep(24).once(&app.handle).await;
    let first = names();
    assert_eq!(first.len(), 2);
    upkeep(24).once(&app.handle).await;
    assert_eq!(names(), first, "the newest is not old enough");
    upkeep(0).once(&app.handle).await;
    assert_eq!(
        (names().len(), names().first()),
        (2, first.last()),
        "the oldest has gone"
    );
}

#[tokio::test]
async fn what_is_young_stays() {
    let app = TestApp::start().await;
    app.deliver("workflow_job", "d-1", &job(1, 1)).await.json();
    let upkeep = Upkeep {
        data: DataSettings {
            retention_days: 1,
            ..DataSettings::default()
        },
        backup: BackupSettings::default(),
    };
    upkeep.once(&app.handle).await;
    assert_eq!(app.ids().await.len(), 1);
}
