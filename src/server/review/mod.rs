//! Who asks, by Kubernetes: TokenReview says whose a token is, SubjectAccessReview what they may. What was answered
//! holds for ten seconds, who asks the same at the same time waits for the same answer, and when the API server cannot
//! be asked nobody is let in. Does I/O.

mod ask;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use futures::{StreamExt, TryStreamExt, stream};
use moka::future::Cache;
use sha2::{Digest, Sha256};

use self::ask::Ask;
use super::access::Denied;
use super::asking::{Places, Verb};
use super::tokens::Grant;
use crate::model::Tenants;
use crate::telemetry::Metrics;

/// How long an answer holds.
const HOLDS: Duration = Duration::from_secs(10);
/// How long the namespaces of the history are taken to be the same.
const NAMESPACES_HOLD: Duration = Duration::from_secs(2);
/// Answers that are kept.
const KEPT: u64 = 50_000;
/// Namespaces that are asked for one by one: of more, one has to be named, or the right given for all of them.
const NAMESPACES: usize = 256;
/// Of those, asked at a time.
const ABREAST: usize = 16;

/// What the API server knows of somebody.
#[derive(Debug)]
pub(super) struct User {
    /// The token, so that answers about one are never those about another.
    sum: [u8; 32],
    name: Arc<str>,
    uid: Option<String>,
    groups: Option<Vec<String>>,
    extra: Option<BTreeMap<String, Vec<String>>>,
    /// The namespace of a ServiceAccount: what it tells without naming one is told there.
    home: Option<Arc<str>>,
}

/// One question: whose token, which verb, in which namespace or in all.
type Question = ([u8; 32], Verb, Option<Box<str>>);

/// Asks the API server; cheap to clone.
#[derive(Clone)]
pub struct Reviewer {
    ask: Arc<Ask>,
    users: Cache<[u8; 32], Option<Arc<User>>>,
    rights: Cache<Question, bool>,
    namespaces: Cache<(), Arc<BTreeSet<Box<str>>>>,
}

impl std::fmt::Debug for Reviewer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reviewer").finish_non_exhaustive()
    }
}

/// Whom tokens are to be for.
#[derive(Clone, Debug, Default)]
pub struct Audiences {
    /// One of these.
    pub names: Vec<String>,
    /// Or the API server itself: whoever holds such a token could speak to it in the holder's name.
    pub api_server: bool,
}

impl Reviewer {
    /// Asks the API server of this client.
    #[must_use]
    pub fn new(client: kube::Client, audiences: Audiences, metrics: Metrics) -> Self {
        Self {
            ask: Arc::new(Ask::new(client, audiences, metrics)),
            users: cache(HOLDS),
            rights: cache(HOLDS),
            namespaces: cache(NAMESPACES_HOLD),
        }
    }

    /// Whose token it is; `None`: nobody's.
    pub(super) async fn user(&self, token: &str) -> Result<Option<Arc<User>>, Denied> {
        let sum: [u8; 32] = Sha256::digest(token.as_bytes()).into();
        let asked = self.users.try_get_with(sum, self.ask.user(sum, token));
        asked.await.map_err(|_| Denied::Unavailable)
    }

    /// What somebody may do of what is asked.
    pub(super) async fn grant(
        &self,
        user: &Arc<User>,
        verb: Option<Verb>,
        places: &Places,
    ) -> Result<Grant, Denied> {
        let may = match verb {
            Some(verb) => self.may(user, verb, places).await?,
            None => Tenants::none(),
        };
        let (may, none) = (Arc::new(may), Arc::new(Tenants::none()));
        let if_verb = |is| if is { may.clone() } else { none.clone() };
        Ok(Grant {
            name: user.name.clone(),
            home: user.home.clone(),
            writes: if_verb(verb == Some(Verb::Create)),
            deletes: if_verb(verb == Some(Verb::Delete)),
            // To tell or to delete of what is there, it has to be found.
            reads: may,
        })
    }

    /// The namespaces in which somebody may: all, if that was given for all.
    async fn may(&self, user: &Arc<User>, verb: Verb, places: &Places) -> Result<Tenants, Denied> {
        if self.is_allowed(user, verb, None).await? {
            return Ok(Tenants::All);
        }
        let mut names = (*self.names(places).await?).clone();
        if verb == Verb::Create || matches!(places, Places::All(_)) {
            // There it tells what names no namespace, and a list of what it may see has that even if it is nothing yet.
            names.extend(user.home.iter().map(|home| (**home).into()));
        }
        // In a review it would mean all of them.
        names.remove("");
        if names.len() > NAMESPACES {
            return Err(Denied::TooMany);
        }
        let asked = stream::iter(names).map(|name| async move {
            let allowed = self.is_allowed(user, verb, Some(&name)).await?;
            Ok::<_, Denied>(allowed.then_some(name))
        });
        let allowed: Vec<_> = asked.buffer_unordered(ABREAST).try_collect().await?;
        Ok(Tenants::Only(allowed.into_iter().flatten().collect()))
    }

    async fn names(&self, places: &Places) -> Result<Arc<BTreeSet<Box<str>>>, Denied> {
        let found = match places {
            Places::None => return Ok(Arc::default()),
            Places::Some(find) => find().await.map(Arc::new),
            Places::All(find) => {
                let found = async { find().await.map(Arc::new) };
                let found = self.namespaces.try_get_with((), found).await;
                found.map_err(|problem| (*problem).clone())
            }
        };
        found.map_err(|problem| {
            tracing::warn!("whose histories are meant cannot be looked up: {problem}");
            Denied::Unavailable
        })
    }

    async fn is_allowed(
        &self,
        user: &Arc<User>,
        verb: Verb,
        namespace: Option<&str>,
    ) -> Result<bool, Denied> {
        let question = (user.sum, verb, namespace.map(Into::into));
        let asked = self.ask.is_allowed(user, verb, namespace);
        let allowed = self.rights.try_get_with(question, asked).await;
        allowed.map_err(|_| Denied::Unavailable)
    }
}

fn cache<K, V>(holds: Duration) -> Cache<K, V>
where
    K: std::hash::Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder()
        .max_capacity(KEPT)
        .time_to_live(holds)
        .build()
}
