//! `sentinel health`: asks the configured address whether a server answers there. For a container's health check, which
//! runs it again and again: no runtime, no HTTP client, one short connection.

use std::io::{Read, Write, stdout};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::{Global, settings, show};

/// Time for each of connecting, asking and being answered.
const PATIENCE: Duration = Duration::from_secs(2);

/// Bytes of the answer that are read; it has about three hundred.
const MAX_ANSWER: u64 = 4_096;

/// What the answer of a server that is well holds.
const HEALTHY: &str = r#""status":"healthy","service":"sentinel""#;

/// Says `healthy` where a server is.
pub(super) fn run(global: &Global) -> Result<()> {
    let listen = settings(global)?.server.listen;
    let address = reachable(&listen)?;
    ask(address).with_context(|| format!("no sentinel answers at {address}"))?;
    Ok(writeln!(stdout(), "healthy")?)
}

/// Where a server that listens at `listen` is reached from this machine.
pub(super) fn reachable(listen: &str) -> Result<SocketAddr> {
    let mut address: SocketAddr = listen.parse().with_context(|| format!("server.listen = {listen}"))?;
    if address.port() == 0 {
        bail!("server.listen = {listen} leaves the port to the system; name one to be found again");
    }
    if address.ip().is_unspecified() {
        address.set_ip(match address.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    Ok(address)
}

/// Asks `/health`.
pub(super) fn ask(address: SocketAddr) -> Result<()> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    write!(
        stream,
        "GET /health HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
    )?;
    let mut answer = Vec::new();
    stream.take(MAX_ANSWER).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let first = answer.lines().next().unwrap_or_default();
    if !first.starts_with("HTTP/1.1 200 ") || !answer.contains(HEALTHY) {
        bail!(
            "something else answers: {}",
            show::visible(first.get(..80).unwrap_or(first))
        );
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use super::*;

    #[test]
    fn a_server_that_listens_everywhere_is_reached_on_this_machine() {
        assert_eq!(reachable("0.0.0.0:8200").unwrap().to_string(), "127.0.0.1:8200");
        assert_eq!(reachable("[::]:8200").unwrap().to_string(), "[::1]:8200");
        assert_eq!(reachable("10.1.2.3:80").unwrap().to_string(), "10.1.2.3:80");
        assert!(reachable("127.0.0.1:0").is_err());
    }

    #[test]
    fn what_answers_but_is_no_sentinel_is_not_healthy() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let other = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi")
                .unwrap();
        });
        assert!(ask(address).is_err());
        other.join().unwrap();
    }
}
