//! The plain facts of a failure: where and when it ran, what was measured, who spoke on it.

use jiff::Timestamp;
use ratatui::text::Line;

use super::State;
use super::content::{heading, named, number};
use crate::app::known_issues::KnownIssue;
use crate::correction::{StoredCorrection, disputed};
use crate::ingest::{FailedJob, Measurements, RowKey};
use crate::store::{Novelty, PassedLater, Sightings, is_flaky};
use crate::tui::text::{ago, clip, counted, fit, visible};
use crate::tui::theme::{Role, Theme};

/// Names and values, without those that say nothing.
fn known<const N: usize>(pairs: [(&str, String); N], theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let known = pairs.into_iter().filter(|(_, value)| !value.is_empty());
    known.map(|(name, value)| named(name, &value, theme, columns)).collect()
}

pub(super) fn place_lines(job: &FailedJob, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let names = [&job.repository, &job.workflow, &job.job].into_iter().flatten();
    let names = names.map(|text| visible(text)).collect::<Vec<_>>().join("  ›  ");
    let runner = match job.runner_labels.as_slice() {
        [] => String::new(),
        labels => format!("  ({})", visible(&labels.join(", "))),
    };
    let place = format!("{names}{runner}");
    let steps = visible(&job.failed_steps.join(", "));
    let message = job.message.as_deref().map(visible).unwrap_or_default();
    known(
        [("where", place), ("steps", steps), ("message", message)],
        theme,
        columns,
    )
}

pub(super) fn run_lines(job: &FailedJob, now: Timestamp, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let when = format!(
        "{} ago, {}{}",
        ago(now, job.failed_at),
        second(job.failed_at),
        attempt(&job.key)
    );
    let link = job.url.as_deref().map(visible).unwrap_or_default();
    known([("when", when), ("what", change(job)), ("link", link)], theme, columns)
}

fn second(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn attempt(key: &RowKey) -> String {
    match key {
        RowKey::Job { attempt, .. } if *attempt > 1 => format!(", attempt {attempt}"),
        RowKey::Job { .. } | RowKey::Own => String::new(),
    }
}

/// `main at 1a2b3c4 by octocat`.
fn change(job: &FailedJob) -> String {
    let short = |sha: &String| visible(&sha.chars().take(9).collect::<String>());
    let parts = [
        job.branch.as_deref().map(visible),
        job.head_sha.as_ref().map(|sha| format!("at {}", short(sha))),
        job.author.as_deref().map(|author| format!("by {}", visible(author))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

pub(super) fn source_lines(state: &State, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let failure = &state.dossier.failure;
    let verdict = &failure.verdict;
    let source = format!(
        "{} from {} (log {}), model {}, revision {}",
        failure.job.source.name(),
        verdict.decided_from.name(),
        verdict.log_state.name().replace('_', " "),
        visible(&verdict.model_version),
        failure.revision
    );
    let mut lines = vec![named("read", &source, theme, columns)];
    if let Some(fingerprint) = &verdict.fingerprint {
        let others = state.dossier.group_size.saturating_sub(1);
        let alike = if others > 0 {
            format!(", {} like it", counted(others, "other failure"))
        } else {
            String::new()
        };
        let short: String = fingerprint.0.chars().take(15).collect();
        lines.push(named("same as", &format!("{}{alike}", visible(&short)), theme, columns));
    }
    let seen = state.dossier.seen.as_ref();
    lines.extend(seen.map(|seen| named("seen", &seen_words(seen), theme, columns)));
    let passed = state.dossier.passed_later.as_ref();
    lines.extend(passed.map(|passed| named("passed", &passed_words(seen, passed), theme, columns)));
    let issue = state.dossier.known_issue.as_ref();
    lines.extend(issue.map(|issue| named("known", &issue_words(issue), theme, columns)));
    lines
}

/// `new here; 12 times in 3 repositories since 2026-09-01`.
fn seen_words(seen: &Sightings) -> String {
    let novelty = match seen.novelty {
        Novelty::New => "new on the default branch",
        Novelty::Seen => "known on the default branch",
        Novelty::Regressed => "regressed: gone for three weeks, and back",
    };
    let first = seen.first_seen.strftime("%Y-%m-%d");
    let places = match seen.repositories {
        0 | 1 => String::new(),
        many => format!(" in {many} repositories"),
    };
    let times = counted(seen.count, "time");
    format!("{novelty}; {times}{places} since {first}")
}

/// Note and link of a known issue, or else its pattern.
fn issue_words(issue: &KnownIssue) -> String {
    let said = [issue.note.as_deref(), issue.link.as_deref()].into_iter().flatten();
    let words: Vec<String> = said.map(visible).collect();
    if words.is_empty() {
        visible(&issue.pattern)
    } else {
        words.join("  ")
    }
}

/// `on re-run 3 of 5: flaky`, or `in run 4711 of the same commit: flaky`.
fn passed_words(seen: Option<&Sightings>, passed: &PassedLater) -> String {
    let judged = if is_flaky(seen, Some(passed)) {
        "flaky"
    } else {
        "no flaky job but an outage, which other repositories had too"
    };
    match passed.run_id {
        None => format!("on re-run {} of {}: {judged}", passed.rerun, passed.of),
        Some(run) => format!("in run {run} of the same commit: {judged}"),
    }
}

pub(super) fn measured_lines(measured: &Measurements, theme: Theme, columns: usize) -> Vec<Line<'static>> {
    let known = Measurements::NAMES.iter().zip(measured.values());
    let known = known.filter_map(|(name, value)| value.map(|value| format!("{name} {}", number(value))));
    let known: Vec<String> = known.collect();
    if known.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::default(), heading("Measured", theme)];
    let beside = (columns / 32).max(1);
    for row in known.chunks(beside) {
        let cells: String = row.iter().map(|cell| fit(cell, 32)).collect();
        lines.push(Line::raw(clip(&format!("  {}", cells.trim_end()), columns)));
    }
    lines
}

pub(super) fn correction_lines(
    corrections: &[StoredCorrection],
    now: Timestamp,
    theme: Theme,
    columns: usize,
) -> Vec<Line<'static>> {
    if corrections.is_empty() {
        return Vec::new();
    }
    let mut lines = vec![Line::default(), heading("Corrections", theme)];
    if let Some([one, other]) = disputed(corrections) {
        let says =
            |said: &StoredCorrection| format!("{} says {}", visible(said.correction.person()), said.correction.label);
        let text = format!("  ≠ {}, {}: the latest word counts", says(one), says(other));
        lines.push(Line::styled(clip(&text, columns), theme.role(Role::Warning)));
    }
    for stored in corrections {
        let said = &stored.correction;
        let undone = if stored.undone_at.is_some() {
            "  (taken back)"
        } else {
            ""
        };
        let who = match said.author.as_ref().filter(|author| **author != said.actor) {
            Some(author) => format!("{} (as {})", visible(author), visible(&said.actor)),
            None => visible(&said.actor),
        };
        let text = format!(
            "  {} ago  {who}: {} → {}{undone}",
            ago(now, stored.at),
            stored.from,
            said.label
        );
        let role = if stored.undone_at.is_some() {
            Role::Dim
        } else {
            Role::Good
        };
        lines.push(Line::styled(clip(&text, columns), theme.role(role)));
        for note in said.note.iter().flat_map(|note| note.lines()) {
            lines.push(Line::styled(
                clip(&format!("      “{}”", visible(note)), columns),
                theme.role(Role::Dim),
            ));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::FailureClass;
    use crate::correction::Correction;
    use crate::tui::theme::Depth;

    fn seen(outage: bool) -> Sightings {
        let at = Timestamp::from_second(1_790_000_000).expect("a second");
        Sightings {
            count: 12,
            first_seen: at,
            last_seen: at,
            repositories: 3,
            novelty: Novelty::Regressed,
            outage,
        }
    }

    #[test]
    fn a_correction_names_the_person_and_the_key_that_it_came_with() {
        let said = |author: Option<&str>| StoredCorrection {
            id: 1,
            failure_id: 7,
            at: Timestamp::UNIX_EPOCH,
            from: FailureClass::Build,
            correction: Correction {
                label: FailureClass::Timeout,
                note: None,
                author: author.map(str::to_owned),
                actor: "ci-key".into(),
            },
            undone_at: None,
        };
        let theme = Theme { depth: Depth::Plain };
        let lines = correction_lines(&[said(Some("carol")), said(None)], Timestamp::UNIX_EPOCH, theme, 80);
        let lines: Vec<String> = lines.iter().map(ToString::to_string).collect();
        assert!(
            lines[2].ends_with("carol (as ci-key): Build Failure → Timeout"),
            "{lines:?}"
        );
        assert!(lines[3].ends_with("ago  ci-key: Build Failure → Timeout"), "{lines:?}");
    }

    #[test]
    fn a_failure_that_passed_later_is_flaky_unless_others_had_it_too() {
        let passed = PassedLater {
            rerun: 3,
            of: 5,
            run_id: None,
            at: Timestamp::UNIX_EPOCH,
        };
        let elsewhere = PassedLater {
            run_id: Some(4711),
            ..passed.clone()
        };
        let said = passed_words(None, &elsewhere);
        assert_eq!(said, "in run 4711 of the same commit: flaky");
        assert_eq!(passed_words(Some(&seen(false)), &passed), "on re-run 3 of 5: flaky");
        assert!(passed_words(Some(&seen(true)), &passed).contains("outage"));
        assert_eq!(
            seen_words(&seen(false)),
            "regressed: gone for three weeks, and back; 12 times in 3 repositories since 2026-09-21"
        );
    }
}
