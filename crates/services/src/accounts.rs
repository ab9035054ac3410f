//! Who may call: users, their passwords, and how a call is tied to a user.

mod authenticate;
mod bearer;
mod memory;
mod password;
mod users;

use std::sync::Arc;
use std::thread;

use model::{Principal, Rights};
use tokio::sync::Semaphore;

use crate::Metadata;
use memory::Memory;

pub use password::generate as generate_password;
pub use users::{FirstAdmin, User};

/// The users of the server. Clones share everything.
#[derive(Clone, Debug)]
pub struct Accounts(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    metadata: Metadata,
    memory: Memory,
    /// Each verification takes 19 MB and a core for some milliseconds: a flood of wrong passwords must not take all.
    turns: Semaphore,
}

impl Accounts {
    /// The users in `metadata`.
    pub fn new(metadata: Metadata) -> Self {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        Self(Arc::new(Inner { metadata, memory: Memory::new(), turns: Semaphore::new(cores.clamp(1, 4)) }))
    }
}

/// Whoever runs commands on the data directory: its files are theirs already.
pub fn operator() -> Principal {
    Principal::user("operator", Rights::ALL, Vec::new())
}
