//! What has just happened, for whoever follows along: the newest entries under running numbers, and a bounded number of
//! followers, each with a place of its own in them.
//!
//! Nobody waits for a follower. One that reads too slowly finds that older entries are gone, and is told how many.

use std::collections::VecDeque;
use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::event::Event;
use crate::store::Failure;

/// Entries that are kept for those who come back or are slow.
pub const KEPT: usize = 512;

/// Followers at one time: each is an open connection.
pub const FOLLOWERS: usize = 64;

/// Something that happened.
#[derive(Debug, Clone)]
pub enum News {
    /// A row has a verdict: its first or a new one.
    Verdict(Arc<Failure>),
    /// A person's word was said or taken back; the row as it is now.
    Correction(Arc<Failure>),
    /// A run's row has given way to its failed job.
    Replaced {
        /// The row that has left history.
        parent: i64,
    },
    /// The badge or the severity of a watched feature has changed: the tower at a glance, as JSON.
    Drift(Arc<str>),
    /// Another model serves.
    Model {
        /// Its version.
        version: Arc<str>,
    },
}

impl News {
    /// What an event is to followers; most of the inner life of the application is nothing.
    pub(super) fn of(event: &Event) -> Option<Self> {
        match event {
            Event::Recorded(row) | Event::Revised(row) => Some(Self::Verdict(Arc::clone(row))),
            Event::Corrected(row) | Event::Undone(row) => Some(Self::Correction(Arc::clone(row))),
            Event::Replaced { parent } => Some(Self::Replaced { parent: *parent }),
            Event::Proposed
            | Event::Waiting(_)
            | Event::Counted(_)
            | Event::DriftKept(_)
            | Event::Retrained(_)
            | Event::Served(_)
            | Event::Troubled(_)
            | Event::StoreFailed(_)
            | Event::StoreRecovered => None,
        }
    }
}

/// The place of an entry: which run of the server, and its number in that, from 1. Written `start-number`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// When the server started, in milliseconds since 1970.
    start: i64,
    number: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.start, self.number)
    }
}

/// A text that is no [`Place`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place in the feed, as 1790000000000-17")]
pub struct NoPlace;

impl FromStr for Place {
    type Err = NoPlace;

    fn from_str(text: &str) -> Result<Self, NoPlace> {
        let (start, number) = text.split_once('-').ok_or(NoPlace)?;
        let (start, number) = start.parse().ok().zip(number.parse().ok()).ok_or(NoPlace)?;
        Ok(Self { start, number })
    }
}

/// What a follower is told.
#[derive(Debug, Clone)]
pub enum Told {
    /// The next entry.
    News(Place, News),
    /// Entries after the place it came back with are gone; it goes on behind this place, with the oldest that is kept.
    Gap(Place),
    /// It was too slow, and so many entries are gone; it goes on behind this place.
    Dropped(Place, u64),
}

/// The newest entries, and room for followers.
pub struct Feed {
    start: i64,
    kept: Mutex<Kept>,
    /// The number of the newest entry.
    newest: watch::Sender<u64>,
    room: Arc<Semaphore>,
}

/// Entries without gaps, up to number `last`.
#[derive(Default)]
struct Kept {
    last: u64,
    entries: VecDeque<News>,
}

impl Kept {
    /// The number of the oldest entry that is there, or of the next one to come.
    fn oldest(&self) -> u64 {
        self.last + 1 - self.entries.len() as u64
    }

    fn entry(&self, number: u64) -> Option<News> {
        let position = usize::try_from(number.checked_sub(self.oldest())?).ok()?;
        self.entries.get(position).cloned()
    }
}

impl Feed {
    /// An empty feed of a server that starts now.
    pub(super) fn new(started_at: Timestamp) -> Self {
        Self {
            start: started_at.as_millisecond(),
            kept: Mutex::default(),
            newest: watch::Sender::new(0),
            room: Arc::new(Semaphore::new(FOLLOWERS)),
        }
    }

    /// Adds an entry.
    pub(super) fn add(&self, news: News) {
        let mut kept = self.kept();
        kept.last += 1;
        kept.entries.push_back(news);
        if kept.entries.len() > KEPT {
            kept.entries.pop_front();
        }
        self.newest.send_replace(kept.last);
    }

    /// Follows from now on, or from behind the place that somebody comes back with. `None` where there is no room.
    pub(super) fn follow(self: Arc<Self>, back_from: Option<&str>) -> Option<Follower> {
        let room = Arc::clone(&self.room).try_acquire_owned().ok()?;
        let newest = self.newest.subscribe();
        let kept = self.kept();
        let known =
            |place: &Place| place.start == self.start && place.number <= kept.last && place.number + 1 >= kept.oldest();
        let (next, gap) = match back_from.map(|text| text.parse().ok().filter(known)) {
            None => (kept.last + 1, false),
            Some(Some(place)) => (place.number + 1, false),
            Some(None) => (kept.oldest(), true),
        };
        drop(kept);
        Some(Follower {
            feed: self,
            newest,
            next,
            gap,
            _room: room,
        })
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The place of the entry before number `next`.
    fn before(&self, next: u64) -> Place {
        Place {
            start: self.start,
            number: next.saturating_sub(1),
        }
    }
}

/// One who follows along.
pub struct Follower {
    feed: Arc<Feed>,
    newest: watch::Receiver<u64>,
    /// The number of the entry to be told next.
    next: u64,
    gap: bool,
    _room: OwnedSemaphorePermit,
}

impl Follower {
    /// The place behind which it goes on.
    #[must_use]
    pub fn place(&self) -> Place {
        self.feed.before(self.next)
    }

    /// What happens next; waits for it.
    pub async fn next(&mut self) -> Told {
        loop {
            if let Some(told) = self.at_hand() {
                return told;
            }
            if self.newest.changed().await.is_err() {
                // The feed, which this follower holds, is what sends.
                std::future::pending::<()>().await;
            }
        }
    }

    fn at_hand(&mut self) -> Option<Told> {
        if std::mem::take(&mut self.gap) {
            return Some(Told::Gap(self.place()));
        }
        let kept = self.feed.kept();
        let missed = kept.oldest().saturating_sub(self.next);
        if missed > 0 {
            self.next = kept.oldest();
            drop(kept);
            return Some(Told::Dropped(self.place(), missed));
        }
        let news = kept.entry(self.next)?;
        drop(kept);
        self.next += 1;
        Some(Told::News(self.place(), news))
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    fn feed(entries: i64) -> Arc<Feed> {
        let feed = Arc::new(Feed::new(Timestamp::from_second(1_790_000_000).unwrap()));
        (1..=entries).for_each(|parent| feed.add(News::Replaced { parent }));
        feed
    }

    /// What is at hand, in short.
    fn told(follower: &mut Follower) -> String {
        match follower.next().now_or_never() {
            None => "nothing".into(),
            Some(Told::News(place, News::Replaced { parent })) => format!("{place}: {parent}"),
            Some(Told::Gap(place)) => format!("{place}: gap"),
            Some(Told::Dropped(place, missed)) => format!("{place}: {missed} missed"),
            Some(Told::News(..)) => "something else".into(),
        }
    }

    #[test]
    fn a_follower_is_told_what_comes_after_it() {
        let feed = feed(3);
        let mut follower = Arc::clone(&feed).follow(None).unwrap();
        assert_eq!(told(&mut follower), "nothing");
        feed.add(News::Replaced { parent: 4 });
        assert_eq!(told(&mut follower), "1790000000000-4: 4");
        assert_eq!(told(&mut follower), "nothing");
    }

    #[test]
    fn who_comes_back_goes_on_where_it_was() {
        let mut follower = feed(3).follow(Some("1790000000000-1")).unwrap();
        assert_eq!(told(&mut follower), "1790000000000-2: 2");
        assert_eq!(told(&mut follower), "1790000000000-3: 3");
        assert_eq!(told(&mut follower), "nothing");
    }

    #[test]
    fn a_place_that_is_gone_or_never_was_is_a_gap() {
        let gone = i64::try_from(KEPT).unwrap() + 10;
        for place in ["1790000000000-9", "1-700", "1790000000000-99999", "", "x"] {
            let mut follower = feed(gone).follow(Some(place)).unwrap();
            assert_eq!(told(&mut follower), "1790000000000-10: gap", "{place}");
            assert_eq!(told(&mut follower), "1790000000000-11: 11", "{place}");
        }
        let mut just_there = feed(gone).follow(Some("1790000000000-10")).unwrap();
        assert_eq!(told(&mut just_there), "1790000000000-11: 11");
    }

    #[test]
    fn who_is_slow_is_told_how_much_it_has_missed() {
        let feed = feed(0);
        let mut follower = Arc::clone(&feed).follow(None).unwrap();
        (1..=i64::try_from(KEPT).unwrap() + 7).for_each(|parent| feed.add(News::Replaced { parent }));
        assert_eq!(told(&mut follower), "1790000000000-7: 7 missed");
        assert_eq!(told(&mut follower), "1790000000000-8: 8");
    }

    #[test]
    fn there_is_room_for_so_many_and_it_is_given_back() {
        let feed = feed(0);
        let mut followers: Vec<_> = (0..FOLLOWERS)
            .map(|_| Arc::clone(&feed).follow(None).unwrap())
            .collect();
        assert!(Arc::clone(&feed).follow(None).is_none());
        followers.pop();
        assert!(feed.follow(None).is_some());
    }
}
