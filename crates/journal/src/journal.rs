//! The handle: appending, releasing, reading again.

use std::fs::File;
use std::future::Future;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread::{self, JoinHandle};

use tokio::sync::oneshot;
use uuid::Uuid;

use crate::frame::{self, Frame, Key, MAX_RECORD_BYTES};
use crate::segments::{self, Place, Segments};
use crate::start::{self, Fault, Found};
use crate::writer::Writer;

/// How a journal is kept.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A segment that has grown past this many bytes is the last to be written to no more.
    pub segment_bytes: u64,
}

impl Default for Options {
    /// Segments of 8 MiB.
    fn default() -> Self {
        Self { segment_bytes: 8 << 20 }
    }
}

/// An open journal. Dropping it closes it, as [`Journal::close`] does.
#[derive(Debug)]
pub struct Journal {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

/// What the handle and the writing thread have in common.
pub struct Shared {
    pub directory: PathBuf,
    pub options: Options,
    pub id: Uuid,
    pub generation: u32,
    pub key: Key,
    pub queue: Mutex<Queue>,
    /// Told of whatever the writer has to look at.
    pub work: Condvar,
    pub segments: Mutex<Segments>,
}

/// What waits for the writer.
#[derive(Default)]
pub struct Queue {
    pub records: Vec<Waiting>,
    /// The position of the record that comes next.
    pub next: u64,
    /// A segment may have become free.
    pub tidy: bool,
    pub closed: bool,
}

/// A record on its way to the disk.
pub struct Waiting {
    pub position: u64,
    pub payload: Vec<u8>,
    pub answer: oneshot::Sender<io::Result<Place>>,
}

impl Shared {
    pub fn queue(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().expect("no holder of this lock panics")
    }

    pub fn segments(&self) -> MutexGuard<'_, Segments> {
        self.segments.lock().expect("no holder of this lock panics")
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("directory", &self.directory).field("id", &self.id).finish_non_exhaustive()
    }
}

impl Journal {
    /// Opens the journal of a directory, which is made where it does not exist, and gives `replay` every record that was
    /// acknowledged and not released, in order. Blocks.
    ///
    /// Records that cannot be read are faults in the answer, for whoever runs the program; the others are replayed.
    ///
    /// # Errors
    /// Those of the file system that keep the journal from being written.
    pub fn open(
        directory: &Path,
        options: Options,
        replay: impl FnMut(Place, &[u8]),
    ) -> io::Result<(Self, Vec<Fault>)> {
        let Found { manifest, segments, last, faults } = start::read(directory, replay)?;
        let shared = Arc::new(Shared {
            directory: directory.to_owned(),
            options,
            id: manifest.id,
            generation: manifest.generation,
            key: Key::new(manifest.id.as_bytes()),
            queue: Mutex::new(Queue { next: manifest.next, ..Queue::default() }),
            work: Condvar::new(),
            segments: Mutex::new(segments),
        });
        let writer = Writer::new(Arc::clone(&shared), last);
        let thread = thread::Builder::new().name("journal".to_owned()).spawn(move || writer.run())?;
        Ok((Self { shared, thread: Mutex::new(Some(thread)) }, faults))
    }

    /// Appends a record. The order of the calls is the order of the positions. The future resolves when the record is on
    /// disk; dropping it does not take the record back.
    ///
    /// # Errors
    /// Those of the file system, and `InvalidInput` for a payload over [`MAX_RECORD_BYTES`]. The record may still be
    /// there after the next start, as after a crash before the answer.
    pub fn append(&self, payload: Vec<u8>) -> impl Future<Output = io::Result<Place>> + Send + use<> {
        let (answer, answered) = oneshot::channel();
        let mut queue = self.shared.queue();
        if payload.len() > MAX_RECORD_BYTES {
            let told = format!("a record has at most {MAX_RECORD_BYTES} bytes, this one has {}", payload.len());
            let _ = answer.send(Err(io::Error::new(io::ErrorKind::InvalidInput, told)));
        } else if queue.closed {
            let _ = answer.send(Err(io::Error::other("the journal is closed")));
        } else {
            let position = queue.next;
            queue.next += 1;
            queue.records.push(Waiting { position, payload, answer });
            self.shared.work.notify_one();
        }
        drop(queue);
        async move { answered.await.unwrap_or_else(|_| Err(io::Error::other("the journal's thread has ended"))) }
    }

    /// Says that records are not needed any more. Releasing one twice does nothing.
    pub fn release(&self, places: &[Place]) {
        if self.shared.segments().release(places) {
            self.shared.queue().tidy = true;
            self.shared.work.notify_one();
        }
    }

    /// Reads a record that is not released.
    ///
    /// # Errors
    /// Those of the file system, `InvalidData` where the record is damaged.
    pub fn read(&self, place: &Place) -> io::Result<Vec<u8>> {
        let mut file = File::open(segments::path(&self.shared.directory, place.segment))?;
        file.seek(SeekFrom::Start(place.offset))?;
        let mut bytes = vec![0; frame::HEAD_BYTES + place.bytes()];
        file.read_exact(&mut bytes)?;
        match frame::decode(&bytes, &self.shared.key) {
            Frame::Record { position, .. } if position == place.position => {
                bytes.drain(..frame::HEAD_BYTES);
                Ok(bytes)
            }
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, format!("the record at {place:?} is damaged"))),
        }
    }

    /// Takes no more records, and waits until those that were given to [`Journal::append`] are on disk. Blocks.
    pub fn close(&self) {
        self.shared.queue().closed = true;
        self.shared.work.notify_one();
        let thread = self.thread.lock().expect("no holder of this lock panics").take();
        if let Some(thread) = thread {
            // A panic there was told to everyone who waited.
            let _ = thread.join();
        }
    }

    /// Whether the record of this position is not released yet.
    pub fn is_waiting(&self, position: u64) -> bool {
        self.shared.segments().is_waiting(position)
    }

    /// The position that the next record gets.
    pub fn next_position(&self) -> u64 {
        self.shared.queue().next
    }

    /// From now on positions are greater than `position`: for someone who remembers one that this journal has not given,
    /// as after it was put back from a copy.
    pub fn pass(&self, position: u64) {
        let mut queue = self.shared.queue();
        queue.next = queue.next.max(position + 1);
    }

    /// Bytes of the segments on disk.
    pub fn bytes(&self) -> u64 {
        self.shared.segments().bytes()
    }

    /// Chosen when the journal was made; a new one in the same place has another.
    pub fn id(&self) -> Uuid {
        self.shared.id
    }

    /// The generation of new records. It grows when a start finds that records are lost, so that whoever remembers how
    /// far it has come by position does not take one that is found again later for one that was done.
    pub fn generation(&self) -> u32 {
        self.shared.generation
    }
}

impl Drop for Journal {
    fn drop(&mut self) {
        self.close();
    }
}
