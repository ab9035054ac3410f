//! A journal over its life: written, closed, opened again, damaged.

use std::fs;
use std::path::{Path, PathBuf};

use journal::{Fault, Journal, Options, Place};
use tempfile::tempdir;

type Records = Vec<(Place, Vec<u8>)>;

fn open(directory: &Path) -> (Journal, Records, Vec<Fault>) {
    let mut records = Vec::new();
    let options = Options { segment_bytes: 200 };
    let (journal, faults) =
        Journal::open(directory, options, |place, payload| records.push((place, payload.to_vec()))).unwrap();
    (journal, records, faults)
}

fn payload(number: usize) -> Vec<u8> {
    format!("record number {number}").into_bytes()
}

/// Appends records one after the other, so that each segment gets a few.
async fn fill(journal: &Journal, numbers: std::ops::Range<usize>) -> Vec<Place> {
    let mut places = Vec::new();
    for number in numbers {
        places.push(journal.append(payload(number)).await.unwrap());
    }
    places
}

fn segments(directory: &Path) -> Vec<PathBuf> {
    let files = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let mut segments: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|it| it == "segment")).collect();
    segments.sort();
    segments
}

fn numbers(records: &Records) -> Vec<usize> {
    let text = |record: &[u8]| String::from_utf8(record.to_vec()).unwrap();
    records.iter().map(|(_, record)| text(record).rsplit(' ').next().unwrap().parse().unwrap()).collect()
}

#[tokio::test]
async fn what_was_acknowledged_is_replayed_in_order_until_it_is_released() {
    let dir = tempdir().unwrap();
    let (journal, records, faults) = open(dir.path());
    assert!(records.is_empty() && faults.is_empty());
    let mut places = fill(&journal, 0..20).await;
    assert!(segments(dir.path()).len() > 2);
    drop(journal);

    let (journal, records, faults) = open(dir.path());
    assert_eq!((numbers(&records), faults), ((0..20).collect(), vec![]));
    for (place, record) in &records {
        assert_eq!(&journal.read(place).unwrap(), record);
    }
    places.extend(fill(&journal, 20..25).await);
    assert!(places.windows(2).all(|pair| pair[0].position() < pair[1].position()));
    journal.release(&places[3..22]);
    assert!(journal.is_waiting(places[2].position()) && !journal.is_waiting(places[3].position()));
    drop(journal);

    let (journal, records, faults) = open(dir.path());
    let left = numbers(&records);
    assert!(faults.is_empty() && [0, 1, 2, 22, 23, 24].iter().all(|number| left.contains(number)), "{left:?}");
    let places: Vec<Place> = records.iter().map(|(place, _)| *place).collect();
    journal.release(&places);
    let next = journal.next_position();
    drop(journal);
    assert_eq!(segments(dir.path()), Vec::<PathBuf>::new());
    let (journal, records, faults) = open(dir.path());
    assert_eq!((records, faults, journal.next_position(), journal.bytes()), (vec![], vec![], next, 0));
}

#[tokio::test]
async fn many_at_once_get_one_position_each() {
    let dir = tempdir().unwrap();
    let (journal, ..) = open(dir.path());
    let appends: Vec<_> = (0..500).map(|number| journal.append(payload(number))).collect();
    let mut positions = Vec::new();
    for append in appends {
        positions.push(append.await.unwrap().position());
    }
    assert_eq!(positions, (1..=500).collect::<Vec<u64>>());
    drop(journal);
    assert_eq!(numbers(&open(dir.path()).1), (0..500).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_record_cut_short_by_a_crash_goes_without_a_word_and_what_follows_is_kept() {
    let dir = tempdir().unwrap();
    let (journal, ..) = open(dir.path());
    fill(&journal, 0..8).await;
    drop(journal);
    let newest = segments(dir.path()).pop().unwrap();
    let length = fs::metadata(&newest).unwrap().len();
    fs::File::options().write(true).open(&newest).unwrap().set_len(length - 3).unwrap();
    let (journal, records, faults) = open(dir.path());
    assert_eq!((numbers(&records), faults), ((0..7).collect(), vec![]));
    fill(&journal, 8..9).await;
    drop(journal);
    let (_, records, faults) = open(dir.path());
    assert_eq!((numbers(&records), faults), ((0..7).chain([8]).collect(), vec![]));
}

#[tokio::test]
async fn damage_is_reported_with_its_place_and_costs_nothing_else() {
    let dir = tempdir().unwrap();
    let (journal, ..) = open(dir.path());
    let generation = journal.generation();
    let places = fill(&journal, 0..12).await;
    drop(journal);
    let damaged = segments(dir.path())[1].clone();
    let mut bytes = fs::read(&damaged).unwrap();
    let at = bytes.windows(6).position(|window| window == b"number").unwrap();
    bytes[at] ^= 1;
    fs::write(&damaged, &bytes).unwrap();

    let (journal, records, faults) = open(dir.path());
    assert_eq!(records.len(), places.len() - 1);
    let [fault] = &faults[..] else { panic!("{faults:?}") };
    assert_eq!((&fault.path, fault.offset.unwrap() < at as u64), (&damaged, true));
    let told = fault.to_string();
    assert!(told.contains(damaged.to_str().unwrap()) && told.contains("append that again"), "{told}");
    assert!(journal.generation() > generation);
    journal.release(&records.iter().map(|(place, _)| *place).collect::<Vec<_>>());
    drop(journal);
    assert_eq!(fs::read(damaged.with_extension("segment.damaged")).unwrap(), bytes);
    assert!(open(dir.path()).2.is_empty());
}

#[tokio::test]
async fn a_segment_that_is_gone_is_missed_and_read_when_it_is_back() {
    let dir = tempdir().unwrap();
    let (journal, ..) = open(dir.path());
    fill(&journal, 0..12).await;
    drop(journal);
    let gone = segments(dir.path())[1].clone();
    let elsewhere = dir.path().join("elsewhere");
    fs::rename(&gone, &elsewhere).unwrap();
    let (journal, records, faults) = open(dir.path());
    assert!(records.len() < 12);
    assert_eq!((faults.len(), &faults[0].path), (1, &gone));
    assert!(faults[0].to_string().contains("put the file back"));
    fill(&journal, 12..13).await;
    drop(journal);

    fs::rename(&elsewhere, &gone).unwrap();
    let (_, records, faults) = open(dir.path());
    assert_eq!((numbers(&records), faults), ((0..13).collect(), vec![]));
    let generations: Vec<u32> = records.iter().map(|(place, _)| place.generation()).collect();
    assert!(generations[..12].iter().all(|generation| *generation < generations[12]));
}

#[tokio::test]
async fn an_older_segment_that_ends_early_is_reported() {
    let dir = tempdir().unwrap();
    let (journal, ..) = open(dir.path());
    let places = fill(&journal, 0..12).await;
    drop(journal);
    let first = segments(dir.path())[0].clone();
    // Just where a record ends, so that nothing in the file itself looks wrong.
    let second_record = fs::read(&first).unwrap();
    let length = second_record.windows(13).rposition(|window| window == b"record number").unwrap() - 24;
    fs::File::options().write(true).open(&first).unwrap().set_len(length as u64).unwrap();
    let (_, records, faults) = open(dir.path());
    assert_eq!(records.len(), places.len() - 1);
    assert_eq!((faults.len(), &faults[0].path, faults[0].offset), (1, &first, Some(length as u64)));
}

#[tokio::test]
async fn a_lost_list_of_segments_is_reported_and_made_again() {
    let dir = tempdir().unwrap();
    let (journal, ..) = open(dir.path());
    fill(&journal, 0..6).await;
    let id = journal.id();
    drop(journal);
    for damage in [true, false] {
        let manifest = dir.path().join("manifest");
        if damage {
            fs::write(&manifest, "nonsense").unwrap();
        } else {
            fs::remove_file(&manifest).unwrap();
        }
        let (journal, records, faults) = open(dir.path());
        assert_eq!((numbers(&records), journal.id()), ((0..6).collect(), id));
        assert_eq!((faults.len(), &faults[0].path), (1, &manifest));
    }
}

#[tokio::test]
async fn positions_pass_one_that_somebody_remembers() {
    let dir = tempdir().unwrap();
    let (journal, ..) = open(dir.path());
    journal.pass(1_000);
    assert_eq!(fill(&journal, 0..1).await[0].position(), 1_001);
    drop(journal);
    assert_eq!(open(dir.path()).0.next_position(), 1_002);
}

#[tokio::test]
async fn a_closed_journal_takes_nothing_and_what_was_given_before_is_there() {
    let dir = tempdir().unwrap();
    let (journal, ..) = open(dir.path());
    let given = journal.append(payload(0));
    journal.close();
    given.await.unwrap();
    assert!(journal.append(payload(1)).await.is_err());
    drop(journal);
    assert_eq!(numbers(&open(dir.path()).1), [0]);
}
