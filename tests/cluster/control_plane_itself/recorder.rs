//! The emitter is client-go's recorder. Does I/O.

use anyhow::Result;
use k8s_openapi::api::core::v1::Event;
use kube::Api;
use kube::api::{DeleteParams, ListParams};

use crate::control_plane::ControlPlane;
use crate::emitter::{Emitter, Telling};

#[tokio::test]
async fn thirty_repeats_of_the_emitter_are_one_event_with_count_30() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("repeats").await?;
    let events = Api::<Event>::namespaced(plane.client().await?, &namespace);
    let telling = Telling::about("Pod", &namespace, "web-0", "BackOff")
        .with("type", "Warning")
        .with("uid", "7ab1")
        .with("field-path", "spec.containers{main}");

    let told = plane.emit(&telling, 30).await?;

    assert_eq!(
        (told.created, told.patched, told.filtered, told.refused),
        (1, 29, 0, 0)
    );
    let list = events.list(&ListParams::default()).await?;
    assert_eq!(list.items.len(), 1);
    let event = &list.items[0];
    assert_eq!(event.count, Some(30));
    assert_eq!(
        event.involved_object.field_path.as_deref(),
        Some("spec.containers{main}")
    );
    assert_eq!(event.involved_object.uid.as_deref(), Some("7ab1"));
    Ok(())
}

#[tokio::test]
async fn the_emitters_recorder_goes_on_counting_when_its_event_is_deleted() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("recreated").await?;
    let events = Api::<Event>::namespaced(plane.client().await?, &namespace);
    let mut emitter = Emitter::start(
        plane,
        &Telling::about("Pod", &namespace, "web-0", "Killing"),
    )?;

    let before = emitter.tell(5).await?;
    let first = events.get(&before.name).await?;
    events
        .delete(&before.name, &DeleteParams::default())
        .await?;
    let after = emitter.tell(1).await?;

    assert_eq!((after.missing, after.created, after.count), (1, 1, 6));
    assert_eq!(after.name, before.name);
    let second = events.get(&after.name).await?;
    assert_ne!(first.metadata.uid, second.metadata.uid);
    assert_eq!(first.first_timestamp, second.first_timestamp);
    Ok(())
}

#[tokio::test]
async fn a_spam_filter_of_25_keeps_back_what_client_go_would() -> Result<()> {
    let Some(plane) = ControlPlane::shared().await else {
        return Ok(());
    };
    let namespace = plane.namespace("filtered").await?;
    let telling = Telling::about("Pod", &namespace, "web-0", "BackOff").with("burst", "25");
    let told = plane.emit(&telling, 28).await?;
    assert_eq!(
        (told.created, told.patched, told.filtered, told.count),
        (1, 24, 3, 25)
    );
    Ok(())
}
