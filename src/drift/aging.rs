//! Columns of the heat map grow coarser with age: what ninety days leave behind is a few hundred columns.
//!
//! The newest columns stay as they are, older ones become one an hour, those of last week one for six hours, and after
//! ninety days they go. Of columns that become one the worst cell stays: an alarm is not averaged away.

use std::ops::Range;

use jiff::Timestamp;

use super::{DriftSnapshot, Severity};

/// So many of the newest columns stay as they are.
pub const AS_THEY_ARE: usize = 240;

const HOUR: i64 = 3_600;

/// Up to this age in seconds there is a column an hour ...
const HOURLY: i64 = 7 * 24 * HOUR;

/// ... and up to this one a column for six hours.
const KEPT: i64 = 90 * 24 * HOUR;

/// Columns that are there at most, whatever came in ninety days.
pub const MOST_COLUMNS: usize = AS_THEY_ARE + (HOURLY / HOUR + KEPT / (6 * HOUR)) as usize + 2;

/// Which columns become one, by the ends of their windows, oldest first. Those that go are in none.
#[must_use]
pub fn groups(ends: &[Timestamp]) -> Vec<Range<usize>> {
    let Some(newest) = ends.last().map(|end| end.as_second()) else {
        return Vec::new();
    };
    let fresh = ends.len().saturating_sub(AS_THEY_ARE);
    let slot = |place: usize| {
        let end = ends[place].as_second();
        match newest - end {
            _ if place >= fresh => (0, i64::try_from(place).unwrap_or(i64::MAX)),
            age if age <= HOURLY => (1, end.div_euclid(HOUR)),
            _ => (2, end.div_euclid(6 * HOUR)),
        }
    };
    let mut groups: Vec<Range<usize>> = Vec::new();
    let kept = (0..ends.len()).filter(|place| newest - ends[*place].as_second() <= KEPT);
    for place in kept {
        match groups.last_mut() {
            Some(last) if slot(last.start) == slot(place) => last.end = place + 1,
            _ => groups.push(place..place + 1),
        }
    }
    groups
}

/// The columns after they have grown old, oldest first.
#[must_use]
pub fn aged(columns: &[DriftSnapshot]) -> Vec<DriftSnapshot> {
    let ends: Vec<Timestamp> = columns.iter().map(|column| column.at).collect();
    let groups = groups(&ends).into_iter();
    groups.filter_map(|group| worst(&columns[group])).collect()
}

/// One column of several: the end of the last one, and the worst of each feature. `None` of none.
#[must_use]
pub fn worst(columns: &[DriftSnapshot]) -> Option<DriftSnapshot> {
    let last = columns.last()?;
    let features = columns
        .iter()
        .map(|column| column.cells.len())
        .max()
        .unwrap_or_default();
    let badness = |cell: &(Option<f64>, Severity)| (cell.1, cell.0.unwrap_or(-1.0));
    let cell = |feature: usize| {
        let cells = columns.iter().filter_map(|column| column.cells.get(feature));
        cells.copied().max_by(|one, other| {
            let (one, other) = (badness(one), badness(other));
            one.0.cmp(&other.0).then(one.1.total_cmp(&other.1))
        })
    };
    Some(DriftSnapshot {
        at: last.at,
        n: last.n,
        cells: (0..features).filter_map(cell).collect(),
    })
}

/// `count` columns of equal spans of time, the last one holding `now`: the worst of each, without a cell where nothing was.
/// `at` is where the span ends.
#[must_use]
pub fn spans<'a>(
    columns: impl Iterator<Item = &'a DriftSnapshot>,
    seconds: i64,
    count: usize,
    now: Timestamp,
) -> Vec<DriftSnapshot> {
    let seconds = seconds.max(1);
    let last = now.as_second().div_euclid(seconds);
    let first = last
        .saturating_sub(i64::try_from(count).unwrap_or(i64::MAX))
        .saturating_add(1);
    let mut spans = vec![Vec::new(); count];
    for column in columns {
        // A clock that runs ahead says no more than that it is late now.
        let slot = column.at.as_second().div_euclid(seconds).min(last);
        if let Some(span) = usize::try_from(slot - first).ok().and_then(|slot| spans.get_mut(slot)) {
            span.push(column.clone());
        }
    }
    (first..)
        .zip(&spans)
        .map(|(slot, span): (i64, &Vec<DriftSnapshot>)| DriftSnapshot {
            at: Timestamp::from_second((slot + 1).saturating_mul(seconds)).unwrap_or(now),
            n: span.last().map_or(0, |last| last.n),
            cells: worst(span).map(|worst| worst.cells).unwrap_or_default(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_790_000_000 + second).expect("a second")
    }

    fn column(second: i64, score: f64, severity: Severity) -> DriftSnapshot {
        DriftSnapshot {
            at: at(second),
            n: 100,
            cells: vec![(Some(score), severity)],
        }
    }

    #[test]
    fn ninety_days_of_a_column_a_minute_leave_a_few_hundred_and_a_hundred_days_no_more() {
        for days in [90, 100] {
            let ends: Vec<Timestamp> = (0..days * 1_440).map(|minute| at(minute * 60)).collect();
            let groups = groups(&ends);
            assert!((700..=MOST_COLUMNS).contains(&groups.len()), "{}", groups.len());
            assert_eq!(groups.last(), Some(&(ends.len() - 1..ends.len())));
            assert!(groups.windows(2).all(|pair| pair[0].end == pair[1].start));
        }
    }

    #[test]
    fn few_columns_stay_as_they_are() {
        let ends: Vec<Timestamp> = (0..200).map(at).collect();
        assert_eq!(groups(&ends).len(), 200);
        assert!(groups(&[]).is_empty());
    }

    #[test]
    fn of_several_columns_the_worst_cell_stays() {
        let columns = [
            column(1, 0.4, Severity::None),
            column(2, 0.3, Severity::Moderate),
            column(3, 0.1, Severity::None),
        ];
        assert_eq!(worst(&columns), Some(column(3, 0.3, Severity::Moderate)));
        assert_eq!(worst(&[]), None);
    }

    #[test]
    fn spans_end_now_and_are_empty_where_nothing_was() {
        // 1,790,000,000 lies 800 seconds behind a full hour.
        let columns = [
            column(-9_000, 0.9, Severity::Severe),
            column(1, 0.4, Severity::None),
            column(2, 0.3, Severity::Moderate),
            column(9_999, 0.2, Severity::None),
        ];
        let spans = spans(columns.iter(), 3_600, 3, at(4_500));
        let cells = |place: usize| spans[place].cells.clone();
        assert_eq!(spans.len(), 3);
        assert_eq!(cells(0), []);
        assert_eq!(cells(1), [(Some(0.3), Severity::Moderate)]);
        assert_eq!(cells(2), [(Some(0.2), Severity::None)]);
        assert_eq!((spans[0].at, spans[2].at), (at(-800), at(6_400)));
    }
}
