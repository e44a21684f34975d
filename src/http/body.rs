//! A body becomes bytes: at most so many, within a deadline, and within what all connections together may hold.

use std::ops::Deref;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Buf, Bytes};
use futures_util::{Stream, StreamExt};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use warp::http::HeaderMap;
use warp::http::header::{CONTENT_LENGTH, CONTENT_TYPE};

use super::reject::Problem;

/// A body as it comes in.
pub(crate) type BodyStream = Pin<Box<dyn Stream<Item = Result<Bytes, Broken>> + Send>>;

/// Why a body ends before its end.
pub(crate) type Broken = Box<dyn std::error::Error + Send + Sync>;

/// The bounds of bodies beside their largest size, which is a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BodyLimits {
    /// Time from the first to the last byte.
    pub deadline: Duration,
    /// Bytes that all connections together may hold.
    pub in_flight: usize,
}

impl Default for BodyLimits {
    /// GitHub gives up after 10 seconds. Ten bodies of the largest size at a time.
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(30),
            in_flight: 256 << 20,
        }
    }
}

/// Bytes of one permit of the budget.
const UNIT: usize = 1_024;

/// From this size on a body is worked on in the pool of blocking threads: hashing and parsing take a millisecond.
const LARGE: usize = 128 << 10;

/// Reads bodies.
#[derive(Debug)]
pub(crate) struct BodyReader {
    limit: usize,
    deadline: Duration,
    budget: Arc<Semaphore>,
}

/// A body that was read. It counts against the budget until it is dropped.
#[derive(Debug)]
pub(crate) struct Body {
    bytes: Bytes,
    _budget: Option<OwnedSemaphorePermit>,
}

impl AsRef<[u8]> for Body {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Deref for Body {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.bytes
    }
}

impl BodyReader {
    /// Bodies of at most `limit` bytes. The budget holds at least one of them.
    pub(crate) fn new(limit: usize, limits: BodyLimits) -> Self {
        let units = limits.in_flight.max(limit).div_ceil(UNIT).min(Semaphore::MAX_PERMITS);
        Self {
            limit,
            deadline: limits.deadline,
            budget: Arc::new(Semaphore::new(units)),
        }
    }

    /// Reads a body to its end.
    ///
    /// # Errors
    /// 413 above the limit, before it is read where its length is told; 408 after the deadline; 503 above the budget; 400
    /// where it is cut off.
    pub(crate) async fn read(&self, headers: &HeaderMap, body: BodyStream) -> Result<Body, Problem> {
        if told_length(headers).is_some_and(|length| length > self.limit as u64) {
            return Err(Problem::too_large(self.limit));
        }
        timeout(self.deadline, self.collect(body))
            .await
            .unwrap_or_else(|_late| Err(Problem::too_slow(self.deadline)))
    }

    async fn collect(&self, mut stream: BodyStream) -> Result<Body, Problem> {
        let (mut first, mut joined, mut budget) = (Bytes::new(), Vec::new(), None);
        while let Some(chunk) = stream.next().await {
            let chunk = chunk.map_err(|error| Problem::bad_request("the body was cut off", vec![error.to_string()]))?;
            let length = first.len() + joined.len();
            if chunk.len() > self.limit - length {
                return Err(Problem::too_large(self.limit));
            }
            self.make_room(&mut budget, length + chunk.len())?;
            // Most bodies come whole, and stay where they are.
            if length == 0 {
                first = chunk;
            } else {
                joined.extend_from_slice(&std::mem::take(&mut first));
                joined.extend_from_slice(&chunk);
            }
        }
        let bytes = if joined.is_empty() { first } else { joined.into() };
        Ok(Body { bytes, _budget: budget })
    }

    /// Counts before it grows. Nobody waits for room here, or bodies that are half there could wait for each other.
    fn make_room(&self, held: &mut Option<OwnedSemaphorePermit>, bytes: usize) -> Result<(), Problem> {
        let permits = held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let missing = bytes.div_ceil(UNIT).saturating_sub(permits);
        let missing = u32::try_from(missing).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.budget).try_acquire_many_owned(missing);
        let permit =
            permit.map_err(|_full| Problem::busy("too many bytes are being received; try again in a moment"))?;
        match held {
            Some(held) => held.merge(permit),
            None => *held = Some(permit),
        }
        Ok(())
    }
}

/// Does work that takes long on a large body, where it keeps no connection waiting.
///
/// # Errors
/// Whatever the work refuses; 500 when it panics.
pub(crate) async fn work_on<T: Send + 'static>(
    body: Body,
    work: impl FnOnce(&[u8]) -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    if body.len() < LARGE {
        return work(&body);
    }
    let worked = tokio::task::spawn_blocking(move || work(&body)).await;
    worked.unwrap_or_else(|_died| Err(Problem::internal("the body could not be worked on")))
}

/// Boxes what warp reads.
pub(super) fn boxed<B: Buf>(stream: impl Stream<Item = Result<B, warp::Error>> + Send + 'static) -> BodyStream {
    let whole = |mut chunk: B| chunk.copy_to_bytes(chunk.remaining());
    Box::pin(stream.map(move |chunk| chunk.map(whole).map_err(Into::into)))
}

/// `Content-Type` without its parameters, in lower case; empty where there is none.
pub(crate) fn media_type(headers: &HeaderMap) -> String {
    let value = headers
        .get(CONTENT_TYPE)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Refuses what is not JSON: a form of a foreign page can send any other type without asking us first.
///
/// # Errors
/// 415.
pub(crate) fn expect_json(headers: &HeaderMap) -> Result<(), Problem> {
    if media_type(headers) == "application/json" {
        Ok(())
    } else {
        Err(Problem::media_type("application/json"))
    }
}

fn told_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use futures_util::stream;
    use warp::http::StatusCode;

    use super::*;

    fn reader(limit: usize, in_flight: usize) -> BodyReader {
        BodyReader::new(
            limit,
            BodyLimits {
                in_flight,
                deadline: Duration::from_millis(20),
            },
        )
    }

    fn chunks(count: usize, size: usize) -> BodyStream {
        boxed(stream::iter((0..count).map(move |_| Ok(Bytes::from(vec![b'x'; size])))))
    }

    fn told(length: &str) -> HeaderMap {
        HeaderMap::from_iter([(CONTENT_LENGTH, length.parse().unwrap())])
    }

    #[tokio::test]
    async fn a_body_of_the_largest_size_is_read_and_one_byte_more_is_not() {
        let reader = reader(3_000, 3_000);
        assert_eq!(
            reader.read(&HeaderMap::new(), chunks(3, 1_000)).await.unwrap().len(),
            3_000
        );
        let refused = reader.read(&HeaderMap::new(), chunks(3_001, 1)).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_length_that_is_told_is_refused_before_a_byte_is_read() {
        let never = boxed(stream::pending::<Result<Bytes, warp::Error>>());
        let refused = reader(1_000, 1_000).read(&told("1001"), never).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_body_without_end_is_refused_at_the_limit() {
        let endless = boxed(stream::repeat_with(|| Ok(Bytes::from_static(&[b'x'; 512]))));
        let refused = reader(10_000, 10_000)
            .read(&HeaderMap::new(), endless)
            .await
            .unwrap_err();
        assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);
    }

    #[tokio::test]
    async fn a_slow_sender_is_cut_off() {
        let slow = boxed(stream::iter([Ok(Bytes::from_static(b"{"))]).chain(stream::pending()));
        let refused = reader(1_000, 1_000).read(&HeaderMap::new(), slow).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::REQUEST_TIMEOUT);
    }

    #[tokio::test]
    async fn what_all_hold_together_is_bounded_and_given_back() {
        let reader = reader(4_096, 8_192);
        let held = [
            reader.read(&told("4096"), chunks(4, 1_024)).await,
            reader.read(&told("4096"), chunks(1, 4_096)).await,
        ];
        assert!(held.iter().all(Result::is_ok));
        let refused = reader.read(&HeaderMap::new(), chunks(1, 1)).await.unwrap_err();
        assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
        drop(held);
        assert!(reader.read(&HeaderMap::new(), chunks(1, 1)).await.is_ok());
    }
}
