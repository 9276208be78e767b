//! The state as somebody may use it. Pure.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;

use super::state::{State, Tools};
use crate::server::{Admitted, Grant};

/// What a route works with for who asks it: reads see, and writes reach, what the credentials allow. A route that takes
/// this stands behind [`guarded`](super::router::guarded).
pub(super) struct Asked(pub(super) State);

impl FromRequestParts<State> for Asked {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Self, StatusCode> {
        match parts.extensions.get::<Admitted>() {
            Some(Admitted(admission)) => {
                let grant = admission.grant();
                Ok(Self(state.for_grant(grant.map(Arc::as_ref))))
            }
            None => {
                tracing::error!("{} is not guarded, so nobody may ask it", parts.uri.path());
                Err(StatusCode::INTERNAL_SERVER_ERROR)
            }
        }
    }
}

impl State {
    /// The state as somebody may use it; without a grant, everything.
    pub(super) fn for_grant(&self, grant: Option<&Grant>) -> Self {
        let Some(grant) = grant else {
            return self.clone();
        };
        let mut tools = Tools::clone(self);
        tools.reader = tools.reader.within(grant.reads.clone());
        tools.ingest = (tools.ingest).within(grant.writes.clone(), grant.deletes.clone());
        if let Some(home) = &grant.home {
            tools.tenant = Arc::clone(home);
        }
        tools.into()
    }
}
