//! The ids of databases: those that name them, and those that are a link to read them.

use model::{DatabaseId, Result};
use ulid::Ulid;
use uuid::Uuid;

/// The digits of base32, in lower case.
const DIGITS: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// How many digits a read-only id has: 80 random bits.
const READONLY_DIGITS: usize = 16;

/// A new id: a ULID in lower case.
pub(super) fn database_id() -> Result<DatabaseId> {
    DatabaseId::new(Ulid::new().to_string().to_lowercase())
}

/// A new read-only id. Who knows it may read, so every digit is random: the bytes of two random UUIDs, of which those
/// with fixed bits are left out.
pub(super) fn readonly_id() -> String {
    let (first, second) = (Uuid::new_v4(), Uuid::new_v4());
    let random = |uuid: &Uuid| {
        uuid.as_bytes()
            .iter()
            .enumerate()
            .filter(|(at, _)| *at != 6 && *at != 8)
            .map(|(_, byte)| *byte)
            .collect::<Vec<u8>>()
    };
    let bytes = random(&first).into_iter().chain(random(&second));
    bytes.take(READONLY_DIGITS).map(|byte| char::from(DIGITS[usize::from(byte % 32)])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_have_the_form_that_clients_check() {
        let id = database_id().unwrap();
        assert_eq!(id.as_str().len(), 26);
        assert!(id.as_str().chars().all(|c| c.is_ascii_digit() || (c.is_ascii_lowercase() && !"ilou".contains(c))));
        let link = readonly_id();
        assert_eq!(link.len(), 16);
        assert!(link.chars().all(|c| c.is_ascii_lowercase() || ('2'..='7').contains(&c)), "{link}");
        assert_ne!(link, readonly_id());
    }
}
