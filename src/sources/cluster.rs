//! Which cluster it is. Does I/O.

use k8s_openapi::api::core::v1::Namespace;
use kube::core::PartialObjectMeta;
use kube::{Api, Client};

use super::watch::{Backoff, Pace, said};

/// The uid of namespace kube-system, which lives as long as its cluster. Asks until it is told.
pub(super) async fn uid(client: &Client, pace: &Pace) -> String {
    let namespaces: Api<Namespace> = Api::all(client.clone());
    let mut backoff = Backoff::new(pace);
    loop {
        let asked = tokio::time::timeout(pace.answer, namespaces.get_metadata("kube-system"));
        let problem = match asked.await {
            Ok(Ok(PartialObjectMeta { metadata, .. })) => match metadata.uid {
                Some(uid) => return uid,
                None => "it has no uid".to_owned(),
            },
            Ok(Err(error)) => said(&error),
            Err(_) => "no answer in time".to_owned(),
        };
        tracing::warn!(
            problem,
            "the cluster's id, the uid of namespace kube-system, cannot be read; it is asked again"
        );
        backoff.wait().await;
    }
}
