//! A screen at the other end of a connection: `sentinel console` there, a [`Session`] here.
//!
//! Frames go both ways, each with its length before it. The terminal says once what it is like and then sends its events,
//! as JSON; the session sends bytes to paint, and at its end why it ends. Colours and keys are the terminal's own.
//!
//! A terminal that reads slowly gets fewer frames, not later ones; one that has stopped reading is left.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;

use bytes::{BufMut, Bytes, BytesMut};
use crossterm::event::{Event, EventStream};
use crossterm::terminal::size;
use futures_util::{SinkExt, Stream, StreamExt, future, stream};
use jiff::Timestamp;
use ratatui::layout::Size;
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, WriteHalf, split};
use tokio::sync::mpsc;
use tokio::time::timeout;
use tokio_util::codec::{FramedRead, FramedWrite, LengthDelimitedCodec};
use tokio_util::sync::CancellationToken;

use super::input::Input;
use super::keymap::KeyMap;
use super::session::{Ended, Session, Tower};
use super::settings::TuiSettings;
use super::state::ViewState;
use super::surface::{Painter, Surface};
use super::terminal::{Guard, TuiError, in_session};
use super::theme::{Depth, Theme};
use crate::app::snapshot::Snapshot;

/// Bytes of one frame: a paste, or a whole screen painted anew.
const MAX_FRAME: usize = 4 << 20;

/// Frames on their way to a terminal. With these it shows what is new while the next one is made.
const FRAMES: usize = 2;

/// Time in which a terminal takes one frame, or says what it is like.
const PATIENCE: Duration = Duration::from_secs(20);

/// The largest screen: more columns and rows than any has, and few enough to hold.
const LARGEST: Size = Size::new(1_000, 500);

/// What a terminal is like.
#[derive(Debug, Serialize, Deserialize)]
struct Hello {
    columns: u16,
    rows: u16,
    depth: Depth,
    keys: BTreeMap<String, String>,
}

/// The first byte of what a session sends.
const PAINT: u8 = b'p';

/// The first byte of its last frame; a [`Farewell`] follows.
const END: u8 = b'e';

/// Why a session is over, for the terminal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Farewell {
    /// The person left.
    Quit,
    /// The server is going down.
    Stopped,
    /// What the terminal said of itself cannot be used.
    Refused(String),
}

fn codec() -> LengthDelimitedCodec {
    LengthDelimitedCodec::builder().max_frame_length(MAX_FRAME).new_codec()
}

/// Serves the terminal at the other end until one of the two leaves. `actor` is who sits there, as the door knows.
///
/// # Errors
///
/// If the connection breaks, or does not begin as one of a terminal.
pub async fn serve<T: Tower, S>(stream: S, tower: Arc<T>, actor: String, stop: CancellationToken) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    serve_patiently(stream, tower, actor, stop, PATIENCE).await
}

async fn serve_patiently<T: Tower, S>(
    stream: S,
    tower: Arc<T>,
    actor: String,
    stop: CancellationToken,
    patience: Duration,
) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Send + 'static,
{
    let (from, to) = split(stream);
    let (mut from, to) = (FramedRead::new(from, codec()), FramedWrite::new(to, codec()));
    let hello = timeout(patience, from.next())
        .await?
        .ok_or(io::ErrorKind::UnexpectedEof)??;
    let hello: Hello = serde_json::from_slice(&hello)?;
    let (frames, queue) = mpsc::channel(FRAMES);
    let painting = tokio::spawn(paint(to, queue, patience));
    let farewell = match KeyMap::new(&hello.keys) {
        Ok(keys) => {
            let size = bounded(Size::new(hello.columns, hello.rows));
            let theme = Theme { depth: hello.depth };
            let state = ViewState::new(Timestamp::now(), size, theme, Arc::new(keys), actor);
            let mut inputs = inputs(from);
            let mut surface = Remote::new(frames.clone());
            match Session::new(tower, state, Timestamp::now)
                .run(&mut surface, &mut inputs, stop)
                .await
            {
                Ok(Ended::Quit) => Some(Farewell::Quit),
                Ok(Ended::Stopped | Ended::Abandoned) => Some(Farewell::Stopped),
                Ok(Ended::Gone) | Err(_) => None,
            }
        }
        Err(error) => Some(Farewell::Refused(error.to_string())),
    };
    if let Some(farewell) = farewell {
        let mut last = BytesMut::new();
        last.put_u8(END);
        last.extend(serde_json::to_vec(&farewell)?);
        // A terminal that has gone needs none.
        timeout(patience, frames.send(last.freeze())).await?.ok();
    }
    drop(frames);
    painting.await?
}

/// What happens at the terminal. It ends where the connection does, or says what cannot be read.
fn inputs<S: AsyncRead + Unpin>(from: FramedRead<S, LengthDelimitedCodec>) -> impl Stream<Item = Input> + Unpin {
    let events = from.map(|frame| serde_json::from_slice::<Event>(&frame.ok()?).ok());
    let known = events.take_while(|event| future::ready(event.is_some()));
    known.filter_map(|event| future::ready(event.and_then(Input::from_event).map(with_bounds)))
}

fn with_bounds(input: Input) -> Input {
    match input {
        Input::Resized(size) => Input::Resized(bounded(size)),
        other => other,
    }
}

fn bounded(size: Size) -> Size {
    Size::new(size.width.min(LARGEST.width), size.height.min(LARGEST.height))
}

/// Sends frames, one at a time, until there are no more or one is not taken.
async fn paint<S: AsyncWrite>(
    mut to: FramedWrite<WriteHalf<S>, LengthDelimitedCodec>,
    mut queue: mpsc::Receiver<Bytes>,
    patience: Duration,
) -> io::Result<()> {
    while let Some(frame) = queue.recv().await {
        timeout(patience, to.send(frame)).await??;
    }
    timeout(patience, to.into_inner().shutdown()).await?
}

/// Paints into the queue of frames. While it is full nothing is painted: the next frame shows what has changed since.
struct Remote {
    painter: Painter<Frame>,
    frames: mpsc::Sender<Bytes>,
}

impl Remote {
    fn new(frames: mpsc::Sender<Bytes>) -> Self {
        let frame = Frame {
            bytes: BytesMut::new(),
            frames: frames.clone(),
        };
        Self {
            painter: Painter::new(frame),
            frames,
        }
    }

    fn has_room(&self) -> bool {
        self.frames.capacity() > 0
    }
}

impl Surface for Remote {
    fn draw(&mut self, state: &ViewState, snapshot: &Snapshot) -> io::Result<()> {
        if self.frames.is_closed() {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if self.has_room() {
            self.painter.draw(state, snapshot)?;
        }
        Ok(())
    }

    fn copy(&mut self, text: &str) -> io::Result<()> {
        if self.has_room() {
            self.painter.copy(text)
        } else {
            Ok(())
        }
    }
}

/// The bytes of one frame; flushed, they are sent.
struct Frame {
    bytes: BytesMut,
    frames: mpsc::Sender<Bytes>,
}

impl Write for Frame {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.is_empty() {
            self.bytes.put_u8(PAINT);
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let frame = self.bytes.split().freeze();
        self.frames.try_send(frame).map_err(io::Error::other)
    }
}

/// Shows what a session at the other end paints, on the terminal of this process, until it ends or `stop` is cancelled.
/// `None`: the connection has gone without a word.
///
/// # Errors
///
/// If the keys in the settings are wrong, or the terminal cannot be used.
pub async fn join<S>(stream: S, settings: &TuiSettings, stop: CancellationToken) -> Result<Option<Farewell>, TuiError>
where
    S: AsyncRead + AsyncWrite,
{
    KeyMap::new(&settings.keys)?;
    let (columns, rows) = size()?;
    let hello = Hello {
        columns,
        rows,
        depth: settings.theme.depth(|name| std::env::var(name).ok()),
        keys: settings.keys.clone(),
    };
    let guard = Guard::take(settings.mouse)?;
    let events = EventStream::new().take_while(|event| future::ready(event.is_ok()));
    let events = events.filter_map(|event| future::ready(event.ok()));
    let farewell = in_session(show(stream, hello, events, io::stdout(), stop)).await;
    drop(guard);
    Ok(farewell?)
}

async fn show<S>(
    stream: S,
    hello: Hello,
    events: impl Stream<Item = Event>,
    mut out: impl Write,
    stop: CancellationToken,
) -> io::Result<Option<Farewell>>
where
    S: AsyncRead + AsyncWrite,
{
    let (from, to) = split(stream);
    let (mut from, mut to) = (FramedRead::new(from, codec()), FramedWrite::new(to, codec()));
    let hello = serde_json::to_vec(&hello)?;
    let events = events.filter_map(|event| future::ready(serde_json::to_vec(&event).ok()));
    let sent = stream::once(future::ready(hello))
        .chain(events)
        .map(|frame| Ok(Bytes::from(frame)));
    let sending = async {
        tokio::pin!(sent);
        to.send_all(&mut sent).await
    };
    let showing = async {
        while let Some(frame) = from.next().await {
            let Ok(frame) = frame else { break };
            match frame.split_first() {
                Some((&PAINT, bytes)) => {
                    out.write_all(bytes)?;
                    out.flush()?;
                }
                Some((&END, farewell)) => return Ok(Some(serde_json::from_slice(farewell)?)),
                _ => break,
            }
        }
        Ok(None)
    };
    tokio::pin!(showing);
    tokio::select! {
        shown = &mut showing => shown,
        () = stop.cancelled() => Ok(Some(Farewell::Quit)),
        // The terminal has gone, or the server: what that one said last still counts.
        sent = sending => match sent {
            Ok(()) => Ok(Some(Farewell::Quit)),
            Err(_gone) => showing.await,
        },
    }
}

#[cfg(test)]
mod tests {
    use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
    use tokio::io::{DuplexStream, duplex};

    use super::*;
    use crate::tui::fixture;
    use crate::tui::session::tests::Small;

    fn hello(keys: &[(&str, &str)]) -> Hello {
        let keys = keys.iter().map(|(name, key)| ((*name).to_owned(), (*key).to_owned()));
        Hello {
            columns: 80,
            rows: 24,
            depth: Depth::Plain,
            keys: keys.collect(),
        }
    }

    fn typed(text: &str) -> Vec<Event> {
        let key = |letter| Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE));
        text.chars().map(key).collect()
    }

    /// What a terminal shows on which this is typed, and how it ends.
    async fn told(hello: Hello, text: &str) -> (String, Option<Farewell>) {
        let (here, there) = duplex(1 << 16);
        let stop = CancellationToken::new();
        let serving = tokio::spawn(serve(
            there,
            Small::new(fixture::full(), true),
            "ada".into(),
            stop.clone(),
        ));
        let mut out = Vec::new();
        let events = stream::iter(typed(text)).chain(stream::pending());
        let farewell = show(here, hello, events, &mut out, stop).await.expect("a vector");
        serving.await.expect("no panic").expect("a good end");
        (String::from_utf8(out).expect("text"), farewell)
    }

    #[tokio::test]
    async fn a_terminal_shows_the_tower_and_leaves_by_its_own_key() {
        let (shown, farewell) = told(hello(&[]), "q").await;
        assert!(
            shown.contains("Drift Detected") && !shown.contains("\x1b[38;"),
            "{shown:?}"
        );
        assert_eq!(farewell, Some(Farewell::Quit));
        let (_, farewell) = told(hello(&[("quit", "e")]), "qe").await;
        assert_eq!(farewell, Some(Farewell::Quit));
    }

    #[tokio::test]
    async fn keys_that_mean_nothing_are_refused_in_words() {
        let (shown, farewell) = told(hello(&[("quitt", "e")]), "").await;
        assert_eq!(shown, "");
        assert!(matches!(farewell, Some(Farewell::Refused(why)) if why.contains("`quit`")));
    }

    #[tokio::test]
    async fn a_server_that_goes_down_says_so_and_one_that_is_gone_does_not() {
        let (here, there) = duplex(1 << 16);
        let stop = CancellationToken::new();
        stop.cancel();
        let serving = tokio::spawn(serve(there, Small::new(fixture::full(), true), "ada".into(), stop));
        let forever = CancellationToken::new();
        let shown = show(here, hello(&[]), stream::pending(), io::sink(), forever.clone()).await;
        assert_eq!(shown.expect("a sink"), Some(Farewell::Stopped));
        serving.await.expect("no panic").expect("a good end");

        let (here, there) = duplex(64);
        drop(there);
        let shown = show(here, hello(&[]), stream::pending(), io::sink(), forever).await;
        assert_eq!(shown.expect("a sink"), None);
    }

    /// Serves with little patience.
    async fn brief(there: DuplexStream) -> io::Result<()> {
        let (tower, stop) = (Small::new(fixture::full(), true), CancellationToken::new());
        serve_patiently(there, tower, "ada".into(), stop, Duration::from_millis(50)).await
    }

    #[tokio::test]
    async fn who_says_nothing_or_reads_nothing_is_left() {
        let (_silent, there) = duplex(64);
        let left = brief(there).await.expect_err("too late");
        assert_eq!(left.kind(), io::ErrorKind::TimedOut);

        // A screen does not fit into what the connection holds.
        let (here, there) = duplex(256);
        let mut sent = FramedWrite::new(here, codec());
        let hello = serde_json::to_vec(&hello(&[])).expect("JSON");
        sent.send(Bytes::from(hello)).await.expect("room");
        let left = brief(there).await.expect_err("too late");
        assert_eq!(left.kind(), io::ErrorKind::TimedOut);
    }

    #[tokio::test]
    async fn an_absurd_size_is_cut_down() {
        let (columns, rows) = (u16::MAX, u16::MAX);
        let (shown, _) = told(
            Hello {
                columns,
                rows,
                ..hello(&[])
            },
            "q",
        )
        .await;
        assert!(shown.len() < MAX_FRAME, "{}", shown.len());
    }
}
