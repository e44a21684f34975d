//! Texts from outside become texts for a terminal: harmless, of a known width, short.
//!
//! What a payload or a log holds reaches the screen only through [`visible`]; [`scrub`] goes over the finished frame
//! once more, so that a pane that forgot it does no harm either.

use jiff::Timestamp;
use ratatui::buffer::Buffer;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The longest text shown of one value, in characters. No screen is wider.
const MAX_CHARS: usize = 4_096;

/// The longest grapheme that is painted, in bytes: a letter with a few marks, not a tower of them.
const MAX_GRAPHEME_BYTES: usize = 24;

/// How a tab is shown. A real one would move the cursor by an amount that only the terminal knows.
const TAB: &str = "    ";

/// Whether a character steers a terminal or the direction of text instead of being seen.
#[must_use]
pub fn is_hostile(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Joiners and variation selectors: terminals disagree about the width of what they make, so they are left out.
fn is_width_changing(letter: char) -> bool {
    matches!(letter, '\u{200c}' | '\u{200d}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// A text with its control and bidirectional characters made visible: `␛[31m`, `<U+202E>`.
#[must_use]
pub fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MAX_CHARS));
    for letter in text.chars().take(MAX_CHARS) {
        match letter {
            '\t' => shown.push_str(TAB),
            '\u{7f}' => shown.push('␡'),
            control if u32::from(control) < 0x20 => {
                shown.push(char::from_u32(0x2400 + u32::from(control)).unwrap_or('?'));
            }
            hostile if is_hostile(hostile) => {
                let code = format!("<U+{:04X}>", u32::from(hostile));
                shown.push_str(&code);
            }
            letter if is_width_changing(letter) => {}
            letter => shown.push(letter),
        }
    }
    shown
}

/// A text without any character that [`visible`] would have to change, for the clipboard and for stored notes. Line
/// breaks and tabs stay.
#[must_use]
pub fn harmless(text: &str) -> String {
    let ends = text.replace("\r\n", "\n").replace('\r', "\n");
    ends.chars()
        .filter(|letter| matches!(letter, '\n' | '\t') || !is_hostile(*letter))
        .collect()
}

/// Goes over a finished frame: a cell that still holds a hostile character, or a tower of marks, is replaced.
pub fn scrub(frame: &mut Buffer) {
    for cell in &mut frame.content {
        let symbol = cell.symbol();
        if symbol.chars().any(is_hostile) {
            cell.set_symbol("?");
        } else if symbol.len() > MAX_GRAPHEME_BYTES {
            let first = symbol.chars().next().unwrap_or('?').to_string();
            cell.set_symbol(&first);
        }
    }
}

/// Columns a text takes.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// A text of at most so many columns; `…` stands for what was cut.
#[must_use]
pub fn clip(text: &str, columns: usize) -> String {
    if text.width() <= columns {
        return text.to_owned();
    }
    let mut kept = String::new();
    let mut used = 0;
    for letter in text.chars() {
        let letter_width = letter.width().unwrap_or(0);
        if used + letter_width + 1 > columns {
            break;
        }
        kept.push(letter);
        used += letter_width;
    }
    if columns > 0 {
        kept.push('…');
    }
    kept
}

/// A text of exactly so many columns, filled with spaces on the right.
#[must_use]
pub fn fit(text: &str, columns: usize) -> String {
    let mut fitted = clip(text, columns);
    fitted.extend(std::iter::repeat_n(' ', columns.saturating_sub(fitted.width())));
    fitted
}

/// A text of exactly so many columns, filled with spaces on the left.
#[must_use]
pub fn fit_right(text: &str, columns: usize) -> String {
    let clipped = clip(text, columns);
    let fill = columns.saturating_sub(clipped.width());
    format!("{}{clipped}", " ".repeat(fill))
}

/// How long ago: `12s`, `3m`, `7h`, `5d`, `2y`. At most four columns for the next centuries.
#[must_use]
pub fn ago(now: Timestamp, then: Timestamp) -> String {
    let seconds = now.as_second().saturating_sub(then.as_second()).max(0);
    match seconds {
        0..60 => format!("{seconds}s"),
        60..3_600 => format!("{}m", seconds / 60),
        3_600..172_800 => format!("{}h", seconds / 3_600),
        172_800..63_072_000 => format!("{}d", seconds / 86_400),
        _ => format!("{}y", seconds / 31_536_000),
    }
}

/// A count with its thousands apart: `1,204`.
#[must_use]
pub fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut spaced = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            spaced.push(',');
        }
        spaced.push(digit);
    }
    spaced
}

/// A count with its noun: `1 failure`, `1,204 failures`.
#[must_use]
pub fn counted(number: u64, noun: &str) -> String {
    format!("{} {noun}{}", count(number), if number == 1 { "" } else { "s" })
}

/// A probability in whole percent. Only certainty itself is `100%`, only impossibility `0%`.
#[must_use]
pub fn percent(share: f64) -> String {
    let rounded = (share * 100.0).round();
    let shown = if share > 0.0 && share < 1.0 {
        rounded.clamp(1.0, 99.0)
    } else {
        rounded
    };
    format!("{shown:.0}%")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use ratatui::layout::Rect;

    #[test]
    fn escape_sequences_and_direction_overrides_are_shown_instead_of_sent() {
        assert_eq!(visible("\u{1b}[31mred\u{7}"), "␛[31mred␇");
        assert_eq!(visible("a\u{202e}b\u{9b}c"), "a<U+202E>b<U+009B>c");
        assert_eq!(visible("\tx\u{7f}"), "    x␡");
    }

    #[test]
    fn a_copied_text_keeps_its_lines_and_nothing_hostile() {
        assert_eq!(harmless("a\r\nb\u{1b}]52;c;x\u{7}\u{202e}"), "a\nb]52;c;x");
    }

    #[test]
    fn a_text_is_cut_at_columns_and_not_inside_a_wide_letter() {
        assert_eq!(clip("日本語", 4), "日…");
        assert_eq!(fit("日本語", 5), "日本…");
        assert_eq!(fit("ab", 4), "ab  ");
        assert_eq!(fit_right("ab", 4), "  ab");
        assert_eq!(clip("abc", 0), "");
    }

    #[test]
    fn an_age_is_told_in_its_largest_unit() {
        let at = |second| Timestamp::from_second(second).expect("in range");
        for (seconds, told) in [
            (0, "0s"),
            (59, "59s"),
            (60, "1m"),
            (3_599, "59m"),
            (3_600, "1h"),
            (172_800, "2d"),
            (99_999_999, "3y"),
        ] {
            assert_eq!(ago(at(seconds), at(0)), told);
        }
        assert_eq!(ago(at(0), at(50)), "0s", "a clock that runs ahead");
    }

    #[test]
    fn counts_are_spaced_and_percents_are_never_falsely_certain() {
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(counted(1, "failure"), "1 failure");
        assert_eq!(
            (percent(0.999), percent(0.001), percent(1.0)),
            ("99%".into(), "1%".into(), "100%".into())
        );
    }

    #[test]
    fn a_frame_is_scrubbed_of_what_a_pane_forgot() {
        let mut frame = Buffer::empty(Rect::new(0, 0, 3, 1));
        frame.content[0].set_symbol("\u{202e}");
        frame.content[1].set_symbol(&format!("e{}", "\u{301}".repeat(40)));
        scrub(&mut frame);
        assert_eq!((frame.content[0].symbol(), frame.content[1].symbol()), ("?", "e"));
    }

    proptest! {
        #[test]
        fn whatever_comes_in_nothing_hostile_goes_out_and_widths_hold(text in any::<String>(), columns in 0usize..60) {
            let shown = visible(&text);
            prop_assert!(!shown.chars().any(is_hostile));
            prop_assert_eq!(width(&fit(&shown, columns)), columns);
            prop_assert!(!harmless(&text).chars().any(|letter| is_hostile(letter) && !matches!(letter, '\n' | '\t')));
        }
    }
}
