//! The seal of a manifest: HMAC-SHA256 (RFC 2104) under the operator's secret.
//!
//! It protects from whoever can write the data folder and does not know the secret: such a person cannot make a model that
//! serves, nor a ledger line that verifies. It does not protect from who can read the process's environment, nor from an
//! older state of the whole folder put back in place: such a folder was sealed once.

use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::ingest::secret::Secret;

/// What manifests are sealed with; empty where nothing is sealed. Never printed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct SealKey(Secret);

impl SealKey {
    /// Wraps a secret.
    #[must_use]
    pub const fn new(secret: String) -> Self {
        Self(Secret::new(secret))
    }

    /// Whether there is one.
    #[must_use]
    pub const fn is_set(&self) -> bool {
        self.0.is_set()
    }

    /// The seal of these bytes, hex; `None` without a secret.
    pub(super) fn seal(&self, bytes: &[u8]) -> Option<String> {
        Some(hex::encode(self.mac(bytes)?.finalize().into_bytes()))
    }

    /// Whether this is the seal of these bytes, in constant time.
    pub(super) fn fits(&self, bytes: &[u8], seal: &str) -> bool {
        let Ok(seal) = hex::decode(seal.trim_end()) else {
            return false;
        };
        self.mac(bytes).is_some_and(|mac| mac.verify_slice(&seal).is_ok())
    }

    fn mac(&self, bytes: &[u8]) -> Option<Hmac<Sha256>> {
        if !self.is_set() {
            return None;
        }
        // HMAC takes keys of any length.
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.expose().as_bytes()).ok()?;
        mac.update(bytes);
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seal_fits_its_bytes_and_secret_alone() {
        let (key, other) = (SealKey::new("secret".into()), SealKey::new("Secret".into()));
        let seal = key.seal(b"manifest").expect("a seal");
        assert!(key.fits(b"manifest", &seal));
        assert!(!key.fits(b"manifesT", &seal) && !other.fits(b"manifest", &seal) && !key.fits(b"manifest", "00"));
        assert_eq!(SealKey::default().seal(b"manifest"), None);
    }

    #[test]
    fn a_secret_is_never_printed() {
        let key = SealKey::new("hunter2".into());
        let printed = format!("{key:?} {}", serde_json::to_string(&key).expect("JSON"));
        assert!(!printed.contains("hunter2"), "{printed}");
    }
}
