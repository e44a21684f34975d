//! Load on a server: many connections of one thread, each sending its next request when the last one is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Sends `count` of the requests in turn over so many connections; how long it took until all were answered 200.
pub(crate) fn drive(
    address: SocketAddr,
    connections: usize,
    requests: &Arc<Vec<Vec<u8>>>,
    count: usize,
) -> Result<Duration> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let next = Arc::new(AtomicUsize::new(0));
        let mut streams = Vec::new();
        for _ in 0..connections {
            let stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            streams.push(stream);
        }
        let started = Instant::now();
        let mut running: JoinSet<Result<()>> = JoinSet::new();
        for stream in streams {
            running.spawn(connection(stream, Arc::clone(requests), Arc::clone(&next), count));
        }
        while let Some(ended) = running.join_next().await {
            ended??;
        }
        Ok(started.elapsed())
    })
}

/// Sends all requests at a steady pace, each when its time has come, whether or not others are answered; how long each was
/// waited for.
pub(crate) fn paced(address: SocketAddr, a_second: usize, requests: &[Vec<u8>]) -> Result<Vec<Duration>> {
    const CONNECTIONS: usize = 8;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let step = Duration::from_secs(1) / u32::try_from(a_second)?;
    runtime.block_on(async {
        let started = tokio::time::Instant::now();
        let mut running: JoinSet<Result<Vec<Duration>>> = JoinSet::new();
        for place in 0..CONNECTIONS {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let own: Vec<(usize, Vec<u8>)> = requests
                .iter()
                .cloned()
                .enumerate()
                .skip(place)
                .step_by(CONNECTIONS)
                .collect();
            running.spawn(async move {
                let mut times = Vec::with_capacity(own.len());
                let mut answer = Vec::with_capacity(16 << 10);
                for (number, request) in own {
                    let due = started + step * u32::try_from(number)?;
                    tokio::time::sleep_until(due).await;
                    stream.write_all(&request).await?;
                    answer.clear();
                    receive(&mut stream, &mut answer).await?;
                    // From when it was due: who waits behind a slow answer waits as well.
                    times.push(due.elapsed());
                }
                Ok(times)
            });
        }
        let mut times = Vec::with_capacity(requests.len());
        while let Some(ended) = running.join_next().await {
            times.extend(ended??);
        }
        Ok(times)
    })
}

async fn connection(
    mut stream: TcpStream,
    requests: Arc<Vec<Vec<u8>>>,
    next: Arc<AtomicUsize>,
    count: usize,
) -> Result<()> {
    let mut answer = Vec::with_capacity(16 << 10);
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(());
        }
        stream.write_all(&requests[number % requests.len()]).await?;
        answer.clear();
        receive(&mut stream, &mut answer).await?;
    }
}

/// Reads one answer to its end.
async fn receive(stream: &mut TcpStream, answer: &mut Vec<u8>) -> Result<()> {
    loop {
        ensure!(stream.read_buf(answer).await? > 0, "the server hung up");
        if length(answer)?.is_some_and(|length| answer.len() >= length) {
            ensure!(
                answer.starts_with(b"HTTP/1.1 200"),
                "{}",
                String::from_utf8_lossy(answer)
            );
            return Ok(());
        }
    }
}

/// Bytes of the whole answer, once its head is here.
fn length(answer: &[u8]) -> Result<Option<usize>> {
    let Some(head) = answer.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = std::str::from_utf8(&answer[..head])?;
    let mut lines = text.lines().filter_map(|line| line.split_once(':'));
    let body = lines
        .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
        .context("an answer without a length")?;
    Ok(Some(head + 4 + body.1.trim().parse::<usize>()?))
}
