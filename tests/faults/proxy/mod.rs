//! The proxy between dagtrail and the API server: HTTP on its side, HTTPS with its ServiceAccount's token on the
//! other. What it does to whom is thrown from a seed, and counted. Does I/O.

use std::collections::BTreeSet;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use kube::Client;
use parking_lot::Mutex;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch as channel;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub(crate) use self::asked::Asked;
use self::asked::Of;
use self::passed::Upstream;
use self::weather::{Before, Weather};
use crate::dice::Dice;
use crate::tally::Tally;

mod asked;
mod page;
mod passed;
mod watch;
mod weather;

/// Ends when it is dropped.
pub(crate) struct Proxy {
    address: SocketAddr,
    shared: Arc<Shared>,
    _stop: DropGuard,
}

struct Shared {
    upstream: Upstream,
    dice: Mutex<Dice>,
    weather: Mutex<Weather>,
    tally: Tally,
    log: Mutex<Vec<Asked>>,
    /// The kinds of which no watch says anything for now.
    held: channel::Sender<BTreeSet<&'static str>>,
}

impl Proxy {
    /// Starts it in fair weather: all is passed on.
    pub(crate) async fn start(upstream: Client, seed: u64, tally: Tally) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            upstream: Upstream::new(upstream),
            dice: Mutex::new(Dice::new(seed, "proxy")),
            weather: Mutex::new(Weather::Fair),
            tally,
            log: Mutex::default(),
            held: channel::Sender::default(),
        });
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let serving = shared.clone().serve(listener, tasks.clone(), stop.clone());
        tasks.spawn(stop.clone().run_until_cancelled_owned(serving));
        Ok(Self {
            address,
            shared,
            _stop: stop.drop_guard(),
        })
    }

    /// Where dagtrail finds its cluster.
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn storm(&self) {
        *self.shared.weather.lock() = Weather::Storm;
    }

    pub(crate) fn fair(&self) {
        *self.shared.weather.lock() = Weather::Fair;
    }

    /// Every watch of Events and of Executions is closed at once, without a word; all else is passed on.
    pub(crate) fn silence(&self) {
        *self.shared.weather.lock() = Weather::Silence;
    }

    /// Watches of this kind, in the plural, say nothing until it is released: that is how one watch lags behind others.
    pub(crate) fn hold(&self, plural: &'static str) {
        self.shared.held.send_modify(|held| {
            held.insert(plural);
        });
    }

    /// What was held back is said.
    pub(crate) fn release(&self, plural: &str) {
        self.shared.held.send_modify(|held| {
            held.remove(plural);
        });
    }

    /// All that was asked so far, in order.
    pub(crate) fn log(&self) -> Vec<Asked> {
        self.shared.log.lock().clone()
    }
}

impl Shared {
    async fn serve(
        self: Arc<Self>,
        listener: TcpListener,
        tasks: TaskTracker,
        stop: CancellationToken,
    ) {
        while let Ok((stream, _)) = listener.accept().await {
            let connection = self.clone().connection(stream);
            tasks.spawn(stop.clone().run_until_cancelled_owned(connection));
        }
    }

    async fn connection(self: Arc<Self>, stream: TcpStream) {
        // Whatever is dropped unfinished is then a reset, not an orderly end.
        let _ = stream.set_zero_linger();
        let reset = CancellationToken::new();
        let service = service_fn(|request| self.clone().answer(request, reset.clone()));
        let serving = http1::Builder::new().serve_connection(TokioIo::new(stream), service);
        // That the other side goes away, or is thrown out, is what this is for.
        let _ = reset.run_until_cancelled(serving).await;
    }

    async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
        reset: CancellationToken,
    ) -> Result<Response<Body>, Infallible> {
        let asked = Asked::of(&request);
        let (of, plural) = (asked.of, asked.plural().to_owned());
        let before = {
            let weather = *self.weather.lock();
            weather.before(&asked, &mut self.dice.lock())
        };
        self.log.lock().push(asked);
        match before {
            Before::Nothing => {}
            Before::Reset => {
                self.tally.count("connection reset");
                return broken(&reset).await;
            }
            Before::BlackHole(how_long) => {
                self.tally.count("black hole");
                tokio::time::sleep(how_long).await;
                return broken(&reset).await;
            }
            Before::Close => {
                self.tally.count("silent empty close");
                return Ok(Response::new(Body::empty()));
            }
            Before::Refuse(refusal) => {
                self.tally.count(refusal.kind());
                return Ok(refusal.answer());
            }
        }
        let answer = self.upstream.pass(request, self.page_size(of)).await;
        let Ok(answer) = answer else {
            return broken(&reset).await;
        };
        if !answer.status().is_success() {
            return Ok(answer);
        }
        Ok(match of {
            Of::Watch => answer.map(|body| watch::body(body, self, plural, reset)),
            Of::List => answer.map(|body| page::body(body, &self, reset)),
            Of::Other => answer,
        })
    }

    /// A server may give less than it is asked for: so lists have many pages.
    fn page_size(&self, of: Of) -> Option<u32> {
        (of == Of::List).then(|| self.dice.lock().between(8, 50))
    }
}

/// Resets the connection; never returns, for the connection takes it down.
async fn broken<T>(reset: &CancellationToken) -> T {
    // What was said already is to arrive first, or not: both happen.
    tokio::time::sleep(Duration::from_millis(1)).await;
    reset.cancel();
    std::future::pending().await
}
