//! `class:timeout repo:acme/web source:webhook uncertain since:2h words`: what was typed becomes a question to the
//! store, and the same question to the rows at hand.

use jiff::{SignedDuration, Timestamp};

use crate::class::FailureClass;
use crate::ingest::EventSource;
use crate::store::{Failure, HistoryFilter};

/// A filter as typed and as understood.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Asked {
    /// As typed.
    pub text: String,
    /// As far as it was understood.
    pub filter: HistoryFilter,
    /// What was not understood, and what would be.
    pub unclear: Option<String>,
}

/// What can be written, for the line under the prompt.
pub const SYNTAX: &str = "class:timeout  repo:owner/name  source:github_webhook  uncertain  since:2h  any words";

/// Reads a filter. A word that is not understood is named and filters nothing yet.
#[must_use]
pub fn read(text: &str, now: Timestamp) -> Asked {
    let mut asked = Asked {
        text: text.trim().to_owned(),
        ..Asked::default()
    };
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        match read_word(word, now, &mut asked.filter) {
            Ok(true) => {}
            Ok(false) => words.push(word),
            Err(unclear) => asked.unclear = Some(unclear),
        }
    }
    asked.filter.q = (!words.is_empty()).then(|| words.join(" "));
    asked
}

/// Whether a word was a condition, and not one to search for.
fn read_word(word: &str, now: Timestamp, filter: &mut HistoryFilter) -> Result<bool, String> {
    let (key, value) = match word.split_once(':') {
        Some((key, value)) => (key, value),
        None => (word, ""),
    };
    match (key, value) {
        ("uncertain", "" | "yes" | "true") => filter.uncertain = Some(true),
        ("uncertain", "no" | "false") | ("certain", "") => filter.uncertain = Some(false),
        ("class", value) => filter.class = Some(class(value)?),
        ("source", value) => filter.source = Some(source(value)?),
        ("repo", "") => return Err("repo: owner/name".into()),
        ("repo", value) => filter.repo = Some(value.to_owned()),
        ("since", value) => filter.since = Some(since(value, now)?),
        _ => return Ok(false),
    }
    Ok(true)
}

fn class(value: &str) -> Result<FailureClass, String> {
    let named = FailureClass::ALL.map(|class| (class.slug(), class));
    only("class", value, &named, |slug| slug.starts_with(value))
}

fn source(value: &str) -> Result<EventSource, String> {
    let named = EventSource::ALL.map(|source| (source.name(), source));
    only("source", value, &named, |name| name.contains(value))
}

/// The one thing whose name fits; its beginning is enough.
fn only<T: Copy>(key: &str, value: &str, named: &[(&str, T)], fits: impl Fn(&str) -> bool) -> Result<T, String> {
    if let Some((_, exact)) = named.iter().find(|(name, _)| *name == value) {
        return Ok(*exact);
    }
    match named
        .iter()
        .filter(|(name, _)| fits(name))
        .collect::<Vec<_>>()
        .as_slice()
    {
        [(_, one)] => Ok(*one),
        [] => Err(format!("{key}: {}", names(named.iter()))),
        several => Err(format!("{key}: {}", names(several.iter().copied()))),
    }
}

fn names<'a, T: 'a>(named: impl Iterator<Item = &'a (&'a str, T)>) -> String {
    named.map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
}

/// `30d`, `2h`, `45m`, `1w`, or a time as RFC 3339.
fn since(value: &str, now: Timestamp) -> Result<Timestamp, String> {
    let unclear = || "since: 45m, 2h, 30d, 1w, or 2026-03-01T00:00:00Z".to_owned();
    let units = [("m", 60), ("h", 3_600), ("d", 86_400), ("w", 604_800)];
    let length = units.iter().find_map(|(unit, seconds)| {
        let number: i64 = value.strip_suffix(unit)?.parse().ok()?;
        number.checked_mul(*seconds).filter(|length| *length >= 0)
    });
    match length {
        Some(seconds) => now
            .checked_sub(SignedDuration::from_secs(seconds))
            .ok()
            .ok_or_else(unclear),
        None => value.parse().ok().ok_or_else(unclear),
    }
}

/// Whether a row passes. The same question as the store's, for rows that are at hand.
#[must_use]
pub fn matches(filter: &HistoryFilter, row: &Failure) -> bool {
    let same_repo = |asked: &String| {
        row.job
            .repository
            .as_ref()
            .is_some_and(|repo| repo.eq_ignore_ascii_case(asked))
    };
    filter.class.is_none_or(|class| row.verdict.label == class)
        && filter.source.is_none_or(|source| row.job.source == source)
        && filter
            .uncertain
            .is_none_or(|uncertain| row.verdict.uncertain == uncertain)
        && filter.since.is_none_or(|since| row.timestamp >= since)
        && filter.repo.as_ref().is_none_or(same_repo)
        && filter
            .q
            .as_ref()
            .is_none_or(|words| words.split_whitespace().all(|word| holds(row, &word.to_lowercase())))
}

fn holds(row: &Failure, word: &str) -> bool {
    let job = &row.job;
    let names = [&job.repository, &job.workflow, &job.job, &job.branch];
    let names = names.into_iter().flatten().map(String::as_str);
    let steps = job.failed_steps.iter().map(String::as_str);
    let lines = row.verdict.evidence.iter().map(|excerpt| excerpt.text.as_str());
    names
        .chain(steps)
        .chain(lines)
        .any(|text| text.to_lowercase().contains(word))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::fixture;

    fn asked(text: &str) -> Asked {
        read(text, fixture::now())
    }

    #[test]
    fn conditions_and_words_are_told_apart() {
        let found = asked("class:timeout repo:Acme/Web source:webhook uncertain npm  ERR! since:2h");
        assert_eq!(found.unclear, None);
        assert_eq!(found.filter.class, Some(FailureClass::Timeout));
        assert_eq!(found.filter.source, Some(EventSource::GithubWebhook));
        assert_eq!(found.filter.uncertain, Some(true));
        assert_eq!(found.filter.repo.as_deref(), Some("Acme/Web"));
        assert_eq!(found.filter.q.as_deref(), Some("npm ERR!"));
        assert_eq!(found.filter.since, Some(fixture::now() - SignedDuration::from_hours(2)));
    }

    #[test]
    fn the_beginning_of_a_class_is_enough_and_an_unclear_one_is_answered_with_choices() {
        assert_eq!(
            asked("class:dep").unclear.as_deref(),
            Some("class: dependency-error, deployment-failure")
        );
        assert_eq!(asked("class:depen").filter.class, Some(FailureClass::Dependency));
        assert!(
            asked("class:zzz")
                .unclear
                .is_some_and(|unclear| unclear.contains("test-failure"))
        );
        assert!(
            asked("since:yesterday")
                .unclear
                .is_some_and(|unclear| unclear.contains("30d"))
        );
        assert!(asked("since:99999999999999999w").unclear.is_some());
    }

    #[test]
    fn a_word_with_a_colon_that_is_no_condition_is_searched_for() {
        assert_eq!(asked("error:E0308").filter.q.as_deref(), Some("error:E0308"));
    }

    #[test]
    fn rows_pass_by_label_words_and_repository_without_regard_to_case() {
        let row = fixture::failure(1);
        let repo = row.job.repository.clone().unwrap_or_default().to_uppercase();
        assert!(matches(
            &asked(&format!("repo:{repo} class:{}", row.verdict.label.slug())).filter,
            &row
        ));
        assert!(matches(&asked("eresolve NPM").filter, &row));
        assert!(!matches(&asked("eresolve pytest").filter, &row));
        assert!(!matches(&asked("source:simulator").filter, &row));
    }
}
