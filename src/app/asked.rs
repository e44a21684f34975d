//! What somebody asks of the history: texts, from a query or from the arguments of a tool, become a filter and a place.

use std::fmt::Display;
use std::str::FromStr;

use jiff::{SignedDuration, Timestamp};

use crate::ingest::EventSource;
use crate::store::{Cursor, HistoryFilter};

/// Bytes of a word to look for.
pub const MAX_TEXT: usize = 200;

/// The parameters there are.
const PARAMETERS: [&str; 8] = ["limit", "cursor", "class", "repo", "source", "uncertain", "since", "q"];

/// What a query asks for.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// Rows.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
    /// Which rows.
    pub filter: HistoryFilter,
}

/// How many rows a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Where nothing is said.
    pub missing: usize,
    /// At most.
    pub most: usize,
}

impl Asked {
    /// Reads all parameters. One without a value is as good as none.
    ///
    /// # Errors
    /// A line for each parameter that cannot be read, which names it.
    pub fn parse(query: &[(String, String)], now: Timestamp, limits: Limits) -> Result<Self, Vec<String>> {
        let mut asked = Self {
            limit: limits.missing,
            after: None,
            filter: HistoryFilter::default(),
        };
        let mut wrong = Vec::new();
        for (position, (name, value)) in query.iter().enumerate() {
            let again = query.iter().take(position).any(|(earlier, _)| earlier == name);
            let read = if again {
                Err("given more than once".to_owned())
            } else {
                asked.read(name, value, now, limits.most)
            };
            wrong.extend(read.err().map(|what| format!("{}: {what}", shown(name))));
        }
        if wrong.is_empty() { Ok(asked) } else { Err(wrong) }
    }

    fn read(&mut self, name: &str, value: &str, now: Timestamp, most: usize) -> Result<(), String> {
        let value = value.trim();
        if value.is_empty() && PARAMETERS.contains(&name) {
            return Ok(());
        }
        match name {
            "limit" => self.limit = limit(value, most)?,
            "cursor" => self.after = Some(decode(value).ok_or("is not a next_cursor of this server")?),
            "class" => self.filter.class = Some(parsed(value)?),
            "repo" => self.filter.repo = Some(text(value)?),
            "source" => self.filter.source = Some(source(value)?),
            "uncertain" => self.filter.uncertain = Some(boolean(value)?),
            "since" => self.filter.since = Some(since(value, now)?),
            "q" => self.filter.q = Some(text(value)?),
            _ => return Err(format!("is unknown; the parameters are {}", PARAMETERS.join(", "))),
        }
        Ok(())
    }
}

fn limit(value: &str, most: usize) -> Result<usize, String> {
    let limit = value.parse().ok().filter(|limit| (1..=most).contains(limit));
    limit.ok_or_else(|| format!("`{}` is not a number from 1 to {most}", shown(value)))
}

fn parsed<T: FromStr<Err: Display>>(value: &str) -> Result<T, String> {
    value.parse().map_err(|error: T::Err| error.to_string())
}

fn source(value: &str) -> Result<EventSource, String> {
    let known = || EventSource::ALL.map(EventSource::name).join(", ");
    EventSource::from_name(value)
        .ok_or_else(|| format!("`{}` is not a source; the sources are {}", shown(value), known()))
}

fn boolean(value: &str) -> Result<bool, String> {
    match value {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(format!("`{}` is neither true nor false", shown(value))),
    }
}

fn text(value: &str) -> Result<String, String> {
    if value.len() > MAX_TEXT {
        Err(format!("is longer than {MAX_TEXT} bytes"))
    } else {
        Ok(value.to_owned())
    }
}

/// A moment (RFC 3339), or how long ago: `30d`, `12h`, `45m`, `2w`.
///
/// # Errors
/// What it is not.
pub fn since(value: &str, now: Timestamp) -> Result<Timestamp, String> {
    // A plus sign that was not encoded arrives as a blank.
    let moment = || value.parse().or_else(|_| value.replace(' ', "+").parse()).ok();
    ago(value)
        .and_then(|length| now.checked_sub(length).ok())
        .or_else(moment)
        .ok_or_else(|| {
            format!(
                "`{}` is neither a moment as 2026-01-31T12:00:00Z nor a length as 30d, 12h, 45m or 2w",
                shown(value)
            )
        })
}

fn ago(value: &str) -> Option<SignedDuration> {
    let digits = value.trim_end_matches(|unit: char| unit.is_ascii_lowercase());
    let seconds = match value.strip_prefix(digits)? {
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    let count: u32 = digits.parse().ok()?;
    Some(SignedDuration::from_secs(i64::from(count) * seconds))
}

/// A place in the history, for others to keep: nanoseconds since 1970 and the id of the row.
#[must_use]
pub fn encode(cursor: Cursor) -> String {
    format!("{}-{}", cursor.timestamp.as_nanosecond().max(0), cursor.id.max(0))
}

/// What [`encode`] writes, as a regular expression: all that fits it is read.
pub const CURSOR_PATTERN: &str = "^[0-9]{1,20}-[0-9]{1,18}$";

fn decode(text: &str) -> Option<Cursor> {
    let (nanoseconds, id) = text.split_once('-')?;
    let digits = |text: &str, most: usize| text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(nanoseconds, 20) || !digits(id, 18) {
        return None;
    }
    Some(Cursor {
        timestamp: Timestamp::from_nanosecond(nanoseconds.parse().ok()?).ok()?,
        id: id.parse().ok()?,
    })
}

/// What was sent, in an error: not too much of it.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::class::FailureClass;

    fn now() -> Timestamp {
        "2026-03-31T12:00:00Z".parse().unwrap()
    }

    fn parse(query: &[(&str, &str)]) -> Result<Asked, Vec<String>> {
        let query: Vec<_> = query
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        Asked::parse(
            &query,
            now(),
            Limits {
                missing: 100,
                most: 1_000,
            },
        )
    }

    #[test]
    fn nothing_asked_is_the_newest_hundred() {
        let nothing = Asked {
            limit: 100,
            after: None,
            filter: HistoryFilter::default(),
        };
        assert_eq!(parse(&[]).unwrap(), nothing);
        let empty = PARAMETERS.map(|name| (name, ""));
        assert_eq!(parse(&empty).unwrap(), nothing);
    }

    #[test]
    fn every_parameter_is_read() {
        let asked = parse(&[
            ("limit", "1000"),
            ("class", "test-failure"),
            ("repo", "octo/hello"),
            ("source", "github_webhook"),
            ("uncertain", "true"),
            ("since", "30d"),
            ("q", "npm"),
        ]);
        let filter = HistoryFilter {
            class: Some(FailureClass::Test),
            repo: Some("octo/hello".into()),
            source: Some(EventSource::GithubWebhook),
            uncertain: Some(true),
            since: Some("2026-03-01T12:00:00Z".parse().unwrap()),
            q: Some("npm".into()),
        };
        assert_eq!(
            asked.unwrap(),
            Asked {
                limit: 1_000,
                after: None,
                filter
            }
        );
    }

    #[test]
    fn since_is_a_moment_or_a_length() {
        for (value, moment) in [
            ("12h", "2026-03-31T00:00:00Z"),
            ("45m", "2026-03-31T11:15:00Z"),
            ("2w", "2026-03-17T12:00:00Z"),
            ("2026-03-01T02:00:00+02:00", "2026-03-01T00:00:00Z"),
            ("2026-03-01T02:00:00 02:00", "2026-03-01T00:00:00Z"),
        ] {
            assert_eq!(
                since(value, now()).as_ref().map(ToString::to_string),
                Ok(moment.to_owned()),
                "{value}"
            );
        }
        for value in [
            "30",
            "d",
            "-1d",
            "30 days",
            "2026-03-01",
            "4294967295w",
            "99999999999d",
            "1.5h",
        ] {
            assert!(since(value, now()).is_err(), "{value}");
        }
    }

    #[test]
    fn every_wrong_parameter_is_named() {
        let wrong = [
            ("limit", "0"),
            ("limit2", "5"),
            ("cursor", "x"),
            ("class", "flaky"),
            ("source", "gitlab"),
            ("uncertain", "maybe"),
            ("since", "yesterday"),
            ("since", "1d"),
        ];
        let details = format!("{:?}", parse(&wrong).unwrap_err());
        for name in [
            "limit: ",
            "limit2: ",
            "cursor: ",
            "class: ",
            "source: ",
            "uncertain: ",
            "since: given more than once",
        ] {
            assert!(details.contains(name), "{name} in {details}");
        }
        for limit in ["1001", "-1", "1e3", "a"] {
            assert!(parse(&[("limit", limit)]).is_err(), "{limit}");
        }
    }

    proptest! {
        #[test]
        fn a_cursor_comes_back_as_it_went_out(second in 0_i64..4_000_000_000, nanosecond in 0_i32..1_000_000_000, id in 0_i64..1_000_000_000_000_000_000) {
            let cursor = Cursor { timestamp: Timestamp::new(second, nanosecond).unwrap(), id };
            let text = encode(cursor);
            prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-'));
            prop_assert_eq!(decode(&text), Some(cursor));
        }

        #[test]
        fn no_text_is_too_strange_to_be_refused(name in ".{0,20}", value in ".{0,80}") {
            for name in PARAMETERS.into_iter().chain([name.as_str()]) {
                let _answered = parse(&[(name, &value)]);
            }
        }
    }
}
