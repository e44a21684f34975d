//! The header of a delivery becomes a [`Signature`] before a byte of the body is read; the body is then held against it.
//!
//! GitHub signs the raw body with HMAC-SHA256 and sends `X-Hub-Signature-256: sha256=<hex>`. Several secrets may be
//! active, so that one can be changed without losing deliveries.

use std::fmt;

use hmac::{Hmac, Mac};
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq};

/// What stands before the hex digits.
const PREFIX: &str = "sha256=";

/// Bytes of a SHA-256 digest.
const DIGEST_BYTES: usize = 32;

/// What a sender claims to be the HMAC-SHA256 of its body. It is compared by [`verify`] only.
#[derive(Clone)]
pub struct Signature([u8; DIGEST_BYTES]);

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

/// Why a delivery is not believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no header: 401.
    #[error("X-Hub-Signature-256 is missing; set the same secret in the webhook's settings and in webhook.secrets")]
    Missing,
    /// The header is not a signature: 401.
    #[error("X-Hub-Signature-256 is malformed; allowed is `sha256=` and 64 hex digits")]
    Malformed,
    /// The header is a signature, but of other bytes or by another secret: 403.
    #[error("X-Hub-Signature-256 does not match the body under any secret in webhook.secrets")]
    Wrong,
}

/// Reads the header of a delivery.
///
/// # Errors
/// [`SignatureError::Missing`] or [`SignatureError::Malformed`].
pub fn check_header(header: Option<&str>) -> Result<Signature, SignatureError> {
    let header = header.ok_or(SignatureError::Missing)?;
    let digits = header.trim().strip_prefix(PREFIX).ok_or(SignatureError::Malformed)?;
    let mut digest = [0; DIGEST_BYTES];
    hex::decode_to_slice(digits, &mut digest).map_err(|_not_hex| SignatureError::Malformed)?;
    Ok(Signature(digest))
}

/// Holds the raw body against the signature, under every secret that is active.
///
/// The time taken tells nothing of the digest, nor which secret fits. An empty secret fits nothing.
///
/// # Errors
/// [`SignatureError::Wrong`].
pub fn verify<S: AsRef<[u8]>>(signature: &Signature, body: &[u8], secrets: &[S]) -> Result<(), SignatureError> {
    let fits = |secret: &S| digest(secret.as_ref(), body).map_or(Choice::from(0), |digest| digest.ct_eq(&signature.0));
    let any = secrets.iter().map(fits).fold(Choice::from(0), |any, fit| any | fit);
    if bool::from(any) {
        Ok(())
    } else {
        Err(SignatureError::Wrong)
    }
}

/// The header value that GitHub would send for this body: for clients that post deliveries themselves.
#[must_use]
pub fn sign(body: &[u8], secret: &[u8]) -> Option<String> {
    digest(secret, body).map(|digest| format!("{PREFIX}{}", hex::encode(digest)))
}

/// HMAC-SHA256 (RFC 2104); `None` for an empty secret.
fn digest(secret: &[u8], body: &[u8]) -> Option<[u8; DIGEST_BYTES]> {
    let mut mac = Hmac::<Sha256>::new_from_slice(secret)
        .ok()
        .filter(|_| !secret.is_empty())?;
    mac.update(body);
    Some(mac.finalize().into_bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of GitHub's documentation.
    const SECRET: &str = "It's a Secret to Everybody";
    const BODY: &[u8] = b"Hello, World!";
    const HEADER: &str = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17";

    #[test]
    fn the_vector_of_githubs_documentation_is_believed() {
        let signature = check_header(Some(HEADER)).unwrap();
        assert_eq!(verify(&signature, BODY, &[SECRET]), Ok(()));
        assert_eq!(sign(BODY, SECRET.as_bytes()).as_deref(), Some(HEADER));
    }

    #[test]
    fn any_of_several_secrets_is_enough() {
        let signature = check_header(Some(&HEADER.to_uppercase().replace("SHA256", "sha256"))).unwrap();
        assert_eq!(verify(&signature, BODY, &["the new one", SECRET]), Ok(()));
        assert_eq!(verify(&signature, BODY, &["the new one"]), Err(SignatureError::Wrong));
        assert_eq!(verify::<&str>(&signature, BODY, &[]), Err(SignatureError::Wrong));
    }

    #[test]
    fn one_changed_byte_of_the_body_is_a_wrong_signature() {
        let signature = check_header(Some(HEADER)).unwrap();
        assert_eq!(
            verify(&signature, b"Hello, World?", &[SECRET]),
            Err(SignatureError::Wrong)
        );
    }

    #[test]
    fn an_empty_secret_fits_nothing() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"").unwrap();
        mac.update(BODY);
        let signature = Signature(mac.finalize().into_bytes().into());
        assert_eq!(verify(&signature, BODY, &[""]), Err(SignatureError::Wrong));
    }

    #[test]
    fn a_missing_header_is_told_from_a_malformed_one() {
        assert_eq!(check_header(None).unwrap_err(), SignatureError::Missing);
        let long = format!("{HEADER}00");
        let short = HEADER.strip_suffix(char::is_alphanumeric).unwrap();
        for header in [
            "",
            "sha256=",
            "sha1=757107ea0eb2509fc211221cce984b8a37570b6d",
            &long,
            short,
            "sha256=zz",
        ] {
            assert_eq!(
                check_header(Some(header)).unwrap_err(),
                SignatureError::Malformed,
                "{header}"
            );
        }
    }
}
