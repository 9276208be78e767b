//! The two questions, put to the API server. Does I/O.

use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, TokenReviewStatus};
use k8s_openapi::api::authorization::v1::{
    ResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use kube::Api;
use kube::api::PostParams;
use tokio::sync::Semaphore;

use super::{Audiences, User};
use crate::server::asking::Verb;
use crate::telemetry::{Labelled, Metrics};

/// What roles name.
const GROUP: &str = "dagtrail.dev";
const RESOURCE: &str = "executions";
const SUBRESOURCE: &str = "events";
/// Questions that are open at a time.
const OPEN: usize = 64;
/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(5);
/// What the names of ServiceAccounts begin with: their namespace comes next.
const SERVICE_ACCOUNT: &str = "system:serviceaccount:";

/// The API server did not answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unanswered {
    #[error("no answer within {PATIENCE:?}")]
    Late,
    #[error("{0}")]
    Failed(#[from] kube::Error),
}

pub(super) struct Ask {
    tokens: Api<TokenReview>,
    accesses: Api<SubjectAccessReview>,
    audiences: Audiences,
    room: Semaphore,
    metrics: Metrics,
}

impl Ask {
    pub(super) fn new(client: kube::Client, audiences: Audiences, metrics: Metrics) -> Self {
        Self {
            tokens: Api::all(client.clone()),
            accesses: Api::all(client),
            audiences,
            room: Semaphore::new(OPEN),
            metrics,
        }
    }

    /// Whose token it is.
    pub(super) async fn user(
        &self,
        sum: [u8; 32],
        token: &str,
    ) -> Result<Option<Arc<User>>, Unanswered> {
        let names = &self.audiences.names;
        let mut found = None;
        if !names.is_empty() {
            let status = self.review(token, Some(names.clone())).await?;
            // One that knows of no audiences says nothing of them, and lets every token pass.
            let told = status.audiences.iter().flatten();
            let mut meant = told.filter(|audience| names.contains(audience));
            found = (status.authenticated == Some(true) && meant.next().is_some())
                .then_some(status.user)
                .flatten();
        }
        if found.is_none() && self.audiences.api_server {
            let status = self.review(token, None).await?;
            found = (status.authenticated == Some(true))
                .then_some(status.user)
                .flatten();
        }
        Ok(found.and_then(|user| {
            let name: Arc<str> = user.username.filter(|name| !name.is_empty())?.into();
            let account = name.strip_prefix(SERVICE_ACCOUNT);
            let home = account.and_then(|account| account.split_once(':'));
            Some(Arc::new(User {
                sum,
                home: home.map(|(namespace, _)| namespace.into()),
                name,
                uid: user.uid,
                groups: user.groups,
                extra: user.extra,
            }))
        }))
    }

    async fn review(
        &self,
        token: &str,
        audiences: Option<Vec<String>>,
    ) -> Result<TokenReviewStatus, Unanswered> {
        let review = TokenReview {
            spec: TokenReviewSpec {
                token: Some(token.to_owned()),
                audiences,
            },
            ..TokenReview::default()
        };
        let post = PostParams::default();
        let asked = self.tokens.create(&post, &review);
        let answer = self.asked("token", asked).await?;
        Ok(answer.status.unwrap_or_default())
    }

    /// Whether somebody may, in a namespace or in all of them.
    pub(super) async fn is_allowed(
        &self,
        user: &User,
        verb: Verb,
        namespace: Option<&str>,
    ) -> Result<bool, Unanswered> {
        let review = SubjectAccessReview {
            spec: SubjectAccessReviewSpec {
                user: Some(user.name.to_string()),
                uid: user.uid.clone(),
                groups: user.groups.clone(),
                extra: user.extra.clone(),
                resource_attributes: Some(ResourceAttributes {
                    group: Some(GROUP.to_owned()),
                    resource: Some(RESOURCE.to_owned()),
                    subresource: Some(SUBRESOURCE.to_owned()),
                    verb: Some(verb.as_str().to_owned()),
                    namespace: namespace.map(str::to_owned),
                    ..ResourceAttributes::default()
                }),
                ..SubjectAccessReviewSpec::default()
            },
            ..SubjectAccessReview::default()
        };
        let post = PostParams::default();
        let asked = self.accesses.create(&post, &review);
        let status = self.asked("access", asked).await?.status;
        Ok(status.is_some_and(|status| status.allowed && status.denied != Some(true)))
    }

    async fn asked<T>(
        &self,
        of: &'static str,
        question: impl Future<Output = kube::Result<T>>,
    ) -> Result<T, Unanswered> {
        // The semaphore is never closed.
        let asked = async {
            let _room = self.room.acquire().await.ok();
            self.metrics.reviews.get_or_create(&Labelled { of }).inc();
            question.await
        };
        let answer = match tokio::time::timeout(PATIENCE, asked).await {
            Ok(answer) => answer.map_err(Unanswered::Failed),
            Err(_) => Err(Unanswered::Late),
        };
        answer.inspect_err(|error| {
            let of = "failed";
            self.metrics.reviews.get_or_create(&Labelled { of }).inc();
            let forbidden = matches!(error, Unanswered::Failed(kube::Error::Api(status)) if status.code == 403);
            let hint = if forbidden {
                ": dagtrail's ServiceAccount needs create on tokenreviews and subjectaccessreviews"
            } else {
                ""
            };
            tracing::warn!("the API server cannot be asked who somebody is or what they may, so they are refused: {error}{hint}");
        })
    }
}
