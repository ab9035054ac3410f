//! One file of records: its head, and reading it whole.

use crate::frame::{self, Frame, Key};

/// Magic, id of the journal, generation, first position, the segment before, the last position before, checksum.
pub const HEAD_BYTES: usize = 56;

const MAGIC: [u8; 8] = *b"BHJRNL01";

/// What a segment says of itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The journal that it belongs to.
    pub id: [u8; 16],
    /// Grows whenever records were found to be lost.
    pub generation: u32,
    /// No record of it has a smaller position.
    pub first: u64,
    /// `first` of the segment that was written before it.
    pub before: u64,
    /// The last position that was acknowledged before it.
    pub reached: u64,
}

impl Head {
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(HEAD_BYTES);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&self.id);
        bytes.extend_from_slice(&self.generation.to_le_bytes());
        for number in [self.first, self.before, self.reached] {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        let checksum = crc32fast::hash(&bytes);
        bytes.extend_from_slice(&checksum.to_le_bytes());
        bytes
    }

    /// Reads the head at the start of a segment; none where it is short or damaged.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let (head, checksum) = bytes.get(..HEAD_BYTES)?.split_at(HEAD_BYTES - 4);
        if head[..8] != MAGIC || crc32fast::hash(head).to_le_bytes() != checksum {
            return None;
        }
        let number = |at: usize| head[at..at + 8].try_into().map(u64::from_le_bytes).ok();
        Some(Self {
            id: head[8..24].try_into().ok()?,
            generation: head[24..28].try_into().map(u32::from_le_bytes).ok()?,
            first: number(28)?,
            before: number(36)?,
            reached: number(44)?,
        })
    }
}

/// A record that was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found {
    pub position: u64,
    /// Where its head begins.
    pub offset: usize,
    /// Of its payload.
    pub length: usize,
}

/// Bytes that are no record and should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    pub offset: usize,
    pub bytes: usize,
}

/// What a segment holds.
#[derive(Debug, Default)]
pub struct Contents {
    pub records: Vec<Found>,
    pub damages: Vec<Damage>,
    /// Where what was ever acknowledged ends.
    pub end: usize,
}

/// Finds every record after the head of a segment. Only the newest segment can end in a record that was cut short.
pub fn scan(bytes: &[u8], key: &Key, newest: bool) -> Contents {
    let mut contents = Contents::default();
    let mut at = HEAD_BYTES.min(bytes.len());
    let mut last = None;
    while at < bytes.len() {
        let rest = &bytes[at..];
        match frame::decode(rest, key) {
            Frame::Record { position, payload, bytes } if last < Some(position) => {
                contents.records.push(Found { position, offset: at, length: payload.len() });
                last = Some(position);
                at += bytes;
            }
            // What a crash of the machine leaves of a write is short, or zeros that were never filled.
            Frame::Torn if newest => break,
            Frame::Damaged if newest && rest.iter().all(|byte| *byte == 0) => break,
            _ => {
                let length = frame::next_whole(rest, key).unwrap_or(rest.len());
                contents.damages.push(Damage { offset: at, bytes: length });
                at += length;
            }
        }
    }
    contents.end = at;
    contents
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEAD: Head = Head { id: [3; 16], generation: 2, first: 5, before: 1, reached: 4 };

    fn written(payloads: &[Vec<u8>]) -> (Vec<u8>, Vec<Found>) {
        let key = Key::new(&HEAD.id);
        let (mut bytes, mut records) = (HEAD.encode(), Vec::new());
        for (payload, position) in payloads.iter().zip(HEAD.first..) {
            records.push(Found { position, offset: bytes.len(), length: payload.len() });
            frame::encode(&mut bytes, &key, position, payload);
        }
        (bytes, records)
    }

    fn end(record: &Found) -> usize {
        record.offset + frame::HEAD_BYTES + record.length
    }

    #[test]
    fn a_head_reads_back_and_a_damaged_one_does_not() {
        let bytes = HEAD.encode();
        assert_eq!((bytes.len(), Head::decode(&bytes)), (HEAD_BYTES, Some(HEAD)));
        for at in 0..bytes.len() {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            assert_eq!(Head::decode(&damaged), None);
            assert_eq!(Head::decode(&bytes[..at]), None);
        }
    }

    fn payloads() -> impl Strategy<Value = Vec<Vec<u8>>> {
        prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..6)
    }

    proptest! {
        #[test]
        fn cut_off_anywhere_every_record_before_is_read(payloads in payloads()) {
            let (bytes, records) = written(&payloads);
            let key = Key::new(&HEAD.id);
            for length in HEAD_BYTES..=bytes.len() {
                let whole: Vec<Found> = records.iter().filter(|record| end(record) <= length).copied().collect();
                let good = whole.last().map_or(HEAD_BYTES, end);
                let newest = scan(&bytes[..length], &key, true);
                prop_assert_eq!((&newest.records, newest.damages.len(), newest.end), (&whole, 0, good));
                let sealed = scan(&bytes[..length], &key, false);
                prop_assert_eq!(&sealed.records, &whole);
                prop_assert_eq!(sealed.damages.len(), usize::from(good < length));
            }
        }

        #[test]
        fn a_flipped_bit_costs_its_own_record_and_no_other(payloads in payloads(), bit in 0_u8..8, newest: bool) {
            let (bytes, records) = written(&payloads);
            let key = Key::new(&HEAD.id);
            for at in HEAD_BYTES..bytes.len() {
                let mut damaged = bytes.clone();
                damaged[at] ^= 1 << bit;
                let found = scan(&damaged, &key, newest);
                let hit = |record: &&Found| (record.offset..end(record)).contains(&at);
                let others: Vec<Found> = records.iter().filter(|record| !hit(record)).copied().collect();
                let lost = records.iter().find(hit).expect("every byte past the head is of a record");
                prop_assert_eq!(&found.records, &others);
                let damage = Damage { offset: lost.offset, bytes: end(lost) - lost.offset };
                prop_assert_eq!(found.damages, vec![damage]);
            }
        }
    }

    #[test]
    fn zeros_at_the_end_of_the_newest_segment_are_a_write_that_never_came() {
        let (mut bytes, records) = written(&[b"one".to_vec()]);
        let length = bytes.len();
        bytes.resize(length + 100, 0);
        let key = Key::new(&HEAD.id);
        let found = scan(&bytes, &key, true);
        assert_eq!((found.records, found.damages.len(), found.end), (records, 0, length));
        assert_eq!(scan(&bytes, &key, false).damages, [Damage { offset: length, bytes: 100 }]);
    }
}
