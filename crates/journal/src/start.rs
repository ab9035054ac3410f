//! Reading a journal when it is opened: every record that can be read, and what cannot.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

use uuid::Uuid;

use crate::frame::{self, Key};
use crate::manifest::{self, Manifest};
use crate::segment::{self, Contents, HEAD_BYTES, Head};
use crate::segments::{self, Place, Segment, Segments};
use crate::writer::Last;

/// Records that are lost, or may be, with what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The file.
    pub path: PathBuf,
    /// Where in it, in bytes from its start.
    pub offset: Option<u64>,
    /// What is wrong.
    pub problem: String,
    /// What whoever runs the program can do.
    pub remedy: &'static str,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(offset) = self.offset {
            write!(f, ", byte {offset}")?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}

const APPEND_AGAIN: &str = "what stands around it was read and is not affected. The file is kept and gets the ending \
                            .damaged once the rest of it is done: look at it for what was lost (records are stored as \
                            they came), append that again, and delete the file";
const PUT_BACK: &str = "stop the program, put the file back and start again: what was not done yet is done then, and \
                        nothing twice. If it is gone for good, append again what it held";
const LISTED_ANEW: &str = "the segments that are in the directory were read. If others were there, put them back while \
                           the program is stopped";
const FOREIGN: &str = "it was left alone. If it does not belong here, move it elsewhere";

/// What was found.
pub struct Found {
    pub manifest: Manifest,
    pub segments: Segments,
    pub last: Last,
    pub faults: Vec<Fault>,
}

/// Reads every segment of a directory; writes the list of segments as it is from now on.
pub fn read(directory: &Path, mut replay: impl FnMut(Place, &[u8])) -> io::Result<Found> {
    fs::create_dir_all(directory)?;
    let there = listed(directory)?;
    let mut faults = Vec::new();
    let manifest = manifest_of(directory, &there, &mut faults)?;
    for missing in manifest.segments.iter().filter(|first| !there.contains(first)) {
        let problem = "the segment is missing, with every record in it".to_owned();
        faults.push(Fault { path: segments::path(directory, *missing), offset: None, problem, remedy: PUT_BACK });
    }
    let newest = there.iter().chain(&manifest.segments).max().copied();
    let mut start = Start { directory, manifest, segments: Segments::default(), last: Last::default(), faults };
    for first in there {
        start.segment(first, newest == Some(first), &mut replay)?;
    }
    start.finish()
}

/// The first positions of the segments in a directory, in order.
fn listed(directory: &Path) -> io::Result<Vec<u64>> {
    let mut there = Vec::new();
    for entry in fs::read_dir(directory)? {
        let name = entry?.file_name();
        there.extend(name.to_str().and_then(|name| name.strip_suffix(".segment")?.parse::<u64>().ok()));
    }
    there.sort_unstable();
    Ok(there)
}

/// The manifest, or one that is made up from the segments where it is gone.
fn manifest_of(directory: &Path, there: &[u64], faults: &mut Vec<Fault>) -> io::Result<Manifest> {
    let problem = match Manifest::read(directory) {
        Ok(Some(manifest)) => return Ok(manifest),
        Ok(None) if there.is_empty() => return Ok(Manifest::new()),
        Ok(None) => "the list of segments is missing",
        Err(damaged) if damaged.kind() == io::ErrorKind::InvalidData => "the list of segments is damaged",
        Err(error) => return Err(error),
    };
    let path = manifest::path(directory);
    faults.push(Fault { path, offset: None, problem: problem.to_owned(), remedy: LISTED_ANEW });
    let heads = there.iter().filter_map(|first| Head::decode(&fs::read(segments::path(directory, *first)).ok()?));
    Ok(match heads.max_by_key(|head| head.generation) {
        Some(head) => Manifest { id: Uuid::from_bytes(head.id), generation: head.generation, ..Manifest::new() },
        None => Manifest::new(),
    })
}

struct Start<'a> {
    directory: &'a Path,
    manifest: Manifest,
    segments: Segments,
    last: Last,
    faults: Vec<Fault>,
}

impl Start<'_> {
    fn segment(&mut self, first: u64, newest: bool, replay: &mut impl FnMut(Place, &[u8])) -> io::Result<()> {
        let path = segments::path(self.directory, first);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) => {
                self.fault(&path, None, format!("the segment cannot be read: {error}"), PUT_BACK);
                return Ok(());
            }
        };
        if newest && bytes.len() < HEAD_BYTES {
            // It was being made: it never had a record.
            return fs::remove_file(&path);
        }
        let head = Head::decode(&bytes);
        match head {
            Some(head) if head.id != self.manifest.id.into_bytes() => {
                self.fault(&path, Some(0), "the segment is of another journal".to_owned(), FOREIGN);
                return Ok(());
            }
            Some(head) => self.check_end(&head),
            None => self.fault(&path, Some(0), "the head of the segment is damaged".to_owned(), APPEND_AGAIN),
        }
        let generation = head.map_or(self.manifest.generation, |head| head.generation);
        let contents = segment::scan(&bytes, &Key::new(self.manifest.id.as_bytes()), newest);
        for damage in &contents.damages {
            let problem = format!("{} bytes cannot be read, and the records in them are lost", damage.bytes);
            self.fault(&path, Some(damage.offset as u64), problem, APPEND_AGAIN);
        }
        for record in &contents.records {
            let start = record.offset + frame::HEAD_BYTES;
            let place = Place {
                segment: first,
                offset: record.offset as u64,
                length: u32::try_from(record.length).expect("a frame has no longer payload"),
                position: record.position,
                generation,
            };
            replay(place, &bytes[start..start + record.length]);
        }
        if contents.end < bytes.len() {
            let file = OpenOptions::new().write(true).open(&path)?;
            file.set_len(contents.end as u64)?;
            file.sync_all()?;
        }
        self.keep(first, head, &contents);
        Ok(())
    }

    /// A segment that was followed by another must reach as far as that one says.
    fn check_end(&mut self, next: &Head) {
        let before = self.last;
        if before.segment == next.before && before.reached < next.reached && self.segments.0.contains_key(&next.before)
        {
            let path = segments::path(self.directory, before.segment);
            let offset = self.segments.0.get(&before.segment).map(|segment| segment.bytes);
            let missing = next.reached - before.reached;
            self.fault(
                &path,
                offset,
                format!("the segment ends early, and up to {missing} records are lost"),
                PUT_BACK,
            );
        }
    }

    fn keep(&mut self, first: u64, head: Option<Head>, contents: &Contents) {
        let reached = contents.records.last().map(|record| record.position).or(head.map(|head| head.reached));
        let damaged = head.is_none() || !contents.damages.is_empty();
        self.last = Last { segment: first, reached: reached.unwrap_or(first) };
        let seen = contents.records.last().map_or(first, |record| record.position + 1);
        self.manifest.next = self.manifest.next.max(seen);
        let waiting = contents.records.iter().map(|record| record.position).collect();
        let segment = Segment { waiting, bytes: contents.end as u64, sealed: true, damaged };
        self.segments.0.insert(first, segment);
    }

    fn fault(&mut self, path: &Path, offset: Option<u64>, problem: String, remedy: &'static str) {
        self.faults.push(Fault { path: path.to_owned(), offset, problem, remedy });
    }

    fn finish(mut self) -> io::Result<Found> {
        if !self.faults.is_empty() {
            self.manifest.generation += 1;
        }
        self.manifest.segments = self.segments.0.keys().copied().collect();
        self.manifest.write(self.directory)?;
        Ok(Found { manifest: self.manifest, segments: self.segments, last: self.last, faults: self.faults })
    }
}
