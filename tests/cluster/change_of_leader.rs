//! One process leads, and says in time that it no longer does. Does I/O.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use dagtrail::controller::Leadership;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::control_plane::ControlPlane;
use crate::installation;

/// Longer than a Lease lasts, with what a busy machine adds.
const A_LEASE: Duration = Duration::from_secs(40);

#[tokio::test(flavor = "multi_thread")]
async fn one_leads_until_it_ends_or_cannot_renew() -> Result<()> {
    let Some(mut plane) = ControlPlane::own().await else {
        return Ok(());
    };
    let client = installation::client(&plane).await?;
    let tracker = TaskTracker::new();
    let first_token = CancellationToken::new();
    let mut first = Leadership::seek(&client, &tracker, first_token.clone());
    ensure!(timeout(A_LEASE, first.held()).await?, "the first leads");

    let second_token = CancellationToken::new();
    let mut second = Leadership::seek(&client, &tracker, second_token.clone());
    let both = timeout(Duration::from_secs(20), second.held()).await;
    ensure!(both.is_err(), "the second waits while the first renews");
    let renews = timeout(Duration::from_millis(10), first.held()).await?;
    ensure!(renews, "the first still leads");
    let fenced = first.fence(&client);
    fenced.apiserver_version().await?;

    // Out of reach of the API server nobody can renew: lost before another could take it.
    plane.stop_apiserver()?;
    let begin = Instant::now();
    timeout(A_LEASE, first.lost()).await.context("not lost")?;
    ensure!(begin.elapsed() < Duration::from_secs(16), "lost too late");
    let refused = fenced
        .apiserver_version()
        .await
        .map_err(|error| error.to_string());
    let refused = refused.err().context("it was sent")?;
    ensure!(refused.contains("does not hold the Lease"), "{refused}");
    plane.start_apiserver().await?;

    // Then one of them leads again, and when both were to end, the other.
    let mut terms = 0;
    let (mut old, new) = tokio::select! {
        held = timeout(A_LEASE, first.held()) => { ensure!(held?); ((first, first_token), (second, second_token)) }
        held = timeout(A_LEASE, second.held()) => { ensure!(held?); ((second, second_token), (first, first_token)) }
    };
    let (new_leads, new_token) = new;
    old.1.cancel();
    timeout(A_LEASE, old.0.lost())
        .await
        .context("not released")?;
    ensure!(!old.0.held().await, "who has ended does not lead again");
    let each = new_leads.each_term(&new_token, |term| {
        terms += 1;
        new_token.cancel();
        async move { term.cancelled().await }
    });
    timeout(A_LEASE, each).await.context("not taken over")?;
    assert_eq!(terms, 1);

    tracker.close();
    timeout(A_LEASE, tracker.wait())
        .await
        .context("it does not end")?;
    let args = [
        "--namespace=dagtrail-system",
        "get",
        "lease",
        "dagtrail",
        "-o",
        "jsonpath={.spec.holderIdentity}",
    ];
    assert_eq!(plane.kubectl(&args).await?, "", "the Lease is released");
    Ok(())
}
