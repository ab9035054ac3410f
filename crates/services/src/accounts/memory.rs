//! What is remembered of credentials that were right, so that neither argon2 nor a look-up runs on every call.
//!
//! A credential is remembered under a hash keyed with this process's own random key, never as it is, and only one that
//! was right. What it is good for holds for one generation of the accounts: any change of users, members, sessions or
//! tokens has it looked up again. A password's hash outlives that: as long as the user still has the hash that the
//! password was verified against, it need not be verified anew.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

use argon2::password_hash::rand_core::{OsRng, RngCore};
use model::Principal;
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};

/// How long a right credential is remembered.
const LIFETIME: Duration = Duration::from_secs(300);
/// How many of each kind are remembered; each takes some 300 bytes.
const CAPACITY: u64 = 10_000;
/// How long another program's change may go unseen.
const REFRESH_MILLIS: u64 = 1_000;

/// The keyed hash of a credential.
pub(super) type Fingerprint = [u8; 32];

/// A name and password that were right.
#[derive(Clone)]
pub(super) struct Password {
    /// The hash that the password was verified against.
    pub hash: Arc<str>,
    /// Whose it is.
    pub principal: Principal,
    /// As of which generation.
    pub generation: u64,
}

/// A token that was good.
#[derive(Clone)]
pub(super) struct Bearer {
    /// Whose it is.
    pub principal: Principal,
    /// When it ends, where it does.
    pub expires_at: Option<SystemTime>,
    /// As of which generation.
    pub generation: u64,
}

/// See the module.
pub(super) struct Memory {
    key: [u8; 32],
    passwords: Cache<Fingerprint, Password>,
    bearers: Cache<Fingerprint, Bearer>,
    started: Instant,
    /// When the generation was last looked up, in milliseconds since `started`; 0 for never.
    refreshed: AtomicU64,
}

impl Memory {
    pub(super) fn new() -> Self {
        let mut key = [0; 32];
        OsRng.fill_bytes(&mut key);
        Self {
            key,
            passwords: Cache::builder().max_capacity(CAPACITY).time_to_live(LIFETIME).build(),
            bearers: Cache::builder().max_capacity(CAPACITY).time_to_live(LIFETIME).build(),
            started: Instant::now(),
            refreshed: AtomicU64::new(0),
        }
    }

    /// What a credential is remembered under; a token goes without a name.
    pub(super) fn fingerprint(&self, name: &str, secret: &SecretString) -> Fingerprint {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(secret.expose_secret().as_bytes());
        *hasher.finalize().as_bytes()
    }

    /// Whether it is time to look the generation up. Says so to one of many callers at once.
    pub(super) fn must_refresh(&self) -> bool {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let last = self.refreshed.load(Ordering::Acquire);
        let stale = last == 0 || now.saturating_sub(last) >= REFRESH_MILLIS;
        stale && self.refreshed.compare_exchange(last, now, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// What is remembered of a password, whatever its generation.
    pub(super) fn password(&self, fingerprint: &Fingerprint) -> Option<Password> {
        self.passwords.get(fingerprint)
    }

    /// Remembers a password that was right.
    pub(super) fn remember_password(&self, fingerprint: Fingerprint, password: Password) {
        self.passwords.insert(fingerprint, password);
    }

    /// The principal of a token that was good, has not expired, and of which nothing changed since: accounts are at
    /// `generation` now.
    pub(super) fn bearer(&self, fingerprint: &Fingerprint, generation: u64) -> Option<Principal> {
        let bearer = self.bearers.get(fingerprint)?;
        let lasts = bearer.expires_at.is_none_or(|end| SystemTime::now() < end);
        (lasts && bearer.generation >= generation).then_some(bearer.principal)
    }

    /// Remembers a token that was good.
    pub(super) fn remember_bearer(&self, fingerprint: Fingerprint, bearer: Bearer) {
        self.bearers.insert(fingerprint, bearer);
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let entries = self.passwords.entry_count() + self.bearers.entry_count();
        f.debug_struct("Memory").field("entries", &entries).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Access, Rights};

    #[test]
    fn a_token_ends_with_its_generation_and_its_time() {
        let memory = Memory::new();
        let ann = Principal::user("ann", Rights::up_to(Access::Read), Vec::new());
        let remember = |name: &str, expires_at| {
            let fingerprint = memory.fingerprint("", &SecretString::from(name));
            memory.remember_bearer(fingerprint, Bearer { principal: ann.clone(), expires_at, generation: 3 });
            fingerprint
        };
        let lasting = remember("lasting", None);
        assert_eq!(memory.bearer(&lasting, 3), Some(ann.clone()));
        assert_eq!(memory.bearer(&lasting, 4), None);
        let now = SystemTime::now();
        assert!(memory.bearer(&remember("later", Some(now + Duration::from_secs(60))), 3).is_some());
        assert!(memory.bearer(&remember("over", Some(now)), 3).is_none());
    }

    #[test]
    fn fingerprints_part_name_and_password() {
        let memory = Memory::new();
        let one = memory.fingerprint("ab", &SecretString::from("c"));
        assert_ne!(one, memory.fingerprint("a", &SecretString::from("bc")));
        assert_eq!(one, memory.fingerprint("ab", &SecretString::from("c")));
        assert_ne!(one, Memory::new().fingerprint("ab", &SecretString::from("c")), "each process has its own key");
    }

    #[test]
    fn one_of_many_refreshes() {
        let memory = Memory::new();
        assert!(memory.must_refresh());
        assert!(!memory.must_refresh());
    }
}
