//! How every pane looks: empty, full, in trouble, at 80x24, at 100x30, on small screens.

use insta::assert_snapshot;

use crate::class::FailureClass;
use crate::tui::fixture::{
    corrected, empty, failure, full, hostile, now, press, proposed, retraining_under_way, screen, shown, state,
    trouble, with_models, with_rows,
};
use crate::tui::message::{Message, Outcome};
use crate::tui::update::update;

#[test]
fn the_tower() {
    assert_snapshot!("tower_empty_80x24", screen(80, 24, &empty(), ""));
    assert_snapshot!("tower_empty_100x30", screen(100, 30, &empty(), ""));
    assert_snapshot!("tower_full_80x24", screen(80, 24, &full(), ""));
    assert_snapshot!("tower_full_100x30", screen(100, 30, &full(), ""));
    assert_snapshot!("tower_full_160x50", screen(160, 50, &full(), ""));
    assert_snapshot!("tower_trouble_80x24", screen(80, 24, &trouble(), ""));
    assert_snapshot!("tower_compact_60x16", screen(60, 16, &full(), ""));
    assert_snapshot!("tower_compact_40x10", screen(40, 10, &trouble(), ""));
    assert_snapshot!("tower_compact_empty_60x16", screen(60, 16, &empty(), ""));
    assert_snapshot!("tower_sentence_30x6", screen(30, 6, &full(), ""));
}

#[test]
fn what_agents_propose() {
    assert_snapshot!("proposals_80x24", screen(80, 24, &proposed(), "p j"));
    assert_snapshot!("proposals_none_80x24", screen(80, 24, &full(), "p"));
    assert_snapshot!("proposals_compact_60x16", screen(60, 16, &proposed(), "p"));
    assert_snapshot!("detail_proposed_100x30", screen(100, 30, &proposed(), "enter"));
}

#[test]
fn the_heat_map_with_a_cell_under_the_cursor() {
    assert_snapshot!("heat_map_full_80x24", screen(80, 24, &full(), "tab j j j"));
    assert_snapshot!("heat_map_past_cell_100x30", screen(100, 30, &full(), "tab G h h"));
    assert_snapshot!("heat_map_day_100x30", screen(100, 30, &full(), "- h h"));
    assert_snapshot!("heat_map_quarter_80x24", screen(80, 24, &full(), "- - - -"));
    assert_snapshot!("heat_map_empty_80x24", screen(80, 24, &empty(), "tab"));
    assert_snapshot!(
        "heat_map_trouble_100x30",
        screen(100, 30, &trouble(), "tab j j j j j j j")
    );
    assert_snapshot!("heat_map_compact_60x16", screen(60, 16, &full(), "tab"));
}

#[test]
fn the_history_scrolled_sorted_filtered() {
    assert_snapshot!("history_scrolled_80x24", screen(80, 24, &full(), "pgdn pgdn"));
    assert_snapshot!("history_least_sure_80x24", screen(80, 24, &full(), "s"));
    assert_snapshot!("history_filter_typed_80x24", screen(80, 24, &full(), "/ c l a s s : t"));
    assert_snapshot!("history_filtered_80x24", screen(80, 24, &full(), "/ e 2 e enter"));
    let mut snapshot = with_rows([3, 2, 1]);
    let row = corrected(failure(2), FailureClass::Permission);
    snapshot.rows = std::sync::Arc::new([failure(3), row, failure(1)].map(std::sync::Arc::new).into());
    assert_snapshot!("history_corrected_100x30", screen(100, 30, &snapshot, ""));
    assert_snapshot!("history_hostile_100x30", screen(100, 30, &hostile(), ""));
}

#[test]
fn the_detail_of_a_failure() {
    assert_snapshot!("detail_full_80x24", screen(80, 24, &full(), "enter"));
    assert_snapshot!("detail_uncertain_100x30", screen(100, 30, &full(), "j j j j enter"));
    assert_snapshot!("detail_end_80x24", screen(80, 24, &full(), "enter n G"));
    assert_snapshot!("detail_compact_60x16", screen(60, 16, &full(), "enter"));
    let (mut state, snapshot) = (state(80, 24), full());
    update(&mut state, &snapshot, Message::Changed);
    update(&mut state, &snapshot, Message::Act(crate::tui::message::Action::Open));
    assert_snapshot!("detail_waiting_80x24", shown(&state, &snapshot));
}

#[test]
fn the_detail_of_a_failure_without_evidence_and_of_a_corrected_one() {
    let (mut state, mut snapshot) = (state(80, 24), full());
    let mut row = failure(59);
    row.verdict.evidence.clear();
    row.verdict.log_state = crate::verdict::LogState::NotTried;
    snapshot.rows = std::sync::Arc::new([std::sync::Arc::new(corrected(row, FailureClass::Network))].into());
    update(&mut state, &snapshot, Message::Changed);
    update(&mut state, &snapshot, Message::Act(crate::tui::message::Action::Open));
    let failed = Err(crate::app::command::CommandError::NoModel(
        "no bundle in models/".into(),
    ));
    update(
        &mut state,
        &snapshot,
        Message::Returned(Box::new(Outcome::Explained {
            id: 59,
            failure: failed,
        })),
    );
    assert_snapshot!("detail_trouble_80x24", shown(&state, &snapshot));
}

#[test]
fn a_correction_and_its_note() {
    assert_snapshot!("correction_80x24", screen(80, 24, &full(), "c"));
    assert_snapshot!("correction_compact_40x10", screen(40, 10, &full(), "c"));
    assert_snapshot!(
        "correction_note_80x24",
        screen(80, 24, &full(), "c a n o t space D N S")
    );
    assert_snapshot!(
        "correction_noted_80x24",
        screen(80, 24, &full(), "c a p r o x y ctrl-s")
    );
}

#[test]
fn the_drift_of_every_feature() {
    assert_snapshot!("drift_full_80x24", screen(80, 24, &full(), "d G"));
    assert_snapshot!("drift_full_100x30", screen(100, 30, &full(), "d j j j"));
    assert_snapshot!("drift_empty_80x24", screen(80, 24, &empty(), "d"));
    assert_snapshot!("drift_trouble_100x30", screen(100, 30, &trouble(), "d"));
    assert_snapshot!("drift_compact_60x16", screen(60, 16, &full(), "d"));
}

#[test]
fn the_models_and_what_is_asked_before_one_goes_live() {
    assert_snapshot!("models_full_80x24", screen(80, 24, &with_models(), "m"));
    assert_snapshot!("models_full_100x30", screen(100, 30, &with_models(), "m j"));
    assert_snapshot!("models_ledger_80x24", screen(80, 24, &with_models(), "m l"));
    assert_snapshot!("models_empty_80x24", screen(80, 24, &empty(), "m"));
    assert_snapshot!("models_compact_60x16", screen(60, 16, &with_models(), "m"));
    assert_snapshot!("models_promote_80x24", screen(80, 24, &with_models(), "m j P"));
    let mut training = with_models();
    training.retraining = std::sync::Arc::new(retraining_under_way());
    assert_snapshot!("models_training_100x30", screen(100, 30, &training, "m"));
    assert_snapshot!("retrain_80x24", screen(80, 24, &with_models(), "r"));
    assert_snapshot!("correction_group_80x24", screen(80, 24, &full(), "C"));
}

#[test]
fn help_palette_link_and_notices() {
    assert_snapshot!("help_80x24", screen(80, 24, &full(), "?"));
    assert_snapshot!("help_100x50", screen(100, 60, &full(), "?"));
    assert_snapshot!("help_end_60x16", screen(60, 16, &full(), "? G"));
    assert_snapshot!("palette_80x24", screen(80, 24, &full(), ": d"));
    assert_snapshot!("palette_unknown_60x16", screen(60, 16, &full(), ": z z z"));
    assert_snapshot!("link_80x24", screen(80, 24, &full(), "o"));
    assert_snapshot!("notice_80x24", screen(80, 24, &full(), "tab c"));
}

#[test]
fn no_size_of_the_screen_breaks_any_pane() {
    let snapshots = [empty(), full(), trouble(), hostile(), with_models()];
    for keys in [
        "",
        "tab j h",
        "- - - h h",
        "enter G n",
        "d G",
        "m l",
        "m j P",
        "c",
        "c a x",
        "? G",
        ": d",
        "/ x",
        "o",
        "s pgdn",
    ] {
        for snapshot in &snapshots {
            for (width, height) in (0..=110)
                .step_by(5)
                .flat_map(|width| (0..=34).map(move |height| (width, height)))
            {
                screen(width, height, snapshot, keys);
            }
        }
    }
}

#[test]
fn a_screen_that_shrinks_with_everything_open_goes_on() {
    let (mut state, snapshot) = (state(120, 40), full());
    update(&mut state, &snapshot, Message::Changed);
    press(&mut state, &snapshot, "pgdn pgdn enter pgdn n c a x");
    for size in [(80, 24), (41, 11), (3, 2), (0, 0), (200, 60)] {
        update(&mut state, &snapshot, Message::Resized(size.into()));
        shown(&state, &snapshot);
    }
    update(&mut state, &snapshot, Message::Tick(now()));
}
