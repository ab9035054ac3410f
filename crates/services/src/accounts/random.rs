//! Secrets that the server chooses.

use argon2::password_hash::rand_core::{OsRng, RngCore};
use secrecy::SecretString;

const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// `prefix` and so many random letters and digits, of almost six bits each.
pub(super) fn secret(prefix: &str, characters: usize) -> SecretString {
    let mut text = String::with_capacity(prefix.len() + characters);
    text.push_str(prefix);
    let mut random = [0_u8; 64];
    while text.len() < prefix.len() + characters {
        OsRng.fill_bytes(&mut random);
        // The upper two bits of a byte are left out: what remains is under 64, and 62 and 63 are drawn again.
        let drawn = random.iter().filter_map(|byte| ALPHABET.get(usize::from(byte & 63)));
        let missing = prefix.len() + characters - text.len();
        text.extend(drawn.take(missing).map(|byte| char::from(*byte)));
    }
    SecretString::from(text)
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn secrets_are_letters_and_digits_and_differ() {
        let (one, other) = (secret("ast_", 40), secret("ast_", 40));
        assert_ne!(one.expose_secret(), other.expose_secret());
        let rest = one.expose_secret().strip_prefix("ast_").unwrap();
        assert!(rest.len() == 40 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric()), "{rest}");
    }

    #[test]
    fn every_character_is_drawn() {
        let long = secret("", 10_000);
        assert!(ALPHABET.iter().all(|byte| long.expose_secret().contains(char::from(*byte))));
    }
}
