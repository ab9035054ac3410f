//! What is remembered of credentials that were verified, so that argon2 does not run on every call.
//!
//! A credential is remembered under a hash keyed with this process's own random key, never as it is, and only one that
//! was right. An entry is good for one generation of the users table: any change of any user ends them all.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use argon2::password_hash::rand_core::{OsRng, RngCore};
use model::Principal;
use moka::sync::Cache;
use secrecy::{ExposeSecret, SecretString};

/// How long a verified credential is remembered.
const LIFETIME: Duration = Duration::from_secs(300);
/// How many are remembered; each takes some 200 bytes.
const CAPACITY: u64 = 10_000;
/// How long another program's change of a user may go unseen.
const REFRESH_MILLIS: u64 = 1_000;

/// The keyed hash of one name and password.
pub(super) type Fingerprint = [u8; 32];

#[derive(Clone)]
struct Verified {
    principal: Principal,
    generation: u64,
}

/// See the module.
pub(super) struct Memory {
    key: [u8; 32],
    verified: Cache<Fingerprint, Verified>,
    generation: AtomicU64,
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
            verified: Cache::builder().max_capacity(CAPACITY).time_to_live(LIFETIME).build(),
            generation: AtomicU64::new(0),
            started: Instant::now(),
            refreshed: AtomicU64::new(0),
        }
    }

    /// What a credential is remembered under.
    pub(super) fn fingerprint(&self, name: &str, password: &SecretString) -> Fingerprint {
        let mut hasher = blake3::Hasher::new_keyed(&self.key);
        // The length keeps ("ab", "c") and ("a", "bc") apart.
        hasher.update(&(name.len() as u64).to_le_bytes());
        hasher.update(name.as_bytes());
        hasher.update(password.expose_secret().as_bytes());
        *hasher.finalize().as_bytes()
    }

    /// Whether it is time to look the generation up. Says so to one of many callers at once.
    pub(super) fn must_refresh(&self) -> bool {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX).max(1);
        let last = self.refreshed.load(Ordering::Acquire);
        let stale = last == 0 || now.saturating_sub(last) >= REFRESH_MILLIS;
        stale && self.refreshed.compare_exchange(last, now, Ordering::AcqRel, Ordering::Acquire).is_ok()
    }

    /// The users table is at `generation` now: older entries are good no more.
    pub(super) fn advance(&self, generation: u64) {
        self.generation.fetch_max(generation, Ordering::AcqRel);
    }

    /// The principal of a credential that was verified and still holds.
    pub(super) fn get(&self, fingerprint: &Fingerprint) -> Option<Principal> {
        let verified = self.verified.get(fingerprint)?;
        (verified.generation >= self.generation.load(Ordering::Acquire)).then_some(verified.principal)
    }

    /// Remembers a credential that was verified against `generation` of the users table.
    pub(super) fn remember(&self, fingerprint: Fingerprint, principal: Principal, generation: u64) {
        self.verified.insert(fingerprint, Verified { principal, generation });
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Memory").field("entries", &self.verified.entry_count()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::{Access, Rights};

    #[test]
    fn an_entry_ends_with_its_generation() {
        let memory = Memory::new();
        let fingerprint = memory.fingerprint("ann", &SecretString::from("secret"));
        let ann = Principal::user("ann", Rights::up_to(Access::Read), Vec::new());
        memory.remember(fingerprint, ann.clone(), 3);
        assert_eq!(memory.get(&fingerprint), Some(ann));
        memory.advance(3);
        assert!(memory.get(&fingerprint).is_some());
        memory.advance(4);
        assert!(memory.get(&fingerprint).is_none());
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
