//! How verdicts and errors look on a plain terminal or in a pipe.

use std::io::Write;

use anyhow::Result;

use crate::verdict::{Contribution, Reason, UncertainReason, Verdict};

/// Prints an error as one sentence.
pub(super) fn error(error: &anyhow::Error) {
    tracing::debug!(?error, "the command failed");
    let message = visible(&format!("sentinel: {error:#}"));
    // Nobody is left to tell when stderr is closed.
    drop(writeln!(std::io::stderr(), "{message}"));
}

/// Writes a verdict for people.
pub(super) fn verdict(out: &mut impl Write, verdict: &Verdict) -> Result<()> {
    let doubt = match verdict.uncertain_reason {
        None => "",
        Some(UncertainReason::NoEvidence) => ", uncertain: no line says why it failed",
        Some(UncertainReason::SeveralClasses) => ", uncertain: several classes stay possible",
        Some(UncertainReason::UnlikeTraining) => ", uncertain: nothing like it was in the training data",
    };
    writeln!(
        out,
        "{} ({:.0} %{doubt})",
        verdict.prediction,
        verdict.confidence * 100.0
    )?;
    if verdict.prediction_set != [verdict.prediction] {
        writeln!(out, "possible: {}", verdict.possible())?;
    }
    for excerpt in &verdict.evidence {
        let place = excerpt
            .member
            .as_ref()
            .map_or(String::new(), |member| format!("{}:", visible(member)));
        for (line, text) in excerpt.lines_to_read() {
            writeln!(out, "{place}{line:>7} | {}", visible(text))?;
        }
    }
    for Reason {
        sentence,
        contribution,
        lines: _,
    } in &verdict.reasons
    {
        writeln!(out, "{contribution:>+9.3}  {sentence}")?;
    }
    for Contribution {
        feature,
        value,
        contribution,
    } in &verdict.top_contributing_features
    {
        let value = value.map_or("missing".to_owned(), |value| format!("{value:.3}"));
        writeln!(out, "{contribution:>+9.3}  {feature} = {value}")?;
    }
    Ok(())
}

/// A text without anything that a terminal would obey or that reverses reading order.
pub(super) fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\t' => out.push_str("    "),
            c if c.is_control() || is_format(c) => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}

/// Characters that change direction or hide (Unicode TR 36: bidirectional controls, zero-width, tags).
const fn is_format(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{61c}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_terminal_obeys_is_left() {
        let text = visible("a\u{1b}[31mred\u{7}\u{202e}gnp.exe\u{9b}2J");
        assert!(text.chars().all(|c| !c.is_control() && !is_format(c)), "{text}");
    }
}
