//! The report as tables of eighty columns.

use std::io::{Result, Write};

use super::OnData;
use super::labelled::Judgement;
use crate::class::FailureClass;
use crate::cli::show::visible;
use crate::training::evaluate::{Baseline, ClassFigures, Estimate, Figures, Report};
use crate::training::lineage::Lineage;
use crate::training::study::Study;

/// Letters of an excerpt beside a wrong verdict.
const EXCERPT_LETTERS: usize = 160;

/// Every wrong verdict, a line each.
pub(super) fn errors(out: &mut impl Write, judged: &[Judgement]) -> Result<()> {
    for one in judged {
        let Some(label) = one.label.filter(|label| *label != one.verdict.prediction) else {
            continue;
        };
        let first = one.verdict.evidence.first();
        let excerpt: String = first.map_or(String::new(), |first| {
            first.text.chars().take(EXCERPT_LETTERS).collect()
        });
        writeln!(
            out,
            "{} is {} said {} ({:.2}{}{}), signals say {}: {}",
            visible(&one.id.to_string()),
            label.slug(),
            one.verdict.prediction.slug(),
            one.verdict.confidence,
            if one.verdict.uncertain { ", uncertain" } else { "" },
            if one.ambiguous { ", ambiguous" } else { "" },
            one.signals.map_or("nothing", FailureClass::slug),
            visible(&excerpt.replace('\n', " / ")),
        )?;
    }
    Ok(())
}

/// All tables of a report.
pub(super) fn report(out: &mut impl Write, report: &Report) -> Result<()> {
    writeln!(
        out,
        "{}: {} failures in {} clusters. In brackets: 95 % of {} bootstrap draws.\n",
        visible(&report.on),
        report.figures.count,
        report.clusters,
        report.draws
    )?;
    singles(out, report)?;
    classes(out, &report.figures)?;
    sets(out, report)?;
    confusion(out, &report.figures)?;
    reliability(out, &report.figures)?;
    selected(out, &report.figures)
}

fn estimate(estimate: &Estimate) -> String {
    if estimate.value.is_finite() {
        format!("{:.3} [{:.3}, {:.3}]", estimate.value, estimate.low, estimate.high)
    } else {
        "-".to_owned()
    }
}

/// A name and how to find its figure.
type Single = (&'static str, fn(&Figures<Estimate>) -> &Estimate);

const SINGLES: [Single; 15] = [
    ("accuracy", |figures| &figures.accuracy),
    ("macro-F1", |figures| &figures.macro_f1),
    ("macro precision", |figures| &figures.macro_precision),
    ("macro recall", |figures| &figures.macro_recall),
    ("top-2 accuracy", |figures| &figures.top_2),
    ("macro PR-AUC", |figures| &figures.pr_auc),
    ("calibration error, debiased", |figures| &figures.calibration_error),
    ("  the same, plain", |figures| &figures.calibration_error_plain),
    ("  root mean square, debiased", |figures| &figures.calibration_error_rms),
    ("Brier score", |figures| &figures.brier),
    ("coverage of the 90 % sets", |figures| &figures.coverage),
    ("classes in a set", |figures| &figures.set_size),
    ("share not uncertain", |figures| &figures.certain_share),
    ("accuracy where not uncertain", |figures| &figures.certain_accuracy),
    ("area under risk and coverage", |figures| &figures.risk_area),
];

fn singles(out: &mut impl Write, report: &Report) -> Result<()> {
    for (name, of) in SINGLES {
        writeln!(out, "{name:<34}{}", estimate(of(&report.figures)))?;
    }
    writeln!(
        out,
        "\n{:<22}{:>9}  {:<22}model above it",
        "judge", "accuracy", "macro-F1"
    )?;
    let model = &report.figures;
    writeln!(
        out,
        "{:<22}{:>9.3}  {}",
        "model",
        model.accuracy.value,
        estimate(&model.macro_f1)
    )?;
    for Baseline {
        name,
        figures,
        model_gains: gain,
    } in &report.baselines
    {
        writeln!(
            out,
            "{name:<22}{:>9.3}  {:<22}{:+.3} [{:+.3}, {:+.3}]",
            figures.accuracy.value,
            estimate(&figures.macro_f1),
            gain.value,
            gain.low,
            gain.high
        )?;
    }
    writeln!(out)
}

fn classes(out: &mut impl Write, figures: &Figures<Estimate>) -> Result<()> {
    writeln!(
        out,
        "{:<22}{:>6}{:>13}{:>13}{:>13}{:>13}",
        "class", "n", "precision", "recall", "F1", "PR-AUC"
    )?;
    for class in figures.classes.iter().filter(|class| class.support > 0) {
        let cells: String = [&class.precision, &class.recall, &class.f1, &class.pr_auc]
            .map(|one| format!("{:>13}", short(one)))
            .concat();
        writeln!(out, "{:<22}{:>6}{cells}", class.class.name(), class.support)?;
    }
    writeln!(out)
}

fn short(estimate: &Estimate) -> String {
    let two = |value: f64| {
        // No wider than the others.
        let text = if value > 0.995 {
            "1.0".to_owned()
        } else {
            format!("{value:.2}")
        };
        text.strip_prefix('0').unwrap_or(&text).to_owned()
    };
    format!("{:.2} {}-{}", estimate.value, two(estimate.low), two(estimate.high))
}

/// Whether prediction sets hold the class as often as promised.
fn sets(out: &mut impl Write, report: &Report) -> Result<()> {
    let band = &report.coverage_band;
    writeln!(
        out,
        "90 % sets hold the class in {:.3}, {} of chance ({:.3} to {:.3})",
        report.figures.coverage.value,
        if band.holds(report.figures.coverage.value) {
            "inside the band"
        } else {
            "OUTSIDE of the band"
        },
        band.low,
        band.high
    )?;
    let classes = report.figures.classes.iter().filter(|class| class.support > 0);
    for class in classes {
        if let Some(band) = report.class_coverage_bands.get(&class.class)
            && !band.holds(class.coverage.value)
        {
            writeln!(
                out,
                "  outside: {} {:.3} ({:.3} to {:.3})",
                class.class, class.coverage.value, band.low, band.high
            )?;
        }
    }
    writeln!(out)
}

fn confusion(out: &mut impl Write, figures: &Figures<Estimate>) -> Result<()> {
    let heads: String = FailureClass::ALL.map(|class| format!("{:>5}", class.key())).concat();
    writeln!(out, "{:<26}{heads}", "is \\ said")?;
    let present = |class: &&ClassFigures<Estimate>| class.support > 0;
    for ClassFigures { class, .. } in figures.classes.iter().filter(present) {
        let cells: String = figures.confusion[class.index()]
            .map(|count| {
                if count == 0 {
                    format!("{:>5}", ".")
                } else {
                    format!("{count:>5}")
                }
            })
            .concat();
        writeln!(out, "{:<26}{cells}", format!("{} {class}", class.key()))?;
    }
    writeln!(out)
}

fn reliability(out: &mut impl Write, figures: &Figures<Estimate>) -> Result<()> {
    writeln!(out, "{:>7}{:>12}{:>24}{:>9}", "n", "confidence", "right", "gap")?;
    for bin in &figures.reliability {
        writeln!(
            out,
            "{:>7}{:>12.3}{:>24}{:>+9.3}",
            bin.count,
            bin.confidence.value,
            estimate(&bin.accuracy),
            bin.accuracy.value - bin.confidence.value
        )?;
    }
    writeln!(out)
}

fn selected(out: &mut impl Write, figures: &Figures<Estimate>) -> Result<()> {
    let row = |name: &str, of: &dyn Fn(usize) -> String| -> String {
        let cells: String = (0..figures.selected.len())
            .map(|place| format!("{:>6}", of(place)))
            .collect();
        format!("{name:<20}{cells}")
    };
    let points = &figures.selected;
    writeln!(
        out,
        "{}",
        row("the most confident", &|place| format!(
            "{:.0}%",
            100.0 * points[place].share
        ))
    )?;
    writeln!(
        out,
        "{}",
        row("accuracy", &|place| format!("{:.3}", 1.0 - points[place].risk.value))
    )?;
    writeln!(
        out,
        "{}",
        row("  at least", &|place| format!("{:.3}", 1.0 - points[place].risk.high))
    )
}

/// All tables of a study on the corpus.
pub(super) fn study(out: &mut impl Write, study: &Study) -> Result<()> {
    report(out, &study.left_out_tools)?;
    writeln!(
        out,
        "\n{:<38}{:<22}{:<22}{:<7}sets",
        "parts of it", "accuracy", "macro-F1", "ECE"
    )?;
    for part in [
        &study.whole_logs,
        &study.excerpts,
        &study.left_out_failures,
        &study.set_aside,
    ] {
        let figures = &part.figures;
        writeln!(
            out,
            "{:<38}{:<22}{:<22}{:<7.3}{:.3}",
            part.on,
            estimate(&figures.accuracy),
            estimate(&figures.macro_f1),
            figures.calibration_error.value,
            figures.coverage.value
        )?;
    }
    lineage(out, &study.lineage)?;
    writeln!(
        out,
        "\n{:<32}{:<16}{:<16}wrong verdicts",
        "unlike anything seen (AUROC)", "foreign words", "no class"
    )?;
    for detector in &study.detectors {
        let cells: String = [&detector.foreign_words, &detector.no_class, &detector.wrong_verdicts]
            .map(|one| format!("{:<16}", short(one)))
            .concat();
        writeln!(out, "{:<32}{}", detector.name, cells.trim_end())?;
    }
    Ok(())
}

fn lineage(out: &mut impl Write, lineage: &Lineage) -> Result<()> {
    writeln!(out, "\n{:<34}{:>10}  of one class", "what an input tells", "of class")?;
    for told in &lineage.inputs {
        writeln!(
            out,
            "{:<34}{:>10.3}  {:.3} {}",
            told.input, told.of_label, told.of_class, told.class
        )?;
    }
    writeln!(out, "{:<34}{:>10.3}", "by chance, the best", lineage.told_by_chance)?;
    writeln!(
        out,
        "{} of {} tests repeat a record of another fold",
        lineage.repetition.repeated, lineage.repetition.checked
    )?;
    if let Some([area, low, high]) = lineage.told_apart {
        writeln!(
            out,
            "a classifier tells tests from what is learned with AUROC {area:.3} [{low:.3}, {high:.3}]"
        )?;
    }
    Ok(())
}

/// What else the data says.
pub(super) fn beside(out: &mut impl Write, report: &OnData) -> Result<()> {
    writeln!(out)?;
    if let Some(hits) = &report.first_excerpt {
        writeln!(
            out,
            "first excerpt in the marked lines: {} of {} logs",
            estimate(hits),
            report.first_excerpt_count
        )?;
    }
    if let Some(share) = report.of_no_class_uncertain {
        writeln!(
            out,
            "of no class: {} failures, {:.0} % of them marked as uncertain",
            report.of_no_class,
            100.0 * share
        )?;
    }
    if report.ambiguous > 0 {
        writeln!(out, "left out as ambiguous: {}", report.ambiguous)?;
    }
    Ok(())
}
