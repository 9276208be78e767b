//! What the aggregated roles let people do with histories. Does I/O.

use anyhow::{Context, Result};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use kube::Api;
use kube::api::PostParams;

use super::{apply, rendered};
use crate::control_plane::{ControlPlane, until};

const VERBS: [&str; 5] = ["get", "list", "watch", "create", "delete"];

/// What a user may do with `executions/events` of a namespace.
async fn may(plane: &ControlPlane, user: &str, namespace: &str) -> Result<Vec<&'static str>> {
    let reviews: Api<SubjectAccessReview> = Api::all(plane.client().await?);
    let mut may = Vec::new();
    for verb in VERBS {
        let review = SubjectAccessReview {
            spec: SubjectAccessReviewSpec {
                user: Some(user.to_owned()),
                resource_attributes: Some(ResourceAttributes {
                    group: Some("dagtrail.dev".to_owned()),
                    resource: Some("executions".to_owned()),
                    subresource: Some("events".to_owned()),
                    verb: Some(verb.to_owned()),
                    namespace: Some(namespace.to_owned()),
                    ..ResourceAttributes::default()
                }),
                ..SubjectAccessReviewSpec::default()
            },
            ..SubjectAccessReview::default()
        };
        let reviewed = reviews.create(&PostParams::default(), &review).await?;
        if reviewed.status.context("it is reviewed")?.allowed {
            may.push(verb);
        }
    }
    Ok(may)
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_view_edit_or_administer_a_namespace_reads_writes_or_deletes_its_histories()
-> Result<()> {
    let Some(plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let (here, elsewhere) = (
        plane.namespace("here").await?,
        plane.namespace("elsewhere").await?,
    );
    let only = ["--show-only", "templates/userroles.yaml"];
    apply(&plane, &rendered(&plane, &here, &only).await?).await?;
    for (role, expected) in [
        ("view", &VERBS[..3]),
        ("edit", &VERBS[..4]),
        ("admin", &VERBS[..]),
    ] {
        let user = format!("{role}er");
        let (role, to) = (format!("--clusterrole={role}"), format!("--user={user}"));
        let bind = ["create", "rolebinding", &user, &role, &to, "-n", &here];
        plane.kubectl(&bind).await?;
        // The controller that joins the roles takes a moment.
        let mut seen = Vec::new();
        let joined = until(&user, async || {
            seen = may(&plane, &user, &here).await?;
            Ok(seen == expected)
        });
        joined.await.with_context(|| format!("{seen:?}"))?;
        assert!(may(&plane, &user, &elsewhere).await?.is_empty(), "{user}");
    }
    Ok(())
}
