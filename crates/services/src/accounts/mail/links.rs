//! The links that nobody was sent.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::{DateTime, Utc};

use super::MailLink;

/// How many links are kept at most; the oldest go.
const MOST_LINKS: usize = 1_000;

/// A link, with the hash of its key.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) hash: [u8; 32],
    pub(super) expires_at: DateTime<Utc>,
    pub(super) link: MailLink,
}

/// See the module.
#[derive(Default)]
pub(super) struct Links(Mutex<VecDeque<Kept>>);

impl Links {
    fn lock(&self) -> MutexGuard<'_, VecDeque<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn keep(&self, kept: Kept) {
        let mut links = self.lock();
        let now = Utc::now();
        links.retain(|other| other.expires_at > now && other.hash != kept.hash);
        if links.len() == MOST_LINKS {
            links.pop_front();
        }
        links.push_back(kept);
    }

    pub(super) fn remove(&self, hash: &[u8; 32]) {
        self.lock().retain(|kept| kept.hash != *hash);
    }

    /// Those that are still good, oldest first.
    pub(super) fn good(&self) -> Vec<MailLink> {
        let now = Utc::now();
        self.lock().iter().filter(|kept| kept.expires_at > now).map(|kept| kept.link.clone()).collect()
    }
}
