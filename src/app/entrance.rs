//! Who is let in, how connections are encrypted, and what keeps both as their files are. Does I/O.

use std::sync::Arc;

use anyhow::{Context, anyhow};
use futures::future::{BoxFuture, FutureExt};
use tokio_util::sync::CancellationToken;

use super::Settings;
use crate::model::Clock;
use crate::server::{Access, Gate, Reviewer, Signer, Tls, listener, tokens_of_file};
use crate::telemetry::Metrics;

/// The way in.
pub(super) struct Entrance {
    pub(super) access: Access,
    pub(super) tls: Option<Tls>,
    /// To be run until the server stops.
    pub(super) follow: Vec<BoxFuture<'static, ()>>,
}

impl Entrance {
    /// Reads what the settings name, and refuses to be open where others come.
    pub(super) async fn open(
        settings: &Settings,
        clock: &Arc<dyn Clock>,
        metrics: &Metrics,
        stopping: &CancellationToken,
    ) -> anyhow::Result<Self> {
        let mut follow = Vec::new();
        let mut access = Access::open()
            .behind(settings.trusted_proxies.clone())
            .limited(Gate::new(settings.limits, metrics.clone()));
        if let Some(path) = &settings.token_file {
            let distinct = settings.genomcore_key_file.is_some();
            let (tokens, kept) = tokens_of_file(path, distinct, stopping.clone())?;
            access = access.and_tokens(tokens);
            follow.push(kept.boxed());
        }
        access = renewing(access, settings, clock)?;
        if settings.auth_kubernetes {
            let client = super::cluster::client().await.context(
                "--auth-kubernetes, and there is no usable kubeconfig or ServiceAccount",
            )?;
            let audiences = settings.audiences.clone();
            access = access.and_reviewed(Reviewer::new(client, audiences, metrics.clone()));
        }
        let is_asked = settings.insecure_no_auth || !access.is_open();
        listener::check_exposure(settings.listen, is_asked).map_err(|problem| anyhow!(problem))?;
        let tls = match &settings.tls {
            None => None,
            Some((certificate, key)) => {
                let (tls, kept) = Tls::read(certificate, key, stopping.clone())?;
                follow.push(kept.boxed());
                Some(tls)
            }
        };
        Ok(Self {
            access,
            tls,
            follow,
        })
    }
}

/// The same, and signs short-lived tokens, if there is a key for that.
fn renewing(access: Access, settings: &Settings, clock: &Arc<dyn Clock>) -> anyhow::Result<Access> {
    let Some(path) = &settings.genomcore_key_file else {
        return Ok(access);
    };
    if access.is_open() {
        return Err(anyhow!(
            "--genomcore-key-file needs --token-file: a token is renewed for who is in it"
        ));
    }
    let signer = Signer::read(path, clock.clone())?;
    access.signing(signer).map_err(|name| {
        anyhow!(
            "two tokens are named {name:?}: with --genomcore-key-file each needs a name of its own"
        )
    })
}
