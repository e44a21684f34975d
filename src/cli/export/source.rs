//! Where rows come from: pages of history, from the server that owns the data folder or from the folder itself.

use anyhow::{Context, Result};
use jiff::Timestamp;
use reqwest::Url;
use serde::Deserialize;
use serde_json::value::RawValue;
use warp::http::Method;

use super::super::Usage;
use super::super::reach::Reach;
use crate::app::asked::{Asked, Limits};
use crate::config::Settings;

/// Rows of a page: a megabyte or two.
const PAGE: usize = 500;

/// Pages of history until there are no more.
pub(super) struct Source {
    reach: Reach,
    query: Vec<(String, String)>,
    cursor: Option<String>,
    ended: bool,
}

/// A page as it is answered; rows stay the texts that they are.
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
        // Known here already, so that a mistake is one of usage.
        if let Err(wrong) = Asked::parse(&query, Timestamp::now(), limits) {
            return Err(Usage(format!("--{}", wrong.join("; --"))).into());
        }
        query.push(("limit".to_owned(), PAGE.to_string()));
        Ok(Self {
            reach: Reach::of(settings).await?,
            query,
            cursor: None,
            ended: false,
        })
    }

    /// The next rows as JSON; none at the end.
    pub(super) async fn next_page(&mut self) -> Result<Vec<Box<RawValue>>> {
        if self.ended {
            return Ok(Vec::new());
        }
        let page: Page = self.reach.ask(Method::GET, &self.path()?, None).await?;
        self.ended = page.next_cursor.is_none();
        self.cursor = page.next_cursor;
        Ok(page.items)
    }

    /// Gives the folder up.
    pub(super) async fn close(self) {
        self.reach.close().await;
    }

    fn path(&self) -> Result<String> {
        let cursor = self.cursor.iter().map(|cursor| ("cursor", cursor.as_str()));
        let query = self.query.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let url = Url::parse_with_params("http://localhost/api/history", query.chain(cursor)).context("the query")?;
        Ok(format!("{}?{}", url.path(), url.query().unwrap_or_default()))
    }
}
