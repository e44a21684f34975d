//! The corrections of one screen, so that they can be taken back and made again. Beyond them the store's are: those of
//! other screens and of earlier.
//!
//! Only what the store acknowledged can be undone. An undo that is pressed while a correction is still on its way
//! waits for it, so that fast typing means what it says.

use std::collections::VecDeque;

use crate::app::command::{Command, CommandError, Reply};
use crate::correction::Correction;
use crate::store::StoreError;

/// The most steps kept.
const MAX_STEPS: usize = 200;

/// A correction that stands, or stood.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    failure: i64,
    stored: i64,
    correction: Correction,
}

/// What a person can do with their own corrections.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// Take the last one back.
    Undo,
    /// Make it again.
    Redo,
}

/// What comes of a [`Turn`].
#[derive(Debug)]
pub enum Taken {
    /// Send this.
    Send(Command),
    /// Something is on its way; the turn is taken when it has arrived.
    Later,
}

/// The corrections of one screen.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    done: Vec<Step>,
    undone: Vec<Step>,
    /// Taken from its stack and on its way.
    moving: Option<Step>,
    sending: usize,
    waiting: VecDeque<Turn>,
}

impl Ledger {
    /// A new correction. What was undone before it cannot be redone after it.
    pub fn correct(&mut self, failure: i64, correction: Correction) -> Command {
        self.undone.clear();
        self.sending += 1;
        Command::Correct {
            id: failure,
            correction,
        }
    }

    /// A new correction of a whole group.
    pub fn correct_group(&mut self, failure: i64, correction: Correction) -> Command {
        self.undone.clear();
        self.sending += 1;
        Command::CorrectGroup {
            id: failure,
            correction,
        }
    }

    /// A decision on a proposal. Accepted, it is a correction like one's own.
    pub fn decide(&mut self, command: Command) -> Command {
        if matches!(command, Command::Accept { .. }) {
            self.undone.clear();
        }
        self.sending += 1;
        command
    }

    /// Undoes or redoes, now or when what is on its way has arrived.
    pub fn take(&mut self, turn: Turn) -> Taken {
        if self.sending > 0 {
            self.waiting.push_back(turn);
            return Taken::Later;
        }
        let from = match turn {
            Turn::Undo => &mut self.done,
            Turn::Redo => &mut self.undone,
        };
        self.sending += 1;
        let Some(step) = from.pop() else {
            // Nothing of this screen: what was said on another one, or before it.
            return Taken::Send(match turn {
                Turn::Undo => Command::UndoLast,
                Turn::Redo => Command::Redo,
            });
        };
        let command = match turn {
            Turn::Undo => Command::Undo {
                id: step.failure,
                correction: step.stored,
            },
            Turn::Redo => Command::Correct {
                id: step.failure,
                correction: step.correction.clone(),
            },
        };
        self.moving = Some(step);
        Taken::Send(command)
    }

    /// Notes what became of a command of this screen; answers with the next turn if one waits.
    pub fn returned(&mut self, command: &Command, reply: &Result<Reply, CommandError>) -> Option<Taken> {
        self.sending = self.sending.saturating_sub(1);
        let moving = self.moving.take();
        match (command, reply) {
            (
                Command::Correct { .. } | Command::CorrectGroup { .. } | Command::Accept { .. },
                Ok(Reply::Corrected(stored, _)),
            ) => {
                let correction = stored.correction.clone();
                push(
                    &mut self.done,
                    Step {
                        failure: stored.failure_id,
                        stored: stored.id,
                        correction,
                    },
                );
            }
            (Command::Undo { .. }, Ok(_)) => self.undone.extend(moving),
            (Command::Undo { .. }, Err(error)) if !is_gone(error) => self.done.extend(moving),
            (Command::Correct { .. }, Err(error)) if !is_gone(error) => self.undone.extend(moving),
            (
                Command::Correct { .. }
                | Command::CorrectGroup { .. }
                | Command::Undo { .. }
                | Command::UndoLast
                | Command::Redo
                | Command::Propose { .. }
                | Command::Accept { .. }
                | Command::Reject { .. }
                | Command::Retrain { .. }
                | Command::CancelRetraining
                | Command::Promote { .. }
                | Command::RollBack { .. }
                | Command::Deliver(_)
                | Command::Find { .. }
                | Command::AttachLog { .. }
                | Command::MissLog { .. }
                | Command::Judge(_),
                _,
            ) => {}
        }
        if self.sending > 0 {
            return None;
        }
        let turn = self.waiting.pop_front()?;
        Some(self.take(turn))
    }
}

/// Whether trying again is of no use.
const fn is_gone(error: &CommandError) -> bool {
    matches!(
        error,
        CommandError::Store(StoreError::NoCorrection { .. } | StoreError::NoFailure(_))
    )
}

fn push(steps: &mut Vec<Step>, step: Step) {
    if steps.len() == MAX_STEPS {
        steps.remove(0);
    }
    steps.push(step);
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::class::FailureClass;
    use crate::tui::fixture;

    fn word(label: FailureClass) -> Correction {
        Correction {
            label,
            note: None,
            author: None,
            actor: "ada".into(),
        }
    }

    #[expect(clippy::unnecessary_wraps, reason = "as the answer comes")]
    fn stored(id: i64, command: &Command) -> Result<Reply, CommandError> {
        let (
            Command::Correct {
                id: failure,
                correction,
            },
            row,
        ) = (command, fixture::failure(1))
        else {
            panic!("not a correction: {command:?}")
        };
        Ok(Reply::Corrected(
            fixture::stored(id, *failure, correction.clone()),
            Arc::new(row),
        ))
    }

    #[test]
    fn a_correction_can_be_undone_and_made_again() {
        let mut ledger = Ledger::default();
        let command = ledger.correct(7, word(FailureClass::Timeout));
        assert!(ledger.returned(&command, &stored(90, &command)).is_none());
        let Taken::Send(undo @ Command::Undo { id: 7, correction: 90 }) = ledger.take(Turn::Undo) else {
            panic!("no undo")
        };
        assert!(ledger.returned(&undo, &stored(90, &command)).is_none());
        let Taken::Send(Command::Correct { id: 7, correction }) = ledger.take(Turn::Redo) else {
            panic!("no redo")
        };
        assert_eq!(correction.label, FailureClass::Timeout);
    }

    #[test]
    fn an_undo_pressed_while_the_correction_is_on_its_way_waits_for_it() {
        let mut ledger = Ledger::default();
        let command = ledger.correct(7, word(FailureClass::Build));
        assert!(matches!(ledger.take(Turn::Undo), Taken::Later));
        let next = ledger.returned(&command, &stored(91, &command));
        assert!(matches!(
            next,
            Some(Taken::Send(Command::Undo { id: 7, correction: 91 }))
        ));
    }

    #[test]
    fn an_undo_that_failed_can_be_tried_again_unless_the_correction_is_gone() {
        let mut ledger = Ledger::default();
        let command = ledger.correct(7, word(FailureClass::Build));
        ledger.returned(&command, &stored(91, &command));
        let Taken::Send(undo) = ledger.take(Turn::Undo) else {
            panic!("no undo")
        };
        ledger.returned(&undo, &Err(CommandError::Busy));
        let Taken::Send(undo) = ledger.take(Turn::Undo) else {
            panic!("not kept")
        };
        let gone = CommandError::Store(StoreError::NoCorrection {
            failure: 7,
            correction: 91,
        });
        ledger.returned(&undo, &Err(gone));
        assert!(matches!(ledger.take(Turn::Undo), Taken::Send(Command::UndoLast)));
    }

    #[test]
    fn a_new_correction_ends_what_could_be_redone() {
        let mut ledger = Ledger::default();
        let command = ledger.correct(7, word(FailureClass::Build));
        ledger.returned(&command, &stored(91, &command));
        let Taken::Send(undo) = ledger.take(Turn::Undo) else {
            panic!("no undo")
        };
        ledger.returned(&undo, &stored(91, &command));
        let command = ledger.correct(8, word(FailureClass::Test));
        ledger.returned(&command, &stored(92, &command));
        assert!(matches!(ledger.take(Turn::Redo), Taken::Send(Command::Redo)));
    }
}
