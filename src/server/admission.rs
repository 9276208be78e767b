//! Somebody who was let in, and for how long. Does I/O where Kubernetes is asked.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;

use super::access::{Access, Denied};
use super::asking::{Asking, Verb};
use super::tokens::Grant;

/// How often it is tried again to find out whether a stream is still allowed, and how long is waited before.
const TRIES: u32 = 3;
const PAUSE: Duration = Duration::from_secs(2);

/// Somebody who was let in; cheap to clone.
#[derive(Clone, Debug)]
pub struct Admission(Option<Arc<Known>>);

#[derive(Debug)]
struct Known {
    access: Access,
    secret: Box<str>,
    asking: Asking,
    grant: Arc<Grant>,
}

impl Admission {
    /// Nobody is asked, or somebody else answers for them: everything is allowed.
    #[must_use]
    pub const fn of_anybody() -> Self {
        Self(None)
    }

    pub(super) fn new(access: Access, secret: &str, asking: Asking, grant: Arc<Grant>) -> Self {
        Self(Some(Arc::new(Known {
            access,
            secret: secret.into(),
            asking,
            grant,
        })))
    }

    /// What is allowed; `None`: everything.
    #[must_use]
    pub fn grant(&self) -> Option<&Arc<Grant>> {
        self.0.as_ref().map(|known| &known.grant)
    }

    /// Whom the limits count together; `None`: nobody is asked who they are.
    #[must_use]
    pub fn user(&self) -> Option<Arc<str>> {
        self.grant().map(|grant| grant.name.clone())
    }

    /// That what is asked is allowed somewhere. What is asked of something by its name is no matter of this: it is not
    /// there for who may not.
    ///
    /// # Errors
    ///
    /// [`Denied::Forbidden`] if not.
    pub fn check(&self) -> Result<(), Denied> {
        let Some(known) = &self.0 else { return Ok(()) };
        let tenants = match known.asking.verb {
            Some(Verb::List) => &known.grant.reads,
            Some(Verb::Create) => &known.grant.writes,
            Some(Verb::Get | Verb::Watch | Verb::Delete) | None => return Ok(()),
        };
        if tenants.is_none() {
            return Err(Denied::Forbidden);
        }
        Ok(())
    }

    /// Waits until what was allowed no longer is. A gain is none: who asks anew gets it.
    pub async fn revoked(&self) {
        let Some(known) = &self.0 else {
            return pending().await;
        };
        loop {
            tokio::time::sleep(known.access.again).await;
            if !known.stands().await {
                tracing::info!(
                    user = &*known.grant.name,
                    "an open stream ends: what it needs is no longer allowed"
                );
                return;
            }
        }
    }
}

impl Known {
    /// Whether all that was allowed still is. If that cannot be found out, it is not.
    async fn stands(&self) -> bool {
        for tried in 1..=TRIES {
            match self.access.grant(&self.secret, &self.asking).await {
                Ok(now) => {
                    return now.reads.cover(&self.grant.reads)
                        && now.writes.cover(&self.grant.writes)
                        && now.deletes.cover(&self.grant.deletes);
                }
                Err(Denied::Unavailable) if tried < TRIES => tokio::time::sleep(PAUSE).await,
                Err(_) => return false,
            }
        }
        false
    }
}
