//! Files that are read again when they change: what cannot be used leaves what was used before. Does I/O.
//!
//! They are read every few seconds and compared. That is cheaper than it looks, for they are small, and it sees every
//! way in which a file changes: written, moved into place, or, as Kubernetes does with what it mounts, by a link far
//! above it that leads elsewhere.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::tokens::{Error, Tokens};

/// How often they are read.
const EVERY: Duration = Duration::from_secs(2);

/// Calls `changed` with what files hold whenever that is other than before, until the server stops. What it refuses, or
/// what cannot be read, is told to the log.
pub async fn follow(
    paths: Vec<PathBuf>,
    first: Vec<Vec<u8>>,
    stopping: CancellationToken,
    mut changed: impl FnMut(&[Vec<u8>]) -> Result<(), String> + Send,
) {
    let mut known = Some(first);
    while stopping
        .run_until_cancelled(tokio::time::sleep(EVERY))
        .await
        .is_some()
    {
        let files = paths.clone();
        let read = tokio::task::spawn_blocking(move || read_all(&files)).await;
        let read = match read {
            Ok(Ok(read)) => Some(read),
            Ok(Err(problem)) => {
                if known.is_some() {
                    tracing::error!("{problem}; what was read before stays in use");
                }
                None
            }
            Err(_) => continue,
        };
        if read == known {
            continue;
        }
        if let Some(read) = &read {
            match changed(read) {
                Ok(()) => tracing::info!("{} is read anew", shown(&paths)),
                Err(problem) => tracing::error!("{problem}; what was read before stays in use"),
            }
        }
        known = read;
    }
}

/// Reads files.
///
/// # Errors
///
/// A sentence that names the one that cannot be read.
pub(super) fn read_all(paths: &[PathBuf]) -> Result<Vec<Vec<u8>>, String> {
    let read = |path: &PathBuf| {
        std::fs::read(path).map_err(|error| format!("{} cannot be read: {error}", path.display()))
    };
    paths.iter().map(read).collect()
}

fn shown(paths: &[PathBuf]) -> String {
    let shown: Vec<_> = paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    shown.join(", ")
}

/// The tokens of a file, and what keeps them as the file is, to be run until the server stops. With `distinct`, two
/// tokens of one name are an error.
///
/// # Errors
///
/// If the file cannot be used now.
pub fn tokens(
    path: &Path,
    distinct: bool,
    stopping: CancellationToken,
) -> Result<
    (
        watch::Receiver<Arc<Tokens>>,
        impl Future<Output = ()> + Send + use<>,
    ),
    Error,
> {
    let path = path.to_owned();
    let first = std::fs::read(&path).map_err(|problem| Error::Unreadable {
        path: path.display().to_string(),
        problem,
    })?;
    let (sender, receiver) = watch::channel(Arc::new(Tokens::of(&path, &first)?));
    let follow = follow(vec![path.clone()], vec![first], stopping, move |read| {
        let bytes = read.first().map(Vec::as_slice).unwrap_or_default();
        let tokens = Tokens::of(&path, bytes).map_err(|error| error.to_string())?;
        if distinct && let Some(name) = tokens.name_of_two() {
            return Err(format!("two tokens are named {name:?}"));
        }
        sender.send_replace(Arc::new(tokens));
        Ok(())
    });
    Ok((receiver, follow))
}
