//! Who asks: whoever opened the door says so, and puts it into the request.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::refused::Refused;

/// Who acts, what that may do, and how often.
#[derive(Debug, Clone)]
pub struct Caller {
    name: String,
    may_write: bool,
    allowance: Allowance,
}

/// How often somebody may call a tool. Asked once a call; an error is the time to wait.
#[derive(Clone)]
pub struct Allowance(Arc<dyn Fn() -> Result<(), Duration> + Send + Sync>);

impl Allowance {
    /// As often as `take` says.
    pub fn new(take: impl Fn() -> Result<(), Duration> + Send + Sync + 'static) -> Self {
        Self(Arc::new(take))
    }

    /// As often as it likes.
    #[must_use]
    pub fn unlimited() -> Self {
        Self::new(|| Ok(()))
    }
}

impl fmt::Debug for Allowance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Allowance")
    }
}

impl Caller {
    /// Somebody with a key.
    #[must_use]
    pub const fn new(name: String, may_write: bool, allowance: Allowance) -> Self {
        Self {
            name,
            may_write,
            allowance,
        }
    }

    /// A user of this machine who has the data folder or its socket.
    #[must_use]
    pub fn local(name: String) -> Self {
        Self::new(name, true, Allowance::unlimited())
    }

    /// How what was done is signed: a person sees that it was an agent.
    pub(super) fn signature(&self) -> String {
        format!("{} via MCP", self.name)
    }

    /// Takes one call off the allowance.
    pub(super) fn take(&self) -> Result<(), Refused> {
        (self.allowance.0)().map_err(|wait| {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            Refused::new(format!(
                "too many calls (api.rate_per_minute); try again in {seconds} s"
            ))
        })
    }

    /// Refuses what only a writer may do.
    pub(super) fn check_may_write(&self, tool: &str) -> Result<(), Refused> {
        if self.may_write {
            Ok(())
        } else {
            Err(Refused::new(format!(
                "the API key has role `read`; {tool} needs role `write`"
            )))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_no_calls_left_is_told_how_long_to_wait() {
        let spent = Caller::new("bot".into(), true, Allowance::new(|| Err(Duration::from_millis(1_200))));
        assert!(spent.take().unwrap_err().to_string().contains("try again in 2 s"));
        assert!(Caller::local("ada".into()).take().is_ok());
    }

    #[test]
    fn a_reader_may_not_write() {
        let reader = Caller::new("bot".into(), false, Allowance::unlimited());
        assert!(
            reader
                .check_may_write("analyze_log")
                .unwrap_err()
                .to_string()
                .contains("analyze_log needs role `write`")
        );
    }
}
