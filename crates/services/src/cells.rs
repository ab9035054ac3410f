//! Files in the cells of tables.

use bytes::Bytes;
use model::{Access, CellPlace, DatabaseId, Error, FileDatabase, Principal, Result};

use crate::{Asked, Audit, Databases, Opened, Visit};

/// The largest file that a cell takes, in bytes.
pub const MAX_CELL_BYTES: usize = 10_000_000;

/// Reads and writes single cells. Clones share everything.
#[derive(Clone)]
pub struct Cells {
    databases: Databases,
    audit: Audit,
}

/// What a cell holds, as a file.
#[derive(Clone, Debug)]
pub struct CellFile {
    /// Its bytes.
    pub bytes: Bytes,
    /// What they look like.
    pub media_type: &'static str,
    /// What is another one for other bytes.
    pub tag: String,
}

impl Cells {
    pub(crate) fn new(databases: Databases, audit: Audit) -> Self {
        Self { databases, audit }
    }

    /// The cell at `place` as a file.
    ///
    /// # Errors
    /// Those of [`Databases::open_id`] and [`FileDatabase::read_cell`]; `Unsupported` where tables have no cells to address.
    pub async fn read(&self, principal: &Principal, database: &str, place: &CellPlace) -> Result<CellFile> {
        let opened = self.databases.open_id(principal, database, Access::Read).await?;
        file_of(&opened, place).await
    }

    /// The same for whoever knows the read-only id of a database.
    ///
    /// # Errors
    /// As [`Cells::read`].
    pub async fn read_linked(&self, readonly_id: &str, place: &CellPlace) -> Result<CellFile> {
        let (principal, id): (Principal, DatabaseId) = self.databases.linked(readonly_id).await?;
        self.read(&principal, id.as_str(), place).await
    }

    /// Puts bytes into the cell at `place`, durably.
    ///
    /// # Errors
    /// Those of [`Databases::open_id`] and [`FileDatabase::write_cell`]; `TooLarge`.
    pub async fn write(&self, visit: &Visit, place: &CellPlace, bytes: Bytes) -> Result<()> {
        if bytes.len() > MAX_CELL_BYTES {
            return Err(Error::too_large(format!(
                "the file has {} bytes; a cell takes at most {MAX_CELL_BYTES}",
                bytes.len()
            )));
        }
        addressed(&visit.opened)?.write_cell(place, bytes).await?;
        visit.note(&self.audit, &place.table, Some(1)).await;
        Ok(())
    }

    /// Opens a database to write cells of it.
    ///
    /// # Errors
    /// Those of [`Databases::open_id`].
    pub async fn open(&self, principal: Principal, database: &str, asked: Asked) -> Result<Visit> {
        Visit::open(&self.databases, principal, database, Access::Write, asked).await
    }
}

fn addressed(opened: &Opened) -> Result<&dyn FileDatabase> {
    opened.database.as_file().ok_or_else(|| {
        Error::unsupported("cells of Delta tables have no addresses of their own; read them with a SQL statement")
    })
}

async fn file_of(opened: &Opened, place: &CellPlace) -> Result<CellFile> {
    let cell = addressed(opened)?.read_cell(place).await?;
    let tag = blake3::hash(&cell.bytes).to_hex()[..32].to_owned();
    let media_type = if cell.text { "text/plain; charset=utf-8" } else { media_type(&cell.bytes) };
    Ok(CellFile { bytes: cell.bytes, media_type, tag })
}

/// What bytes look like.
fn media_type(bytes: &[u8]) -> &'static str {
    if let Some(kind) = infer::get(bytes) {
        return kind.mime_type();
    }
    let is_svg = |text: &str| text.trim_start().starts_with("<svg");
    match std::str::from_utf8(bytes) {
        Ok(text) if is_svg(text) => "image/svg+xml",
        Ok(text) if !text.is_empty() && !text.contains('\0') => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_by_what_they_begin_with() {
        let png = [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, 0, 0, 0, 13];
        assert_eq!(media_type(&png), "image/png");
        assert_eq!(media_type(b"%PDF-1.7\n"), "application/pdf");
        assert_eq!(media_type(b"<!DOCTYPE html><p>hi"), "text/html");
        assert_eq!(media_type(b" <svg xmlns='http://www.w3.org/2000/svg'/>"), "image/svg+xml");
        assert_eq!(media_type("Grüße".as_bytes()), "text/plain; charset=utf-8");
        assert_eq!(media_type(&[0, 1, 2, 255]), "application/octet-stream");
        assert_eq!(media_type(b""), "application/octet-stream");
    }
}
