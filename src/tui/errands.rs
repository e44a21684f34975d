//! Intents are carried out beside the session, so that a slow query never holds up a key.
//!
//! Commands of one screen go one after another, in the order of the keys. Queries go side by side. All are owned: what
//! still runs when the session ends is waited for (commands) or ended (queries).

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::{Id, JoinError, JoinSet};

use super::intent::Intent;
use super::message::Outcome;
use super::session::Tower;
use crate::app::command::{Command, CommandError};

/// Rows asked for at a time.
const PAGE_ROWS: usize = 200;

/// How long the end of a session waits for corrections that are on their way.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is under way for one session.
#[derive(Debug)]
pub(super) struct Errands<T> {
    tower: Arc<T>,
    tasks: JoinSet<Outcome>,
    waiting: VecDeque<Command>,
    sending: Option<(Id, Command)>,
}

impl<T: Tower> Errands<T> {
    pub(super) fn new(tower: Arc<T>) -> Self {
        Self {
            tower,
            tasks: JoinSet::new(),
            waiting: VecDeque::new(),
            sending: None,
        }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.tasks.is_empty()
    }

    pub(super) fn send(&mut self, command: Command) {
        self.waiting.push_back(command);
        self.send_next();
    }

    /// Starts a query; answers with an intent that is none.
    pub(super) fn ask(&mut self, intent: Intent) -> Option<Intent> {
        let tower = Arc::clone(&self.tower);
        match intent {
            Intent::Page { ticket, filter, after } => {
                let page = async move { tower.history(filter, after, PAGE_ROWS).await };
                self.tasks.spawn(async move {
                    Outcome::Paged {
                        ticket,
                        page: page.await,
                    }
                });
            }
            Intent::Open(id) => {
                self.tasks.spawn(async move {
                    Outcome::Opened {
                        id,
                        dossier: tower.dossier(id).await.map(Box::new),
                    }
                });
            }
            Intent::Explain(id) => {
                self.tasks.spawn(async move {
                    Outcome::Explained {
                        id,
                        failure: tower.explain(id).await.map(Box::new),
                    }
                });
            }
            other @ (Intent::Send(_) | Intent::Copy(_) | Intent::Quit) => return Some(other),
        }
        None
    }

    /// The next outcome. Safe to drop while it waits.
    pub(super) async fn next(&mut self) -> Option<Outcome> {
        let joined = self.tasks.join_next_with_id().await?;
        Some(self.take(joined))
    }

    fn take(&mut self, joined: Result<(Id, Outcome), JoinError>) -> Outcome {
        let id = match &joined {
            Ok((id, _)) => *id,
            Err(error) => error.id(),
        };
        let command = self
            .sending
            .take_if(|(sending, _)| *sending == id)
            .map(|(_, command)| command);
        self.send_next();
        match (joined, command) {
            (Ok((_, outcome)), _) => outcome,
            (Err(error), Some(command)) => Outcome::Sent {
                command,
                reply: Err(CommandError::Judge(error.to_string())),
            },
            (Err(error), None) => Outcome::Broken(error.to_string()),
        }
    }

    fn send_next(&mut self) {
        if self.sending.is_some() {
            return;
        }
        let Some(command) = self.waiting.pop_front() else {
            return;
        };
        let (tower, copy) = (Arc::clone(&self.tower), command.clone());
        let send = async move {
            let reply = tower.submit(copy.clone()).await;
            Outcome::Sent { command: copy, reply }
        };
        self.sending = Some((self.tasks.spawn(send).id(), command));
    }

    /// Waits for commands, then ends the rest.
    pub(super) async fn leave(mut self) {
        let sent = async {
            while self.sending.is_some() {
                self.next().await;
            }
        };
        if tokio::time::timeout(PATIENCE, sent).await.is_err() {
            tracing::warn!("a correction was still on its way when its screen closed");
        }
        self.tasks.shutdown().await;
    }
}
