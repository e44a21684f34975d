//! What a screen wants of the world. `update` says it, the session does it.

use crate::app::command::Command;
use crate::store::{Cursor, HistoryFilter};

/// A wish of one screen.
#[derive(Debug, Clone)]
pub enum Intent {
    /// Submit a command. Commands of one screen are carried out one after another.
    Send(Command),
    /// Fetch older rows.
    Page {
        /// Marks the answer; an answer to an earlier question is dropped.
        ticket: u64,
        /// Which rows.
        filter: HistoryFilter,
        /// Where they start.
        after: Option<Cursor>,
    },
    /// Fetch a failure with its corrections and the size of its group.
    Open(i64),
    /// Fetch its contributions, which take some tens of milliseconds.
    Explain(i64),
    /// Put a text on the clipboard of the person's own machine.
    Copy(String),
    /// Leave.
    Quit,
}
