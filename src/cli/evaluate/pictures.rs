//! The report as pictures: SVG text that is read on light and on dark pages and without seeing colours.
//!
//! Colours are those of Okabe and Ito ("Color Universal Design", 2008); none says anything that a number, a place or a name
//! beside it does not say too.

use crate::class::FailureClass;
use crate::features::{FeatureSchema, InputGroup};
use crate::training::evaluate::{Estimate, Figures};

/// Inputs in the picture of importance.
const INPUTS: usize = 20;

/// All pictures by their file names. `gains` are those of the splits on each input, in the order of `names`.
pub(super) fn all(
    on: &str,
    figures: &Figures<Estimate>,
    names: &[String],
    gains: &[f64],
) -> Vec<(&'static str, String)> {
    vec![
        ("confusion.svg", confusion(on, figures)),
        ("reliability.svg", reliability(on, figures)),
        ("classes.svg", classes(on, figures)),
        ("importance.svg", importance(names, gains)),
    ]
}

/// A picture that is being drawn.
struct Picture {
    body: String,
    width: f64,
    height: f64,
}

/// Light first; what a dark page needs follows.
const STYLE: &str = "text{font:13px system-ui,sans-serif;fill:#1f2933}.dim{fill:#52606d}.title{font-weight:600;font-size:15px}\
    .paper{fill:#fcfcfa;stroke:#d5dbe1}.rule{stroke:#aab4be;stroke-width:1}.even{stroke:#d55e00;stroke-width:1.5;stroke-dasharray:5 4}\
    .span{stroke:#0072b2;stroke-width:2}.mark{fill:#0072b2}.on{fill:#fff}.signals{fill:#0072b2}.words{fill:#e69f00}\
    .shape{fill:#009e73}.measured{fill:#cc79a7}\
    @media(prefers-color-scheme:dark){text{fill:#e4e9ee}.dim{fill:#a3b0bd}.paper{fill:#161b22;stroke:#30363d}.rule{stroke:#56616d}\
    .span{stroke:#56b4e9}.mark,.signals{fill:#56b4e9}.on{fill:#0b1016}}";

impl Picture {
    fn new(width: f64, height: f64, title: &str, below: &str) -> Self {
        let mut picture = Self {
            body: String::new(),
            width,
            height,
        };
        picture.words(16.0, 28.0, "title", "start", title);
        picture.words(16.0, 47.0, "dim", "start", below);
        picture
    }

    fn tag(&mut self, arguments: std::fmt::Arguments<'_>) {
        self.body.push_str(&format!("{arguments}\n"));
    }

    fn words(&mut self, x: f64, y: f64, class: &str, anchor: &str, text: &str) {
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        self.tag(format_args!(
            r#"<text x="{x:.1}" y="{y:.1}" class="{class}" text-anchor="{anchor}">{text}</text>"#
        ));
    }

    fn line(&mut self, class: &str, from: (f64, f64), to: (f64, f64)) {
        self.tag(format_args!(
            r#"<line class="{class}" x1="{:.1}" y1="{:.1}" x2="{:.1}" y2="{:.1}"/>"#,
            from.0, from.1, to.0, to.1
        ));
    }

    fn bar(&mut self, class: &str, opacity: f64, place: (f64, f64), size: (f64, f64)) {
        self.tag(format_args!(
            r#"<rect class="{class}" fill-opacity="{opacity:.3}" x="{:.1}" y="{:.1}" width="{:.1}" height="{:.1}"/>"#,
            place.0, place.1, size.0, size.1
        ));
    }

    fn dot(&mut self, place: (f64, f64)) {
        self.tag(format_args!(
            r#"<circle class="mark" cx="{:.1}" cy="{:.1}" r="4.5"/>"#,
            place.0, place.1
        ));
    }

    fn finish(self) -> String {
        let Self { body, width, height } = self;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\">\n<style>{STYLE}</style>\n<rect class=\"paper\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n\
             {body}</svg>\n",
            width - 1.0,
            height - 1.0
        )
    }
}

/// Rows are true classes, columns what was said; a cell is filled by its share of the row.
fn confusion(on: &str, figures: &Figures<Estimate>) -> String {
    const CELL: f64 = 46.0;
    const LEFT: f64 = 190.0;
    const TOP: f64 = 84.0;
    let below = format!(
        "{on}, {} failures; rows: what it is, columns: what was said",
        figures.count
    );
    let mut picture = Picture::new(LEFT + 10.0 * CELL + 16.0, TOP + 10.0 * CELL + 18.0, "Confusion", &below);
    for (place, class) in FailureClass::ALL.into_iter().enumerate() {
        let (row, along) = (TOP + place as f64 * CELL, LEFT + place as f64 * CELL);
        let key = class.key().to_string();
        picture.words(along + CELL / 2.0, TOP - 8.0, "dim", "middle", &key);
        picture.words(
            LEFT - 10.0,
            row + CELL / 2.0 + 5.0,
            "",
            "end",
            &format!("{class}  {key}"),
        );
        let counts = figures.confusion[class.index()];
        let support: usize = counts.iter().sum();
        for (column, count) in counts.into_iter().enumerate() {
            let share = count as f64 / support.max(1) as f64;
            let corner = (LEFT + column as f64 * CELL + 1.0, row + 1.0);
            picture.bar(
                "mark",
                (0.06 + 0.94 * share.sqrt()).min(1.0),
                corner,
                (CELL - 2.0, CELL - 2.0),
            );
            if count > 0 {
                let class = if share > 0.3 { "on" } else { "" };
                let (x, y) = (corner.0 + CELL / 2.0 - 1.0, corner.1 + CELL / 2.0 + 4.0);
                picture.words(x, y, class, "middle", &count.to_string());
            }
        }
    }
    picture.finish()
}

/// Confidence against the share that is right.
fn reliability(on: &str, figures: &Figures<Estimate>) -> String {
    const SIDE: f64 = 380.0;
    const LEFT: f64 = 64.0;
    const TOP: f64 = 86.0;
    let error = figures.calibration_error;
    let below = format!(
        "{on}: calibration error {:.3} [{:.3}, {:.3}], debiased",
        error.value, error.low, error.high
    );
    let mut picture = Picture::new(LEFT + SIDE + 30.0, TOP + SIDE + 56.0, "Reliability", &below);
    let at = |x: f64, y: f64| (LEFT + SIDE * x, TOP + SIDE * (1.0 - y));
    for tick in 0..=5 {
        let share = f64::from(tick) / 5.0;
        picture.line("rule", at(0.0, share), at(1.0, share));
        let (x, y) = at(0.0, share);
        picture.words(x - 8.0, y + 4.0, "dim", "end", &format!("{share:.1}"));
        let (x, y) = at(share, 0.0);
        picture.words(x, y + 18.0, "dim", "middle", &format!("{share:.1}"));
    }
    picture.line("even", at(0.0, 0.0), at(1.0, 1.0));
    for bin in &figures.reliability {
        let (confidence, right) = (bin.confidence.value, bin.accuracy);
        if right.value.is_finite() {
            picture.line("span", at(confidence, right.low), at(confidence, right.high));
            picture.dot(at(confidence, right.value));
        }
    }
    let (x, y) = at(0.5, 0.0);
    picture.words(
        x,
        y + 40.0,
        "",
        "middle",
        "confidence (dashed: right as often as it says)",
    );
    picture.words(16.0, TOP - 16.0, "dim", "start", "right");
    picture.finish()
}

/// F1 of every class with its interval.
fn classes(on: &str, figures: &Figures<Estimate>) -> String {
    const ROW: f64 = 28.0;
    const LEFT: f64 = 190.0;
    const TOP: f64 = 70.0;
    const SPAN: f64 = 380.0;
    let mean = figures.macro_f1;
    let below = format!(
        "{on}: mean F1 {:.3} [{:.3}, {:.3}]; lines: 95 % of bootstrap draws",
        mean.value, mean.low, mean.high
    );
    let present: Vec<_> = figures.classes.iter().filter(|class| class.support > 0).collect();
    let height = TOP + present.len() as f64 * ROW + 40.0;
    let mut picture = Picture::new(LEFT + SPAN + 90.0, height, "F1 by class", &below);
    // From a round number below the lowest end.
    let lowest = present.iter().map(|class| class.f1.low).fold(1.0, f64::min);
    let from = ((lowest * 10.0).floor() / 10.0).clamp(0.0, 0.9);
    let x = |value: f64| LEFT + SPAN * (value - from) / (1.0 - from);
    for tick in 0..=5 {
        let value = from + (1.0 - from) * f64::from(tick) / 5.0;
        picture.line("rule", (x(value), TOP - 8.0), (x(value), height - 34.0));
        picture.words(x(value), height - 16.0, "dim", "middle", &format!("{value:.2}"));
    }
    for (place, class) in present.into_iter().enumerate() {
        let y = TOP + place as f64 * ROW + ROW / 2.0 - 4.0;
        picture.words(LEFT - 12.0, y + 4.0, "", "end", class.class.name());
        picture.line("span", (x(class.f1.low), y), (x(class.f1.high), y));
        picture.dot((x(class.f1.value), y));
        picture.words(
            LEFT + SPAN + 14.0,
            y + 4.0,
            "",
            "start",
            &format!("{:.3}", class.f1.value),
        );
    }
    picture.finish()
}

const fn colour(group: InputGroup) -> (&'static str, &'static str) {
    match group {
        InputGroup::Signals => ("signals", "signals"),
        InputGroup::Words => ("words", "words of the text"),
        InputGroup::Shape => ("shape", "the log as a whole"),
        InputGroup::Measurements => ("measured", "measured"),
    }
}

/// The inputs that the trees gain most from.
fn importance(names: &[String], gains: &[f64]) -> String {
    const ROW: f64 = 22.0;
    const LEFT: f64 = 250.0;
    const TOP: f64 = 92.0;
    const SPAN: f64 = 330.0;
    let total: f64 = gains.iter().sum::<f64>().max(f64::MIN_POSITIVE);
    let mut shares: Vec<(&String, f64)> = names.iter().zip(gains.iter().map(|gain| gain / total)).collect();
    shares.sort_by(|one, other| other.1.total_cmp(&one.1));
    shares.truncate(INPUTS);
    let height = TOP + shares.len() as f64 * ROW + 16.0;
    let mut picture = Picture::new(
        LEFT + SPAN + 80.0,
        height,
        "What the trees decide by",
        "Share of the gain of all splits; the most important inputs",
    );
    let mut along = 16.0;
    for group in [
        InputGroup::Signals,
        InputGroup::Words,
        InputGroup::Shape,
        InputGroup::Measurements,
    ] {
        let (class, name) = colour(group);
        picture.bar(class, 1.0, (along, 60.0), (12.0, 12.0));
        picture.words(along + 18.0, 71.0, "dim", "start", name);
        along += 40.0 + name.len() as f64 * 7.0;
    }
    let widest = shares.first().map_or(1.0, |(_, share)| share.max(f64::MIN_POSITIVE));
    for (place, (name, share)) in shares.into_iter().enumerate() {
        let y = TOP + place as f64 * ROW;
        let length = SPAN * share / widest;
        picture.words(LEFT - 10.0, y + 14.0, "", "end", name);
        picture.bar(
            colour(FeatureSchema::group(name)).0,
            1.0,
            (LEFT, y + 2.0),
            (length, ROW - 5.0),
        );
        picture.words(
            LEFT + length + 8.0,
            y + 14.0,
            "dim",
            "start",
            &format!("{:.1} %", 100.0 * share),
        );
    }
    picture.finish()
}
