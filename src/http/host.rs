//! Whom a request takes us for. A page on the internet may point a name of its own at this machine (DNS rebinding) and
//! then talk to it as same-origin; but its requests still name that page's host, which is none of ours.

use std::collections::BTreeSet;
use std::net::IpAddr;

use warp::http::HeaderMap;
use warp::http::header::{HOST, ORIGIN};
use warp::http::uri::Authority;

/// Why a request is not for us.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum HostError {
    /// Nobody was named: 400.
    #[error("the Host header is missing or cannot be read")]
    Missing,
    /// Somebody else was named: 403.
    #[error("Host is none of this server's names; add it to server.allowed_hosts if it is one")]
    Host,
    /// A page of somebody else asks: 403.
    #[error("Origin is none of this server's names; add it to server.allowed_hosts if it is one")]
    Origin,
}

/// The names this server answers to. Ports are not compared: tunnels and containers change them.
#[derive(Debug, Clone)]
pub(crate) struct Hosts {
    names: BTreeSet<String>,
    listening: IpAddr,
}

impl Hosts {
    /// `allowed` is `server.allowed_hosts`, `listening` the address that is listened on.
    pub(crate) fn new(allowed: &[String], listening: IpAddr) -> Self {
        let names = allowed.iter().filter_map(|name| host_of(name)).collect();
        Self {
            names,
            listening: listening.to_canonical(),
        }
    }

    /// Checks `Host`, and `Origin` where a browser sent one.
    ///
    /// # Errors
    /// When either names somebody else.
    pub(crate) fn check(&self, headers: &HeaderMap) -> Result<(), HostError> {
        let host = headers
            .get(HOST)
            .and_then(|value| value.to_str().ok())
            .and_then(host_of);
        if !self.are_mine(&host.ok_or(HostError::Missing)?) {
            return Err(HostError::Host);
        }
        let Some(origin) = headers.get(ORIGIN) else {
            return Ok(());
        };
        let origin = origin
            .to_str()
            .ok()
            .and_then(|origin| host_of(origin.split_once("://")?.1));
        if origin.is_some_and(|origin| self.are_mine(&origin)) {
            Ok(())
        } else {
            Err(HostError::Origin)
        }
    }

    fn are_mine(&self, host: &str) -> bool {
        host == "localhost"
            || self.names.contains(host)
            || host.parse().is_ok_and(|address| self.is_my_address(address))
    }

    /// Who names an address was not led here by a name: where all addresses are listened on, any will do.
    fn is_my_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        address.is_loopback() || address == self.listening || self.listening.is_unspecified()
    }
}

/// The host of `host[:port]`, in lower case, without the brackets of an IPv6 address and the dot of a full name.
fn host_of(text: &str) -> Option<String> {
    let authority: Authority = text.trim().parse().ok()?;
    if authority.as_str().contains('@') {
        return None;
    }
    let host = authority
        .host()
        .trim_start_matches('[')
        .trim_end_matches(']')
        .trim_end_matches('.');
    (!host.is_empty()).then(|| host.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use warp::http::HeaderValue;

    use super::*;

    fn check(listening: &str, host: Option<&str>, origin: Option<&str>) -> Result<(), HostError> {
        let mut headers = HeaderMap::new();
        for (name, value) in [(HOST, host), (ORIGIN, origin)] {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_str(value).unwrap());
            }
        }
        Hosts::new(&["Sentinel.Example.com:443".to_owned()], listening.parse().unwrap()).check(&headers)
    }

    #[test]
    fn our_names_and_addresses_are_ours_whatever_the_port() {
        for host in [
            "localhost",
            "LOCALHOST:8200",
            "127.0.0.1:80",
            "127.9.9.9",
            "[::1]:8200",
            "sentinel.example.com.",
            "10.0.0.7",
        ] {
            assert_eq!(check("10.0.0.7", Some(host), None), Ok(()), "{host}");
        }
    }

    #[test]
    fn a_name_that_was_bent_to_this_machine_is_not_ours() {
        for host in [
            "evil.example",
            "localhost.evil.example",
            "10.0.0.8",
            "127.0.0.1.evil.example",
            "2130706433",
        ] {
            assert_eq!(check("10.0.0.7", Some(host), None), Err(HostError::Host), "{host}");
        }
        for host in [None, Some(""), Some("a b"), Some("me@localhost")] {
            assert_eq!(check("10.0.0.7", host, None), Err(HostError::Missing), "{host:?}");
        }
    }

    #[test]
    fn listening_on_all_addresses_any_address_is_ours_but_no_name() {
        assert_eq!(check("0.0.0.0", Some("192.0.2.1:8200"), None), Ok(()));
        assert_eq!(check("::", Some("evil.example"), None), Err(HostError::Host));
    }

    #[test]
    fn a_page_of_somebody_else_is_refused() {
        let check = |origin| check("127.0.0.1", Some("localhost:8200"), Some(origin));
        assert_eq!(check("http://localhost:8200"), Ok(()));
        assert_eq!(check("https://sentinel.example.com"), Ok(()));
        for origin in [
            "https://evil.example",
            "null",
            "",
            "http://localhost@evil.example",
            "file://",
        ] {
            assert_eq!(check(origin), Err(HostError::Origin), "{origin}");
        }
    }
}
