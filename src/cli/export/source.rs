//! Where rows come from: the data folder itself, or the server that owns it; a page at a time either way.

use std::sync::Arc;

use anyhow::{Context, Result};
use jiff::Timestamp;
use reqwest::Url;
use serde::Deserialize;
use serde_json::value::{RawValue, to_raw_value};
use warp::http::Method;

use super::super::Usage;
use super::super::reach::Reach;
use crate::app::asked::{Asked, Limits};
use crate::app::row::Row;
use crate::config::Settings;
use crate::store::sqlite::{SqliteLimits, SqliteStore};
use crate::store::{Store, StoreError};

/// Rows of a page: a megabyte or two.
const PAGE: usize = 500;

/// Pages of history until there are no more.
pub(super) struct Source {
    owner: Owner,
    ended: bool,
}

/// Who has the data.
enum Owner {
    /// This process. No model is loaded for reading rows: it would take more memory than all of them.
    Us(Arc<SqliteStore>, Asked),
    /// A server; with the query, and the place of the next page.
    Server(Reach, Vec<(String, String)>, Option<String>),
}

/// A page as a server answers it; rows stay the texts that they are.
#[derive(Deserialize)]
struct Page {
    items: Vec<Box<RawValue>>,
    next_cursor: Option<String>,
}

impl Source {
    /// Reads what the query asks for, and finds the way to the data.
    pub(super) async fn open(settings: &Settings, mut query: Vec<(String, String)>) -> Result<Self> {
        let limits = Limits {
            missing: PAGE,
            most: PAGE,
        };
        let asked = Asked::parse(&query, Timestamp::now(), limits);
        let asked = asked.map_err(|wrong| Usage(format!("--{}", wrong.join("; --"))))?;
        let dir = &settings.data.dir;
        let ours = SqliteStore::is_in(dir).then(|| SqliteStore::open(dir, SqliteLimits::default()));
        let owner = match ours {
            Some(Ok(store)) => Owner::Us(store, asked),
            Some(Err(error)) if !matches!(error, StoreError::Locked { .. }) => return Err(error.into()),
            Some(Err(_)) | None => {
                query.push(("limit".to_owned(), PAGE.to_string()));
                Owner::Server(Reach::of(settings).await?, query, None)
            }
        };
        Ok(Self { owner, ended: false })
    }

    /// The next rows as JSON; none at the end.
    pub(super) async fn next_page(&mut self) -> Result<Vec<Box<RawValue>>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let (rows, last) = match &mut self.owner {
            Owner::Us(store, asked) => {
                let page = store.history(&asked.filter, asked.after, asked.limit).await?;
                asked.after = page.next;
                let rows: Result<_, _> = page.items.iter().map(|row| to_raw_value(&Row::from(row))).collect();
                (rows?, page.next.is_none())
            }
            Owner::Server(reach, query, cursor) => {
                let page: Page = reach.ask(Method::GET, &path(query, cursor.as_deref())?, None).await?;
                *cursor = page.next_cursor;
                (page.items, cursor.is_none())
            }
        };
        self.ended = last;
        Ok(rows)
    }

    /// Gives the folder up.
    pub(super) async fn close(self) {
        match self.owner {
            Owner::Us(store, _) => drop(store),
            Owner::Server(reach, ..) => reach.close().await,
        }
    }
}

fn path(query: &[(String, String)], cursor: Option<&str>) -> Result<String> {
    let cursor = cursor.map(|cursor| ("cursor", cursor));
    let query = query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let url = Url::parse_with_params("http://localhost/api/history", query.chain(cursor)).context("the query")?;
    Ok(format!("{}?{}", url.path(), url.query().unwrap_or_default()))
}
