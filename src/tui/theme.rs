//! How things look, by what they mean. Colour never says anything alone: each state also has a glyph or a word.
//!
//! The colours are those of Okabe and Ito (2008), the ramp of the heat map is cividis (Nuñez et al. 2018): both stay
//! apart for every kind of colour vision. Without colour, weight and reverse video carry the same roles.

use ratatui::style::{Color, Modifier, Style};
use serde::{Deserialize, Serialize};

use crate::drift::Severity;
use crate::health::HealthState;

/// How many colours the terminal shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Depth {
    /// 24 bits.
    #[serde(rename = "truecolor")]
    True,
    /// The 256 of xterm.
    #[serde(rename = "256")]
    Indexed,
    /// The 16 that every terminal names.
    #[serde(rename = "16")]
    Ansi,
    /// None.
    #[serde(rename = "none")]
    Plain,
}

impl Depth {
    /// The name in settings and notices.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::True => "truecolor",
            Self::Indexed => "256",
            Self::Ansi => "16",
            Self::Plain => "none",
        }
    }

    /// What a terminal shows, by the variables of its environment: `NO_COLOR` (no-color.org), `COLORTERM`, `TERM`.
    #[must_use]
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        if variable("NO_COLOR").is_some_and(|value| !value.is_empty()) || term == "dumb" {
            return Self::Plain;
        }
        match variable("COLORTERM").as_deref() {
            Some("truecolor" | "24bit") => Self::True,
            _ if term.contains("direct") => Self::True,
            _ if term.contains("256color") => Self::Indexed,
            _ => Self::Ansi,
        }
    }

    /// The next one, for the key that tries them.
    #[must_use]
    pub const fn next(self) -> Self {
        match self {
            Self::True => Self::Indexed,
            Self::Indexed => Self::Ansi,
            Self::Ansi => Self::Plain,
            Self::Plain => Self::True,
        }
    }
}

/// What a piece of text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Titles, names that stand out.
    Title,
    /// What may be overlooked.
    Dim,
    /// The frame of a pane.
    Border,
    /// The frame of the pane that has the keys.
    FocusedBorder,
    /// The row under the cursor.
    Selected,
    /// Keys, links, the live thing.
    Accent,
    /// As it should be.
    Good,
    /// Look at it.
    Warning,
    /// Act on it.
    Bad,
}

/// Styles for one depth of colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// How many colours.
    pub depth: Depth,
}

/// One colour in the three palettes.
type Paint = ((u8, u8, u8), u8, Color);

const SKY: Paint = ((86, 180, 233), 74, Color::Cyan);
const GREEN: Paint = ((0, 158, 115), 36, Color::Green);
const ORANGE: Paint = ((230, 159, 0), 178, Color::Yellow);
const VERMILLION: Paint = ((224, 108, 28), 166, Color::LightRed);
const GREY: Paint = ((138, 138, 138), 245, Color::Reset);
const BAR: Paint = ((0, 80, 130), 24, Color::Blue);
const WHITE: Paint = ((255, 255, 255), 231, Color::White);
const BLACK: Paint = ((0, 0, 0), 16, Color::Black);

/// Stops of cividis from dark to bright, with their neighbours in the smaller palettes.
const RAMP: [Paint; 5] = [
    ((0, 34, 78), 17, Color::Blue),
    ((59, 73, 108), 60, Color::Blue),
    ((124, 123, 120), 102, Color::Cyan),
    ((188, 175, 111), 143, Color::Cyan),
    ((254, 232, 56), 227, Color::LightYellow),
];

impl Theme {
    /// The style of a role.
    #[must_use]
    pub fn role(self, role: Role) -> Style {
        let plain = Style::new();
        match role {
            Role::Title => plain.add_modifier(Modifier::BOLD),
            Role::Dim if matches!(self.depth, Depth::Ansi | Depth::Plain) => plain.add_modifier(Modifier::DIM),
            Role::Dim | Role::Border => self.ink(plain, GREY),
            Role::Selected if self.depth == Depth::Plain => plain.add_modifier(Modifier::REVERSED),
            Role::Selected => self.ground(self.ink(plain, WHITE), BAR),
            Role::FocusedBorder | Role::Accent => self.ink(plain, SKY).add_modifier(self.if_plain(Modifier::BOLD)),
            Role::Good => self.ink(plain, GREEN),
            Role::Warning => self.ink(plain, ORANGE).add_modifier(self.if_plain(Modifier::BOLD)),
            Role::Bad => self.ink(plain, VERMILLION).add_modifier(Modifier::BOLD),
        }
    }

    /// The badge. Its words say the state; without colour it is in reverse video.
    #[must_use]
    pub fn badge(self, state: HealthState) -> Style {
        let bold = Style::new().add_modifier(Modifier::BOLD);
        if self.depth == Depth::Plain {
            return bold.add_modifier(Modifier::REVERSED);
        }
        let paint = match state {
            HealthState::StoreTrouble | HealthState::TrainingRequired => VERMILLION,
            HealthState::DriftDetected => ORANGE,
            HealthState::NotEnoughData => return bold.add_modifier(Modifier::REVERSED),
            HealthState::Healthy => GREEN,
        };
        self.ground(self.ink(bold, BLACK), paint)
    }

    /// A cell of the heat map. The severity sets the band of the ramp, the score the place in it, so that colour and
    /// glyph never disagree. Cells without enough data have no colour.
    #[must_use]
    pub fn heat(self, score: Option<f64>, severity: Severity) -> Style {
        let Some(place) = score.and_then(|score| ramp_place(score, severity)) else {
            return self.role(Role::Dim);
        };
        match self.depth {
            Depth::Plain => plain_heat(severity),
            Depth::True => {
                let (red, green, blue) = blend(place);
                self.ground(
                    self.ink(Style::new(), ink_on((red, green, blue))),
                    ((red, green, blue), 0, Color::Reset),
                )
            }
            Depth::Indexed | Depth::Ansi => {
                let stop = RAMP[nearest_stop(place)];
                self.ground(self.ink(Style::new(), ink_on(stop.0)), stop)
            }
        }
    }

    fn ink(self, style: Style, paint: Paint) -> Style {
        self.color(paint).map_or(style, |color| style.fg(color))
    }

    fn ground(self, style: Style, paint: Paint) -> Style {
        self.color(paint).map_or(style, |color| style.bg(color))
    }

    fn color(self, ((red, green, blue), indexed, ansi): Paint) -> Option<Color> {
        match self.depth {
            Depth::True => Some(Color::Rgb(red, green, blue)),
            Depth::Indexed => Some(Color::Indexed(indexed)),
            Depth::Ansi => Some(ansi),
            Depth::Plain => None,
        }
    }

    fn if_plain(self, modifier: Modifier) -> Modifier {
        if self.depth == Depth::Plain {
            modifier
        } else {
            Modifier::empty()
        }
    }
}

/// Where a score lies on the ramp, 0 to 1. The bands are those of the default thresholds; the severity decides which.
fn ramp_place(score: f64, severity: Severity) -> Option<f64> {
    match severity {
        Severity::NotEnoughData => None,
        Severity::None => Some((score / 0.10).clamp(0.0, 1.0) * 0.45),
        Severity::Moderate => Some(0.55 + ((score - 0.10) / 0.15).clamp(0.0, 1.0) * 0.15),
        Severity::Severe => Some(0.85 + ((score - 0.25) / 0.75).clamp(0.0, 1.0) * 0.15),
    }
}

#[expect(clippy::cast_sign_loss, reason = "a place is in 0..=1, so the stop is in 0..=4")]
fn nearest_stop(place: f64) -> usize {
    (place * 4.0).round() as usize
}

#[expect(clippy::cast_sign_loss, reason = "between two stops of 0..=255")]
fn blend(place: f64) -> (u8, u8, u8) {
    let from = (place * 4.0).floor().min(3.0);
    let share = place * 4.0 - from;
    let (low, high) = (RAMP[from as usize].0, RAMP[from as usize + 1].0);
    let mix = |low: u8, high: u8| (f64::from(low) + (f64::from(high) - f64::from(low)) * share).round() as u8;
    (mix(low.0, high.0), mix(low.1, high.1), mix(low.2, high.2))
}

/// Black or white, whichever reads better on a ground (luma of ITU-R BT.601).
fn ink_on((red, green, blue): (u8, u8, u8)) -> Paint {
    let luma = 0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue);
    if luma > 115.0 { BLACK } else { WHITE }
}

fn plain_heat(severity: Severity) -> Style {
    match severity {
        Severity::NotEnoughData | Severity::None => Style::new(),
        Severity::Moderate => Style::new().add_modifier(Modifier::BOLD),
        Severity::Severe => Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn depth(variables: &[(&str, &str)]) -> Depth {
        Depth::detect(|name| {
            variables
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn the_environment_says_how_many_colours_there_are() {
        assert_eq!(
            depth(&[("COLORTERM", "truecolor"), ("TERM", "xterm-256color")]),
            Depth::True
        );
        assert_eq!(depth(&[("TERM", "xterm-256color")]), Depth::Indexed);
        assert_eq!(depth(&[("TERM", "linux")]), Depth::Ansi);
        assert_eq!(depth(&[("TERM", "dumb")]), Depth::Plain);
        assert_eq!(depth(&[("NO_COLOR", "1"), ("COLORTERM", "truecolor")]), Depth::Plain);
        assert_eq!(depth(&[("NO_COLOR", ""), ("COLORTERM", "truecolor")]), Depth::True);
    }

    #[test]
    fn without_colour_no_style_holds_one_and_severe_still_stands_out() {
        let theme = Theme { depth: Depth::Plain };
        let severe = theme.heat(Some(0.4), Severity::Severe);
        assert_eq!((severe.fg, severe.bg), (None, None));
        assert_ne!(severe, theme.heat(Some(0.4), Severity::None));
        assert_eq!(
            (theme.role(Role::Selected).bg, theme.badge(HealthState::Healthy).bg),
            (None, None)
        );
    }

    #[test]
    fn the_ramp_grows_brighter_with_severity_and_score_and_stays_colourless_without_data() {
        let theme = Theme { depth: Depth::True };
        let luma = |score, severity| match theme.heat(Some(score), severity).bg {
            Some(Color::Rgb(red, green, blue)) => u32::from(red) + u32::from(green) + u32::from(blue),
            other => panic!("no colour: {other:?}"),
        };
        let steps = [
            luma(0.0, Severity::None),
            luma(0.09, Severity::None),
            luma(0.12, Severity::Moderate),
            luma(0.24, Severity::Moderate),
            luma(0.26, Severity::Severe),
            luma(2.0, Severity::Severe),
        ];
        assert!(steps.is_sorted() && steps[0] < steps[5], "{steps:?}");
        assert_eq!(theme.heat(None, Severity::NotEnoughData).bg, None);
        assert_eq!(theme.heat(Some(0.9), Severity::NotEnoughData).bg, None);
    }

    #[test]
    fn every_depth_is_reached_by_its_key() {
        let mut depth = Depth::True;
        for expected in ["256", "16", "none", "truecolor"] {
            depth = depth.next();
            assert_eq!(depth.name(), expected);
        }
    }
}
