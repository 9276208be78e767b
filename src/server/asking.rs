//! What somebody asks to do, and with whose histories. Pure.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use futures::future::BoxFuture;

/// What is done, in Kubernetes' words: what a role gives on `executions/events` of dagtrail.dev.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Verb {
    /// Read what is named.
    Get,
    /// Read all that there is.
    List,
    /// Follow.
    Watch,
    /// Tell.
    Create,
    /// Delete.
    Delete,
}

impl Verb {
    /// As roles write it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::List => "list",
            Self::Watch => "watch",
            Self::Create => "create",
            Self::Delete => "delete",
        }
    }

    /// Whether the history is another one after it.
    #[must_use]
    pub const fn changes(self) -> bool {
        matches!(self, Self::Create | Self::Delete)
    }
}

/// Names of namespaces; the sentence says why they cannot be told.
pub type Found = Result<BTreeSet<Box<str>>, String>;

/// Whose histories a request is about: looked up only where that has to be asked for each.
#[derive(Clone)]
pub enum Places {
    /// Of whatever the history has: the same for everybody who asks at this moment.
    All(Arc<dyn Fn() -> BoxFuture<'static, Found> + Send + Sync>),
    /// Of what the request names.
    Some(Arc<dyn Fn() -> BoxFuture<'static, Found> + Send + Sync>),
    /// Of nobody.
    None,
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::All(_) => "All",
            Self::Some(_) => "Some",
            Self::None => "None",
        })
    }
}

/// What somebody asks to do. Without a verb: nothing, but to be known.
#[derive(Clone, Debug)]
pub struct Asking {
    /// What is to be done.
    pub verb: Option<Verb>,
    /// With whose histories.
    pub places: Places,
}

impl Asking {
    /// What needs no right: who is known may have it.
    #[must_use]
    pub const fn to_be_known() -> Self {
        Self {
            verb: None,
            places: Places::None,
        }
    }
}
