//! One watch, from its opening to its close. Does I/O.

use futures::{AsyncBufRead, AsyncBufReadExt, FutureExt};
use kube::api::WatchParams;
use kube::core::Request;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Change, End, Sink, Watcher, version_of};

/// Changes that are delivered together, if so many have come.
const TOGETHER: usize = 500;

/// One line of a watch.
#[derive(Debug, Deserialize)]
struct Line {
    r#type: Box<str>,
    object: Box<RawValue>,
}

/// The object of a line of type ERROR: `Status`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Status {
    code: u16,
    reason: Box<str>,
    message: Box<str>,
}

/// How a watch has ended without a failure.
#[derive(Clone, Copy, Debug)]
pub(super) enum Over {
    /// The server has closed it.
    Closed,
    /// Nothing came for longer than the server lets a watch live: it seems to be dead.
    Idle,
}

impl Over {
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::Idle => "idle",
        }
    }
}

/// What came together.
#[derive(Debug, Default)]
struct Bunch {
    changes: Vec<Change>,
    version: Option<Box<str>>,
    end: Option<End>,
}

impl<S: Sink> Watcher<S> {
    /// Watches from `version`, which moves on when what came before it is on disk. Counts what the server said in
    /// `messages`.
    pub(super) async fn watch(
        &mut self,
        version: &mut Box<str>,
        messages: &mut usize,
    ) -> Result<Over, End> {
        let mut lines = Lines::new(self.open(version).await?);
        let idle = self.pace.watch + self.pace.idle_margin;
        loop {
            let Ok(first) = tokio::time::timeout(idle, lines.next()).await else {
                tracing::info!(
                    kind = self.kind.of,
                    "a watch is idle for too long; opening another"
                );
                return Ok(Over::Idle);
            };
            let mut bunch = Bunch::default();
            let mut next = Some(first);
            let mut closed = false;
            // What is there already goes together; nobody waits for more.
            while let Some(line) = next {
                match line {
                    Ok(Some(line)) => {
                        *messages += 1;
                        self.read(&line, &mut bunch);
                    }
                    Ok(None) => closed = true,
                    Err(error) => bunch.end = Some(End::Failed(error.to_string())),
                }
                let full = bunch.changes.len() >= TOGETHER;
                next = if closed || full || bunch.end.is_some() {
                    None
                } else {
                    lines.next().now_or_never()
                };
            }
            if !bunch.changes.is_empty() {
                self.sink.take(bunch.changes).await?;
            }
            if let Some(reached) = bunch.version {
                *version = reached;
            }
            match bunch.end {
                Some(end) => return Err(end),
                None if closed => return Ok(Over::Closed),
                None => {}
            }
        }
    }

    async fn open(&self, version: &str) -> Result<impl AsyncBufRead + use<S>, End> {
        let failed = |problem: String| End::Failed(problem);
        let seconds = u32::try_from(self.pace.watch.as_secs()).unwrap_or(u32::MAX);
        let mut parameters = WatchParams::default().timeout(seconds.clamp(1, 294));
        parameters.label_selector = self.labels.map(str::to_owned);
        let request = Request::new(&self.path).watch(&parameters, version);
        let mut request = request.map_err(|error| failed(error.to_string()))?;
        // A compressed watch may come in pieces that only decode with the next one.
        request.headers_mut().insert(
            hyper::header::ACCEPT_ENCODING,
            hyper::header::HeaderValue::from_static("identity"),
        );
        let opening = self.client.request_stream(request);
        let opened = tokio::time::timeout(self.pace.answer, opening).await;
        Ok(opened.map_err(|_| failed("no answer to a watch in time".into()))??)
    }

    /// Reads a line. One that cannot be read is counted and left out: the next may be good.
    fn read(&self, line: &[u8], bunch: &mut Bunch) {
        let line = String::from_utf8_lossy(line);
        let line: Line = match serde_json::from_str(&line) {
            Ok(line) => line,
            Err(error) => {
                self.metrics.unparsed.get_or_create(&self.kind).inc();
                tracing::warn!(kind = self.kind.of, %error, "a line of a watch cannot be read and is left out");
                return;
            }
        };
        let change = match &*line.r#type {
            "ADDED" | "MODIFIED" => Change::Applied,
            "DELETED" => Change::Deleted,
            "ERROR" => {
                let status: Status = serde_json::from_str(line.object.get()).unwrap_or_default();
                let Status {
                    code,
                    reason,
                    message,
                } = status;
                // A watch that was open shows that the kind is there, whatever the code is.
                bunch.end = Some(match code {
                    410 => End::Gone,
                    _ => End::Failed(format!("the watch says {code} {reason}: {message}")),
                });
                return;
            }
            _ => {
                bunch.version = version_of(&line.object).or(bunch.version.take());
                return;
            }
        };
        bunch.version = version_of(&line.object).or(bunch.version.take());
        bunch.changes.push(change(line.object));
    }
}

/// Lines of bytes: kube's reader ends the watch at the first byte that is no UTF-8.
struct Lines<R> {
    from: std::pin::Pin<Box<R>>,
    line: Vec<u8>,
}

impl<R: AsyncBufRead> Lines<R> {
    fn new(from: R) -> Self {
        Self {
            from: Box::pin(from),
            line: Vec::new(),
        }
    }

    /// The next line that has something in it; `None` at the end. A last line that was cut off is dropped: it comes
    /// again. May be dropped while it waits, nothing is lost.
    async fn next(&mut self) -> std::io::Result<Option<Vec<u8>>> {
        loop {
            self.from.read_until(b'\n', &mut self.line).await?;
            if self.line.last() != Some(&b'\n') {
                return Ok(None);
            }
            let line = std::mem::take(&mut self.line);
            if !line.trim_ascii().is_empty() {
                return Ok(Some(line));
            }
        }
    }
}
