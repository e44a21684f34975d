//! State and snapshot become a frame. Pure: it changes nothing and asks nobody.

use ratatui::buffer::Buffer;
use ratatui::widgets::{Paragraph, Widget, Wrap};

use super::layout::{Form, Pane};
use super::panes::history::ask;
use super::panes::{
    correction, detail, drift, footer, header, heat_map, help, history, link, models, palette, proposals, question,
};
use super::state::{PopUp, ViewState};
use super::text::scrub;
use crate::app::snapshot::Snapshot;

/// Paints everything on an empty frame of the size that the state knows.
pub fn view(state: &ViewState, snapshot: &Snapshot, frame: &mut Buffer) {
    let places = state.places(snapshot);
    if places.form == Form::Sentence {
        Paragraph::new(header::sentence(snapshot))
            .wrap(Wrap { trim: true })
            .render(frame.area, frame);
        return scrub(frame);
    }
    header::view(state, snapshot, places.header, frame);
    if !places.heat_map.is_empty() {
        heat_map::view(state, snapshot, places.heat_map, frame);
    }
    if !places.history.is_empty() {
        history::view::view(state, snapshot, places.history, frame);
    }
    match (state.focus, &state.detail) {
        (Pane::Detail, Some(open)) => detail::view(state, snapshot, open, places.body, frame),
        (Pane::Models, _) => models::view(state, snapshot, places.body, frame),
        (Pane::Drift, _) => drift::view(state, snapshot, places.body, frame),
        (Pane::Detail | Pane::History | Pane::HeatMap, _) => {}
    }
    if !places.cell.is_empty() {
        heat_map::view_cell(state, snapshot, places.cell, frame);
    }
    pop_up(state, snapshot, frame);
    footer::view(state, snapshot, places.footer, frame);
    scrub(frame);
}

fn pop_up(state: &ViewState, snapshot: &Snapshot, frame: &mut Buffer) {
    let body = state.body(snapshot);
    match &state.pop_up {
        None => {}
        Some(PopUp::Help { scroll }) => help::view(state, *scroll, body, frame),
        Some(PopUp::Correction(correcting)) => correction::view(state, correcting, body, frame),
        Some(PopUp::Filter { prompt, .. }) => ask::view(state, prompt, body, frame),
        Some(PopUp::Palette(commands)) => palette::view(state, commands, body, frame),
        Some(PopUp::Question(asked)) => question::view(state, asked, body, frame),
        Some(PopUp::Proposals(list)) => proposals::view(state, snapshot, list, body, frame),
        Some(PopUp::Link(url)) => link::view(state, url, body, frame),
    }
}
