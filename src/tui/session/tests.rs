//! A whole session: inputs in, frames and commands out, a small tower behind it.

use std::sync::{Arc, Mutex};

use futures_util::stream;
use tokio::sync::mpsc;

use super::*;
use crate::class::FailureClass;
use crate::tui::chord::pressed;
use crate::tui::fixture;

/// A tower that answers as the store would, and notes what it was asked.
pub(in crate::tui) struct Small {
    snapshot: watch::Sender<Arc<Snapshot>>,
    submitted: Mutex<Vec<Command>>,
    /// Commands wait here until the test lets them go.
    gate: tokio::sync::Semaphore,
}

impl Small {
    pub(in crate::tui) fn new(snapshot: Snapshot, open_gate: bool) -> Arc<Self> {
        let gate = tokio::sync::Semaphore::new(if open_gate { 1_000 } else { 0 });
        Arc::new(Self {
            snapshot: watch::Sender::new(Arc::new(snapshot)),
            submitted: Mutex::default(),
            gate,
        })
    }

    fn labels(&self) -> Vec<FailureClass> {
        let submitted = self.submitted.lock().expect("no panic");
        let labels = submitted.iter().filter_map(|command| match command {
            Command::Correct { correction, .. } => Some(correction.label),
            _ => None,
        });
        labels.collect()
    }
}

impl Tower for Small {
    fn watch(&self) -> watch::Receiver<Arc<Snapshot>> {
        self.snapshot.subscribe()
    }

    async fn submit(&self, command: Command) -> Result<Reply, CommandError> {
        self.gate.acquire().await.expect("open").forget();
        let (id, correction) = match &command {
            Command::Correct { id, correction } => (*id, correction.clone()),
            Command::Undo { id, .. } => (*id, fixture::dossier(*id).corrections[0].correction.clone()),
            other => panic!("a screen does not ask for {other:?}"),
        };
        self.submitted.lock().expect("no panic").push(command);
        let row = fixture::corrected(fixture::failure(id), correction.label);
        Ok(Reply::Corrected(
            fixture::stored(500 + id, id, correction),
            Arc::new(row),
        ))
    }

    async fn history(&self, _: HistoryFilter, after: Option<Cursor>, _: usize) -> Result<Page, StoreError> {
        let before = after.map_or(0, |after| after.id);
        let items = (1..before).rev().take(5).map(fixture::failure).collect();
        Ok(Page { items, next: None })
    }

    async fn dossier(&self, id: i64) -> Result<Dossier, StoreError> {
        Ok(fixture::dossier(id))
    }

    async fn explain(&self, id: i64) -> Result<Failure, CommandError> {
        assert!(id != 13, "explaining 13 breaks");
        Ok(fixture::explained(id))
    }
}

/// A screen that keeps its last frame where the test can wait for it.
struct Screen {
    frame: watch::Sender<String>,
    copied: mpsc::UnboundedSender<String>,
    fails: bool,
}

impl Surface for Screen {
    fn draw(&mut self, state: &ViewState, snapshot: &Snapshot) -> io::Result<()> {
        if self.fails {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.frame.send_replace(fixture::shown(state, snapshot).to_string());
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        self.copied.send(text.to_owned()).ok();
        Ok(())
    }
}

/// A person at a running session.
struct Person {
    keys: mpsc::UnboundedSender<Input>,
    frame: watch::Receiver<String>,
    copied: mpsc::UnboundedReceiver<String>,
    stop: CancellationToken,
    ended: tokio::task::JoinHandle<io::Result<Ended>>,
}

impl Person {
    fn sit_down(tower: Arc<Small>) -> Self {
        let (keys, mut pressed) = mpsc::unbounded_channel();
        let (frames, frame) = watch::channel(String::new());
        let (clipboard, copied) = mpsc::unbounded_channel();
        let stop = CancellationToken::new();
        let token = stop.clone();
        let ended = tokio::spawn(async move {
            let mut screen = Screen {
                frame: frames,
                copied: clipboard,
                fails: false,
            };
            let mut inputs = stream::poll_fn(move |context| {
                let is_noop = context.waker().will_wake(std::task::Waker::noop());
                assert!(
                    !is_noop,
                    "crossterm keeps the first waker it is given, so it must be one that wakes"
                );
                pressed.poll_recv(context)
            });
            Session::new(tower, fixture::state(80, 24), fixture::now)
                .run(&mut screen, &mut inputs, token)
                .await
        });
        Self {
            keys,
            frame,
            copied,
            stop,
            ended,
        }
    }

    fn press(&self, keys: &str) {
        for key in keys.split_whitespace() {
            self.keys.send(pressed(key)).expect("the session runs");
        }
    }

    /// Waits until the screen shows this.
    async fn sees(&mut self, text: &str) {
        let shown = self.frame.wait_for(|frame| frame.contains(text));
        let seen = matches!(tokio::time::timeout(Duration::from_secs(10), shown).await, Ok(Ok(_)));
        assert!(
            seen,
            "`{text}` is never shown; the last frame:\n{}",
            *self.frame.borrow()
        );
    }

    async fn ends(self) -> Ended {
        let Self { ended, .. } = self;
        let joined = tokio::time::timeout(Duration::from_secs(10), ended)
            .await
            .expect("it ends");
        joined.expect("no panic").expect("a fine surface")
    }
}

#[tokio::test]
async fn a_delivery_is_on_the_screen_as_soon_as_the_snapshot_holds_it() {
    let tower = Small::new(fixture::empty(), true);
    let mut person = Person::sit_down(Arc::clone(&tower));
    person.sees("No failures yet").await;
    tower.snapshot.send_replace(Arc::new(fixture::with_rows([7])));
    person.sees("1 of 1").await;
    person.press("q");
    assert_eq!(person.ends().await, Ended::Quit);
}

#[tokio::test]
async fn a_correction_made_by_keys_reaches_the_store_and_can_be_undone() {
    let tower = Small::new(fixture::full(), true);
    let mut person = Person::sit_down(Arc::clone(&tower));
    person.press("c a n o t space D N S ctrl-s 5 u");
    person.sees("taken back: #59").await;
    let submitted = tower.submitted.lock().expect("no panic").clone();
    let [
        Command::Correct { id: 59, correction },
        Command::Undo {
            id: 59,
            correction: 559,
        },
    ] = submitted.as_slice()
    else {
        panic!("{submitted:?}")
    };
    let (label, note) = (correction.label, correction.note.as_deref());
    assert_eq!(
        (label, note, correction.actor.as_str()),
        (FailureClass::Network, Some("not DNS"), "ada")
    );
    person.press("ctrl-c");
    assert_eq!(person.ends().await, Ended::Quit);
}

#[tokio::test]
async fn corrections_are_sent_in_the_order_of_the_keys_and_finished_before_the_screen_closes() {
    let tower = Small::new(fixture::full(), false);
    let person = Person::sit_down(Arc::clone(&tower));
    person.press("c 1 c 2 k c 3 q");
    tower.gate.add_permits(3);
    assert_eq!(person.ends().await, Ended::Quit);
    assert_eq!(
        tower.labels(),
        [
            FailureClass::Build,
            FailureClass::Configuration,
            FailureClass::Dependency
        ]
    );
}

#[tokio::test]
async fn a_store_that_hangs_does_not_hold_up_the_keys() {
    let tower = Small::new(fixture::full(), false);
    let mut person = Person::sit_down(Arc::clone(&tower));
    person.press("c 1");
    person.sees("saving #59").await;
    person.press("?");
    person.sees("Everywhere").await;
    tower.gate.add_permits(1);
    person.press("q");
    assert_eq!(person.ends().await, Ended::Quit);
}

#[tokio::test]
async fn a_failure_opens_at_once_and_is_completed_as_answers_come() {
    let mut person = Person::sit_down(Small::new(fixture::full(), true));
    person.press("enter");
    person.sees("+1.42").await;
    person.press("G");
    person.sees("11 other failures like it").await;
    person.press("y");
    assert_eq!(
        person.copied.recv().await.as_deref(),
        Some("Total: 3 (HIGH: 2, CRITICAL: 1)")
    );
    person.press("q");
    assert_eq!(person.ends().await, Ended::Quit);
}

#[tokio::test]
async fn older_rows_come_by_query_behind_those_of_the_snapshot() {
    let mut person = Person::sit_down(Small::new(fixture::with_rows((30..60).rev()), true));
    person.press("G");
    person.sees("35 of 30").await;
    person.press("q");
    assert_eq!(person.ends().await, Ended::Quit);
}

#[tokio::test]
async fn a_query_that_panics_is_a_sentence_on_the_screen() {
    let mut person = Person::sit_down(Small::new(fixture::with_rows([13]), true));
    person.press("enter");
    person.sees("panicked").await;
    person.press("q");
    assert_eq!(person.ends().await, Ended::Quit);
}

#[tokio::test]
async fn a_cancelled_token_a_closed_terminal_and_a_gone_application_end_the_session() {
    let person = Person::sit_down(Small::new(fixture::full(), true));
    person.stop.cancel();
    assert_eq!(person.ends().await, Ended::Stopped);

    let tower = Small::new(fixture::full(), true);
    let (frame, _) = watch::channel(String::new());
    let (copied, _) = mpsc::unbounded_channel();
    let mut screen = Screen {
        frame,
        copied,
        fails: false,
    };
    let session = Session::new(Arc::clone(&tower), fixture::state(80, 24), fixture::now);
    let ended = session
        .run(&mut screen, &mut stream::iter([pressed("j")]), CancellationToken::new())
        .await;
    assert_eq!(ended.expect("a fine surface"), Ended::Gone);

    screen.fails = true;
    let session = Session::new(tower, fixture::state(80, 24), fixture::now);
    let ended = session
        .run(&mut screen, &mut stream::pending(), CancellationToken::new())
        .await;
    assert!(ended.is_err(), "a terminal that cannot be written ends it too");
}

#[tokio::test]
async fn a_resized_terminal_is_painted_anew() {
    let mut person = Person::sit_down(Small::new(fixture::full(), true));
    person
        .keys
        .send(Input::Resized((30, 6).into()))
        .expect("the session runs");
    person.sees("Make this").await;
    person
        .keys
        .send(Input::Resized((100, 30).into()))
        .expect("the session runs");
    person.sees("PSI heat map").await;
    person.press("q");
    assert_eq!(person.ends().await, Ended::Quit);
}
