//! The commits of a log as files: which there are, when they were made, and what each says.

use std::time::{Duration, SystemTime};

use deltalake_core::kernel::{Action, Add, Remove};
use futures::{StreamExt, TryStreamExt, stream};
use model::{Error, Result};
use object_store::path::Path;
use object_store::{ObjectStore, ObjectStoreExt};

use super::Table;
use crate::fault::from_object_store;

/// Commits that are read at once.
const AT_ONCE: usize = 16;

/// A commit by its file alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commit {
    /// The version that it made.
    pub version: u64,
    /// When, to the millisecond. As Delta has it: when its file was written, and later than the commit before.
    pub millis: i64,
}

impl Commit {
    /// When it was made.
    pub fn time(&self) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_millis(self.millis.try_into().unwrap_or_default())
    }
}

/// What a commit says of files.
#[derive(Debug, Default)]
pub struct Content {
    /// What made it.
    pub operation: Option<String>,
    /// Files that it added.
    pub adds: Vec<Add>,
    /// Files that it took out.
    pub removes: Vec<Remove>,
}

impl Table {
    /// The commits whose files are still there, oldest first.
    pub async fn commits(&self) -> Result<Vec<Commit>> {
        let log = Path::from("_delta_log");
        let files: Vec<_> = self.store.list(Some(&log)).try_collect().await.map_err(from_object_store)?;
        let found = files.iter().filter_map(|file| {
            let version = file.location.filename()?.strip_suffix(".json")?;
            let number = version.len() == 20 && version.bytes().all(|byte| byte.is_ascii_digit());
            let version = if number { version.parse().ok()? } else { return None };
            Some(Commit { version, millis: file.last_modified.timestamp_millis() })
        });
        Ok(in_order(found.collect()))
    }

    /// Files and bytes of the log.
    pub async fn log_size(&self) -> Result<(u64, u64)> {
        let log = Path::from("_delta_log");
        let files: Vec<_> = self.store.list(Some(&log)).try_collect().await.map_err(from_object_store)?;
        Ok((files.len() as u64, files.iter().map(|file| file.size).sum()))
    }

    /// Reads these commits, each with its content, in their order.
    pub async fn read_commits(&self, commits: Vec<Commit>) -> Result<Vec<(Commit, Content)>> {
        let store = self.store.clone();
        let read = move |commit: Commit| {
            let store = store.clone();
            async move {
                let path = Path::from(format!("_delta_log/{:020}.json", commit.version));
                let file = store.get(&path).await.map_err(from_object_store)?;
                let text = file.bytes().await.map_err(from_object_store)?;
                Ok((commit, content(&text)?))
            }
        };
        stream::iter(commits).map(read).buffered(AT_ONCE).try_collect().await
    }
}

/// By version, with times that only grow: a clock that was set back, or a copy of the files, must not turn them round.
fn in_order(mut commits: Vec<Commit>) -> Vec<Commit> {
    commits.sort_by_key(|commit| commit.version);
    for later in 1..commits.len() {
        commits[later].millis = commits[later].millis.max(commits[later - 1].millis);
    }
    commits
}

fn content(text: &[u8]) -> Result<Content> {
    let mut content = Content::default();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        // Kinds of actions that are not known here say nothing of files.
        match serde_json::from_slice::<Action>(line) {
            Ok(Action::Add(add)) => content.adds.push(add),
            Ok(Action::Remove(remove)) => content.removes.push(remove),
            Ok(Action::CommitInfo(info)) => content.operation = info.operation,
            Ok(_) => {}
            Err(error) if line.starts_with(b"{\"add\"") || line.starts_with(b"{\"remove\"") => {
                return Err(Error::internal(error));
            }
            Err(_) => {}
        }
    }
    Ok(content)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_only_grow() {
        let commit = |version, millis| Commit { version, millis };
        let ordered = in_order(vec![commit(2, 40), commit(0, 50), commit(1, 60), commit(3, 70)]);
        assert_eq!(ordered, [commit(0, 50), commit(1, 60), commit(2, 60), commit(3, 70)]);
    }

    #[test]
    fn a_commit_is_read_line_by_line() {
        let text = br#"{"commitInfo":{"timestamp":1,"operation":"DELETE"}}
{"remove":{"path":"a.parquet","dataChange":true,"deletionTimestamp":5}}
{"somethingNew":{"x":1}}
{"add":{"path":"b.parquet","partitionValues":{},"size":3,"modificationTime":1,"dataChange":true}}
"#;
        let content = content(text).unwrap();
        assert_eq!(content.operation.as_deref(), Some("DELETE"));
        assert_eq!(content.removes[0].path, "a.parquet");
        assert_eq!(content.adds[0].path, "b.parquet");
    }
}
