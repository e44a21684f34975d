//! `GET /api/history`: a page of rows goes out.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;

use super::Role;
use super::doors::{Doors, Head};
use super::reject::Problem;
use super::reply;
use super::routes::Answer;
use crate::app::asked::{Asked, Limits, encode};
use crate::app::row::Row;

/// Rows of a page.
pub(super) const LIMITS: Limits = Limits {
    missing: 100,
    most: 1_000,
};

/// Answers one page.
pub(super) async fn history(doors: Arc<Doors>, head: Head, (): ()) -> Answer {
    let _caller = doors.admit(&head, Role::Read)?;
    let asked = Asked::parse(&head.query, (doors.clock)(), LIMITS)
        .map_err(|wrong| Problem::bad_request("the query cannot be read", wrong))?;
    let page = doors
        .handle
        .query()
        .history(&asked.filter, asked.after, asked.limit)
        .await?;
    let items = page.items.iter().map(Row::from).collect();
    Ok(reply::ok(&HistoryPage {
        items,
        next_cursor: page.next.map(encode),
    }))
}

/// A page of the history, newest first.
#[derive(Serialize, JsonSchema)]
pub(super) struct HistoryPage<'a> {
    items: Vec<Row<'a>>,
    /// `cursor` of the next page; `null` on the last one.
    next_cursor: Option<String>,
}
