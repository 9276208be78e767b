//! `dagtrail demo`: serve, and three executions that a seeded generator plays. Does I/O.

mod once;
mod script;

use std::sync::Arc;
use std::time::Duration;

use self::script::{Scene, script};
use super::serve;
use super::show::LooksArgs;
use crate::app::{self, App};
use crate::ingest;
use crate::model::{Clock, Time};
use crate::telemetry;

/// Between two signs of life of the execution that goes on.
const HEARTBEAT: Duration = Duration::from_secs(2);

/// The flags of `serve`, and the seed.
#[derive(Clone, Debug, clap::Args)]
pub(super) struct DemoArgs {
    #[command(flatten)]
    serve: serve::Args,
    /// Equal seeds play equal executions
    #[arg(long, default_value_t = 7)]
    seed: u64,
    /// Play them in no time, show the history of the one that failed, and end; nothing is kept
    #[arg(long)]
    once: bool,
    #[command(flatten)]
    looks: LooksArgs,
}

pub(super) fn run(args: DemoArgs) -> anyhow::Result<()> {
    let (settings, telling) = args.serve.alone()?.settings()?;
    if args.once {
        return once::run(settings, args.seed, args.looks.looks());
    }
    app::block_on(async move {
        let telling = telemetry::start(&telling)?;
        let app = App::start(settings).await?;
        let (start, address) = (app.clock().now(), app.address());
        let scenes = script(args.seed, start);
        eprintln!(
            "dagtrail demo on http://{address}, history in {}; three executions are played:",
            app.store_place()
        );
        eprintln!("  the page:     http://{address}/");
        for scene in &scenes {
            eprintln!(
                "  {:<12} {:<28} http://{address}/v1/executions/{}/events",
                scene.name, scene.what, scene.id
            );
        }
        let live = scenes
            .last()
            .map(|scene| scene.id.clone())
            .unwrap_or_default();
        eprintln!("follow the one that goes on:");
        eprintln!(
            "  curl -N -H 'Accept: text/event-stream' http://{address}/v1/executions/{live}/events"
        );
        for scene in scenes {
            app.spawn(play(scene, app.ingest(), app.clock(), start));
        }
        let ended = app.run_until_signal().await;
        telling.finish().await;
        ended
    })
}

/// Tells each line of a scene when its time has come.
async fn play(scene: Scene, ingest: ingest::Handle, clock: Arc<dyn Clock>, start: Time) {
    let mut told = scene.lines.clone();
    told.sort_by_key(|line| line.at);
    for line in told {
        let due = start.after(line.at);
        tokio::time::sleep(due.since(clock.now())).await;
        submit(&ingest, scene.tell(&line, due)).await;
    }
    if !scene.goes_on {
        return;
    }
    for beats in 1.. {
        tokio::time::sleep(HEARTBEAT).await;
        submit(&ingest, scene.beat(beats, clock.now())).await;
    }
}

async fn submit(ingest: &ingest::Handle, observations: Vec<crate::model::Observation>) {
    if let Err(error) = ingest.submit(observations).await {
        tracing::warn!(%error, "the demo could not write");
    }
}
