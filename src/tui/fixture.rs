//! Snapshots, rows and screens for the tests of this module.

use std::collections::VecDeque;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Size;

use super::chord::pressed;
use super::intent::Intent;
use super::keymap::KeyMap;
use super::message::{Dossier, Message, Outcome};
use super::state::ViewState;
use super::theme::{Depth, Theme};
use super::update::update;
use super::view::view;
use crate::app::retraining::{Ending, Finished, Retraining, Running, Stage};
use crate::app::snapshot::Snapshot;
use crate::class::{CLASS_COUNT, FailureClass};
use crate::correction::{Correction, Proposal, StoredCorrection, StoredProposal};
use crate::drift::performance::estimate;
use crate::drift::reference::{Kind, WATCHED};
use crate::drift::{DriftReport, DriftSnapshot, FeatureDrift, Method, Severity, Watched};
use crate::evidence::{Excerpt, Fingerprint};
use crate::health::{Health, HealthState};
use crate::ingest::{EventSource, FailedJob, RowKey};
use crate::registry::{Action, Entry, ModelInfo, RegistryView};
use crate::store::{Failure, Totals};
use crate::training::gate::{self, ClassChange, Comparison, GateDecision, Learned, PairedTest, Shadow};
use crate::training::leaning::FeatureChange;
use crate::training::repetition::Repetition;
use crate::verdict::{Contribution, DecidedFrom, LogState, Reason, UncertainReason, Verdict};

/// The time of every test.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_second(1_772_366_400).expect("2026-03-01T12:00:00Z")
}

/// A screen of this size, without colours.
pub(crate) fn state(width: u16, height: u16) -> ViewState {
    let theme = Theme { depth: Depth::Plain };
    ViewState::new(
        now(),
        Size::new(width, height),
        theme,
        Arc::new(KeyMap::default()),
        "ada".into(),
    )
}

/// A failure. Higher ids are newer, as in a store.
pub(crate) fn failure(id: i64) -> Failure {
    let mut job = FailedJob::unknown(
        EventSource::GithubWebhook,
        now() - SignedDuration::from_secs(41 * (60 - id) / 2),
    );
    job.key = RowKey::Job {
        host: "github.com".into(),
        repository_id: 7,
        run_id: id,
        attempt: 2,
        job_id: id,
    };
    job.repository = Some(format!(
        "acme/{}",
        ["web", "checkout", "infra"][usize::try_from(id % 3).unwrap_or(0)]
    ));
    job.workflow = Some("CI".into());
    job.job = Some(["build", "unit-tests", "deploy-production", "e2e"][usize::try_from(id % 4).unwrap_or(0)].into());
    job.failed_steps = vec!["Install dependencies".into()];
    job.branch = Some("main".into());
    job.head_sha = Some("1a2b3c4d5e6f7a8b".into());
    job.author = Some("octocat".into());
    job.url = Some(format!(
        "https://github.com/acme/web/actions/runs/1234567890{id}/job/98765432101"
    ));
    job.runner_labels = vec!["ubuntu-latest".into()];
    job.measurements.build_duration_sec = Some(12.0);
    job.measurements.job_duration_sec = Some(84.25);
    Failure {
        timestamp: job.failed_at,
        revision: 1,
        psi_drift_stat: Some(0.04),
        delivery_id: None,
        raw_sha256: String::new(),
        verdict: verdict(id),
        job,
        watched: Watched::default(),
        read_from: DecidedFrom::Log,
    }
}

fn verdict(id: i64) -> Verdict {
    let (prediction, text) = match id % 5 {
        0 => (
            FailureClass::Timeout,
            "##[error]The job running on runner GitHub Actions 4 has exceeded the maximum",
        ),
        1 => (
            FailureClass::Dependency,
            "npm ERR! code ERESOLVE\nnpm ERR! ERESOLVE unable to resolve dependency tree",
        ),
        2 => (
            FailureClass::Test,
            "FAILED tests/test_cart.py::test_total - assert 41 == 42",
        ),
        3 => (FailureClass::Build, "error[E0308]: mismatched types"),
        _ => (FailureClass::Security, "Total: 3 (HIGH: 2, CRITICAL: 1)"),
    };
    let unsure = id % 5 == 0;
    let confidence = if unsure { 0.41 } else { 0.93 };
    let mut probabilities = [(1.0 - confidence) / 9.0; CLASS_COUNT];
    probabilities[prediction.index()] = confidence;
    let set = if unsure {
        vec![prediction, FailureClass::Network]
    } else {
        vec![prediction]
    };
    Verdict {
        id: Some(id),
        input_id: None,
        prediction,
        label: prediction,
        confidence,
        uncertain: unsure,
        uncertain_reason: unsure.then_some(UncertainReason::SeveralClasses),
        prediction_set: set,
        coverage: 0.9,
        probabilities,
        evidence: vec![
            Excerpt {
                line: 173,
                start: 10_234,
                end: 10_312,
                text: text.into(),
                member: None,
            },
            Excerpt {
                line: 240,
                start: 20_000,
                end: 20_040,
                text: "Process completed with exit code 1.".into(),
                member: None,
            },
        ],
        top_contributing_features: Vec::new(),
        reasons: Vec::new(),
        fingerprint: Some(Fingerprint("f1:3b9c0d1e2f3a4b5c".into())),
        decided_from: DecidedFrom::Log,
        log_state: LogState::Ok,
        corrected_by: None,
        model_version: "v3".into(),
        latency_us: 180,
    }
}

/// The row after a person has spoken.
pub(crate) fn corrected(mut row: Failure, label: FailureClass) -> Failure {
    row.verdict.label = label;
    row.verdict.corrected_by = Some("ada".into());
    row
}

/// A correction as a store answers it.
pub(crate) fn stored(id: i64, failure: i64, correction: Correction) -> StoredCorrection {
    StoredCorrection {
        id,
        failure_id: failure,
        at: now(),
        from: FailureClass::Build,
        undone_at: None,
        correction,
    }
}

/// A failure with what belongs to it.
pub(crate) fn dossier(id: i64) -> Dossier {
    let said = |label, note: Option<&str>| Correction {
        label,
        note: note.map(str::to_owned),
        author: None,
        actor: "ada".into(),
    };
    let mut first = stored(1, id, said(FailureClass::Network, None));
    first.undone_at = Some(now());
    let second = stored(2, id, said(FailureClass::Timeout, Some("the proxy was slow, not down")));
    Dossier {
        failure: failure(id),
        corrections: vec![first, second],
        group_size: 12,
        seen: None,
        passed_later: None,
        known_issue: None,
    }
}

/// The same row with contributions.
pub(crate) fn explained(id: i64) -> Failure {
    let mut row = failure(id);
    let one = |feature: &str, value, contribution| Contribution {
        feature: feature.into(),
        value,
        contribution,
    };
    row.verdict.top_contributing_features = vec![
        one("signal:npm_eresolve", Some(1.0), 1.42),
        one("word:tree", Some(2.0), 0.61),
        one("log_lines", Some(3_412.0), -0.2),
        one("cpu_usage_pct", None, 0.05),
    ];
    row.verdict.reasons = vec![Reason {
        sentence: "Line 173 speaks for Dependency Error".into(),
        contribution: 2.03,
        lines: vec![173],
    }];
    row
}

/// A tower that has seen nothing.
pub(crate) fn empty() -> Snapshot {
    Snapshot {
        sequence: 0,
        started_at: now() - SignedDuration::from_hours(3),
        address: "127.0.0.1:8200".into(),
        model_version: "v3".into(),
        corrections_waiting: 0,
        retraining: Arc::default(),
        registry: Arc::default(),
        health: Health {
            state: HealthState::NotEnoughData,
            label: "Not enough data (0 of 50)".into(),
            reasons: Vec::new(),
            retrain_suggested: false,
        },
        drift: Arc::new(report(0)),
        heat_map: Arc::default(),
        importance: Arc::default(),
        totals: Totals::default(),
        proposals: Arc::default(),
        rows: Arc::default(),
        in_flight: 0,
        trouble: None,
    }
}

/// An empty tower with these rows.
pub(crate) fn with_rows(ids: impl IntoIterator<Item = i64>) -> Snapshot {
    let rows: VecDeque<_> = ids.into_iter().map(|id| Arc::new(failure(id))).collect();
    let failures = u64::try_from(rows.len()).unwrap_or(0);
    Snapshot {
        rows: Arc::new(rows),
        totals: Totals {
            failures,
            ..Totals::default()
        },
        ..empty()
    }
}

/// A busy tower.
pub(crate) fn full() -> Snapshot {
    let mut snapshot = with_rows((20..60).rev());
    snapshot.totals = Totals {
        failures: 1_204,
        inferences: 1_240,
        corrections: 31,
        uncertain: 241,
        ..Totals::default()
    };
    snapshot.drift = Arc::new(report(87));
    snapshot.heat_map = Arc::new((0..30).map(column).collect());
    snapshot.health = Health {
        state: HealthState::DriftDetected,
        label: "Drift Detected".into(),
        reasons: vec![
            "log_lines moved (PSI 0.140)".into(),
            "retry_count moved (PSI 0.120)".into(),
        ],
        retrain_suggested: false,
    };
    snapshot
}

/// A busy tower with three models, the second of which the gate kept out.
pub(crate) fn with_models() -> Snapshot {
    let entry = |seq, action, version: &str, reason: &str| Entry {
        seq,
        at: now() - SignedDuration::from_hours(10 - i64::try_from(seq).unwrap_or(0)),
        action,
        version: version.into(),
        previous: None,
        actor: "ada".into(),
        reason: reason.into(),
        corrections: 12,
        manifest_sha256: String::new(),
        content: String::new(),
        before: String::new(),
    };
    let model = |version: &str, came, decision| ModelInfo {
        version: version.into(),
        live: version == "v3",
        at: Some(now() - SignedDuration::from_hours(4)),
        came: Some(came),
        sealed: false,
        card: Some(crate::bundle::ModelCard {
            lessons: 48,
            left_out_tools: [
                ("macro_f1".to_owned(), 0.8531),
                ("calibration_error".to_owned(), 0.0212),
            ]
            .into(),
            ..crate::bundle::ModelCard::default()
        }),
        decision,
    };
    Snapshot {
        registry: Arc::new(RegistryView {
            champion: "v3".into(),
            notice: None,
            models: vec![
                model("v3", Action::Promoted, Some(decision(gate::Outcome::Promote, "v3"))),
                model("v2", Action::Kept, Some(decision(gate::Outcome::Keep, "v2"))),
                model("v1", Action::Installed, None),
            ],
            ledger: vec![
                entry(
                    3,
                    Action::Promoted,
                    "v3",
                    "110 corrections wait (retrain.threshold = 100)",
                ),
                entry(
                    2,
                    Action::Kept,
                    "v2",
                    "asked for in the terminal: not better beyond chance",
                ),
                entry(1, Action::Installed, "v1", "came with this build of the program"),
            ],
        }),
        ..full()
    }
}

fn decision(outcome: gate::Outcome, challenger: &str) -> GateDecision {
    let comparison = Comparison {
        count: 212,
        clusters: 106,
        champion_f1: Some(0.8412),
        challenger_f1: Some(0.8533),
        champion_calibration: 0.031,
        challenger_calibration: 0.028,
        gained: 9,
        lost: 4,
    };
    let class = |class| ClassChange {
        class,
        support: 24,
        champion_recall: 0.8,
        challenger_recall: 0.9,
        champion_f1: 0.82,
        challenger_f1: 0.87,
    };
    let reason = match outcome {
        gate::Outcome::Promote => {
            "macro-F1 rises by 0.012 (90 % of draws within 0.003 to 0.021), and nothing speaks against it"
        }
        gate::Outcome::Keep => "not better beyond chance: macro-F1 changes by +0.001, and 41.0 % of draws show no gain",
    };
    GateDecision {
        at: now(),
        outcome,
        champion: "v1".into(),
        challenger: challenger.into(),
        reasons: vec![reason.into()],
        frozen: comparison.clone(),
        fresh: comparison,
        test: PairedTest::default(),
        classes: FailureClass::ALL.map(class).to_vec(),
        features: [("words.timeout", 0.081, 0.094), ("log_lines", 0.022, 0.017)]
            .map(|(feature, champion, challenger)| FeatureChange {
                feature: feature.into(),
                champion,
                challenger,
            })
            .to_vec(),
        lineage: Repetition::default(),
        learned: Learned::default(),
        shadow: Shadow::default(),
    }
}

/// A retraining that the gate has just ended.
pub(crate) fn retraining_ended() -> Retraining {
    Retraining {
        running: None,
        last: Some(Finished {
            at: now() - SignedDuration::from_secs(2),
            started_at: now() - SignedDuration::from_mins(3),
            actor: "ada".into(),
            reason: "asked for in the terminal".into(),
            ending: Ending::Kept,
            because: vec!["not better beyond chance".into()],
            decision: None,
        }),
    }
}

/// A retraining that is being fitted.
pub(crate) fn retraining_under_way() -> Retraining {
    Retraining {
        running: Some(Running {
            started_at: now(),
            actor: "ada".into(),
            reason: "asked for in the terminal".into(),
            stage: Stage::Fitting,
            done: 120,
            of: 600,
        }),
        last: None,
    }
}

/// A busy tower to which agents have proposed this.
pub(crate) fn proposed() -> Snapshot {
    let one = |id: i64, failure_id, label, note: Option<&str>| StoredProposal {
        id,
        failure_id,
        at: now() - SignedDuration::from_mins(9 - id),
        decision: None,
        proposal: Proposal {
            label,
            note: note.map(str::to_owned),
            actor: "claude via MCP".into(),
        },
    };
    let mut snapshot = full();
    snapshot.proposals = Arc::new([
        one(3, 59, FailureClass::Timeout, Some("the runner hung\nfor an hour")),
        one(4, 57, FailureClass::Network, None),
        one(5, 7, FailureClass::Build, Some("\u{1b}[2J\u{202e}evil")),
    ]);
    snapshot.totals.proposals = 3;
    snapshot
}

/// A tower whose store cannot be written, and whose model no longer fits.
pub(crate) fn trouble() -> Snapshot {
    let mut snapshot = full();
    snapshot.health.state = HealthState::StoreTrouble;
    snapshot.health.label = "Store Trouble".into();
    snapshot.in_flight = 64;
    snapshot.trouble = Some((
        now() - SignedDuration::from_secs(12),
        "the store cannot be written: disk full".into(),
    ));
    let mut severe = report(87);
    severe.features[7].score = Some(1.31);
    severe.features[7].severity = Severity::Severe;
    snapshot.drift = Arc::new(severe);
    snapshot
}

/// A tower with one row whose every text would like to steer the terminal.
pub(crate) fn hostile() -> Snapshot {
    const EVIL: &str = "\u{202e}a\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{2066}b\u{200f}\r\n\u{8}c";
    let mut row = failure(59);
    for text in [
        &mut row.job.repository,
        &mut row.job.job,
        &mut row.job.branch,
        &mut row.job.author,
        &mut row.job.url,
    ] {
        *text = Some(EVIL.into());
    }
    row.job.message = Some(EVIL.into());
    row.job.failed_steps = vec![EVIL.into()];
    row.job.runner_labels = vec![EVIL.into()];
    for excerpt in &mut row.verdict.evidence {
        excerpt.text = EVIL.into();
        excerpt.member = Some(EVIL.into());
    }
    let mut snapshot = with_rows([]);
    snapshot.rows = Arc::new(VecDeque::from([Arc::new(row)]));
    snapshot.totals.failures = 1;
    snapshot.trouble = Some((now(), EVIL.into()));
    snapshot
}

fn report(n: usize) -> DriftReport {
    let features = WATCHED
        .iter()
        .enumerate()
        .map(|(place, (name, kind))| feature(place, name, *kind, n));
    let mean_confidence = (n > 0).then_some(0.874);
    let at = (n > 0).then(|| now() - SignedDuration::from_secs(12));
    DriftReport {
        at,
        n,
        window: 100,
        min_samples: 50,
        mean_confidence,
        performance: estimate(&vec![0.81; n], (0..n.min(5)).map(|at| at > 0)),
        features: features.collect(),
    }
}

fn feature(place: usize, name: &str, kind: Kind, n: usize) -> FeatureDrift {
    let score = match place {
        7 => 0.14,
        15 => 0.12,
        _ => 0.011 * f64::from(u8::try_from(place).unwrap_or(0) % 7),
    };
    let severity = if score >= 0.1 {
        Severity::Moderate
    } else {
        Severity::None
    };
    let enough = n >= 50 && place != 10;
    let (method, bins) = match kind {
        Kind::Category => (
            Method::ChiSquare,
            FailureClass::ALL.map(|class| class.name().to_owned()).to_vec(),
        ),
        Kind::Number => (
            Method::Psi,
            (0..10)
                .map(|bin| format!("{} to {}", bin * 40, bin * 40 + 40))
                .collect(),
        ),
    };
    FeatureDrift {
        feature: name.into(),
        method,
        score: enough.then_some(score),
        p_value: enough.then_some(if score >= 0.1 { 0.000_4 } else { 0.52 }),
        severity: if enough { severity } else { Severity::NotEnoughData },
        is_drifted: enough && severity == Severity::Moderate,
        n: if enough { n } else { n / 10 },
        reference: vec![0.1; bins.len()],
        live: [0.02, 0.03, 0.05, 0.1, 0.1, 0.1, 0.1, 0.15, 0.15, 0.2]
            .map(|share| if n == 0 { 0.0 } else { share })
            .to_vec(),
        bins,
    }
}

fn column(age: i64) -> DriftSnapshot {
    let cell = |place: usize| {
        let wave = (usize::try_from(age).unwrap_or(0) * 5 + place * 3) % 30;
        let score = 0.01 * f64::from(u8::try_from(wave).unwrap_or(0));
        match wave {
            0..10 => (Some(score), Severity::None),
            10..25 => (Some(score), Severity::Moderate),
            25..29 => (Some(score), Severity::Severe),
            _ => (None, Severity::NotEnoughData),
        }
    };
    let at = now() - SignedDuration::from_mins(3 * (30 - age));
    DriftSnapshot {
        at,
        n: 60,
        cells: (0..WATCHED.len()).map(cell).collect(),
    }
}

/// Presses keys, told as in settings with spaces between. Failures that are opened are answered at once; all other
/// wishes are handed back.
pub(crate) fn press(state: &mut ViewState, snapshot: &Snapshot, keys: &str) -> Vec<Intent> {
    let mut wishes = Vec::new();
    for key in keys.split_whitespace() {
        let message = state.keys.message(state.mode(), pressed(key));
        let intents = message
            .map(|message| update(state, snapshot, message))
            .unwrap_or_default();
        wishes.extend(intents.into_iter().filter_map(|intent| answer(state, snapshot, intent)));
    }
    wishes
}

fn answer(state: &mut ViewState, snapshot: &Snapshot, intent: Intent) -> Option<Intent> {
    let outcome = match intent {
        Intent::Open(id) => Outcome::Opened {
            id,
            dossier: Ok(Box::new(dossier(id))),
        },
        Intent::Explain(id) => Outcome::Explained {
            id,
            failure: Ok(Box::new(explained(id))),
        },
        other => return Some(other),
    };
    update(state, snapshot, Message::Returned(Box::new(outcome)));
    None
}

/// A screen of this size on which these keys were pressed, as text.
pub(crate) fn screen(width: u16, height: u16, snapshot: &Snapshot, keys: &str) -> TestBackend {
    let mut state = state(width, height);
    update(&mut state, snapshot, Message::Changed);
    press(&mut state, snapshot, keys);
    shown(&state, snapshot)
}

/// The screen as text.
pub(crate) fn shown(state: &ViewState, snapshot: &Snapshot) -> TestBackend {
    let backend = TestBackend::new(state.size.width, state.size.height);
    let mut terminal = Terminal::new(backend).expect("a test terminal");
    terminal
        .draw(|frame| view(state, snapshot, frame.buffer_mut()))
        .expect("a test terminal");
    terminal.backend().clone()
}
