//! Whether this process is ready to be asked, and what it still waits for. Pure.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// What holds readiness back; cheap to clone, every clone speaks of the same process.
///
/// Each part of the process that had to be waited for is known from then on, with the reason why it still is, if so. With no reason left the process is ready. Being alive is another matter: a process that answers is alive.
#[derive(Clone, Debug, Default)]
pub struct Health {
    parts: Arc<Mutex<BTreeMap<&'static str, Option<String>>>>,
}

impl Health {
    /// Ready, until somebody has a reason against it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Holds readiness back: `part` of the process waits for something.
    pub fn hold(&self, part: &'static str, why: impl Into<String>) {
        self.parts.lock().insert(part, Some(why.into()));
    }

    /// This part no longer holds it back.
    pub fn release(&self, part: &'static str) {
        self.parts.lock().insert(part, None);
    }

    /// Whether the process is ready.
    ///
    /// # Errors
    ///
    /// All the reasons why it is not, as one sentence.
    pub fn ready(&self) -> Result<(), String> {
        let parts = self.parts.lock();
        let waiting = parts
            .iter()
            .filter_map(|(part, why)| Some(format!("{part}: {}", why.as_ref()?)));
        let told: Vec<_> = waiting.collect();
        if told.is_empty() {
            return Ok(());
        }
        Err(told.join("; "))
    }

    /// A line for each part that is or was waited for, as Kubernetes' servers write them.
    #[must_use]
    pub fn verbose(&self) -> String {
        let parts = self.parts.lock();
        let line = |(part, why): (&&str, &Option<String>)| match why {
            None => format!("[+]{part} ok\n"),
            Some(why) => format!("[-]{part} {why}\n"),
        };
        parts.iter().map(line).collect()
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
        assert_eq!(
            health.verbose(),
            "[-]sources the first list is not finished\n[+]store ok\n"
        );
        health.release("sources");
        assert_eq!(other.ready(), Ok(()));
    }
}
