//! Which segments there are, and which of their records are still needed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    pub(crate) length: u32,
    pub(crate) position: u64,
    pub(crate) generation: u32,
}

impl Place {
    /// The record's number: records have growing ones, in the order in which they were appended.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Positions are compared within one generation only; see [`crate::Journal::generation`].
    pub fn generation(&self) -> u32 {
        self.generation
    }

    /// How long the payload is.
    pub fn bytes(&self) -> usize {
        self.length as usize
    }
}

/// The file of a segment.
pub fn path(directory: &Path, first: u64) -> PathBuf {
    directory.join(format!("{first:020}.segment"))
}

/// Where a damaged segment goes when its records are not needed any more.
pub fn kept_path(directory: &Path, first: u64) -> PathBuf {
    directory.join(format!("{first:020}.segment.damaged"))
}

/// A segment that is on disk.
#[derive(Debug, Default)]
pub struct Segment {
    /// Records that are not released.
    pub waiting: BTreeSet<u64>,
    /// Of the file.
    pub bytes: u64,
    /// Nothing will be written to it any more.
    pub sealed: bool,
    /// Something in it could not be read, so that it must not be deleted.
    pub damaged: bool,
}

/// Every segment by its first position.
#[derive(Debug, Default)]
pub struct Segments(pub BTreeMap<u64, Segment>);

impl Segments {
    /// Marks records as not needed any more. Answers whether a segment can go.
    pub fn release(&mut self, places: &[Place]) -> bool {
        let mut free = false;
        for place in places {
            if let Some(segment) = self.0.get_mut(&place.segment) {
                segment.waiting.remove(&place.position);
                free |= segment.waiting.is_empty();
            }
        }
        free
    }

    /// Whether a record is still needed.
    pub fn is_waiting(&self, position: u64) -> bool {
        let candidate = self.0.range(..=position).next_back();
        candidate.is_some_and(|(_, segment)| segment.waiting.contains(&position))
    }

    /// Bytes of all segments.
    pub fn bytes(&self) -> u64 {
        self.0.values().map(|segment| segment.bytes).sum()
    }

    /// Takes out the segments of which nothing is needed; answers their first positions, and whether each is damaged.
    pub fn take_free(&mut self) -> Vec<(u64, bool)> {
        let is_free = |segment: &Segment| segment.sealed && segment.waiting.is_empty();
        let free: Vec<(u64, bool)> = self
            .0
            .iter()
            .filter(|(_, segment)| is_free(segment))
            .map(|(first, segment)| (*first, segment.damaged))
            .collect();
        self.0.retain(|_, segment| !is_free(segment));
        free
    }
}
