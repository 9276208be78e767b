//! `dagtrail demo --once`: the executions are played in no time, the one that failed is shown, and all is over. Does I/O.

use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use anyhow::Context;

use super::script::{Scene, script};
use crate::app::{self, App, Settings};
use crate::cli::client::{Base, Client, Connector};
use crate::cli::out;
use crate::cli::show::{Looks, Printer};

/// Tells it all with the times that it would have had, asks for it as any client does, and prints it.
pub(super) fn run(mut settings: Settings, seed: u64, looks: Looks) -> anyhow::Result<()> {
    settings.listen = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
    settings.store = "memory:".into();
    app::block_on(async move {
        let app = App::start(settings).await?;
        let now = app.clock().now();
        // It ends now.
        let longest = script(seed, now).iter().filter_map(Scene::ends).max();
        let start = now.before(longest.unwrap_or_default());
        let scenes = script(seed, start);
        for scene in &scenes {
            for line in &scene.lines {
                let told = scene.tell(line, start.after(line.at));
                app.ingest().submit(told).await?;
            }
        }
        let base = Base::parse(&format!("http://{}", app.address()))?;
        let client = Client::new(Connector::direct(&base, None)?, base, None)?;
        for scene in &scenes {
            out::say(&format!("{:<12} {}", scene.name, scene.what));
        }
        let failed = scenes
            .iter()
            .find(|scene| scene.fails)
            .context("one of the demo's executions fails")?;
        out::say(&format!("\n$ dagtrail get events demo/dag/{}", failed.name));
        let query = vec![("lang", looks.lang.to_string())];
        let rows = client.history(&failed.id, &query).await?.rows;
        Printer::new(looks, io::stdout().lock()).print(&rows)?;
        app.stop().await
    })
}
