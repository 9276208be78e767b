//! Tells a recording to the very same sources, as fast as the store takes it. Does I/O: the file, and the store.

use std::collections::HashMap;
use std::sync::Arc;

use futures::future::join;

use super::line::What;
use super::{Error, RecordedClock, Recording};
use crate::ingest::Handle;
use crate::model::Time;
use crate::sources::Parking;
use crate::sources::delivery::{Delivery, Stopped};
use crate::sources::desk::Desk;
use crate::sources::reception::{Progress, Reception, Room};
use crate::sources::vigil::Vigil;
use crate::sources::watch::Change;
use crate::sources::watched::Watched;
use crate::telemetry::Metrics;

/// What was replayed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// How often sources began to work.
    pub starts: u64,
    /// Deliveries.
    pub deliveries: u64,
    /// States of objects in them.
    pub objects: u64,
    /// Of the first and the last line.
    pub span: Option<(Time, Time)>,
}

/// The sources since they began to work.
struct Running {
    room: Arc<Room>,
    receptions: HashMap<Watched, Reception>,
}

/// Replays a recording to its end, in the order and by the clock in which it was written. `clock` is that of `ingest`,
/// too. A last line that was cut off is left out: [`Recording::torn`].
///
/// # Errors
///
/// If the file cannot be read, is damaged, or the store takes nothing more.
pub async fn replay(
    recording: &mut Recording,
    ingest: &Handle,
    metrics: &Metrics,
    clock: &Arc<RecordedClock>,
) -> Result<Replayed, Error> {
    let mut done = Replayed::default();
    let mut running = None;
    let mut next = recording.next()?;
    while let Some((at, what)) = next {
        clock.set(at);
        let since = done.span.map_or(at, |(since, _)| since);
        done.span = Some((since, at));
        if let What::Started = what {
            done.starts += 1;
            running = Some(start(recording, ingest, metrics, clock));
            next = recording.next()?;
            continue;
        }
        let Some(now) = &mut running else {
            return Err(recording.damaged("something is told before sources have started"));
        };
        let told = match what {
            What::Told { kind, changes } => {
                done.deliveries += 1;
                done.objects += changes.iter().filter(|change| brings(change)).count() as u64;
                let Some(reception) = now.receptions.get_mut(&kind) else {
                    let problem = format!("the header does not name the kind {}", kind.label());
                    return Err(recording.damaged(problem));
                };
                // While the disk is waited for, the next line is read and parsed: but not before this is on its way.
                let (told, read) =
                    join(reception.take_at(changes, at), async { recording.next() }).await;
                next = read?;
                told
            }
            What::Ticked => {
                let told = now.room.tick_at(at).await;
                next = recording.next()?;
                told
            }
            What::Started | What::Interrupted { .. } | What::Ended => {
                next = recording.next()?;
                Ok(())
            }
        };
        told.map_err(|Stopped| Error::Stopped)?;
    }
    Ok(done)
}

fn brings(change: &Change) -> bool {
    matches!(change, Change::Applied(_) | Change::Deleted(_))
}

fn start(
    recording: &Recording,
    ingest: &Handle,
    metrics: &Metrics,
    clock: &Arc<RecordedClock>,
) -> Running {
    let header = recording.header();
    let progress = Progress::default();
    // Nobody waits for what was not watched at that time.
    let unknown = Watched::ALL
        .iter()
        .filter(|one| !header.kinds.contains(one));
    unknown.for_each(|one| progress.note(*one));
    let labs = header.nublado_user_label.as_deref();
    let room = Arc::new(Room::new(
        Desk::new(&header.cluster, Parking::default()).with_labs(labs),
        Delivery::new(ingest.clone(), metrics.clone()),
        metrics.clone(),
        clock.clone(),
        progress,
        None,
    ));
    let reception = |watched: &Watched| {
        let vigil = || Vigil::new(&header.cluster, header.event_ttl());
        let vigil = (*watched == Watched::Events).then(vigil);
        (*watched, Reception::new(*watched, room.clone(), vigil))
    };
    Running {
        receptions: header.kinds.iter().map(reception).collect(),
        room,
    }
}
