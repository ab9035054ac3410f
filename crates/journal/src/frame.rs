//! How a record stands in a segment: a head of fixed size with a checksum of its own, then the payload.
//!
//! The head's own checksum makes its length good to trust: a record that reaches past the end of the file was cut short,
//! and one whose bits have flipped was not.

use crc32fast::Hasher;
use memchr::memmem;

/// The largest payload.
pub const MAX_RECORD_BYTES: usize = 256 << 20;

/// Magic, length, position, checksum of these, checksum of the payload.
pub const HEAD_BYTES: usize = 24;

const MAGIC: [u8; 4] = [0xB0, 0xA7, 0x0C, 0xE5];

/// What checksums are begun with. It differs from journal to journal, so that no payload can hold a record of its own.
#[derive(Clone)]
pub struct Key(Hasher);

impl Key {
    /// The key of the journal of this id.
    pub fn new(id: &[u8; 16]) -> Self {
        let mut hasher = Hasher::new();
        hasher.update(id);
        Self(hasher)
    }

    pub fn checksum(&self, bytes: &[u8]) -> u32 {
        let mut hasher = self.0.clone();
        hasher.update(bytes);
        hasher.finalize()
    }
}

/// What stands at a place of a segment.
#[derive(Debug, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A whole record, and how many bytes it takes.
    Record { position: u64, payload: &'a [u8], bytes: usize },
    /// The beginning of a record, or of its head.
    Torn,
    /// Something else.
    Damaged,
}

/// Adds a record to `out`. The payload has at most [`MAX_RECORD_BYTES`].
pub fn encode(out: &mut Vec<u8>, key: &Key, position: u64, payload: &[u8]) {
    let start = out.len();
    let length = u32::try_from(payload.len()).expect("the journal refuses larger records");
    out.extend_from_slice(&MAGIC);
    out.extend_from_slice(&length.to_le_bytes());
    out.extend_from_slice(&position.to_le_bytes());
    let checksum = key.checksum(&out[start..]);
    out.extend_from_slice(&checksum.to_le_bytes());
    out.extend_from_slice(&key.checksum(payload).to_le_bytes());
    out.extend_from_slice(payload);
}

/// Reads what `bytes` begin with; they must not be empty.
pub fn decode<'a>(bytes: &'a [u8], key: &Key) -> Frame<'a> {
    let Some(head) = bytes.first_chunk::<HEAD_BYTES>() else { return Frame::Torn };
    let number = |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
    if head[..4] != MAGIC || key.checksum(&head[..16]) != number(16) {
        return Frame::Damaged;
    }
    let position = u64::from(number(8)) | u64::from(number(12)) << 32;
    let end = HEAD_BYTES + number(4) as usize;
    match bytes.get(HEAD_BYTES..end) {
        None => Frame::Torn,
        Some(payload) if key.checksum(payload) == number(20) => Frame::Record { position, payload, bytes: end },
        Some(_) => Frame::Damaged,
    }
}

/// Where the next whole record begins, past the first byte.
pub fn next_whole(bytes: &[u8], key: &Key) -> Option<usize> {
    let rest = bytes.get(1..)?;
    let mut candidates = memmem::find_iter(rest, &MAGIC).map(|at| at + 1);
    candidates.find(|at| matches!(decode(&bytes[*at..], key), Frame::Record { .. }))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_record_reads_back(id: [u8; 16], position: u64, payload: Vec<u8>, after: Vec<u8>) {
            let key = Key::new(&id);
            let mut bytes = Vec::new();
            encode(&mut bytes, &key, position, &payload);
            let length = bytes.len();
            bytes.extend_from_slice(&after);
            prop_assert_eq!(decode(&bytes, &key), Frame::Record { position, payload: &payload, bytes: length });
        }

        #[test]
        fn a_record_that_is_cut_short_is_torn(payload in prop::collection::vec(any::<u8>(), 0..80)) {
            let key = Key::new(&[7; 16]);
            let mut bytes = Vec::new();
            encode(&mut bytes, &key, 9, &payload);
            for length in 1..bytes.len() {
                prop_assert_eq!(decode(&bytes[..length], &key), Frame::Torn);
            }
        }

        #[test]
        fn a_flipped_bit_is_damage(payload in prop::collection::vec(any::<u8>(), 0..80), bit in 0_u8..8) {
            let key = Key::new(&[7; 16]);
            let mut whole = Vec::new();
            encode(&mut whole, &key, 9, &payload);
            for at in 0..whole.len() {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                prop_assert_eq!(decode(&bytes, &key), Frame::Damaged);
            }
        }

        #[test]
        fn a_record_of_another_journal_is_none(payload: Vec<u8>) {
            let mut bytes = Vec::new();
            encode(&mut bytes, &Key::new(&[1; 16]), 9, &payload);
            prop_assert_eq!(decode(&bytes, &Key::new(&[2; 16])), Frame::Damaged);
        }
    }
}
