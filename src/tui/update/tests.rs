//! Keys in, state and wishes out.

use std::sync::Arc;

use ratatui::layout::Size;

use super::*;
use crate::app::command::{Command, CommandError, Reply};
use crate::app::snapshot::Snapshot;
use crate::class::FailureClass;
use crate::store::{Cursor, HistoryFilter, Page, StoreError};
use crate::tui::fixture::{self, press};
use crate::tui::layout::Pane;
use crate::tui::message::Outcome;
use crate::tui::panes::heat_map::Zoom;
use crate::tui::state::PopUp;
use crate::tui::theme::Depth;

fn opened(snapshot: &Snapshot) -> ViewState {
    let mut state = fixture::state(80, 24);
    update(&mut state, snapshot, Message::Changed);
    state
}

fn said(state: &ViewState) -> &str {
    state.notice.as_ref().map_or("", |notice| notice.text.as_str())
}

fn corrections(intents: &[Intent]) -> Vec<(i64, FailureClass, Option<String>)> {
    let sent = intents.iter().filter_map(|intent| match intent {
        Intent::Send(Command::Correct { id, correction }) => Some((*id, correction.label, correction.note.clone())),
        _ => None,
    });
    sent.collect()
}

/// Answers a correction or an undo as the store would.
fn acknowledge(state: &mut ViewState, snapshot: &Snapshot, command: &Command, stored: i64) -> Vec<Intent> {
    let (id, correction, row) = match command {
        Command::Correct { id, correction } => (
            *id,
            correction.clone(),
            fixture::corrected(fixture::failure(*id), correction.label),
        ),
        Command::Undo { id, .. } => {
            let word = fixture::dossier(*id).corrections[0].correction.clone();
            (*id, word, fixture::failure(*id))
        }
        other => panic!("not of this screen: {other:?}"),
    };
    let reply = Ok(Reply::Corrected(fixture::stored(stored, id, correction), Arc::new(row)));
    update(
        state,
        snapshot,
        Message::Returned(Box::new(Outcome::Sent {
            command: command.clone(),
            reply,
        })),
    )
}

#[test]
fn each_key_leads_where_the_contract_says() {
    type Check = fn(&ViewState) -> bool;
    let snapshot = fixture::full();
    let table: &[(&str, Check)] = &[
        ("tab", |state| state.focus == Pane::HeatMap),
        ("tab tab", |state| state.focus == Pane::Drift),
        ("tab tab tab", |state| state.focus == Pane::Models),
        ("tab tab tab tab", |state| state.focus == Pane::History),
        ("shift-tab", |state| state.focus == Pane::Models),
        ("m", |state| state.focus == Pane::Models),
        ("m esc", |state| state.focus == Pane::History),
        ("r", |state| matches!(state.pop_up, Some(PopUp::Question(_)))),
        ("r enter", |state| {
            state.pop_up.is_none() && said(state).contains("left as it is")
        }),
        ("m x", |state| said(state).contains("no retraining")),
        ("enter", |state| state.focus == Pane::Detail && state.detail.is_some()),
        ("enter esc", |state| {
            state.focus == Pane::History && state.detail.is_none()
        }),
        ("enter tab", |state| state.focus == Pane::HeatMap),
        ("tab enter", |state| state.focus == Pane::Drift),
        ("d", |state| state.focus == Pane::Drift),
        ("d esc", |state| state.focus == Pane::History),
        ("tab g j j", |state| state.feature == 0),
        ("tab G", |state| state.feature == 23),
        ("tab G g", |state| state.feature == 7),
        ("- -", |state| {
            state.heat_map.zoom == Zoom::Week && state.focus == Pane::HeatMap
        }),
        ("- - - - +", |state| state.heat_map.zoom == Zoom::Week),
        ("?", |state| matches!(state.pop_up, Some(PopUp::Help { scroll: 0 }))),
        (
            "? j pgdn",
            |state| matches!(state.pop_up, Some(PopUp::Help { scroll }) if scroll > 5),
        ),
        ("? esc", |state| state.pop_up.is_none()),
        ("? ?", |state| state.pop_up.is_none()),
        (":", |state| matches!(state.pop_up, Some(PopUp::Palette(_)))),
        (": d r i f t enter", |state| {
            state.focus == Pane::Drift && state.pop_up.is_none()
        }),
        ("/ x esc", |state| {
            state.pop_up.is_none() && state.history.asked().text.is_empty()
        }),
        ("/ e 2 e enter", |state| {
            state.pop_up.is_none() && state.history.asked().text == "e2e"
        }),
        ("/ e 2 e enter esc", |state| state.history.asked().text.is_empty()),
        ("tab /", |state| state.focus == Pane::History),
        ("c", |state| matches!(state.pop_up, Some(PopUp::Correction(_)))),
        ("c esc", |state| state.pop_up.is_none()),
        (
            "o",
            |state| matches!(&state.pop_up, Some(PopUp::Link(url)) if url.starts_with("https://")),
        ),
        ("o esc", |state| state.pop_up.is_none()),
        ("t", |state| state.theme.depth == Depth::True),
        ("tab c", |state| {
            state.pop_up.is_none() && said(state).contains("choose a failure")
        }),
    ];
    for (keys, check) in table {
        let mut state = opened(&snapshot);
        press(&mut state, &snapshot, keys);
        assert!(check(&state), "after `{keys}`: {state:#?}");
    }
}

#[test]
fn q_leaves_from_every_pane_but_not_from_a_text() {
    let snapshot = fixture::full();
    let leaves = |keys: &str| {
        let mut state = opened(&snapshot);
        press(&mut state, &snapshot, keys)
            .iter()
            .any(|intent| matches!(intent, Intent::Quit))
    };
    for keys in [
        "q",
        "tab q",
        "enter q",
        "d q",
        "? q",
        "c q",
        "o q",
        "ctrl-c",
        "/ ctrl-c",
        "c a ctrl-c",
    ] {
        assert!(leaves(keys), "`{keys}`");
    }
    for keys in ["/ q", ": q", "c a q"] {
        assert!(!leaves(keys), "`{keys}`");
    }
}

#[test]
fn the_cursor_stays_on_its_row_while_others_arrive() {
    let mut state = opened(&fixture::with_rows((10..20).rev()));
    let before = fixture::with_rows((10..20).rev());
    press(&mut state, &before, "j j");
    assert_eq!(state.history.selected(), Some(17));
    let after = fixture::with_rows((10..60).rev());
    update(&mut state, &after, Message::Changed);
    assert_eq!(state.history.selected(), Some(17));
    press(&mut state, &after, "j");
    assert_eq!(state.history.selected(), Some(16));
}

#[test]
fn new_rows_are_seen_until_the_person_has_scrolled() {
    let before = fixture::with_rows((10..40).rev());
    let after = fixture::with_rows((10..43).rev());
    let page = history_page(&opened(&before), &before);
    let mut state = opened(&before);
    update(&mut state, &after, Message::Changed);
    assert_eq!(state.history.top(33, page), 0, "the newest row is on the screen");
    let mut state = opened(&before);
    press(&mut state, &before, "pgdn pgdn");
    let top = state.history.top(30, page);
    update(&mut state, &after, Message::Changed);
    assert_eq!(
        state.history.top(33, page),
        top + 3,
        "the rows on the screen have not moved"
    );
}

#[test]
fn a_row_that_leaves_history_leaves_the_cursor_in_its_place() {
    let before = fixture::with_rows([14, 13, 12, 11]);
    let mut state = opened(&before);
    press(&mut state, &before, "j");
    let after = fixture::with_rows([14, 12, 11]);
    update(&mut state, &after, Message::Changed);
    assert_eq!(state.history.selected(), Some(12));
}

#[test]
fn sorting_keeps_the_cursor_on_its_row() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "j j s");
    assert_eq!(state.history.selected(), Some(57));
    let rows = state.history.rows(&snapshot);
    assert!(rows.is_sorted_by(|one, next| one.verdict.confidence <= next.verdict.confidence));
}

#[test]
fn n_goes_to_the_next_uncertain_row_that_nobody_has_labelled() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "n");
    assert_eq!(state.history.selected(), Some(55));
    press(&mut state, &snapshot, "n n N");
    assert_eq!(state.history.selected(), Some(50));
    press(&mut state, &snapshot, "G n");
    assert!(said(&state).contains("no other"));
}

#[test]
fn the_end_of_the_snapshot_asks_for_older_rows_once() {
    let snapshot = fixture::with_rows((10..60).rev());
    let mut state = opened(&snapshot);
    let asked = press(&mut state, &snapshot, "G");
    let [
        Intent::Page {
            ticket,
            after: Some(Cursor { id: 10, .. }),
            ..
        },
    ] = asked.as_slice()
    else {
        panic!("{asked:?}")
    };
    assert!(
        press(&mut state, &snapshot, "j G").is_empty(),
        "the answer is on its way"
    );
    let page = Page {
        items: (5..10).rev().map(fixture::failure).collect(),
        next: None,
    };
    update(
        &mut state,
        &snapshot,
        Message::Returned(Box::new(Outcome::Paged {
            ticket: *ticket,
            page: Ok(page),
        })),
    );
    press(&mut state, &snapshot, "G");
    assert_eq!(state.history.selected(), Some(5));
    assert!(press(&mut state, &snapshot, "G").is_empty(), "there is no more");
}

#[test]
fn a_filter_that_leaves_room_asks_the_store_with_it_and_goes_on_while_pages_are_empty() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    let asked = press(&mut state, &snapshot, "/ c l a s s : t i m e space z z enter");
    let [Intent::Page { ticket, filter, .. }] = asked.as_slice() else {
        panic!("{asked:?}")
    };
    let wanted = HistoryFilter {
        class: Some(FailureClass::Timeout),
        q: Some("zz".into()),
        ..HistoryFilter::default()
    };
    assert_eq!(*filter, wanted);
    let next = Some(Cursor {
        timestamp: fixture::now(),
        id: 3,
    });
    let page = Ok(Page {
        items: Vec::new(),
        next,
    });
    let more = update(
        &mut state,
        &snapshot,
        Message::Returned(Box::new(Outcome::Paged { ticket: *ticket, page })),
    );
    assert!(
        matches!(
            more.as_slice(),
            [Intent::Page {
                after: Some(Cursor { id: 3, .. }),
                ..
            }]
        ),
        "{more:?}"
    );
}

#[test]
fn a_class_key_saves_and_moves_on() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    let sent = press(&mut state, &snapshot, "c 5");
    assert_eq!(corrections(&sent), [(59, FailureClass::Network, None)]);
    assert_eq!((state.history.selected(), state.pop_up.is_none()), (Some(58), true));
    let sent = press(&mut state, &snapshot, "enter c 0");
    assert_eq!(corrections(&sent), [(58, FailureClass::Timeout, None)]);
    assert_eq!(
        state.detail.as_ref().map(|open| open.id()),
        Some(57),
        "in the detail the next failure opens"
    );
}

#[test]
fn a_correction_is_about_the_row_it_was_opened_on() {
    let before = fixture::with_rows([11, 10]);
    let mut state = opened(&before);
    press(&mut state, &before, "c");
    let after = fixture::with_rows([12, 10]);
    update(&mut state, &after, Message::Changed);
    let sent = press(&mut state, &after, "1");
    assert_eq!(corrections(&sent), [(11, FailureClass::Build, None)]);
}

#[test]
fn a_note_is_kept_by_ctrl_s_and_dropped_by_esc() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    let sent = press(&mut state, &snapshot, "c a p r o x y enter 4 0 7 ctrl-s 6");
    assert_eq!(
        corrections(&sent),
        [(59, FailureClass::Permission, Some("proxy\n407".into()))]
    );
    let mut state = opened(&snapshot);
    let sent = press(&mut state, &snapshot, "c a x esc 6");
    assert_eq!(corrections(&sent), [(59, FailureClass::Permission, None)]);
}

#[test]
fn a_pasted_note_is_harmless_and_bounded_and_a_paste_elsewhere_presses_no_key() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "c a");
    update(
        &mut state,
        &snapshot,
        Message::Paste(format!("a\u{1b}[2J\u{202e}{}", "é".repeat(5_000))),
    );
    let sent = press(&mut state, &snapshot, "ctrl-s 1");
    let note = corrections(&sent)[0].2.clone().expect("a note");
    assert!(note.starts_with("a[2Jé") && note.len() <= crate::correction::MAX_NOTE_BYTES);
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "c");
    assert!(update(&mut state, &snapshot, Message::Paste("1".into())).is_empty());
    assert!(state.pop_up.is_some());
}

#[test]
fn u_takes_the_last_correction_back_and_capital_u_makes_it_again() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    let sent = press(&mut state, &snapshot, "c 5");
    let Some(Intent::Send(command)) = sent.first() else {
        panic!("{sent:?}")
    };
    acknowledge(&mut state, &snapshot, command, 77);
    assert!(said(&state).starts_with("saved: #59"));
    let undo = press(&mut state, &snapshot, "u");
    let [Intent::Send(undo @ Command::Undo { id: 59, correction: 77 })] = undo.as_slice() else {
        panic!("{undo:?}")
    };
    acknowledge(&mut state, &snapshot, undo, 77);
    assert!(said(&state).starts_with("taken back: #59"));
    let redo = press(&mut state, &snapshot, "U");
    assert_eq!(corrections(&redo), [(59, FailureClass::Network, None)]);
}

#[test]
fn what_could_not_be_saved_is_said() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    let sent = press(&mut state, &snapshot, "c 5");
    let Some(Intent::Send(command)) = sent.into_iter().next() else {
        panic!("nothing sent")
    };
    update(
        &mut state,
        &snapshot,
        Message::Returned(Box::new(Outcome::Sent {
            command,
            reply: Err(CommandError::Busy),
        })),
    );
    assert!(said(&state).starts_with("not saved: too many requests"));
    let page = Err(StoreError::Busy);
    press(&mut state, &snapshot, "G");
    update(
        &mut state,
        &snapshot,
        Message::Returned(Box::new(Outcome::Paged { ticket: 1, page })),
    );
    assert!(said(&state).contains("queue is full"));
}

#[test]
fn an_open_failure_follows_what_becomes_of_its_row() {
    let snapshot = fixture::with_rows([12, 11]);
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "enter");
    assert!(
        update(&mut state, &snapshot, Message::Changed).is_empty(),
        "nothing is new"
    );
    let mut next = fixture::with_rows([12, 11]);
    let mut judged_again = fixture::failure(12);
    judged_again.revision = 2;
    next.rows = Arc::new([Arc::new(judged_again), Arc::new(fixture::failure(11))].into());
    let asked = update(&mut state, &next, Message::Changed);
    assert!(
        matches!(asked.as_slice(), [Intent::Open(12), Intent::Explain(12)]),
        "{asked:?}"
    );
}

#[test]
fn an_answer_about_a_failure_that_was_closed_changes_nothing() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "enter esc j enter");
    let dossier = Ok(Box::new(fixture::dossier(59)));
    update(
        &mut state,
        &snapshot,
        Message::Returned(Box::new(Outcome::Opened { id: 59, dossier })),
    );
    assert_eq!(state.detail.as_ref().map(|open| open.id()), Some(58));
}

#[test]
fn y_copies_the_decisive_lines_of_an_open_failure_and_the_row_elsewhere() {
    let snapshot = fixture::full();
    let copied = |keys: &str| {
        let mut state = opened(&snapshot);
        match press(&mut state, &snapshot, keys).pop() {
            Some(Intent::Copy(text)) => text,
            other => panic!("`{keys}`: {other:?}"),
        }
    };
    assert!(copied("y").starts_with("#59 Security Scan Failure 93%  acme/"));
    assert_eq!(copied("enter y"), "Total: 3 (HIGH: 2, CRITICAL: 1)");
    assert_eq!(copied("enter n y"), "Process completed with exit code 1.");
    assert!(copied("o y").starts_with("https://"));
    assert!(copied("tab y").starts_with("predicted_class"));
}

#[test]
fn what_is_copied_cannot_steer_the_terminal_it_is_pasted_into() {
    let snapshot = fixture::hostile();
    let mut state = opened(&snapshot);
    update(&mut state, &snapshot, Message::Act(Action::Open));
    let wishes = update(&mut state, &snapshot, Message::Act(Action::Copy));
    let [Intent::Copy(text)] = wishes.as_slice() else {
        panic!("{wishes:?}")
    };
    assert!(
        !text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r', '\u{9b}']),
        "{text:?}"
    );
}

#[test]
fn the_cursor_of_the_heat_map_stays_on_its_window_while_new_ones_come() {
    let mut snapshot = fixture::full();
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "tab h h");
    let held = state.heat_map.column;
    assert_eq!(held, snapshot.heat_map.get(28).map(|column| column.at));
    let mut columns = (*snapshot.heat_map).clone();
    let mut newest = columns[29].clone();
    newest.at = fixture::now();
    columns.push_back(newest);
    snapshot.heat_map = Arc::new(columns);
    update(&mut state, &snapshot, Message::Changed);
    assert_eq!(state.heat_map.column, held);
    press(&mut state, &snapshot, "l l l l");
    assert_eq!(
        state.heat_map.column, None,
        "behind the last kept window stands the live one"
    );
}

#[test]
fn a_notice_goes_after_a_while() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "t");
    let later = |seconds| fixture::now() + jiff::SignedDuration::from_secs(seconds);
    update(&mut state, &snapshot, Message::Tick(later(3)));
    assert!(!said(&state).is_empty());
    update(&mut state, &snapshot, Message::Tick(later(30)));
    assert!(said(&state).is_empty());
}

#[test]
fn keys_on_an_empty_tower_and_on_a_tiny_screen_do_no_harm() {
    for snapshot in [fixture::empty(), fixture::full()] {
        let mut state = opened(&snapshot);
        update(&mut state, &snapshot, Message::Resized(Size::new(1, 1)));
        press(
            &mut state,
            &snapshot,
            "j k G g pgdn pgup h l n N s c esc u U y esc o esc enter j G n y tab j h G d j : x esc / y esc ? j esc",
        );
        fixture::shown(&state, &snapshot);
    }
}

#[test]
fn a_persons_one_key_decides_what_an_agent_proposes() {
    let snapshot = fixture::proposed();
    let decisions = |keys: &str| {
        let mut state = opened(&snapshot);
        let decided = press(&mut state, &snapshot, keys);
        let decided = decided.into_iter().filter_map(|intent| match intent {
            Intent::Send(Command::Accept { proposal, actor }) => Some(("accept", proposal, actor)),
            Intent::Send(Command::Reject { proposal, actor }) => Some(("reject", proposal, actor)),
            _ => None,
        });
        decided.collect::<Vec<_>>()
    };
    let actor = fixture::state(80, 24).actor;
    let table: [(&str, &[(&str, i64)]); 6] = [
        ("a", &[("accept", 3)]),
        ("enter x", &[("reject", 3)]),
        ("j a", &[]),
        ("p j a", &[("accept", 4)]),
        ("p a x", &[("accept", 3), ("reject", 4)]),
        ("p G x", &[("reject", 5)]),
    ];
    for (keys, wanted) in table {
        let wanted: Vec<_> = wanted.iter().map(|(what, id)| (*what, *id, actor.clone())).collect();
        assert_eq!(decisions(keys), wanted, "{keys}");
    }
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "j a");
    assert_eq!(said(&state), "nobody proposes anything for #58");
}

#[test]
fn the_list_of_proposals_opens_their_failures_and_closes() {
    let snapshot = fixture::proposed();
    let after = |keys: &str| {
        let mut state = opened(&snapshot);
        press(&mut state, &snapshot, keys);
        state
    };
    assert_eq!(after("p j enter").detail.map(|open| open.id()), Some(57));
    assert_eq!(
        after("p G enter").detail.map(|open| open.id()),
        Some(7),
        "older than the newest rows, so it is fetched"
    );
    for keys in ["p esc", "p p"] {
        assert!(after(keys).pop_up.is_none(), "{keys}");
    }
}

#[test]
fn an_accepted_proposal_is_undone_like_ones_own_word() {
    let snapshot = fixture::proposed();
    let mut state = opened(&snapshot);
    let sent = press(&mut state, &snapshot, "a");
    let Some(Intent::Send(command)) = sent.into_iter().next() else {
        panic!("nothing sent")
    };
    let word = fixture::dossier(59).corrections[1].correction.clone();
    let row = fixture::corrected(fixture::failure(59), word.label);
    let reply = Ok(Reply::Corrected(fixture::stored(81, 59, word), Arc::new(row)));
    let sent = Outcome::Sent { command, reply };
    update(&mut state, &snapshot, Message::Returned(Box::new(sent)));
    assert!(said(&state).starts_with("saved: #59 is Timeout"), "{}", said(&state));
    let undo = press(&mut state, &snapshot, "u");
    assert!(
        matches!(
            undo.as_slice(),
            [Intent::Send(Command::Undo { id: 59, correction: 81 })]
        ),
        "{undo:?}"
    );
}

#[test]
fn u_on_a_new_screen_takes_back_what_another_one_said() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    let undo = press(&mut state, &snapshot, "u");
    let [Intent::Send(Command::UndoLast)] = undo.as_slice() else {
        panic!("{undo:?}")
    };
    let nothing = Outcome::Sent {
        command: Command::UndoLast,
        reply: Err(CommandError::Store(StoreError::NothingToUndo)),
    };
    update(&mut state, &snapshot, Message::Returned(Box::new(nothing)));
    assert_eq!(said(&state), "there is no correction to take back");
    let redo = press(&mut state, &snapshot, "U");
    assert!(matches!(redo.as_slice(), [Intent::Send(Command::Redo)]), "{redo:?}");
}

fn sent(intents: &[Intent]) -> Vec<&Command> {
    let commands = intents.iter().filter_map(|intent| match intent {
        Intent::Send(command) => Some(command),
        _ => None,
    });
    commands.collect()
}

#[test]
fn a_person_labels_a_hundred_failures_with_two_keys_each() {
    let snapshot = fixture::with_rows((1..=150).rev());
    let mut state = opened(&snapshot);
    let mut labelled = std::collections::BTreeSet::new();
    for turn in 0..100 {
        let class = ["1", "5", "9", "0"][turn % 4];
        let asked = press(&mut state, &snapshot, &format!("c {class}"));
        let said = corrections(&asked);
        assert_eq!(said.len(), 1, "turn {turn}: {asked:?}");
        labelled.insert(said[0].0);
    }
    assert_eq!(labelled.len(), 100, "each key pair labels another failure");
}

#[test]
fn two_keys_label_all_that_failed_the_same_way_and_one_takes_it_back() {
    let snapshot = fixture::full();
    let mut state = opened(&snapshot);
    let asked = press(&mut state, &snapshot, "C 5");
    let commands = sent(&asked);
    let [command @ Command::CorrectGroup { id: 59, correction }] = commands.as_slice() else {
        panic!("{asked:?}")
    };
    assert_eq!(correction.label, FailureClass::Network);
    let row = fixture::corrected(fixture::failure(59), FailureClass::Network);
    let reply = Ok(Reply::Corrected(
        fixture::stored(88, 59, correction.clone()),
        Arc::new(row),
    ));
    let returned = Outcome::Sent {
        command: (*command).clone(),
        reply,
    };
    update(&mut state, &snapshot, Message::Returned(Box::new(returned)));
    let undo = press(&mut state, &snapshot, "u");
    assert!(
        matches!(sent(&undo).as_slice(), [Command::Undo { id: 59, correction: 88 }]),
        "{undo:?}"
    );
}

#[test]
fn what_everybody_feels_is_asked_about_and_enter_means_no() {
    let snapshot = fixture::with_models();
    for (keys, wanted) in [
        ("r enter", None),
        ("r n", None),
        ("r y", Some("retrain")),
        ("m b esc", None),
        ("m b y", Some("back")),
        ("m P y", None),
        ("m j P enter", None),
        ("m j P y", Some("promote v2")),
    ] {
        let mut state = opened(&snapshot);
        let asked = press(&mut state, &snapshot, keys);
        let got = sent(&asked).first().map(|command| match command {
            Command::Retrain { actor, .. } if actor == "ada" => "retrain".to_owned(),
            Command::RollBack { actor, .. } if actor == "ada" => "back".to_owned(),
            Command::Promote { version, .. } => format!("promote {version}"),
            other => panic!("{other:?}"),
        });
        assert_eq!(got.as_deref(), wanted, "after `{keys}`");
    }
}

#[test]
fn who_only_looks_at_the_ledger_sees_the_next_challenger_under_the_cursor() {
    let mut snapshot = fixture::with_models();
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "m l l");
    let mut registry = (*snapshot.registry).clone();
    let next = crate::registry::ModelInfo {
        version: "v4".into(),
        ..registry.models[0].clone()
    };
    registry.models.insert(0, next);
    snapshot.registry = Arc::new(registry);
    let selected = state.models.selected(&snapshot).map(|model| model.version.as_str());
    assert_eq!(selected, Some("v4"));
}

#[test]
fn the_end_of_a_retraining_is_said_once_and_one_under_way_is_not_begun_again() {
    let mut snapshot = fixture::with_models();
    snapshot.retraining = Arc::new(fixture::retraining_ended());
    let mut state = opened(&snapshot);
    assert!(
        said(&state).contains("retraining: kept: not better"),
        "{}",
        said(&state)
    );
    state.notice = None;
    update(&mut state, &snapshot, Message::Changed);
    assert!(state.notice.is_none());
    snapshot.retraining = Arc::new(fixture::retraining_under_way());
    press(&mut state, &snapshot, "r");
    assert!(state.pop_up.is_none() && said(&state).contains("under way"));
    let cancelled = press(&mut state, &snapshot, "m x");
    assert!(matches!(sent(&cancelled).as_slice(), [Command::CancelRetraining]));
}

#[test]
fn n_goes_to_the_larger_group_first_among_equally_unsure_ones() {
    let mut snapshot = fixture::with_rows([30, 25, 20, 15]);
    let rows = [(30, "f1:alone"), (25, "f1:many"), (20, "f1:many"), (15, "f1:many")].map(|(id, shared)| {
        let mut row = fixture::failure(id);
        row.verdict.fingerprint = Some(crate::evidence::Fingerprint(shared.into()));
        Arc::new(row)
    });
    snapshot.rows = Arc::new(rows.into());
    let mut state = opened(&snapshot);
    press(&mut state, &snapshot, "G n");
    assert_eq!(
        state.history.selected(),
        Some(30),
        "the last of the large group leads to the lone one"
    );
    press(&mut state, &snapshot, "N N N");
    assert_eq!(state.history.selected(), Some(25), "the most useful one");
    press(&mut state, &snapshot, "c 1");
    assert_eq!(
        state.history.selected(),
        Some(20),
        "a label leads on to the next useful one"
    );
    press(&mut state, &snapshot, "g c 1");
    assert_eq!(
        state.history.selected(),
        Some(25),
        "and down the list where the cursor was moved along it"
    );
}
