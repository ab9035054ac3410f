//! Encrypting values with a key that is not kept beside them.

use std::fmt;
use std::sync::Arc;

use chacha20poly1305::aead::{Aead, AeadCore, KeyInit, OsRng, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use model::{Error, Result};
use secrecy::{ExposeSecret, SecretString};

/// How many bytes of what is kept are its nonce.
const NONCE_BYTES: usize = 24;

/// What values are encrypted with. Whoever loses it loses the values.
#[derive(Clone)]
pub struct SecretKey([u8; SecretKey::BYTES]);

impl SecretKey {
    /// How long a key is.
    pub const BYTES: usize = 32;

    /// A new key.
    pub fn generate() -> Self {
        Self(XChaCha20Poly1305::generate_key(&mut OsRng).into())
    }

    /// The key of these bytes.
    pub fn new(bytes: [u8; Self::BYTES]) -> Self {
        Self(bytes)
    }

    /// Its bytes, to be kept where only the server reads them.
    pub fn bytes(&self) -> &[u8; Self::BYTES] {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(…)")
    }
}

/// Encrypts and decrypts values, each tied to its name: what is kept for one cannot be passed off as another's.
#[derive(Clone)]
pub(crate) struct Sealer(Arc<XChaCha20Poly1305>);

impl Sealer {
    pub(crate) fn new(key: &SecretKey) -> Self {
        Self(Arc::new(XChaCha20Poly1305::new(key.bytes().into())))
    }

    /// A random nonce, and after it the encrypted value.
    pub(crate) fn seal(&self, name: &str, value: &SecretString) -> Result<Vec<u8>> {
        let nonce = XChaCha20Poly1305::generate_nonce(&mut OsRng);
        let payload = Payload { msg: value.expose_secret().as_bytes(), aad: name.as_bytes() };
        let encrypted =
            self.0.encrypt(&nonce, payload).map_err(|_| Error::internal("a value could not be encrypted"))?;
        Ok([nonce.as_slice(), &encrypted].concat())
    }

    pub(crate) fn open(&self, name: &str, sealed: &[u8]) -> Result<SecretString> {
        let other_key = || {
            Error::unavailable(format!(
                "the variable \"{name}\" was encrypted with another key; put the secret.key back that the data directory \
                 had, or set the variable anew"
            ))
        };
        let (nonce, encrypted) = sealed.split_at_checked(NONCE_BYTES).ok_or_else(other_key)?;
        let payload = Payload { msg: encrypted, aad: name.as_bytes() };
        let bytes = self.0.decrypt(XNonce::from_slice(nonce), payload).map_err(|_| other_key())?;
        String::from_utf8(bytes).map(SecretString::from).map_err(|_| other_key())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sealed_opens_under_its_name_and_key_alone() {
        let sealer = Sealer::new(&SecretKey::generate());
        let value = SecretString::from("s3cret ü");
        let sealed = sealer.seal("KEY", &value).unwrap();
        assert!(!sealed.windows(6).any(|bytes| bytes == b"s3cret"));
        assert_eq!(sealer.open("KEY", &sealed).unwrap().expose_secret(), "s3cret ü");
        assert_ne!(sealed, sealer.seal("KEY", &value).unwrap(), "equal values do not show as such");
        assert!(sealer.open("OTHER", &sealed).is_err());
        assert!(Sealer::new(&SecretKey::generate()).open("KEY", &sealed).is_err());
        assert!(sealer.open("KEY", &sealed[..20]).is_err());
        assert_eq!(format!("{:?}", SecretKey::generate()), "SecretKey(…)");
    }
}
