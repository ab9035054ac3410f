//! Task ids that say themselves which append they are of, so that none has to be kept: the position in the journal, and a
//! tag that nobody can make up.

use std::collections::BTreeSet;

use uuid::{Builder, Uuid};

/// Makes and reads the ids of one journal.
pub(super) struct TaskIds {
    /// One a generation: positions of earlier ones may have been lost.
    keys: Vec<[u8; 32]>,
    /// Positions of earlier generations that were read at the start.
    replayed: BTreeSet<u64>,
}

/// Of the 122 bits that are free in a UUID, the position takes 48 and the tag 74.
const POSITION_BITS: u32 = 48;

impl TaskIds {
    /// For a journal that is in this generation.
    pub(super) fn new(journal: Uuid, generation: u32, replayed: BTreeSet<u64>) -> Self {
        let key = |generation: u32| {
            let mut material = journal.as_bytes().to_vec();
            material.extend_from_slice(&generation.to_le_bytes());
            blake3::derive_key("boathouse append tasks", &material)
        };
        Self { keys: (0..=generation).map(key).collect(), replayed }
    }

    /// The id of a task that begins now.
    pub(super) fn id(&self, position: u64) -> Uuid {
        let key = self.keys.last().expect("there is one a generation, and a first generation");
        tagged(key, position)
    }

    /// The position that an id is of. Those of an earlier generation are known only where they were read at the start:
    /// whether others are in their tables or were lost cannot be told.
    pub(super) fn position(&self, id: Uuid) -> Option<u64> {
        let position = (id.as_u128() >> (128 - POSITION_BITS)) as u64;
        let (current, earlier) = self.keys.split_last()?;
        if tagged(current, position) == id {
            return Some(position);
        }
        let known = self.replayed.contains(&position) && earlier.iter().any(|key| tagged(key, position) == id);
        known.then_some(position)
    }
}

fn tagged(key: &[u8; 32], position: u64) -> Uuid {
    let hash = blake3::keyed_hash(key, &position.to_le_bytes());
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&position.to_be_bytes()[2..]);
    bytes[6..].copy_from_slice(&hash.as_bytes()[..10]);
    Builder::from_custom_bytes(bytes).into_uuid()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_of_its_position_and_no_other_is_known() {
        let journal = Uuid::new_v4();
        let tasks = TaskIds::new(journal, 0, BTreeSet::new());
        for position in [0, 1, 77, (1 << 48) - 1] {
            let id = tasks.id(position);
            assert_eq!((tasks.position(id), id.get_version_num()), (Some(position), 8));
            for bit in 0..128 {
                assert_eq!(tasks.position(Uuid::from_u128(id.as_u128() ^ (1 << bit))), None, "{bit}");
            }
        }
        assert_eq!(tasks.position(Uuid::new_v4()), None);
        assert_eq!(TaskIds::new(Uuid::new_v4(), 0, BTreeSet::new()).position(tasks.id(1)), None);
    }

    #[test]
    fn of_an_earlier_generation_only_what_was_read_is_known() {
        let journal = Uuid::new_v4();
        let before = TaskIds::new(journal, 0, BTreeSet::new());
        let after = TaskIds::new(journal, 1, BTreeSet::from([5]));
        assert_eq!(after.position(before.id(5)), Some(5));
        assert_eq!(after.position(before.id(6)), None);
        assert_eq!(after.position(after.id(6)), Some(6));
    }
}
