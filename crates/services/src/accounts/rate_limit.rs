//! How often passwords are tried, accounts made and mails asked for: by address and by account, in bounded memory.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use model::{Error, Result};
use moka::sync::Cache;

use super::CallerAddress;

/// How many addresses or accounts are known at once, a limit; the ones not seen for longest are forgotten.
const CAPACITY: u64 = 20_000;

/// How long an address is known from which an account was used.
const TRUSTED: Duration = Duration::from_secs(30 * 24 * 3600);

/// As many wrong passwords as are let pass at once at most.
const MOST_WRONG: u32 = 1_000_000;

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

    /// How long to wait where one cannot be taken now.
    fn check(&self, key: &str) -> Result<(), Duration> {
        let Some(paid) = self.paid.get(key) else { return Ok(()) };
        let now = Instant::now();
        let next = (*paid.lock().unwrap_or_else(PoisonError::into_inner)).max(now) + self.period;
        let over = next.duration_since(now).saturating_sub(self.period * self.burst);
        if over.is_zero() { Ok(()) } else { Err(over) }
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
    /// Addresses from which an account was used. They have a limit of their own for it, so that nobody keeps its user out by
    /// trying passwords from elsewhere.
    trusted: Cache<String, ()>,
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
        self.accounts.take(&self.key(from, account)).map_err(|wait| {
            if let Some(address) = &address {
                self.addresses.give_back(address);
            }
            self.refusal("account", wait)
        })
    }

    /// Whether one of each could be taken; takes none.
    ///
    /// # Errors
    /// As [`Limit::take`].
    pub(super) fn check(&self, from: CallerAddress, account: &str) -> Result<()> {
        let address = from.map(network).map_or(Ok(()), |address| self.addresses.check(&address));
        address.map_err(|wait| self.refusal("address", wait))?;
        self.accounts.check(&self.key(from, account)).map_err(|wait| self.refusal("account", wait))
    }

    /// Takes one of each, as far as there are any: for what was checked before and has turned out to count.
    pub(super) fn count(&self, from: CallerAddress, account: &str) {
        if let Some(address) = from.map(network) {
            let _ = self.addresses.take(&address);
        }
        let _ = self.accounts.take(&self.key(from, account));
    }

    /// Gives both back.
    pub(super) fn give_back(&self, from: CallerAddress, account: &str) {
        if let Some(address) = from.map(network) {
            self.addresses.give_back(&address);
        }
        self.accounts.give_back(&self.key(from, account));
    }

    /// Notes that whoever has the address may use the account.
    pub(super) fn trust(&self, from: CallerAddress, account: &str) {
        if let Some(pair) = pair(from, account) {
            self.trusted.insert(pair, ());
        }
    }

    /// What is counted for an account: all tries together, but for those of addresses that it is used from.
    fn key(&self, from: CallerAddress, account: &str) -> String {
        pair(from, account).filter(|pair| self.trusted.contains_key(pair)).unwrap_or_else(|| key(account))
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

/// An account as it is used from one address.
fn pair(from: CallerAddress, account: &str) -> Option<String> {
    from.map(|address| format!("{} {}", network(address), key(account)))
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
    /// `wrong_passwords` is how many of an account are free at once.
    pub(super) fn new(wrong_passwords: NonZeroU32) -> Self {
        let limit = |what, addresses: (u32, u64), accounts: (u32, u64)| Limit {
            what,
            addresses: Limiter::new(addresses.0, Duration::from_secs(addresses.1)),
            accounts: Limiter::new(accounts.0, Duration::from_secs(accounts.1)),
            trusted: Cache::builder().max_capacity(CAPACITY).time_to_idle(TRUSTED).build(),
        };
        let wrong = wrong_passwords.get().min(MOST_WRONG);
        Self {
            login: limit("wrong passwords", (6 * wrong, 2), (wrong, 30)),
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

    use super::super::AccountsConfig;
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
        let limits = RateLimits::new(AccountsConfig::default().wrong_passwords);
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
    fn what_is_only_checked_is_not_taken() {
        let limits = RateLimits::new(NonZeroU32::new(2).unwrap());
        let from = Some(IpAddr::from([192, 0, 2, 1]));
        for _ in 0..20 {
            limits.login.check(from, "ann").unwrap();
        }
        limits.login.count(from, "ann");
        limits.login.check(from, "ann").unwrap();
        limits.login.count(from, "ann");
        assert_eq!(limits.login.check(from, "ann").unwrap_err().kind(), ErrorKind::RateLimited);
        assert!(limits.login.take(from, "Ann").is_err(), "a login is another way to try the same");
    }

    #[test]
    fn nobody_keeps_a_user_out_from_elsewhere() {
        let limits = RateLimits::new(NonZeroU32::new(2).unwrap());
        let (home, elsewhere) = (Some(IpAddr::from([192, 0, 2, 1])), Some(IpAddr::from([192, 0, 2, 2])));
        limits.login.trust(home, "ann");
        for _ in 0..3 {
            limits.login.count(elsewhere, "ann");
        }
        assert!(limits.login.check(elsewhere, "ann").is_err());
        limits.login.check(home, "ann").unwrap();
        assert!(limits.login.check(None, "ann").is_err());
        for _ in 0..3 {
            limits.login.count(home, "ann");
        }
        assert!(limits.login.check(home, "ann").is_err(), "it has a limit of its own there");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address() {
        let key = |text: &str| network(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff:1"));
        assert_ne!(key("2001:db8:0:1::1"), key("2001:db8:0:2::1"));
        assert_eq!(key("::ffff:192.0.2.1"), key("192.0.2.1"));
    }
}
