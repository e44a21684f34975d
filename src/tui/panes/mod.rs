//! One file a pane: what it knows, how it changes, how it is painted.

pub mod header;
pub mod footer;
pub mod heat_map;
pub mod histogram;
pub mod history;
pub mod welcome;
pub mod detail;
pub mod correction;
pub mod drift;
pub mod help;
pub mod link;
pub mod palette;
pub mod proposals;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear, Paragraph, Widget};

use super::theme::{Role, Theme};
use crate::drift::Severity;
use crate::verdict::UncertainReason;

/// The frame of a pane.
fn frame<'a>(theme: Theme, focused: bool, title: impl Into<Line<'a>>) -> Block<'a> {
    let border = if focused { Role::FocusedBorder } else { Role::Border };
    Block::bordered()
        .border_type(BorderType::Rounded)
        .border_style(theme.role(border))
        .title(title)
}

/// Paints a frame and answers with what is inside.
fn framed(block: Block<'_>, area: Rect, screen: &mut Buffer) -> Rect {
    let inside = block.inner(area);
    block.render(area, screen);
    inside
}

/// Empties a place and paints a frame for a pop-up on it.
fn popped(block: Block<'_>, area: Rect, screen: &mut Buffer) -> Rect {
    Clear.render(area, screen);
    framed(block, area, screen)
}

fn paint(lines: Vec<Line<'_>>, area: Rect, screen: &mut Buffer) {
    Paragraph::new(lines).render(area, screen);
}

/// The glyph of a severity, so that it is never told by colour alone.
#[must_use]
pub const fn severity_glyph(severity: Severity) -> &'static str {
    match severity {
        Severity::NotEnoughData => "·",
        Severity::None => " ",
        Severity::Moderate => "△",
        Severity::Severe => "▲",
    }
}

/// The word of a severity.
#[must_use]
pub const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::NotEnoughData => "not enough data",
        Severity::None => "as in training",
        Severity::Moderate => "moderate",
        Severity::Severe => "severe",
    }
}

/// Glyph and word of a severity.
#[must_use]
pub const fn severity_text(severity: Severity) -> &'static str {
    match severity {
        Severity::NotEnoughData => "· not enough data",
        Severity::None => "as in training",
        Severity::Moderate => "△ moderate",
        Severity::Severe => "▲ severe",
    }
}

const fn severity_role(severity: Severity) -> Role {
    match severity {
        Severity::NotEnoughData | Severity::None => Role::Dim,
        Severity::Moderate => Role::Warning,
        Severity::Severe => Role::Bad,
    }
}

/// Why a verdict is uncertain, in a few words.
#[must_use]
pub const fn reason_words(reason: Option<UncertainReason>) -> &'static str {
    match reason {
        Some(UncertainReason::NoEvidence) => "no evidence",
        Some(UncertainReason::SeveralClasses) => "several classes",
        Some(UncertainReason::UnlikeTraining) => "unlike training",
        None => "uncertain",
    }
}

#[cfg(test)]
mod frames;
