//! Which files of a table are put together.
//!
//! Files are sorted into classes by size, each eight times the one before. Eight files of a class become one of the
//! next, and take the smaller ones along: so a row is rewritten once a class and not once an append, and no table
//! keeps more than a few dozen small files while it is filled, and more than a few once nobody fills it any more.

/// A file this large is left as it is.
pub const LARGE: u64 = 32 << 20;

/// Upper ends of the classes of small files.
const CLASSES: [u64; 5] = [8 << 10, 64 << 10, 512 << 10, 4 << 20, LARGE];

/// Files of one class that are worth a file of the next, and how much larger a file of the next class is.
const ENOUGH: usize = 8;

/// Small files that are worth putting together once nobody has written for a while.
const ENOUGH_AT_REST: usize = 4;

/// Bytes that one round reads, unless a single file has more. What is left is for the next round.
const ROUND: u64 = 512 << 20;

/// Files that one round reads.
const ROUND_FILES: usize = 4096;

/// What is known of a file.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Its size.
    pub bytes: u64,
    /// Its rows, those deleted among them, where the log says.
    pub rows: Option<u64>,
    /// Rows of it that are deleted.
    pub deleted: u64,
}

/// On which occasion files are chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// Somebody has just written.
    Written,
    /// Nobody has written for a while.
    Rest,
    /// Somebody asked: whatever can be better is made so.
    Asked,
}

/// The positions of the files to put together; none where it is not worth it.
pub fn choose(files: &[File], why: Why) -> Vec<usize> {
    let mut small: Vec<u64> = files.iter().map(|file| file.bytes).filter(|bytes| *bytes < LARGE).collect();
    small.sort_unstable();
    let below = match why {
        Why::Asked if small.len() > 1 => LARGE,
        Why::Rest => below_at_rest(&small).max(below_full_class(&small)),
        _ => below_full_class(&small),
    };
    let worth = |file: &File| file.bytes < below || is_hollow(file, why);
    let mut bytes = 0;
    let mut chosen: Vec<usize> = (0..files.len()).filter(|at| worth(&files[*at])).collect();
    let mut taken = 0;
    chosen.retain(|at| {
        let fits = taken == 0 || (bytes + files[*at].bytes <= ROUND && taken < ROUND_FILES);
        if fits {
            (bytes, taken) = (bytes + files[*at].bytes, taken + 1);
        }
        fits
    });
    chosen
}

/// The upper end of the largest class that has enough files; 0 where none has.
fn below_full_class(small: &[u64]) -> u64 {
    let full = (0..CLASSES.len()).rev().find(|class| {
        let from = class.checked_sub(1).map_or(0, |smaller| CLASSES[smaller]);
        let of_class = from..CLASSES[*class];
        small.iter().filter(|bytes| of_class.contains(bytes)).count() >= ENOUGH
    });
    full.map_or(0, |class| CLASSES[class])
}

/// Up to which size files are put together at rest: all that are not much larger than the smaller ones together, so that
/// a few new rows do not have a large file written anew each time. 0 where these are too few.
fn below_at_rest(small: &[u64]) -> u64 {
    let mut sum = 0;
    let mut last = None;
    for (at, bytes) in small.iter().enumerate() {
        if *bytes <= ENOUGH as u64 * sum {
            last = Some(at);
        }
        sum += bytes;
    }
    last.filter(|at| at + 1 >= ENOUGH_AT_REST).map_or(0, |at| small[at] + 1)
}

/// Whether so many rows of a file are deleted that reading past them costs more than writing it anew: a third.
fn is_hollow(file: &File, why: Why) -> bool {
    let third = file.rows.is_some_and(|rows| file.deleted * 3 > rows);
    file.deleted > 0 && (third || why == Why::Asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(bytes: &[u64]) -> Vec<File> {
        bytes.iter().map(|bytes| File { bytes: *bytes, rows: Some(90), deleted: 0 }).collect()
    }

    #[test]
    fn a_few_small_files_are_left_until_the_table_rests() {
        let three = files(&[1000; 3]);
        let seven = files(&[1000; 7]);
        assert!(choose(&seven, Why::Written).is_empty());
        assert!(choose(&three, Why::Rest).is_empty());
        assert_eq!(choose(&seven, Why::Rest).len(), 7);
        assert_eq!(choose(&files(&[1000, 1000, 1000, 1000, 20 << 20]), Why::Rest), [0, 1, 2, 3]);
        assert!(choose(&files(&[1000, 1000, 1000, 20 << 20]), Why::Rest).is_empty());
        assert_eq!(choose(&three, Why::Asked).len(), 3);
        assert!(choose(&files(&[1000]), Why::Asked).is_empty(), "one file is as good as it gets");
    }

    #[test]
    fn eight_of_a_class_take_the_smaller_ones_along() {
        let mut sizes = vec![1 << 20; 8];
        sizes.extend([1000, 20 << 20, 100 << 20]);
        assert_eq!(choose(&files(&sizes), Why::Written), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
        assert!(choose(&files(&[LARGE; 100]), Why::Asked).is_empty(), "large files are left");
    }

    #[test]
    fn a_row_is_rewritten_once_a_class() {
        // 10,000 appends of 20 kB, compacted after each: what is written stays a small multiple of what came.
        let (mut table, mut written) = (Vec::new(), 0);
        for _ in 0..10_000 {
            table.push(20_000);
            let chosen = choose(&files(&table), Why::Written);
            let sum: u64 = chosen.iter().map(|at| table[*at]).sum();
            written += sum;
            let mut at = 0;
            table.retain(|_| {
                at += 1;
                !chosen.contains(&(at - 1))
            });
            table.extend((sum > 0).then_some(sum));
            assert!(table.len() <= 35, "{} files", table.len());
        }
        assert!(written < 5 * 10_000 * 20_000, "{written} bytes were written for 200 MB");
    }

    #[test]
    fn hollow_files_are_written_anew() {
        let mut all = files(&[100 << 20, 100 << 20]);
        all[1].deleted = 30;
        assert!(choose(&all, Why::Written).is_empty(), "a third is not more than a third");
        assert_eq!(choose(&all, Why::Asked), [1]);
        all[1].deleted = 31;
        assert_eq!(choose(&all, Why::Written), [1]);
    }

    #[test]
    fn a_round_is_bounded() {
        let chosen = choose(&files(&[30 << 20; 100]), Why::Written);
        assert_eq!(chosen.len(), 17);
        assert_eq!(choose(&files(&[10; 10_000]), Why::Written).len(), ROUND_FILES);
    }
}
