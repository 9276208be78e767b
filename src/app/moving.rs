//! Work on the history of a folder that nobody serves. Does I/O through the store.

use std::path::Path;

use anyhow::{Context, ensure};

use super::history;
use crate::store::{self, Store};

/// Opens the history in a folder, does something with it where waiting harms nobody, and closes it. Unless one may be
/// `made`, it must be there.
///
/// # Errors
///
/// A sentence: there is none, it does not open; else those of the work.
pub async fn with_history<T: Send + 'static>(
    folder: &Path,
    made: bool,
    work: impl FnOnce(&dyn Store) -> anyhow::Result<T> + Send + 'static,
) -> anyhow::Result<T> {
    ensure!(
        made || folder.is_dir(),
        "there is no history in {}: the folder does not exist",
        folder.display()
    );
    let opened = history::open(&folder.display().to_string()).await;
    let store = opened.map_err(|error| {
        if matches!(error.downcast_ref(), Some(store::Error::Locked(_))) {
            error.context("ask the dagtrail that serves it, with --server")
        } else {
            error
        }
    })?;
    let working = store.clone();
    let done = tokio::task::spawn_blocking(move || work(&*working)).await;
    history::close(store).await?;
    done.context("a defect of dagtrail")?
}

/// What a folder was written in, and what this dagtrail reads and writes; `None` if there is no history in it.
///
/// # Errors
///
/// If the folder cannot be read, or somebody has it open.
pub async fn formats(folder: &Path) -> anyhow::Result<Option<store::Formats>> {
    let folder = folder.to_owned();
    Ok(tokio::task::spawn_blocking(move || store::formats(&folder)).await??)
}
