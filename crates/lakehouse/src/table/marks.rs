//! The marks of writers, remembered: finding one in the log takes a look through all of it.

use std::collections::HashMap;
use std::sync::Mutex;

use model::Mark;

/// What is known of the marks of one version of a table.
#[derive(Default)]
pub struct Marks(Mutex<Known>);

#[derive(Default)]
struct Known {
    version: u64,
    positions: HashMap<String, Option<u64>>,
}

impl Marks {
    /// The mark of a writer at a version, where it is known; the inner `None` says that there is none.
    pub fn known(&self, version: u64, writer: &str) -> Option<Option<u64>> {
        let known = self.0.lock().expect("no holder of this lock panics");
        if known.version == version { known.positions.get(writer).copied() } else { None }
    }

    /// Remembers what the log says of a writer at a version.
    pub fn learn(&self, version: u64, writer: &str, position: Option<u64>) {
        let mut known = self.0.lock().expect("no holder of this lock panics");
        if known.version != version {
            *known = Known { version, positions: HashMap::new() };
        }
        known.positions.insert(writer.to_owned(), position);
    }

    /// A commit of this process put `version` on top of `base`: it moved this mark and no other.
    pub fn committed(&self, base: u64, version: u64, mark: Option<&Mark>) {
        let mut known = self.0.lock().expect("no holder of this lock panics");
        if known.version != base || version != base + 1 {
            known.positions.clear();
        }
        known.version = version;
        if let Some(mark) = mark {
            known.positions.insert(mark.writer.clone(), Some(mark.position));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_process_committed_is_not_known() {
        let marks = Marks::default();
        marks.learn(4, "a", Some(7));
        marks.committed(4, 5, Some(&Mark { writer: "b".into(), position: 1 }));
        assert_eq!(marks.known(5, "a"), Some(Some(7)));
        assert_eq!(marks.known(5, "b"), Some(Some(1)));
        assert_eq!(marks.known(6, "a"), None);
        marks.committed(6, 7, None);
        assert_eq!(marks.known(7, "a"), None);
    }
}
