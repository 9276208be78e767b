//! Whether this process is ready to be asked, and what it still waits for. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// What holds readiness back; cheap to clone, every clone speaks of the same process.
///
/// With no reason left the process is ready. Being alive is another matter: a process that answers is alive.
#[derive(Clone, Debug, Default)]
pub struct Health {
    reasons: Arc<Mutex<BTreeMap<&'static str, String>>>,
}

impl Health {
    /// Ready, until somebody has a reason against it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds readiness back: `part` of the process waits for something.
    pub fn hold(&self, part: &'static str, why: impl Into<String>) {
        self.reasons.lock().insert(part, why.into());
    }

    /// This part no longer holds it back.
    pub fn release(&self, part: &'static str) {
        self.reasons.lock().remove(part);
    }

    /// Whether the process is ready.
    ///
    /// # Errors
    ///
    /// All the reasons why it is not, as one sentence.
    pub fn ready(&self) -> Result<(), String> {
        let reasons = self.reasons.lock();
        if reasons.is_empty() {
            return Ok(());
        }
        let told: Vec<_> = reasons
            .iter()
            .map(|(part, why)| format!("{part}: {why}"))
            .collect();
        Err(told.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_ready_when_the_last_reason_is_gone() {
        let health = Health::new();
        assert_eq!(health.ready(), Ok(()));
        let other = health.clone();
        other.hold("store", "is opening");
        other.hold("sources", "the first list is not finished");
        assert_eq!(
            health.ready().unwrap_err(),
            "sources: the first list is not finished; store: is opening"
        );
        health.release("store");
        health.release("sources");
        assert_eq!(other.ready(), Ok(()));
    }
}
