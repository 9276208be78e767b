//! `dagtrail serve`: flags over environment over file over defaults; of the file some can change. Does I/O.

mod file;
mod flags;
mod reload;
mod settings;
#[cfg(test)]
mod tests;
mod values;

use std::path::Path;

pub(super) use self::flags::Args;
use self::reload::Reload;
pub(super) use self::settings::DATA_DIR;
pub(super) use self::values::{Format, Lasting};
use crate::app::{self, App};
use crate::telemetry;

/// Whether a file of settings would be taken.
pub(super) fn check(path: &Path) -> anyhow::Result<()> {
    let args = Args {
        config: Some(path.to_owned()),
        ..Args::default()
    };
    args.settings().map(|_| ())
}

pub(super) fn run(args: Args) -> anyhow::Result<()> {
    let reload = Reload::of(&args)?;
    // Once: what is followed is what was read here.
    let args = reload.as_ref().map_or(args, Reload::args);
    let (settings, telling) = args.settings()?;
    app::block_on(async move {
        let telling = telemetry::start(&telling)?;
        let app = App::start(settings).await?;
        eprintln!(
            "dagtrail listens on {}, history in {}",
            app.url(),
            app.store_place()
        );
        eprintln!("  the page: {}/", app.url());
        eprintln!("  curl -s {}/v1/executions", app.url());
        if let Some(reload) = reload {
            app.spawn(reload.follow(&app, telling.logs()));
        }
        let ended = app.run_until_signal().await;
        telling.finish().await;
        ended
    })
}
