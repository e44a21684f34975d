//! Where each pane stands, from the size of the screen and the pane that has the keys. Pure, so that `update` knows
//! how long a page is and `view` paints into the same places.
//!
//! ```text
//! full (80x24 and up)          compact                one sentence
//! ┌ header: badge, counters ┐  ┌ badge, counters ┐    "Sentinel: Healthy. 12
//! │ ╭ heat map ───────────╮ │  │ the focused     │     failures. ..."
//! │ ╰─────────────────────╯ │  │ pane            │
//! │ ╭ history (or a cell) ╮ │  │                 │
//! │ ╰─────────────────────╯ │  └ keys ───────────┘
//! └ footer: keys, notices   ┘
//! ```

use ratatui::layout::{Rect, Size};

/// From this width on there is room for everything.
pub const FULL_WIDTH: u16 = 80;

/// From this height on there is room for everything.
pub const FULL_HEIGHT: u16 = 24;

const COMPACT_WIDTH: u16 = 40;
const COMPACT_HEIGHT: u16 = 10;

const HEADER_ROWS: u16 = 3;

/// The least rows of the lower pane while the heat map has the keys: what a histogram of ten bins takes.
const CELL_ROWS: u16 = 10;

/// Something that can have the keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Pane {
    /// Newest failures, and older ones.
    History,
    /// Watched features down, time across.
    HeatMap,
    /// One failure, over the whole body.
    Detail,
    /// The versions of the model, over the whole body.
    Models,
    /// All watched features of the live window, over the whole body.
    Drift,
}

/// How much fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Everything.
    Full,
    /// One pane at a time.
    Compact,
    /// A sentence.
    Sentence,
}

impl Form {
    /// What fits into a screen.
    #[must_use]
    pub const fn of(size: Size) -> Self {
        if size.width >= FULL_WIDTH && size.height >= FULL_HEIGHT {
            Self::Full
        } else if size.width >= COMPACT_WIDTH && size.height >= COMPACT_HEIGHT {
            Self::Compact
        } else {
            Self::Sentence
        }
    }
}

/// The places of one screen. A pane that is not shown has an empty place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Places {
    /// How much fits.
    pub form: Form,
    /// Badge and counters.
    pub header: Rect,
    /// Heat map.
    pub heat_map: Rect,
    /// Facts about the feature under the cursor of heat map and drift.
    pub cell: Rect,
    /// History.
    pub history: Rect,
    /// The body, for detail and drift.
    pub body: Rect,
    /// Keys and notices.
    pub footer: Rect,
}

/// Places everything.
#[must_use]
pub fn places(size: Size, focus: Pane, watched_features: usize) -> Places {
    let form = Form::of(size);
    let whole = Rect::new(0, 0, size.width, size.height);
    let (header, rest) = cut_top(whole, if form == Form::Full { HEADER_ROWS } else { 1 });
    let (body, footer) = cut_top(rest, rest.height.saturating_sub(1));
    let none = Rect::new(0, 0, 0, 0);
    let mut places = Places {
        form,
        header,
        heat_map: none,
        cell: none,
        history: none,
        body,
        footer,
    };
    match (form, focus) {
        (Form::Sentence, _) | (_, Pane::Detail | Pane::Models) | (Form::Compact, Pane::Drift) => {}
        (Form::Compact, Pane::History) => places.history = body,
        (Form::Compact, Pane::HeatMap) => places.heat_map = body,
        (Form::Full, Pane::History) => {
            (places.heat_map, places.history) = cut_top(body, heat_map_rows(watched_features).min(body.height * 2 / 5));
        }
        (Form::Full, Pane::HeatMap) => {
            let most = body.height.saturating_sub(CELL_ROWS);
            (places.heat_map, places.cell) = cut_top(body, heat_map_rows(watched_features).min(most));
        }
        (Form::Full, Pane::Drift) => {
            let most = body.height.saturating_sub(CELL_ROWS);
            (places.body, places.cell) = cut_top(body, heat_map_rows(watched_features).min(most));
        }
    }
    places
}

/// Rows the whole heat map takes: a line a feature, the times, the frame.
fn heat_map_rows(watched_features: usize) -> u16 {
    u16::try_from(watched_features)
        .unwrap_or(u16::MAX)
        .saturating_add(3)
        .max(5)
}

fn cut_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    let top = Rect { height: rows, ..area };
    (
        top,
        Rect {
            y: area.y + rows,
            height: area.height - rows,
            ..area
        },
    )
}

/// A place of this size in the middle of another; smaller where that is smaller.
#[must_use]
pub fn middle(area: Rect, width: u16, height: u16) -> Rect {
    let (width, height) = (width.min(area.width), height.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

/// The first of `count` things shown in `room` places so that the one at `cursor` is among them, near the middle.
#[must_use]
pub fn first_shown(cursor: usize, count: usize, room: usize) -> usize {
    cursor.saturating_sub(room / 2).min(count.saturating_sub(room))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PANES: [Pane; 5] = [Pane::History, Pane::HeatMap, Pane::Detail, Pane::Models, Pane::Drift];

    #[test]
    fn at_80x24_the_history_shows_at_least_eight_rows_beside_the_heat_map() {
        let places = places(Size::new(80, 24), Pane::History, 16);
        assert_eq!(places.form, Form::Full);
        assert!(places.history.height >= 12 && places.heat_map.height >= 6, "{places:?}");
    }

    #[test]
    fn the_heat_map_grows_when_it_has_the_keys() {
        let size = Size::new(100, 30);
        let (away, here) = (places(size, Pane::History, 16), places(size, Pane::HeatMap, 16));
        assert!(here.heat_map.height > away.heat_map.height);
        assert!(here.cell.height >= CELL_ROWS && here.history.is_empty());
    }

    proptest! {
        #[test]
        fn no_place_leaves_the_screen(width in 0u16..300, height in 0u16..120, pane in 0usize..5, features in 0usize..60) {
            let size = Size::new(width, height);
            let whole = Rect::new(0, 0, width, height);
            let places = places(size, PANES[pane], features);
            for place in [places.header, places.heat_map, places.cell, places.history, places.body, places.footer] {
                prop_assert!(place.is_empty() || whole.intersection(place) == place);
            }
        }

        #[test]
        fn the_cursor_is_always_among_what_is_shown(cursor in 0usize..500, more in 1usize..500, room in 1usize..80) {
            let count = cursor + more;
            let first = first_shown(cursor, count, room);
            prop_assert!(first <= cursor && cursor < first + room);
        }
    }
}
