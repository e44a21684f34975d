//! Who asks: the headers of a request become a [`Caller`], or a refusal.

use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use warp::http::HeaderMap;
use warp::http::header::AUTHORIZATION;

use super::{ApiKey, Role};

/// The header of a key; `Authorization: Bearer` does as well.
const KEY_HEADER: &str = "x-api-key";

/// Who acts where no keys are set up.
const NOBODY_IN_PARTICULAR: &str = "local";

/// Who acts, as the door knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Caller {
    /// The name of the key.
    pub(crate) name: String,
    /// What it may do.
    pub(crate) role: Role,
}

/// Why nobody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AuthError {
    /// No key came: 401.
    #[error("an API key is asked for; send it as `X-API-Key: KEY` or `Authorization: Bearer KEY`")]
    Missing,
    /// None of ours: 403.
    #[error("the API key is not one of those in api.keys")]
    Wrong,
    /// One of ours, for something else: 403.
    #[error("the API key has role `{has}`, this asks for `{needs}`")]
    TooWeak {
        /// What it may do.
        has: &'static str,
        /// What it would have to.
        needs: &'static str,
    },
}

impl Role {
    /// The name in the configuration.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }
}

/// The keys that are set up, by their hashes.
#[derive(Debug)]
pub(crate) struct Keys {
    known: Vec<([u8; 32], Caller)>,
    /// Whether everybody is let in as administrator while there are no keys.
    open: bool,
}

impl Keys {
    /// Keys of the configuration. `open` says whether nobody is asked for one while there are none. Empty keys fit nothing.
    pub(crate) fn new(keys: &[ApiKey], open: bool) -> Self {
        let usable = keys.iter().filter(|key| !key.key.expose().is_empty());
        let known = usable.map(|key| {
            (
                hash(key.key.expose().as_bytes()),
                Caller {
                    name: key.name.clone(),
                    role: key.role,
                },
            )
        });
        Self {
            known: known.collect(),
            open: open && keys.is_empty(),
        }
    }

    /// Whether nobody is asked for a key.
    pub(crate) const fn open(&self) -> bool {
        self.open
    }

    /// Who sends these headers, if that may do what needs `role`.
    ///
    /// # Errors
    /// When no key came, or one that is not ours or may not.
    pub(crate) fn identify(&self, headers: &HeaderMap, role: Role) -> Result<Caller, AuthError> {
        if self.open {
            return Ok(Caller {
                name: NOBODY_IN_PARTICULAR.to_owned(),
                role: Role::Admin,
            });
        }
        let caller = self
            .find(presented(headers).ok_or(AuthError::Missing)?)
            .ok_or(AuthError::Wrong)?;
        if caller.role < role {
            return Err(AuthError::TooWeak {
                has: caller.role.name(),
                needs: role.name(),
            });
        }
        Ok(caller.clone())
    }

    /// Every key is compared, whole, by its hash: the time taken tells neither how far one fits nor which does.
    fn find(&self, key: &[u8]) -> Option<&Caller> {
        let presented = hash(key);
        let mut found = None;
        for (known, caller) in &self.known {
            let fits: Choice = known.ct_eq(&presented);
            if bool::from(fits) {
                found = Some(caller);
            }
        }
        found
    }
}

fn hash(key: &[u8]) -> [u8; 32] {
    Sha256::digest(key).into()
}

fn presented(headers: &HeaderMap) -> Option<&[u8]> {
    let key = headers
        .get(KEY_HEADER)
        .map(warp::http::HeaderValue::as_bytes)
        .or_else(|| bearer(headers))?;
    let key = key.trim_ascii();
    (!key.is_empty()).then_some(key)
}

/// The token of `Authorization: Bearer` (RFC 6750; the scheme without regard to case, RFC 9110).
fn bearer(headers: &HeaderMap) -> Option<&[u8]> {
    const SCHEME: &[u8] = b"bearer ";
    let (scheme, token) = headers.get(AUTHORIZATION)?.as_bytes().split_at_checked(SCHEME.len())?;
    scheme.eq_ignore_ascii_case(SCHEME).then_some(token)
}

#[cfg(test)]
mod tests {
    use warp::http::HeaderValue;

    use super::super::Secret;
    use super::*;

    fn keys() -> Keys {
        let key = |name: &str, role| ApiKey {
            name: name.into(),
            key: Secret::new(format!("{name}-key")),
            role,
        };
        Keys::new(
            &[
                key("grafana", Role::Read),
                key("bot", Role::Write),
                key("ada", Role::Admin),
            ],
            true,
        )
    }

    fn headers(name: &'static str, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(
            warp::http::HeaderName::from_static(name),
            HeaderValue::from_str(value).unwrap(),
        )])
    }

    #[test]
    fn a_key_is_known_in_either_header() {
        for headers in [
            headers("x-api-key", "bot-key"),
            headers("authorization", "bearer  bot-key"),
        ] {
            assert_eq!(
                keys().identify(&headers, Role::Write).map(|caller| caller.name),
                Ok("bot".into())
            );
        }
    }

    #[test]
    fn a_role_may_do_what_those_before_it_may_and_no_more() {
        let may = |key: &str, role| keys().identify(&headers("x-api-key", key), role).is_ok();
        assert!(may("grafana-key", Role::Read) && !may("grafana-key", Role::Write));
        assert!(may("bot-key", Role::Write) && !may("bot-key", Role::Admin));
        assert!(may("ada-key", Role::Read) && may("ada-key", Role::Admin));
    }

    #[test]
    fn no_key_a_wrong_key_and_a_weak_key_are_told_apart() {
        let identify = |headers: &HeaderMap| keys().identify(headers, Role::Admin).unwrap_err();
        assert_eq!(identify(&HeaderMap::new()), AuthError::Missing);
        assert_eq!(identify(&headers("authorization", "Basic YTpi")), AuthError::Missing);
        assert_eq!(identify(&headers("x-api-key", "")), AuthError::Missing);
        assert_eq!(identify(&headers("x-api-key", "bot-key2")), AuthError::Wrong);
        assert_eq!(
            identify(&headers("x-api-key", "bot-key")),
            AuthError::TooWeak {
                has: "write",
                needs: "admin"
            }
        );
    }

    #[test]
    fn without_keys_everybody_is_let_in_only_where_the_door_is_open() {
        assert!(Keys::new(&[], true).identify(&HeaderMap::new(), Role::Admin).is_ok());
        let shut = Keys::new(&[], false);
        assert_eq!(shut.identify(&HeaderMap::new(), Role::Read), Err(AuthError::Missing));
        assert_eq!(
            shut.identify(&headers("x-api-key", "any"), Role::Read),
            Err(AuthError::Wrong)
        );
    }

    #[test]
    fn an_empty_key_in_the_configuration_lets_nobody_in() {
        let empty = ApiKey {
            name: "oops".into(),
            key: Secret::new(String::new()),
            role: Role::Admin,
        };
        let keys = Keys::new(&[empty], true);
        assert!(!keys.open());
        assert!(keys.identify(&headers("x-api-key", " "), Role::Read).is_err());
    }
}
