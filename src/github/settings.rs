//! `[github]` of the configuration.

use reqwest::Url;
use serde::{Deserialize, Serialize};

use crate::ingest::secret::Secret;

/// `[github]` of the configuration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GitHubSettings {
    /// Where the API is; of GitHub Enterprise Server `https://HOST/api/v3`.
    pub api_base: String,
    /// A token with `actions:read`.
    pub token: Secret,
    /// The id of a GitHub App; 0 where there is none.
    pub app_id: u64,
    /// The file with that App's private key (PEM).
    pub app_key_file: String,
    /// `owner/name` of the repositories to sweep; empty: those seen in the last 30 days.
    pub repositories: Vec<String>,
    /// Minutes between two sweeps; 0 = never.
    pub sweep_minutes: u32,
    /// The longest log, unpacked, that is read.
    pub max_log_bytes: u64,
    /// Logs that are fetched at one time.
    pub logs_at_once: usize,
    /// The file with known issues; empty where there is none.
    pub known_issues: String,
}

impl Default for GitHubSettings {
    fn default() -> Self {
        Self {
            api_base: "https://api.github.com".into(),
            token: Secret::default(),
            app_id: 0,
            app_key_file: String::new(),
            repositories: Vec::new(),
            sweep_minutes: 5,
            max_log_bytes: 256 << 20,
            logs_at_once: 8,
            known_issues: String::new(),
        }
    }
}

/// A setting that cannot work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingError {
    /// As `github.api_base`.
    pub key: &'static str,
    /// Its value.
    pub value: String,
    /// What is allowed.
    pub what: &'static str,
}

impl GitHubSettings {
    /// Whether there is anything to prove who we are with.
    #[must_use]
    pub const fn has_credential(&self) -> bool {
        self.token.is_set() || self.app_id != 0
    }

    /// Checks what can be checked without asking anybody.
    ///
    /// # Errors
    /// The first setting that cannot work.
    pub fn check(&self) -> Result<(), SettingError> {
        let wrong = |key, value: &str, what| SettingError {
            key,
            value: value.to_owned(),
            what,
        };
        let Some(base) = base(&self.api_base) else {
            let what = "give an address as https://api.github.com, of GitHub Enterprise Server https://HOST/api/v3";
            return Err(wrong("github.api_base", &self.api_base, what));
        };
        if base.scheme() == "http" && !is_loopback(&base) && self.has_credential() {
            let what = "a token is never sent without TLS; use https://";
            return Err(wrong("github.api_base", &self.api_base, what));
        }
        if (self.app_id == 0) != self.app_key_file.is_empty() {
            let what = "a GitHub App needs both github.app_id and github.app_key_file";
            return Err(wrong("github.app_id", &self.app_id.to_string(), what));
        }
        if let Some(name) = self.repositories.iter().find(|name| !is_repository(name)) {
            return Err(wrong("github.repositories", name, "write each as owner/name"));
        }
        if self.sweep_minutes > 2 * 24 * 60 {
            let what = "GitHub keeps deliveries for three days; must be 0 (never) to 2880";
            return Err(wrong("github.sweep_minutes", &self.sweep_minutes.to_string(), what));
        }
        if !(1 << 20..=4 << 30).contains(&self.max_log_bytes) {
            let what = "must be 1048576 (1 MiB) to 4294967296 (4 GiB)";
            return Err(wrong("github.max_log_bytes", &self.max_log_bytes.to_string(), what));
        }
        if !(1..=64).contains(&self.logs_at_once) {
            let what = "GitHub allows a hundred requests at one time; must be 1 to 64";
            return Err(wrong("github.logs_at_once", &self.logs_at_once.to_string(), what));
        }
        Ok(())
    }
}

/// The address of the API, if it is one.
pub(super) fn base(text: &str) -> Option<Url> {
    let url = Url::parse(text.trim_end_matches('/')).ok()?;
    let plain =
        url.query().is_none() && url.fragment().is_none() && url.username().is_empty() && url.password().is_none();
    (matches!(url.scheme(), "http" | "https") && url.has_host() && plain).then_some(url)
}

/// Whether an address is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || bare
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

/// `owner/name`, of the letters that GitHub allows.
pub(super) fn is_repository(name: &str) -> bool {
    let plain = |part: &str| {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (1..=100).contains(&part.len()) && part.bytes().all(allowed) && part != "." && part != ".."
    };
    name.split_once('/')
        .is_some_and(|(owner, name)| plain(owner) && plain(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_never_printed() {
        let settings = GitHubSettings {
            token: Secret::new("ghp_hunter2".into()),
            ..GitHubSettings::default()
        };
        let printed = format!("{settings:?} {}", serde_json::to_string(&settings).expect("JSON"));
        assert!(!printed.contains("hunter2"), "{printed}");
    }

    #[test]
    fn a_token_is_not_sent_in_the_clear() {
        let at = |base: &str| GitHubSettings {
            api_base: base.into(),
            token: Secret::new("t".into()),
            ..GitHubSettings::default()
        };
        for good in [
            "https://ghe.example.com/api/v3/",
            "http://127.0.0.1:9000",
            "http://[::1]:9000",
        ] {
            assert_eq!(at(good).check(), Ok(()), "{good}");
        }
        for bad in [
            "http://ghe.example.com",
            "ftp://x",
            "api.github.com",
            "https://u:p@h",
            "https://h?x=1",
            "",
        ] {
            assert_eq!(at(bad).check().expect_err(bad).key, "github.api_base");
        }
    }

    #[test]
    fn names_of_repositories_lead_nowhere_else() {
        for bad in ["a", "a/b/c", "../x", "a/..", "a/b?c", "/b", "a/", "a b/c"] {
            assert!(!is_repository(bad), "{bad}");
        }
        assert!(is_repository("octo-org/hello.world_2"));
    }
}
