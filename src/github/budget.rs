//! What is left of the requests that GitHub allows, account by account, from the headers of its answers.
//!
//! Primary limit: `x-ratelimit-remaining` until `x-ratelimit-reset`. Secondary limits: `Retry-After`, or a minute where
//! none is named. Source: "Rate limits for the REST API" and "Best practices" of GitHub's documentation.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::Purpose;
use crate::telemetry::RateLearned;

/// Whose requests are counted: 0 for a token or for nobody, -1 for an App itself, else an installation.
pub(super) type Account = i64;

/// One part in so many is kept for live failures.
const RESERVE: u64 = 10;

/// How long a limit without a time holds, as GitHub advises.
const UNNAMED: SignedDuration = SignedDuration::from_secs(60);

/// The longest wait that is believed: the primary limit starts anew each hour.
const LONGEST: SignedDuration = SignedDuration::from_secs(3_900);

/// Installations that are remembered.
const ACCOUNTS: usize = 1_024;

#[derive(Debug, Default)]
pub(super) struct Budget {
    accounts: Mutex<HashMap<Account, Left>>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Left {
    limit: u64,
    remaining: Option<u64>,
    reset: Option<Timestamp>,
    blocked: Option<Timestamp>,
}

impl Left {
    fn wait(&self, purpose: Purpose, now: Timestamp) -> Option<Timestamp> {
        if let Some(until) = self.blocked.filter(|until| *until > now) {
            return Some(until);
        }
        let reset = self.reset.filter(|reset| *reset > now)?;
        let remaining = self.remaining?;
        let kept = if purpose == Purpose::Live {
            0
        } else {
            self.limit / RESERVE
        };
        (remaining <= kept).then_some(reset)
    }
}

impl Budget {
    /// Takes one request out of what is left; until when to wait where there is none for this purpose.
    pub(super) fn take(&self, account: Account, purpose: Purpose, now: Timestamp) -> Result<(), Timestamp> {
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(left) = accounts.get_mut(&account) else {
            return Ok(());
        };
        if let Some(until) = left.wait(purpose, now) {
            return Err(until);
        }
        // Requests under way at one time count before their answers say so.
        if left.reset.is_some_and(|reset| reset > now) {
            left.remaining = left.remaining.map(|remaining| remaining.saturating_sub(1));
        }
        Ok(())
    }

    /// Reads an answer; until when to wait where it refuses by a limit.
    pub(super) fn learn(
        &self,
        account: Account,
        status: StatusCode,
        headers: &HeaderMap,
        now: Timestamp,
    ) -> Option<Timestamp> {
        let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
        let core = headers
            .get("x-ratelimit-resource")
            .is_none_or(|resource| resource == "core");
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        if accounts.len() >= ACCOUNTS && !accounts.contains_key(&account) {
            accounts.retain(|_, left| left.reset.is_some_and(|reset| reset > now));
        }
        let left = accounts.entry(account).or_default();
        if core && let Some(remaining) = number("x-ratelimit-remaining") {
            left.limit = number("x-ratelimit-limit").unwrap_or(left.limit);
            left.remaining = Some(remaining);
            left.reset = number("x-ratelimit-reset")
                .and_then(|second| Timestamp::from_second(i64::try_from(second).ok()?).ok())
                .map(|reset| reset.min(now + LONGEST));
        }
        let remaining = left.remaining;
        let reset = left.reset;
        Self::show(&accounts, now);
        let refused = status == StatusCode::TOO_MANY_REQUESTS || status == StatusCode::FORBIDDEN;
        let asked = retry_after(headers).map(|wait| now + wait.min(LONGEST));
        let until = match (refused, asked, remaining) {
            (false, ..) => return None,
            (true, Some(until), _) => until,
            (true, None, Some(0)) => reset.unwrap_or(now + UNNAMED),
            (true, None, _) if status == StatusCode::TOO_MANY_REQUESTS => now + UNNAMED,
            (true, None, _) => return None,
        };
        accounts.entry(account).or_default().blocked = Some(until);
        Some(until)
    }

    /// Shows how much the account has that has the least. What an App asks for itself does not count: it is little.
    fn show(accounts: &HashMap<Account, Left>, now: Timestamp) {
        let counted = accounts.iter().filter(|(account, _)| **account >= 0);
        let valid = counted.filter(|(_, left)| left.reset.is_some_and(|reset| reset > now));
        if let Some(remaining) = valid.filter_map(|(_, left)| left.remaining).min() {
            RateLearned { remaining }.emit();
        }
    }

    /// A refusal whose text speaks of a limit, though its headers do not.
    pub(super) fn block(&self, account: Account, now: Timestamp) -> Timestamp {
        let until = now + UNNAMED;
        let mut accounts = self.accounts.lock().unwrap_or_else(PoisonError::into_inner);
        accounts.entry(account).or_default().blocked = Some(until);
        until
    }
}

/// `Retry-After` in seconds; GitHub sends no dates.
fn retry_after(headers: &HeaderMap) -> Option<SignedDuration> {
    let seconds: i64 = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()?;
    (seconds >= 0).then(|| SignedDuration::from_secs(seconds.max(1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("a second")
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let pairs = pairs.iter().map(|(name, value)| {
            let name = reqwest::header::HeaderName::from_static(name);
            (name, reqwest::header::HeaderValue::from_static(value))
        });
        pairs.collect()
    }

    fn left(remaining: &'static str) -> HeaderMap {
        headers(&[
            ("x-ratelimit-limit", "5000"),
            ("x-ratelimit-remaining", remaining),
            ("x-ratelimit-reset", "2000"),
        ])
    }

    #[test]
    fn the_last_tenth_is_for_live_failures() {
        let budget = Budget::default();
        assert_eq!(budget.learn(0, StatusCode::OK, &left("500"), at(1_000)), None);
        assert_eq!(budget.take(0, Purpose::Past, at(1_000)), Err(at(2_000)));
        assert_eq!(budget.take(0, Purpose::Live, at(1_000)), Ok(()));
        assert_eq!(budget.take(7, Purpose::Past, at(1_000)), Ok(()), "another account");
        assert_eq!(budget.take(0, Purpose::Past, at(2_001)), Ok(()), "the next hour");
    }

    #[test]
    fn requests_under_way_are_counted() {
        let budget = Budget::default();
        budget.learn(0, StatusCode::OK, &left("2"), at(1_000));
        let live = |second| budget.take(0, Purpose::Live, at(second));
        assert_eq!(
            [live(1_000), live(1_000), live(1_000)],
            [Ok(()), Ok(()), Err(at(2_000))]
        );
    }

    #[test]
    fn refusals_by_a_limit_hold_as_long_as_they_say() {
        let budget = Budget::default();
        let (forbidden, too_many) = (StatusCode::FORBIDDEN, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(
            budget.learn(0, forbidden, &headers(&[("retry-after", "30")]), at(0)),
            Some(at(30))
        );
        assert_eq!(budget.take(0, Purpose::Live, at(29)), Err(at(30)));
        assert_eq!(budget.learn(1, forbidden, &left("0"), at(1_000)), Some(at(2_000)));
        assert_eq!(budget.learn(2, too_many, &HeaderMap::new(), at(0)), Some(at(60)));
        assert_eq!(
            budget.learn(3, forbidden, &left("4000"), at(1_000)),
            None,
            "not a limit"
        );
        let far = headers(&[("retry-after", "99999999")]);
        assert_eq!(budget.learn(4, too_many, &far, at(0)), Some(at(0) + LONGEST));
    }
}
