//! What no training can know: what a house brings along by habit, as the CI systems it uses.
//!
//! Such a feature is judged against the window's own past, cut into stretches as long as the window. The newest ones take
//! no part, so that a change stays visible for some windows before it is the new habit; of the older ones the stretch
//! counts that is most like the window, so that what was usual before a disturbance is usual after it.

use std::borrow::Cow;

use super::DriftSettings;
use super::psi::psi_of_counts;
use super::reference::{Baseline, LiveCounts};
use super::report::{Case, is_enough};
use crate::verdict::DecidedFrom;

/// So many of the newest stretches of the past are no habit yet, where there are older ones.
const NEW: usize = 2;

/// The past is as long as this many windows ...
const PAST_WINDOWS: usize = 10;

/// ... and no longer than so many events, unless a single window is.
const PAST_EVENTS: usize = 1_000;

pub(super) const fn past_events(window: usize) -> usize {
    let wanted = if window * PAST_WINDOWS < PAST_EVENTS {
        window * PAST_WINDOWS
    } else {
        PAST_EVENTS
    };
    if wanted < window { window } else { wanted }
}

/// Where the values of a feature fell.
pub(super) struct Fallen {
    /// Those of the window.
    pub(super) window: Vec<(DecidedFrom, usize)>,
    /// Those of the past, newest first.
    pub(super) past: Vec<(DecidedFrom, usize)>,
}

/// The window beside the habit that is most like it; beside nothing where no habit is known yet.
pub(super) fn case(unhit: &Baseline, fallen: &Fallen, settings: &DriftSettings) -> Case<'static> {
    let length = settings.window.max(1);
    let live = hits(unhit, &fallen.window);
    let most = past_events(length).div_ceil(length);
    let habits = fallen
        .past
        .chunks(length)
        .skip(NEW.min(most - 1))
        .filter_map(|stretch| {
            let habit = unhit.hit(stretch);
            let known = of_known_kinds(&habit, &live);
            let table = habit.table(&known);
            is_enough(&table, settings).then(|| (psi_of_counts(&table), habit, known))
        });
    let (baseline, live) = habits
        .min_by(|one, other| one.0.total_cmp(&other.0))
        .map_or_else(|| (unhit.clone(), live.clone()), |(_, habit, known)| (habit, known));
    Case {
        baseline: Cow::Owned(baseline),
        live: Cow::Owned(live),
    }
}

fn hits(unhit: &Baseline, window: &[(DecidedFrom, usize)]) -> LiveCounts {
    let mut live = DecidedFrom::ALL.map(|_| vec![0; unhit.bins().count() + 1]);
    for (from, place) in window {
        live[*from as usize][*place] += 1;
    }
    live
}

/// Without the kinds of verdict that the habit has none of: a source that is new is no change of the others.
fn of_known_kinds(habit: &Baseline, live: &LiveCounts) -> LiveCounts {
    let mut known = live.clone();
    for from in DecidedFrom::ALL.into_iter().filter(|from| !habit.knows(*from)) {
        known[from as usize].fill(0);
    }
    known
}
