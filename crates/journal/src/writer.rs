//! The thread that writes: takes everything that waits, writes it, flushes once, answers.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::sync::Arc;

use crate::frame;
use crate::journal::{Shared, Waiting};
use crate::manifest::Manifest;
use crate::segment::{HEAD_BYTES, Head};
use crate::segments::{self, Place, Segment};

/// A segment that nobody needs is given up for a new one when it is this part of a full one: not sooner, for making one
/// takes several flushes, and not later, for it takes room.
const REPLACED_PART: u64 = 8;
/// What is kept of a buffer that was needed for a large record.
const KEPT_BUFFER: usize = 1 << 20;

/// The newest segment, and how far it has come.
#[derive(Clone, Copy, Debug, Default)]
pub struct Last {
    pub segment: u64,
    pub reached: u64,
}

/// The only one that changes files of an open journal.
pub struct Writer {
    shared: Arc<Shared>,
    active: Option<Active>,
    last: Last,
    buffer: Vec<u8>,
}

struct Active {
    first: u64,
    file: File,
    /// Of what was acknowledged.
    bytes: u64,
}

impl Writer {
    pub fn new(shared: Arc<Shared>, last: Last) -> Self {
        Self { shared, active: None, last, buffer: Vec::new() }
    }

    /// Works until the journal is closed.
    pub fn run(mut self) {
        loop {
            let shared = Arc::clone(&self.shared);
            let mut queue = shared.queue();
            while queue.records.is_empty() && !queue.tidy && !queue.closed {
                queue = shared.work.wait(queue).expect("no holder of this lock panics");
            }
            let records = std::mem::take(&mut queue.records);
            let closed = queue.closed;
            queue.tidy = false;
            drop(queue);
            if closed && records.is_empty() {
                self.seal();
                self.tidy();
                return;
            }
            if !records.is_empty() {
                self.flush(records);
            }
            self.tidy();
        }
    }

    fn flush(&mut self, records: Vec<Waiting>) {
        match self.write(&records) {
            Ok(places) => {
                for (record, place) in records.into_iter().zip(places) {
                    // Who went away did so without an answer.
                    let _ = record.answer.send(Ok(place));
                }
            }
            Err(error) => {
                // What a failed flush has left on disk is unknown: nothing is added to it.
                if let Some(active) = &self.active {
                    let _ = active.file.set_len(active.bytes);
                }
                self.seal();
                for record in records {
                    let _ = record.answer.send(Err(io::Error::new(error.kind(), error.to_string())));
                }
            }
        }
    }

    fn write(&mut self, records: &[Waiting]) -> io::Result<Vec<Place>> {
        if self.active.as_ref().is_some_and(|active| active.bytes >= self.shared.options.segment_bytes) {
            self.seal();
        }
        if self.active.is_none() {
            self.active = Some(self.create(records[0].position)?);
        }
        let active = self.active.as_mut().expect("it was made where there was none");
        self.buffer.clear();
        self.buffer.shrink_to(KEPT_BUFFER);
        let mut places = Vec::with_capacity(records.len());
        for record in records {
            places.push(Place {
                segment: active.first,
                offset: active.bytes + self.buffer.len() as u64,
                length: u32::try_from(record.payload.len()).expect("larger payloads are refused"),
                position: record.position,
                generation: self.shared.generation,
            });
            frame::encode(&mut self.buffer, &self.shared.key, record.position, &record.payload);
        }
        active.file.write_all(&self.buffer)?;
        active.file.sync_data()?;
        active.bytes += self.buffer.len() as u64;
        self.last.reached = records.last().map_or(self.last.reached, |record| record.position);
        let mut segments = self.shared.segments();
        let segment = segments.0.entry(active.first).or_default();
        segment.bytes = active.bytes;
        segment.waiting.extend(records.iter().map(|record| record.position));
        Ok(places)
    }

    /// A new segment, listed before anything is written to it.
    fn create(&mut self, first: u64) -> io::Result<Active> {
        let head = Head {
            id: self.shared.id.into_bytes(),
            generation: self.shared.generation,
            first,
            before: self.last.segment,
            reached: self.last.reached,
        };
        let path = segments::path(&self.shared.directory, first);
        let mut file = OpenOptions::new().create_new(true).append(true).open(&path)?;
        let made = file.write_all(&head.encode()).and_then(|()| file.sync_all()).and_then(|()| self.list(Some(first)));
        if let Err(error) = made {
            // A segment without records; the next start would remove it, too.
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        let bytes = HEAD_BYTES as u64;
        self.shared.segments().0.insert(first, Segment { bytes, ..Segment::default() });
        self.last = Last { segment: first, reached: self.last.reached };
        Ok(Active { first, file, bytes })
    }

    /// Writes nothing more to the segment that is written to.
    fn seal(&mut self) {
        if let Some(active) = self.active.take()
            && let Some(segment) = self.shared.segments().0.get_mut(&active.first)
        {
            segment.sealed = true;
        }
    }

    /// Deletes the segments that nobody needs, and keeps those that were damaged under another name.
    fn tidy(&mut self) {
        let replaced = self.active.as_ref().is_some_and(|active| {
            let segments = self.shared.segments();
            active.bytes >= self.shared.options.segment_bytes / REPLACED_PART
                && segments.0.get(&active.first).is_some_and(|it| it.waiting.is_empty())
        });
        if replaced {
            self.seal();
        }
        let free = self.shared.segments().take_free();
        if free.is_empty() {
            return;
        }
        // The list first: a segment that is not listed and still there is read again and skipped, one that is listed and
        // gone would be missed.
        if self.list(None).is_err() {
            let mut segments = self.shared.segments();
            for (first, damaged) in free {
                segments.0.insert(first, Segment { sealed: true, damaged, ..Segment::default() });
            }
            return;
        }
        for (first, damaged) in free {
            let path = segments::path(&self.shared.directory, first);
            // A file that stays is read again at the next start and found to be done with.
            let _ = match damaged {
                true => fs::rename(path, segments::kept_path(&self.shared.directory, first)),
                false => fs::remove_file(path),
            };
        }
    }

    /// Writes the list of segments.
    fn list(&self, new: Option<u64>) -> io::Result<()> {
        let segments: Vec<u64> = self.shared.segments().0.keys().copied().chain(new).collect();
        let next = self.shared.queue().next;
        let manifest = Manifest { id: self.shared.id, generation: self.shared.generation, next, segments };
        manifest.write(&self.shared.directory)
    }
}
