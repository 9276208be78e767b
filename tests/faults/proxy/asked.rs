//! What dagtrail has asked. Pure, but for the time.

use std::time::Instant;

use hyper::{Method, Request};

/// What kind of request it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// A page of a list.
    List,
    Watch,
    /// Anything else: the Lease, the cluster's id, a status.
    Other,
}

/// One request.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) at: Instant,
    pub(super) of: Of,
    path: String,
    query: String,
}

/// Below these everything is listed and watched.
const WATCHED: [&str; 5] = ["/events", "/pods", "/jobs", "/executions", "/workflows"];

impl Asked {
    pub(super) fn of<B>(request: &Request<B>) -> Self {
        let path = request.uri().path().to_owned();
        let query = request.uri().query().unwrap_or_default().to_owned();
        let collection = WATCHED.iter().any(|end| path.ends_with(end));
        let of = if !collection || request.method() != Method::GET {
            Of::Other
        } else if query.contains("watch=") {
            Of::Watch
        } else {
            Of::List
        };
        Self {
            at: Instant::now(),
            of,
            path,
            query,
        }
    }

    /// The kind that it lists or watches, in the plural.
    pub(super) fn plural(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    pub(crate) fn is_watch(&self) -> bool {
        self.of == Of::Watch
    }

    pub(crate) fn is_of_leases(&self) -> bool {
        self.path.starts_with("/apis/coordination.k8s.io/")
    }

    pub(crate) fn is_of_status(&self) -> bool {
        self.path.ends_with("/status")
    }

    /// Whether watches of this are closed in silence.
    pub(super) fn is_silenced(&self) -> bool {
        self.is_of_events() || self.is_of_executions()
    }

    pub(crate) fn is_of_executions(&self) -> bool {
        self.path == "/apis/dagtrail.dev/v1alpha1/executions"
    }

    pub(crate) fn is_of_events(&self) -> bool {
        self.path == "/api/v1/events"
    }

    /// The first page of a list, or a list of one page.
    pub(crate) fn begins_list(&self) -> bool {
        self.of == Of::List && !self.goes_on()
    }

    /// A further page of a list.
    pub(super) fn goes_on(&self) -> bool {
        self.query.contains("continue=")
    }
}
