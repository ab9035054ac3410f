//! Files that become databases: a SQLite file as it is, a CSV file as one table.

use arrow_schema::Schema;
use formats::{Decode, InputFormat, Workers};
use model::{Access, Error, Principal, Result, TableName, WriteMode};

use crate::{DatabaseRecord, Databases, NewDatabase, ScratchFile, Staging};

/// What every SQLite file begins with.
const SQLITE: &[u8] = b"SQLite format 3\0";
/// How many bytes show what a file is.
const HEAD_BYTES: u64 = 8 << 10;
/// How many columns an imported file may have.
const MOST_COLUMNS: usize = 500;
/// The longest name of a file that is kept, in characters.
const FILE_NAME_CHARS: usize = 255;

/// Turns uploaded files into databases. Clones share everything.
#[derive(Clone)]
pub struct Uploads {
    databases: Databases,
    workers: Workers,
    staging: Staging,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    Sqlite,
    Csv,
}

impl Uploads {
    pub(crate) fn new(databases: Databases, workers: Workers, staging: Staging) -> Self {
        Self { databases, workers, staging }
    }

    /// Where uploads are kept until they are whole.
    pub fn staging(&self) -> &Staging {
        &self.staging
    }

    /// Makes a database of a file: a SQLite file is kept byte for byte, a CSV file is read into one table that is called
    /// after it. Without a name in `new` the database is called after the file.
    ///
    /// # Errors
    /// As [`Databases::create_sqlite`]; `Invalid` for a file that is neither, or not sound. Nothing is left then.
    pub async fn create(
        &self,
        principal: &Principal,
        new: NewDatabase,
        file_name: Option<&str>,
        file: ScratchFile,
    ) -> Result<DatabaseRecord> {
        let format = sniff(&file.head(HEAD_BYTES).await?)?;
        let file_name = file_name.map(plain_name).filter(|name| !name.is_empty());
        let stem = file_name.as_deref().map(stem).filter(|stem| !stem.is_empty());
        let name = if new.name.is_empty() { stem.clone().unwrap_or_else(|| "database".to_owned()) } else { new.name };
        let file_format = Some(if format == Format::Sqlite { "sqlite" } else { "csv" }.to_owned());
        let new = NewDatabase { name, file_name, file_format, ..new };
        match format {
            Format::Sqlite => {
                let filled = self.databases.create_filled(principal, new, None, |database| async move {
                    let target = database.as_file().ok_or_else(crate::databases::no_file)?;
                    target.replace_with(file.path()).await
                });
                filled.await
            }
            Format::Csv => {
                let table = TableName::new("main", stem.unwrap_or_else(|| "data".to_owned()))?;
                let workers = self.workers.clone();
                let scratch = self.staging.directory();
                let filled = self.databases.create_filled(principal, new, None, |database| async move {
                    let decode = Decode { format: Some(InputFormat::Csv), scratch, ..Decode::default() };
                    let rows = formats::decode(file.into_body().await?, decode, &workers).await?;
                    check_width(rows.schema())?;
                    database.write(&table, WriteMode::Create, rows).await.map(drop)
                });
                filled.await
            }
        }
    }

    /// Puts a SQLite file in the place of a database: see [`Databases::replace`].
    ///
    /// # Errors
    /// As there; `Invalid` for any other file.
    pub async fn replace(&self, principal: &Principal, id: &str, file: ScratchFile) -> Result<DatabaseRecord> {
        self.databases.record(principal, id, Access::Admin).await?;
        match sniff(&file.head(HEAD_BYTES).await?)? {
            Format::Sqlite => self.databases.replace(principal, id, &file).await,
            Format::Csv => Err(Error::invalid("only a SQLite file can take a database's place; this is none")),
        }
    }
}

/// What a file is by its first bytes.
fn sniff(head: &[u8]) -> Result<Format> {
    if head.starts_with(SQLITE) {
        return Ok(Format::Sqlite);
    }
    if head.trim_ascii().is_empty() {
        return Err(Error::invalid("the file is empty; send a SQLite file, or CSV with a line of column names"));
    }
    let refused = |what: &str| Error::invalid(format!("the file is {what}; send a SQLite file, or CSV or TSV as text"));
    if let Some(kind) = infer::get(head) {
        return Err(refused(&format!("of type {}", kind.mime_type())));
    }
    let text = |byte: &u8| *byte >= b' ' || matches!(byte, b'\t' | b'\n' | b'\r' | 0x0B | 0x0C);
    if !head.iter().all(text) {
        return Err(refused("binary, and no SQLite file"));
    }
    Ok(Format::Csv)
}

fn check_width(schema: &Schema) -> Result<()> {
    let columns = schema.fields().len();
    if columns > MOST_COLUMNS {
        return Err(Error::invalid(format!(
            "the header of the CSV file names {columns} columns; a table has at most {MOST_COLUMNS}"
        )));
    }
    Ok(())
}

/// The last part of what a client gave as the name of its file, which may be a path of its system.
fn plain_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    last.chars().filter(|c| !c.is_control()).take(FILE_NAME_CHARS).collect::<String>().trim().to_owned()
}

/// The name without its ending.
fn stem(name: &str) -> String {
    let (stem, _) = name.rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).unwrap_or((name, ""));
    stem.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_what_they_begin_with() {
        assert_eq!(sniff(b"SQLite format 3\0\x10\0").unwrap(), Format::Sqlite);
        assert_eq!(sniff(b"a,b\n1,2\n").unwrap(), Format::Csv);
        assert_eq!(sniff("\u{feff}größe\n1\n".as_bytes()).unwrap(), Format::Csv);
        for (head, told) in [
            (&b"%PDF-1.7\n"[..], "application/pdf"),
            (b"\x1f\x8b\x08\0\0\0\0\0", "application/gzip"),
            (b"PAR1\x15\x04", "binary"),
            (b"a,b\0c", "binary"),
            (b" \n", "the file is empty"),
            (b"", "the file is empty"),
        ] {
            let error = sniff(head).unwrap_err();
            assert!(error.message().contains(told), "{error}");
        }
    }

    #[test]
    fn names_of_files_are_no_paths() {
        assert_eq!(plain_name("../../etc/people.csv"), "people.csv");
        assert_eq!(plain_name("C:\\Users\\ann\\people.csv"), "people.csv");
        assert_eq!(stem("people.of.2026.csv"), "people.of.2026");
        assert_eq!(stem(".csv"), ".csv");
        assert_eq!(stem("people"), "people");
    }
}
