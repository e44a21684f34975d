//! Where rows come from: the data folder itself, a page at a time.

use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;
use serde_json::value::{RawValue, to_raw_value};

use super::super::{Usage, data};
use crate::app::asked::{Asked, Limits};
use crate::app::row::Row;
use crate::config::Settings;
use crate::store::Store;
use crate::store::sqlite::SqliteStore;

/// Rows of a page.
const PAGE: usize = 500;

/// Pages of history until there are no more.
pub(super) struct Source {
    store: Arc<SqliteStore>,
    asked: Asked,
    /// Whether every row is asked for.
    all: bool,
    ended: bool,
}

impl Source {
    /// Reads what the query asks for, and takes the data folder.
    pub(super) fn open(settings: &Settings, query: &[(String, String)]) -> Result<Self> {
        let limits = Limits {
            missing: PAGE,
            most: PAGE,
        };
        let asked = Asked::parse(query, Timestamp::now(), limits);
        Ok(Self {
            asked: asked.map_err(|wrong| Usage(format!("--{}", wrong.join("; --"))))?,
            store: data::own(settings)?,
            all: query.is_empty(),
            ended: false,
        })
    }

    /// How many rows there will be, where that is known beforehand.
    pub(super) async fn expected(&self) -> Option<u64> {
        let totals = self.store.totals().await.ok().filter(|_| self.all)?;
        Some(totals.failures)
    }

    /// The next rows as JSON; none at the end.
    pub(super) async fn next_page(&mut self) -> Result<Vec<Box<RawValue>>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let Asked { limit, after, filter } = &self.asked;
        let page = self.store.history(filter, *after, *limit).await?;
        self.asked.after = page.next;
        self.ended = page.next.is_none();
        let rows: Result<_, _> = page.items.iter().map(|row| to_raw_value(&Row::from(row))).collect();
        Ok(rows?)
    }
}
