//! How often passwords are tried, accounts made and mails asked for: by address and by account, in bounded memory.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::{Error, Result};
use moka::sync::Cache;

use super::CallerAddress;

/// How many addresses or accounts are known at once, a limit; the ones not seen for longest are forgotten.
const CAPACITY: u64 = 20_000;

/// So many at once, and one more each period.
struct Limiter {
    burst: u32,
    period: Duration,
    /// When the last of what was taken is paid back, a key.
    paid: Cache<String, Arc<Mutex<Instant>>>,
}

impl Limiter {
    fn new(burst: u32, period: Duration) -> Self {
        let paid = Cache::builder().max_capacity(CAPACITY).time_to_idle(period * burst).build();
        Self { burst, period, paid }
    }

    /// Takes one, or says how long to wait.
    fn take(&self, key: &str) -> Result<(), Duration> {
        let now = Instant::now();
        let paid = self.paid.get_with_by_ref(key, || Arc::new(Mutex::new(now)));
        let mut paid = paid.lock().unwrap_or_else(PoisonError::into_inner);
        let next = (*paid).max(now) + self.period;
        let over = next.duration_since(now).saturating_sub(self.period * self.burst);
        if !over.is_zero() {
            return Err(over);
        }
        *paid = next;
        Ok(())
    }

    /// Gives back what was taken for something that was in order.
    fn give_back(&self, key: &str) {
        if let Some(paid) = self.paid.get(key) {
            let mut paid = paid.lock().unwrap_or_else(PoisonError::into_inner);
            *paid = paid.checked_sub(self.period).unwrap_or(*paid);
        }
    }
}

/// A limit by address and one by account.
pub(super) struct Limit {
    what: &'static str,
    addresses: Limiter,
    accounts: Limiter,
}

impl Limit {
    /// Takes one of each.
    ///
    /// # Errors
    /// `RateLimited`, with the time to wait.
    pub(super) fn take(&self, from: CallerAddress, account: &str) -> Result<()> {
        let address = from.map(network);
        let taken = address.as_deref().map_or(Ok(()), |address| self.addresses.take(address));
        taken.map_err(|wait| self.refusal("address", wait))?;
        self.accounts.take(&key(account)).map_err(|wait| {
            if let Some(address) = &address {
                self.addresses.give_back(address);
            }
            self.refusal("account", wait)
        })
    }

    /// Gives both back.
    pub(super) fn give_back(&self, from: CallerAddress, account: &str) {
        if let Some(address) = from.map(network) {
            self.addresses.give_back(&address);
        }
        self.accounts.give_back(&key(account));
    }

    fn refusal(&self, of: &str, wait: Duration) -> Error {
        let seconds = wait.as_secs() + 1;
        let told = format!("too many {} of this {of}; try again in {seconds} seconds", self.what);
        Error::rate_limited(told, Duration::from_secs(seconds))
    }
}

/// An account as given, short whatever was given.
fn key(account: &str) -> String {
    let account = model::name_key(account.trim());
    if account.len() > 64 { blake3::hash(account.as_bytes()).to_hex().to_string() } else { account }
}

/// Who has one address of IPv6 has the rest of its network.
fn network(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => format!("{:x}", address.to_bits() >> 64),
    }
}

/// The limits of a server.
pub(super) struct RateLimits {
    /// Wrong passwords; right ones do not count.
    pub(super) login: Limit,
    /// New accounts.
    pub(super) sign_up: Limit,
    /// Mails with links.
    pub(super) mail: Limit,
}

impl RateLimits {
    pub(super) fn new() -> Self {
        let limit = |what, addresses: (u32, u64), accounts: (u32, u64)| Limit {
            what,
            addresses: Limiter::new(addresses.0, Duration::from_secs(addresses.1)),
            accounts: Limiter::new(accounts.0, Duration::from_secs(accounts.1)),
        };
        Self {
            login: limit("wrong passwords", (60, 2), (10, 30)),
            sign_up: limit("sign-ups", (100, 10), (10, 60)),
            mail: limit("requests for mail", (60, 30), (5, 300)),
        }
    }
}

impl std::fmt::Debug for RateLimits {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RateLimits").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use model::ErrorKind;

    use super::*;

    #[test]
    fn a_burst_is_free_and_then_there_is_a_wait() {
        let limiter = Limiter::new(3, Duration::from_secs(60));
        for _ in 0..3 {
            limiter.take("ann").unwrap();
        }
        let wait = limiter.take("ann").unwrap_err();
        assert!(wait > Duration::from_secs(58) && wait <= Duration::from_secs(60), "{wait:?}");
        limiter.take("bob").unwrap();
        limiter.give_back("ann");
        limiter.take("ann").unwrap();
        assert!(limiter.take("ann").is_err());
    }

    #[test]
    fn accounts_and_addresses_count_apart() {
        let limits = RateLimits::new();
        let from = |last| Some(IpAddr::from([192, 0, 2, last]));
        for last in 0..10 {
            limits.login.take(from(last), "Ann").unwrap();
        }
        let refused = limits.login.take(from(99), " ann ").unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::RateLimited);
        assert!(refused.retry_after().is_some_and(|wait| wait <= Duration::from_secs(31)));
        for other in 0..60 {
            limits.login.take(from(99), &format!("user {other}")).unwrap();
        }
        assert!(limits.login.take(from(99), "another").unwrap_err().message().contains("address"));
        limits.login.take(None, "another").unwrap();
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let key = |text: &str| network(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
