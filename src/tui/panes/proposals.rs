//! What agents propose and a person decides with one key.
//!
//! ```text
//! ╭ Proposals  oldest first  2 of 2 ─────────────────────────────────────────╮
//! │▸ #4711  3m  Test Failure → Timeout  claude via MCP: the runner hung      │
//! │  #4712  1m  Build Failure → Dependency Error  claude via MCP             │
//! ╰──────────────────────────────────────────────────────────────────────────╯
//! ```

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use crate::app::snapshot::Snapshot;
use crate::correction::StoredProposal;
use crate::tui::layout::middle;
use crate::tui::message::Action;
use crate::tui::panes::{frame, paint, popped};
use crate::tui::state::ViewState;
use crate::tui::text::{ago, clip, count, fit, visible};
use crate::tui::theme::Role;

/// Rows of the list at most.
const ROWS: u16 = 14;

/// Rows that a page key jumps.
const JUMP: usize = 10;

/// The list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct State {
    /// The proposal under the cursor; the list may change under it.
    selected: Option<i64>,
    /// Where it was, for when it is gone.
    place: usize,
}

impl State {
    /// Where the cursor stands: on its proposal, or on the one that has moved up to its place.
    fn cursor(self, snapshot: &Snapshot) -> usize {
        let waiting = &snapshot.proposals;
        let found = waiting.iter().position(|proposal| Some(proposal.id) == self.selected);
        found.unwrap_or(self.place).min(waiting.len().saturating_sub(1))
    }

    /// The proposal under the cursor.
    #[must_use]
    pub fn chosen(self, snapshot: &Snapshot) -> Option<&StoredProposal> {
        snapshot.proposals.get(self.cursor(snapshot))
    }

    /// Moves the cursor.
    pub fn step(&mut self, snapshot: &Snapshot, action: Action) {
        let (here, last) = (self.cursor(snapshot), snapshot.proposals.len().saturating_sub(1));
        let there = match action {
            Action::Up => here.saturating_sub(1),
            Action::Down => here + 1,
            Action::PageUp => here.saturating_sub(JUMP),
            Action::PageDown => here + JUMP,
            Action::Top => 0,
            Action::Bottom => last,
            _ => here,
        };
        self.place = there.min(last);
        self.selected = snapshot.proposals.get(self.place).map(|proposal| proposal.id);
    }
}

/// The proposals on one failure, oldest first.
pub fn on(snapshot: &Snapshot, failure: i64) -> impl Iterator<Item = &StoredProposal> {
    snapshot
        .proposals
        .iter()
        .filter(move |proposal| proposal.failure_id == failure)
}

/// What is proposed, by whom, and why.
#[must_use]
pub fn words(stored: &StoredProposal) -> String {
    let proposal = &stored.proposal;
    let note = proposal.note.as_deref().and_then(|note| note.lines().next());
    let note = note.map(|note| format!(": {}", visible(note))).unwrap_or_default();
    format!("{} by {}{note}", proposal.label, visible(&proposal.actor))
}

/// Paints it over the body.
pub fn view(state: &ViewState, snapshot: &Snapshot, list: &State, body: Rect, screen: &mut Buffer) {
    let theme = state.theme;
    let waiting = &snapshot.proposals;
    let rows = u16::try_from(waiting.len()).unwrap_or(ROWS).clamp(1, ROWS);
    let area = middle(body, body.width.min(110), rows + 2);
    let shown = count(u64::try_from(waiting.len()).unwrap_or(u64::MAX));
    let title = format!(
        " Proposals  oldest first  {shown} of {} ",
        count(snapshot.totals.proposals)
    );
    let inside = popped(
        frame(theme, true, Line::styled(title, theme.role(Role::Title))),
        area,
        screen,
    );
    let columns = usize::from(inside.width);
    if waiting.is_empty() {
        let words = clip("  no agent proposes anything", columns);
        return paint(vec![Line::styled(words, theme.role(Role::Dim))], inside, screen);
    }
    let (cursor, page) = (list.cursor(snapshot), usize::from(inside.height).max(1));
    let first = (cursor + 1).saturating_sub(page);
    let lines = waiting.iter().enumerate().skip(first).take(page);
    let lines = lines.map(|(place, stored)| line(state, snapshot, stored, place == cursor, columns));
    paint(lines.collect(), inside, screen);
}

fn line(state: &ViewState, snapshot: &Snapshot, stored: &StoredProposal, here: bool, columns: usize) -> Line<'static> {
    let marker = if here { "▸" } else { " " };
    let row = snapshot.rows.iter().find(|row| row.id() == stored.failure_id);
    let from = row.map(|row| format!("{} → ", row.verdict.label)).unwrap_or_default();
    let age = ago(state.now, stored.at);
    let text = format!("{marker} #{}  {age}  {from}{}", stored.failure_id, words(stored));
    if here {
        return Line::styled(fit(&text, columns), state.theme.role(Role::Selected));
    }
    Line::raw(clip(&text, columns))
}
