//! The model that serves, in a place where it can be exchanged: who judges takes the one that is there and keeps it to the end.

use std::sync::{Arc, PoisonError, RwLock};

use crate::bundle::Bundle;

/// The live model.
pub(super) struct Live(RwLock<Arc<Bundle>>);

impl Live {
    pub(super) const fn new(bundle: Arc<Bundle>) -> Self {
        Self(RwLock::new(bundle))
    }

    /// The model as of now.
    pub(super) fn bundle(&self) -> Arc<Bundle> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Another one from now on. What is being judged is judged to its end by the one before.
    pub(super) fn exchange(&self, bundle: Arc<Bundle>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = bundle;
    }
}
