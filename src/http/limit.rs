//! How often a client may come: so many at once and so many a minute, for each address.
//!
//! The generic cell rate algorithm (ITU-T I.371): one time stamp a client says when its allowance will be whole again.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Clients remembered at one time. Those above share one allowance, so that memory stays bounded under any number.
const MAX_CLIENTS: usize = 16_384;

/// Between two looks for clients whose allowance is whole again.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(1);

/// The whole allowance: what a client that was quiet may send at once, and what grows back in this time.
const MINUTE: Duration = Duration::from_mins(1);

/// The allowances of all clients of one door.
#[derive(Debug)]
pub(crate) struct Limiter {
    /// Time in which one request's allowance grows back; `None` where there is no limit.
    interval: Option<Duration>,
    clients: Mutex<Clients>,
}

#[derive(Debug, Default)]
struct Clients {
    /// When the allowance of each will be whole again.
    whole_at: HashMap<IpAddr, Instant>,
    swept_at: Option<Instant>,
}

impl Limiter {
    /// A limit of `rate_per_minute` for each client; 0 is no limit.
    pub(crate) fn new(rate_per_minute: u32) -> Self {
        let interval = (rate_per_minute > 0).then(|| MINUTE / rate_per_minute);
        Self {
            interval,
            clients: Mutex::default(),
        }
    }

    /// Takes one request off the allowance of a client.
    ///
    /// # Errors
    /// When there is none left: the time until there is.
    pub(crate) fn take(&self, client: IpAddr, now: Instant) -> Result<(), Duration> {
        let Some(interval) = self.interval else { return Ok(()) };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let whole_at = clients.slot(network(client), now);
        let after = (*whole_at).max(now) + interval;
        let wait = after.saturating_duration_since(now + MINUTE);
        if wait.is_zero() {
            *whole_at = after;
            return Ok(());
        }
        Err(wait)
    }
}

impl Clients {
    fn slot(&mut self, client: IpAddr, now: Instant) -> &mut Instant {
        if self.whole_at.len() >= MAX_CLIENTS {
            self.sweep(now);
        }
        let full = self.whole_at.len() >= MAX_CLIENTS && !self.whole_at.contains_key(&client);
        let key = if full {
            IpAddr::V6(Ipv6Addr::UNSPECIFIED)
        } else {
            client
        };
        self.whole_at.entry(key).or_insert(now)
    }

    fn sweep(&mut self, now: Instant) {
        if self
            .swept_at
            .is_none_or(|swept| now.saturating_duration_since(swept) >= BETWEEN_SWEEPS)
        {
            self.whole_at.retain(|_, whole_at| *whole_at > now);
            self.swept_at = Some(now);
        }
    }
}

/// What counts as one client: an IPv4 address, or the /64 that one IPv6 customer is given whole.
fn network(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
        address @ IpAddr::V4(_) => address,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn client(last: u32) -> IpAddr {
        IpAddr::V4((0x0a00_0000 + last).into())
    }

    #[test]
    fn a_quiet_client_may_send_its_whole_minute_at_once_and_then_waits() {
        let (limiter, now) = (Limiter::new(30), Instant::now());
        assert!((0..30).all(|_| limiter.take(client(1), now).is_ok()));
        assert_eq!(limiter.take(client(1), now), Err(Duration::from_secs(2)));
        assert_eq!(limiter.take(client(1), now + Duration::from_secs(2)), Ok(()));
    }

    #[test]
    fn one_client_does_not_use_up_the_allowance_of_another() {
        let (limiter, now) = (Limiter::new(1), Instant::now());
        assert!(limiter.take(client(1), now).is_ok() && limiter.take(client(1), now).is_err());
        assert!(limiter.take(client(2), now).is_ok());
    }

    #[test]
    fn zero_is_no_limit() {
        let (limiter, now) = (Limiter::new(0), Instant::now());
        assert!((0..10_000).all(|_| limiter.take(client(1), now).is_ok()));
    }

    #[test]
    fn the_addresses_of_one_ipv6_customer_are_one_client() {
        let (limiter, now) = (Limiter::new(1), Instant::now());
        let [one, other, stranger] =
            ["2001:db8:1:2::1", "2001:db8:1:2:ffff::9", "2001:db8:1:3::1"].map(|text| text.parse().unwrap());
        assert!(limiter.take(one, now).is_ok());
        assert!(limiter.take(other, now).is_err());
        assert!(limiter.take(stranger, now).is_ok());
    }

    #[test]
    fn more_clients_than_are_remembered_share_one_allowance_until_others_are_forgotten() {
        let (limiter, now) = (Limiter::new(1), Instant::now());
        let many = u32::try_from(MAX_CLIENTS).unwrap();
        assert!((0..many).all(|number| limiter.take(client(number), now).is_ok()));
        assert!(limiter.take(client(many), now).is_ok());
        assert!(limiter.take(client(many + 1), now).is_err());
        assert!(limiter.clients.lock().unwrap().whole_at.len() <= MAX_CLIENTS + 1);
        let later = now + Duration::from_secs(61);
        assert!(limiter.take(client(many + 1), later).is_ok());
        assert_eq!(limiter.clients.lock().unwrap().whole_at.len(), 1);
    }

    proptest! {
        #[test]
        fn never_more_than_twice_the_rate_passes_in_a_minute(rate in 1_u32..120, gaps in prop::collection::vec(0_u64..2_000, 1..400)) {
            let (limiter, start) = (Limiter::new(rate), Instant::now());
            let mut now = start;
            let mut passed = Vec::new();
            for gap in gaps {
                now += Duration::from_millis(gap);
                match limiter.take(client(1), now) {
                    Ok(()) => passed.push(now),
                    // Who waits as told is let in.
                    Err(wait) => prop_assert!(limiter.take(client(1), now + wait).is_ok()),
                }
            }
            for first in &passed {
                let within = passed.iter().filter(|at| *at >= first && **at < *first + MINUTE).count();
                prop_assert!(within <= 2 * rate as usize);
            }
        }
    }
}
