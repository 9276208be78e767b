//! The thread that checkpoints: when the fold is full, every now and then, and when nothing is written any more. Does
//! I/O.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, SyncSender};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::rest::{Found, Looks};
use super::start::Inner;
use crate::store::Error;

/// Between two looks at whether anything is written at all.
const LOOK: Duration = Duration::from_secs(5);
/// Between two turns of which somebody has said that they are needed at once.
const HURRY: Duration = Duration::from_millis(100);

/// A handle on the thread; it ends with the handle.
#[derive(Debug)]
pub(super) struct Worker {
    running: Mutex<Option<(SyncSender<()>, JoinHandle<()>)>>,
    hurried: Arc<AtomicBool>,
}

impl Worker {
    /// Without a time there is no thread.
    pub(super) fn start(inner: Arc<Inner>, every: Option<Duration>) -> io::Result<Self> {
        let Some(wait) = every else {
            return Ok(Self {
                running: Mutex::new(None),
                hurried: Arc::default(),
            });
        };
        let (sender, wakes) = mpsc::sync_channel(1);
        let hurried = Arc::<AtomicBool>::default();
        let hurry = hurried.clone();
        let run = move || {
            let look = wait.min(LOOK);
            let (mut looks, mut last) = (Looks::default(), Instant::now());
            loop {
                let woken = match wakes.recv_timeout(look) {
                    Err(RecvTimeoutError::Disconnected) => return,
                    Ok(()) => true,
                    Err(RecvTimeoutError::Timeout) => false,
                };
                let found = inner.look(&mut looks);
                if found == Found::AtRest {
                    inner.let_go_again();
                }
                let hurried = hurry.swap(false, Ordering::Relaxed);
                let due = last.elapsed() >= wait;
                if !woken && !due && found != Found::Quiet {
                    continue;
                }
                last = Instant::now();
                let mut done = inner.checkpoint();
                if !woken {
                    done = done.and_then(|()| inner.let_go(&mut looks, found));
                }
                if hurried {
                    done = done.and_then(|()| inner.empty_buffers());
                }
                if hurried || due {
                    done = done.and_then(|()| inner.give_back());
                }
                match done {
                    Ok(()) => {}
                    // That is said once, by who looks how much there is, and not at each try.
                    Err(error @ Error::Full { .. }) => {
                        tracing::debug!(%error, "no checkpoint on a full disk");
                    }
                    Err(error) => tracing::warn!(%error, "checkpoint failed, it is tried again"),
                }
                if hurried {
                    // Whoever is refused asks again and again.
                    std::thread::sleep(HURRY);
                }
            }
        };
        let thread = std::thread::Builder::new()
            .name("checkpoint".into())
            .spawn(run)?;
        Ok(Self {
            running: Mutex::new(Some((sender, thread))),
            hurried,
        })
    }

    /// Asks for a checkpoint soon.
    pub(super) fn wake(&self) {
        if let Some((sender, _)) = &*self.running.lock() {
            // Full: it is woken already.
            let _ = sender.try_send(());
        }
    }

    /// Asks for a checkpoint soon, and for all the room on the disk that can be had.
    pub(super) fn hurry(&self) {
        self.hurried.store(true, Ordering::Relaxed);
        self.wake();
    }

    /// Waits until the thread has ended.
    pub(super) fn stop(&self) {
        let running = self.running.lock().take();
        if let Some((sender, thread)) = running {
            drop(sender);
            if thread.join().is_err() {
                tracing::error!("the checkpoint thread has panicked");
            }
        }
    }
}

impl Drop for Worker {
    fn drop(&mut self) {
        self.stop();
    }
}
