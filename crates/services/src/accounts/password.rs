//! Argon2id hashes of passwords, and passwords that the server chooses.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::rand_core::{OsRng, RngCore};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use model::{Error, Result};
use secrecy::{ExposeSecret, SecretString};

/// Longer ones are refused at creation and wrong at verification: hashing must not be a lever for a caller.
const MAX_PASSWORD_BYTES: usize = 1024;

/// Letters and digits that are not mistaken for each other; 32 of them, so that a byte picks one without bias.
const ALPHABET: &[u8; 32] = b"abcdefghijkmnpqrstuvwxyz23456789";

/// The hash that an unknown name is checked against, so that the time of the answer does not tell which names exist.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash(&generate()).expect("a generated password is within the limits"));

/// The argon2id hash of a password, in PHC form with its salt and parameters. Takes milliseconds and 19 MB.
///
/// # Errors
/// `Invalid` for a password that is empty or too long.
pub(super) fn hash(password: &SecretString) -> Result<String> {
    let bytes = password.expose_secret().as_bytes();
    if bytes.is_empty() {
        return Err(Error::invalid("the password is empty"));
    }
    if bytes.len() > MAX_PASSWORD_BYTES {
        return Err(Error::invalid(format!("the password has more than {MAX_PASSWORD_BYTES} bytes")));
    }
    let salt = SaltString::generate(&mut OsRng);
    let hashed = Argon2::default().hash_password(bytes, &salt).map_err(|fault| Error::internal(fault.to_string()))?;
    Ok(hashed.to_string())
}

/// Whether `password` is the one that `stored` was made of; without a stored hash the answer is no and takes as long.
pub(super) fn verify(password: &SecretString, stored: Option<&str>) -> bool {
    let bytes = password.expose_secret().as_bytes();
    if bytes.len() > MAX_PASSWORD_BYTES {
        return false;
    }
    let Ok(hashed) = PasswordHash::new(stored.unwrap_or(&NOBODY)) else { return false };
    let matches = Argon2::default().verify_password(bytes, &hashed).is_ok();
    matches && stored.is_some()
}

/// A random password of 24 characters, 120 bits.
pub fn generate() -> SecretString {
    let mut random = [0_u8; 24];
    OsRng.fill_bytes(&mut random);
    let text: String = random.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    SecretString::from(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_right_password_verifies() {
        let stored = hash(&SecretString::from("pa:ss wörd")).unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(verify(&SecretString::from("pa:ss wörd"), Some(&stored)));
        assert!(!verify(&SecretString::from("pa:ss word"), Some(&stored)));
        assert!(!verify(&SecretString::from("pa:ss wörd"), None));
        assert!(!verify(&SecretString::from("x"), Some("not a hash")));
    }

    #[test]
    fn empty_and_endless_passwords_are_refused() {
        assert!(hash(&SecretString::from("")).is_err());
        assert!(hash(&SecretString::from("x".repeat(1025))).is_err());
        assert!(!verify(&SecretString::from("x".repeat(1_000_000)), None));
    }

    #[test]
    fn generated_passwords_differ_and_have_24_characters() {
        let (one, other) = (generate(), generate());
        assert_eq!(one.expose_secret().len(), 24);
        assert_ne!(one.expose_secret(), other.expose_secret());
    }
}
