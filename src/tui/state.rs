//! What only this screen knows: focus, selection, filter, open pop-up. What every screen may see is in the snapshot.

use std::sync::Arc;

use jiff::Timestamp;
use ratatui::layout::{Rect, Size};

use super::keymap::{KeyMap, Mode};
use super::layout::{Pane, Places, places};
use super::ledger::Ledger;
use super::panes::{correction, detail, heat_map, history, models, palette, proposals, question};
use super::prompt::Prompt;
use super::theme::{Role, Theme};
use crate::app::snapshot::Snapshot;

/// How long a notice stays.
const NOTICE_SECONDS: i64 = 8;

/// Something that lies over the panes and has the keys.
#[derive(Debug, Clone)]
pub enum PopUp {
    /// The keys.
    Help {
        /// First line shown.
        scroll: usize,
    },
    /// A correction.
    Correction(Box<correction::State>),
    /// A filter being typed.
    Filter {
        /// The line.
        prompt: Box<Prompt>,
        /// The filter to go back to.
        before: String,
    },
    /// Commands by name.
    Palette(Box<palette::State>),
    /// The link of a run.
    Link(String),
    /// Something that asks for yes or no.
    Question(Box<question::State>),
    /// What agents propose.
    Proposals(proposals::State),
}

/// A sentence in the footer for a few seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When it was said.
    pub at: Timestamp,
    /// How it is meant.
    pub role: Role,
    /// What it says.
    pub text: String,
}

/// One screen.
#[derive(Debug, Clone)]
pub struct ViewState {
    /// The time all ages are told from.
    pub now: Timestamp,
    /// The size of the screen.
    pub size: Size,
    /// Colours.
    pub theme: Theme,
    /// Keys.
    pub keys: Arc<KeyMap>,
    /// Who sits here, as the door knows it.
    pub actor: String,
    /// The pane that has the keys.
    pub focus: Pane,
    /// What lies over it.
    pub pop_up: Option<PopUp>,
    /// The watched feature under the cursor, in heat map and drift.
    pub feature: usize,
    /// The heat map.
    pub heat_map: heat_map::State,
    /// The history.
    pub history: history::State,
    /// The open failure.
    pub detail: Option<Box<detail::State>>,
    /// A failure that is not at hand and is being fetched, to be opened then.
    pub opening: Option<i64>,
    /// The models pane.
    pub models: models::State,
    /// The end of a retraining that was told last.
    pub told: Option<Timestamp>,
    /// Corrections of this screen.
    pub ledger: Ledger,
    /// What was said last.
    pub notice: Option<Notice>,
}

impl ViewState {
    /// A new screen.
    #[must_use]
    pub fn new(now: Timestamp, size: Size, theme: Theme, keys: Arc<KeyMap>, actor: String) -> Self {
        Self {
            now,
            size,
            theme,
            keys,
            actor,
            focus: Pane::History,
            pop_up: None,
            feature: 0,
            heat_map: heat_map::State::default(),
            history: history::State::default(),
            detail: None,
            opening: None,
            models: models::State::default(),
            told: None,
            ledger: Ledger::default(),
            notice: None,
        }
    }

    /// What the keys are for.
    #[must_use]
    pub fn mode(&self) -> Mode {
        match &self.pop_up {
            None if self.focus == Pane::Models => Mode::Models,
            Some(PopUp::Question(_)) => Mode::Question,
            None | Some(PopUp::Help { .. } | PopUp::Link(_) | PopUp::Proposals(_)) => Mode::Browse,
            Some(PopUp::Correction(correction)) if correction.is_writing() => Mode::Write,
            Some(PopUp::Correction(_)) => Mode::Choose,
            Some(PopUp::Filter { .. } | PopUp::Palette(_)) => Mode::Ask,
        }
    }

    /// Where everything stands.
    #[must_use]
    pub fn places(&self, snapshot: &Snapshot) -> Places {
        places(self.size, self.focus, snapshot.drift.features.len())
    }

    /// All between header and footer.
    #[must_use]
    pub fn body(&self, snapshot: &Snapshot) -> Rect {
        let places = self.places(snapshot);
        let top = places.header.bottom();
        Rect::new(0, top, self.size.width, places.footer.top().saturating_sub(top))
    }

    /// Says something for a few seconds.
    pub fn say(&mut self, role: Role, text: impl Into<String>) {
        self.notice = Some(Notice {
            at: self.now,
            role,
            text: text.into(),
        });
    }

    /// Time goes on.
    pub fn tick(&mut self, now: Timestamp) {
        self.now = now;
        if self
            .notice
            .as_ref()
            .is_some_and(|notice| now.as_second() - notice.at.as_second() > NOTICE_SECONDS)
        {
            self.notice = None;
        }
    }
}
