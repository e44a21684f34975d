//! Where a request comes from: the address of the connection, or what trusted proxies say stands behind it.

use std::net::IpAddr;
use std::str::FromStr;

use warp::http::HeaderMap;

/// Headers that a proxy adds: who sends one does not sit at this machine, or wants to look so.
const FORWARDING: [&str; 6] = [
    "forwarded",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-proto",
    "x-forwarded-server",
    "x-real-ip",
];

/// Whether a request came by way of a proxy, or says so.
pub(crate) fn is_forwarded(headers: &HeaderMap) -> bool {
    FORWARDING.iter().any(|name| headers.contains_key(*name))
}

/// An entry of `server.trusted_proxies` that is neither an address nor a network.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is neither an address nor a network; write it as 10.0.0.7 or 10.0.0.0/8")]
pub struct ProxyError(String);

/// An address, or all that share its first bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Network {
    bits: u128,
    ignored: u32,
}

impl Network {
    fn contains(self, address: IpAddr) -> bool {
        let differing = self.bits ^ bits(address);
        differing.checked_shr(self.ignored).unwrap_or(0) == 0
    }
}

/// Both families in one space, IPv4 as IPv6 maps it (RFC 4291, 2.5.5.2).
fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

impl FromStr for Network {
    type Err = ProxyError;

    fn from_str(text: &str) -> Result<Self, ProxyError> {
        let wrong = || ProxyError(text.chars().take(80).collect());
        let (address, prefix) = text.trim().split_once('/').unzip();
        let address: IpAddr = address.unwrap_or(text.trim()).parse().ok().ok_or_else(wrong)?;
        let width = if address.is_ipv4() { 32 } else { 128 };
        let prefix: u32 = prefix.map_or(Ok(width), str::parse).ok().ok_or_else(wrong)?;
        let ignored = width.checked_sub(prefix).ok_or_else(wrong)?;
        Ok(Self {
            bits: bits(address),
            ignored,
        })
    }
}

/// The proxies whose word on where a request comes from is taken.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<Network>);

impl TrustedProxies {
    /// Reads `server.trusted_proxies`.
    ///
    /// # Errors
    /// When an entry is neither an address nor a network.
    pub fn parse(entries: &[String]) -> Result<Self, ProxyError> {
        entries
            .iter()
            .map(|entry| entry.parse())
            .collect::<Result<_, _>>()
            .map(Self)
    }

    fn trust(&self, address: IpAddr) -> bool {
        self.0.iter().any(|network| network.contains(address))
    }

    /// Who sent a request that came from `peer`: the last hop in `X-Forwarded-For` that is no trusted proxy. What stands
    /// before that hop is the sender's own claim.
    pub(crate) fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        if !self.trust(peer) {
            return peer;
        }
        let mut client = peer;
        for hop in hops(headers) {
            let Some(address) = hop else { break };
            client = address;
            if !self.trust(address) {
                break;
            }
        }
        client
    }
}

/// The hops in `X-Forwarded-For`, nearest first; `None` for one that cannot be read.
fn hops(headers: &HeaderMap) -> impl Iterator<Item = Option<IpAddr>> {
    let values = headers.get_all("x-forwarded-for").into_iter().rev();
    values.flat_map(|value| {
        let hops: Vec<_> = value.to_str().unwrap_or("?").rsplit(',').map(hop).collect();
        hops
    })
}

/// An address, with or without a port.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let socket = || text.parse().ok().map(|socket: std::net::SocketAddr| socket.ip());
    text.parse().ok().or_else(socket)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use warp::http::{HeaderName, HeaderValue};

    use super::*;

    fn proxies(entries: &[&str]) -> Result<TrustedProxies, ProxyError> {
        TrustedProxies::parse(&entries.iter().map(|entry| (*entry).to_owned()).collect::<Vec<_>>())
    }

    fn forwarded(values: &[&str]) -> HeaderMap {
        let name = HeaderName::from_static("x-forwarded-for");
        values
            .iter()
            .map(|value| (name.clone(), HeaderValue::from_str(value).unwrap()))
            .collect()
    }

    fn client(trusted: &[&str], peer: &str, values: &[&str]) -> String {
        proxies(trusted)
            .unwrap()
            .client(peer.parse().unwrap(), &forwarded(values))
            .to_string()
    }

    #[test]
    fn a_stranger_cannot_say_that_it_is_somebody_else() {
        assert_eq!(client(&[], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client(&["10.0.0.0/8"], "203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
    }

    #[test]
    fn the_last_hop_that_is_no_trusted_proxy_counts() {
        let trusted = &["10.0.0.0/8", "::1"];
        assert_eq!(
            client(trusted, "10.1.2.3", &["6.6.6.6, 198.51.100.1, 10.9.9.9"]),
            "198.51.100.1"
        );
        assert_eq!(
            client(trusted, "::1", &["6.6.6.6", "198.51.100.1:4711"]),
            "198.51.100.1"
        );
        assert_eq!(client(trusted, "::ffff:10.1.2.3", &["2001:db8::1"]), "2001:db8::1");
    }

    #[test]
    fn where_the_trail_ends_or_cannot_be_read_the_last_trusted_hop_counts() {
        assert_eq!(client(&["10.0.0.0/8"], "10.1.2.3", &[]), "10.1.2.3");
        assert_eq!(
            client(&["10.0.0.0/8"], "10.1.2.3", &["6.6.6.6, unknown, 10.4.4.4"]),
            "10.4.4.4"
        );
        assert_eq!(client(&["0.0.0.0/0"], "10.1.2.3", &["10.5.5.5"]), "10.5.5.5");
    }

    #[test]
    fn an_entry_that_is_no_network_is_named() {
        for entry in [
            "proxy.local",
            "10.0.0.0/33",
            "10.0.0.0/-1",
            "::1/129",
            "",
            "10.0.0.0/8/8",
        ] {
            let error = proxies(&["10.0.0.1", entry]).unwrap_err();
            assert!(error.to_string().contains(&format!("`{entry}`")), "{error}");
        }
    }

    proptest! {
        #[test]
        fn whatever_the_header_holds_there_is_a_client(value in "[ -~]{0,200}") {
            let proxies = proxies(&["0.0.0.0/0", "::/0"]).unwrap();
            proxies.client("10.0.0.1".parse().unwrap(), &forwarded(&[&value]));
        }
    }
}
