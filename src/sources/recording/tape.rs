//! Writes a recording while it happens. Does I/O: the file.

use std::fs::{File as Opened, OpenOptions, TryLockError};
use std::io::{self, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use tokio::fs::File;
use tokio::io::AsyncWriteExt;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;

use super::line::{self, Header, What};
use super::{Error, Recording};
use crate::model::Time;
use crate::sources::delivery::Stopped;

/// Where deliveries are written; clones write to the same file.
#[derive(Clone, Debug)]
pub struct Tape {
    file: Arc<str>,
    state: Arc<Mutex<State>>,
    failed: CancellationToken,
}

#[derive(Debug)]
struct State {
    /// `None` when nothing more is written.
    to: Option<File>,
    /// Of a recording that is continued, or that has begun.
    header: Option<Header>,
    error: Option<Error>,
}

/// While somebody has it, nobody else takes in anything.
#[derive(Debug)]
pub(in crate::sources) struct Turn {
    state: OwnedMutexGuard<State>,
    tape: Tape,
}

impl Tape {
    /// Begins a file that is not there yet, or is empty. It is readable to its owner only: it holds objects as they are.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, another process writes it, or there is something in it.
    pub fn begin(path: &Path) -> Result<Self, Error> {
        Self::open(path, None)
    }

    /// Goes on behind the last whole line of a recording that was read to its end.
    ///
    /// # Errors
    ///
    /// If it cannot be opened, or another process writes it.
    pub fn go_on(path: &Path, after: &Recording) -> Result<Self, Error> {
        Self::open(path, Some(after))
    }

    fn open(path: &Path, after: Option<&Recording>) -> Result<Self, Error> {
        let file: Arc<str> = path.display().to_string().into();
        let failed = |error| failed(&file, "opened", error);
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false).mode(0o600);
        let mut opened = options.open(path).map_err(failed)?;
        match opened.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Error::Locked(file.to_string())),
            Err(TryLockError::Error(error)) => return Err(failed(error)),
        }
        let (there, wanted) = (
            length(&opened).map_err(failed)?,
            after.map(Recording::bytes),
        );
        if wanted.is_none() && there > 0 {
            let error = io::Error::other("there is something in it already");
            return Err(failed(error));
        }
        opened.set_len(wanted.unwrap_or_default()).map_err(failed)?;
        opened.seek(SeekFrom::End(0)).map_err(failed)?;
        Ok(Self {
            file,
            state: Arc::new(Mutex::new(State {
                to: Some(File::from_std(opened)),
                header: after.map(|recording| recording.header().clone()),
                error: None,
            })),
            failed: CancellationToken::new(),
        })
    }

    /// Sources begin to work.
    pub(in crate::sources) async fn started(
        &self,
        header: Header,
        now: Time,
    ) -> Result<(), Stopped> {
        let mut turn = self.turn().await;
        match &turn.state.header {
            Some(before) => {
                if let Err(error) = self.same(before, &header) {
                    return Err(turn.fail(error));
                }
            }
            None => turn.bytes(&line::write_header(&header)).await?,
        }
        turn.state.header = Some(header);
        turn.write::<()>(now, What::Started).await
    }

    fn same(&self, before: &Header, header: &Header) -> Result<(), Error> {
        let differ = |what, recorded: &dyn ToString, now: &dyn ToString| {
            Err(Error::Other {
                file: self.file.to_string(),
                what,
                recorded: recorded.to_string(),
                now: now.to_string(),
            })
        };
        if before.cluster != header.cluster {
            return differ("cluster", &before.cluster, &header.cluster);
        }
        if before.event_ttl() != header.event_ttl() {
            let show = |header: &Header| format!("{:?}", header.event_ttl());
            return differ("an Event TTL of", &show(before), &show(header));
        }
        Ok(())
    }

    /// Waits until nobody else takes in anything. Never comes once the tape is closed.
    pub(in crate::sources) async fn turn(&self) -> Turn {
        let state = self.state.clone().lock_owned().await;
        if state.to.is_none() && state.error.is_none() {
            drop(state);
            return std::future::pending().await;
        }
        Turn {
            state,
            tape: self.clone(),
        }
    }

    /// Ends when nothing can be written any more; [`Tape::close`] says why.
    pub async fn failed(&self) {
        self.failed.cancelled().await;
    }

    /// Waits until what is being taken in is taken in, and takes no more. What was written is then on disk.
    ///
    /// # Errors
    ///
    /// What has failed, now or before.
    pub async fn close(&self, now: Time) -> Result<(), Error> {
        let mut turn = self.turn().await;
        // It may have ended before it had begun.
        if turn.state.header.is_some() && turn.state.error.is_none() {
            // What fails here is told below.
            let _ = turn.write::<()>(now, What::Ended).await;
        }
        if let Some(error) = turn.state.error.take() {
            return Err(error);
        }
        let Some(to) = turn.state.to.take() else {
            return Ok(());
        };
        let synced = to.sync_all().await;
        synced.map_err(|error| failed(&self.file, "written", error))
    }
}

impl Turn {
    /// Writes a line. It is with the system when this returns, so that it outlives the process.
    pub(in crate::sources) async fn write<C: Serialize>(
        &mut self,
        at: Time,
        what: What<C>,
    ) -> Result<(), Stopped> {
        self.bytes(&line::write(at, what)).await
    }

    async fn bytes(&mut self, bytes: &[u8]) -> Result<(), Stopped> {
        let Some(to) = &mut self.state.to else {
            return Err(Stopped);
        };
        let written = async {
            to.write_all(bytes).await?;
            to.flush().await
        };
        let written = written.await;
        written.map_err(|error| {
            let error = failed(&self.tape.file, "written", error);
            self.fail(error)
        })
    }

    fn fail(&mut self, error: Error) -> Stopped {
        tracing::error!(%error, "the recording has failed");
        self.state.to = None;
        self.state.error = Some(error);
        self.tape.failed.cancel();
        Stopped
    }
}

fn length(file: &Opened) -> io::Result<u64> {
    Ok(file.metadata()?.len())
}

fn failed(file: &str, what: &'static str, error: io::Error) -> Error {
    Error::File {
        file: file.to_owned(),
        what,
        error,
    }
}
