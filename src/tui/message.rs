//! What a person meant, and what came back: all that can change a screen.

use crossterm::event::KeyEvent;
use jiff::Timestamp;
use ratatui::layout::Size;

use crate::app::command::{Command, CommandError, Reply};
use crate::app::known_issues::KnownIssue;
use crate::class::FailureClass;
use crate::correction::StoredCorrection;
use crate::store::{Failure, Page, PassedLater, Sightings, StoreError};

/// Something a person can ask for by a key, or by its name in the palette.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// The keys and what they do.
    Help,
    /// Commands by name.
    Palette,
    /// Which rows of the history.
    Filter,
    /// The next pane.
    NextPane,
    /// The pane before.
    PreviousPane,
    /// Open, or accept.
    Open,
    /// One step back.
    Back,
    /// Up.
    Up,
    /// Down.
    Down,
    /// Left.
    Left,
    /// Right.
    Right,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// The first.
    Top,
    /// The last.
    Bottom,
    /// The next order of the list.
    Sort,
    /// The next row to label; in a failure the next decisive line.
    Next,
    /// The row to label before; in a failure the decisive line before.
    Previous,
    /// Say what it really is.
    Correct,
    /// Write a note to a correction.
    Note,
    /// Keep the note.
    KeepNote,
    /// Take the last correction back.
    Undo,
    /// Make it again.
    Redo,
    /// What agents propose.
    Proposals,
    /// Make a proposal one's own word.
    Accept,
    /// Turn a proposal down.
    Reject,
    /// Copy.
    Copy,
    /// Show the link.
    Link,
    /// Say what the whole group of a failure really is.
    CorrectGroup,
    /// The drift pane.
    Drift,
    /// A longer time on the heat map.
    ZoomOut,
    /// A shorter one.
    ZoomIn,
    /// The models pane.
    Models,
    /// Fit a challenger.
    Retrain,
    /// Stop the retraining.
    CancelRetraining,
    /// Make the version under the cursor live.
    Promote,
    /// Make the version live that was before.
    RollBack,
    /// Do what was asked about.
    Yes,
    /// Do not.
    No,
    /// The next depth of colour.
    Theme,
    /// Leave.
    Quit,
}

impl Action {
    /// The name in the palette and in `[tui] keys`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Help => "help",
            Self::Palette => "palette",
            Self::Filter => "filter",
            Self::NextPane => "next-pane",
            Self::PreviousPane => "previous-pane",
            Self::Open => "open",
            Self::Back => "back",
            Self::Up => "up",
            Self::Down => "down",
            Self::Left => "left",
            Self::Right => "right",
            Self::PageUp => "page-up",
            Self::PageDown => "page-down",
            Self::Top => "top",
            Self::Bottom => "bottom",
            Self::Sort => "sort",
            Self::Next => "next",
            Self::Previous => "previous",
            Self::Correct => "correct",
            Self::Note => "note",
            Self::KeepNote => "keep-note",
            Self::Undo => "undo",
            Self::Redo => "redo",
            Self::Proposals => "proposals",
            Self::Accept => "accept",
            Self::Reject => "reject",
            Self::Copy => "copy",
            Self::Link => "link",
            Self::CorrectGroup => "correct-group",
            Self::Drift => "drift",
            Self::ZoomOut => "zoom-out",
            Self::ZoomIn => "zoom-in",
            Self::Models => "models",
            Self::Retrain => "retrain",
            Self::CancelRetraining => "cancel-retraining",
            Self::Promote => "promote",
            Self::RollBack => "roll-back",
            Self::Yes => "yes",
            Self::No => "no",
            Self::Theme => "theme",
            Self::Quit => "quit",
        }
    }

    /// What it does, for the help page.
    #[must_use]
    pub const fn help(self) -> &'static str {
        match self {
            Self::Help => "this page",
            Self::Palette => "commands by name",
            Self::Filter => "filter the history",
            Self::NextPane => "next pane",
            Self::PreviousPane => "previous pane",
            Self::Open => "open, accept",
            Self::Back => "one step back",
            Self::Up => "up",
            Self::Down => "down",
            Self::Left => "left",
            Self::Right => "right",
            Self::PageUp => "a page up",
            Self::PageDown => "a page down",
            Self::Top => "to the first",
            Self::Bottom => "to the last",
            Self::Sort => "sort: newest, least sure, class, repository",
            Self::Next => "most useful to label next (in a failure: next decisive line)",
            Self::Previous => "previous of these",
            Self::Correct => "correct: then one class key",
            Self::Note => "write a note first",
            Self::KeepNote => "keep the note, then choose the class",
            Self::Undo => "undo the last correction, yours first",
            Self::Redo => "redo it",
            Self::Proposals => "what agents propose",
            Self::Accept => "accept what an agent proposes for it",
            Self::Reject => "reject it",
            Self::Copy => "copy (OSC 52)",
            Self::Link => "show the run's link",
            Self::CorrectGroup => "correct all that failed the same way: then one class key",
            Self::Drift => "drift of every watched feature",
            Self::ZoomOut => "heat map: a longer time (24 h, 7 d, 90 d)",
            Self::ZoomIn => "heat map: a shorter time, down to single windows",
            Self::Models => "models: figures, ledger, what changed",
            Self::Retrain => "fit a challenger from corrections; the gate decides",
            Self::CancelRetraining => "cancel the retraining under way",
            Self::Promote => "make this version live",
            Self::RollBack => "back to the version that was live before",
            Self::Yes => "do it",
            Self::No => "leave it",
            Self::Theme => "colours: true, 256, 16, none",
            Self::Quit => "quit",
        }
    }

    /// One or two words for the footer.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::NextPane => "pane",
            Self::Open => "open",
            Self::Back => "back",
            Self::Filter => "filter",
            Self::Next => "next",
            Self::Theme => "colours",
            Self::ZoomOut => "longer",
            Self::ZoomIn => "shorter",
            Self::Note => "note",
            Self::KeepNote => "keep note",
            Self::PageDown => "page down",
            Self::PageUp => "page up",
            Self::CorrectGroup => "group",
            Self::CancelRetraining => "cancel",
            Self::RollBack => "roll back",
            other => other.name(),
        }
    }
}

/// All that can change a screen.
#[derive(Debug)]
pub enum Message {
    /// A person asked for this.
    Act(Action),
    /// A person named the class.
    Label(FailureClass),
    /// A key that belongs to the text being written.
    Type(KeyEvent),
    /// A text was pasted.
    Paste(String),
    /// The screen has a new size.
    Resized(Size),
    /// Time went on.
    Tick(Timestamp),
    /// There is a new snapshot.
    Changed,
    /// An intent was carried out, or was not.
    Returned(Box<Outcome>),
}

/// What became of an intent.
#[derive(Debug)]
pub enum Outcome {
    /// A command.
    Sent {
        /// What was asked.
        command: Command,
        /// The answer.
        reply: Result<Reply, CommandError>,
    },
    /// A page of older rows.
    Paged {
        /// The question it answers.
        ticket: u64,
        /// The page.
        page: Result<Page, StoreError>,
    },
    /// A failure with what belongs to it.
    Opened {
        /// Which.
        id: i64,
        /// What was found.
        dossier: Result<Box<Dossier>, StoreError>,
    },
    /// A failure with contributions.
    Explained {
        /// Which.
        id: i64,
        /// The failure.
        failure: Result<Box<Failure>, CommandError>,
    },
    /// Something that carried intents out broke.
    Broken(String),
}

/// One failure with what belongs to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Dossier {
    /// The failure.
    pub failure: Failure,
    /// All corrections, oldest first, undone ones among them.
    pub corrections: Vec<StoredCorrection>,
    /// How many failures share its fingerprint, itself among them.
    pub group_size: u64,
    /// When and where else its fingerprint was seen.
    pub seen: Option<Sightings>,
    /// Proof that it passed later.
    pub passed_later: Option<PassedLater>,
    /// The known issue that it is an instance of.
    pub known_issue: Option<KnownIssue>,
}
