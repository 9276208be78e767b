//! The labs: finds a user's operation, opens, tells and ends one. Does I/O through reader and writer.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, MutexGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::convert::Subject;
use super::error::Error;
use super::index::{Index, Newest};
use super::operation::{self, Operation};
use super::wire::{Event, Kind};
use crate::api::State;
use crate::model::{Code, ExecutionKey, Observation, Outcome, Seq, Tenants, Time};
use crate::query::{self, Reader};

/// Users are told of one after the other within one of so many groups.
const GROUPS: usize = 64;
/// The shortest time: rows of one operation are ordered by their times too, even if the clock goes back.
const NEXT: Duration = Duration::from_nanos(1);

/// All labs.
#[derive(Debug)]
pub(super) struct Labs {
    reader: Reader,
    index: Mutex<Option<Index>>,
    turns: [Mutex<()>; GROUPS],
    hasher: RandomState,
    /// A client that leaves must not cut short what is being told: the next ordinal depends on it.
    telling: TaskTracker,
}

/// What an event has become.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) key: ExecutionKey,
    pub(super) ordinal: u64,
    pub(super) over: bool,
}

/// What is to be told of a user's lab.
#[derive(Clone, Debug)]
pub(super) enum Telling {
    Open(Kind),
    Event(Event),
    End,
}

impl Labs {
    /// Of the store behind this reader, which sees every tenant's history.
    pub(super) fn new(reader: Reader) -> Self {
        Self {
            reader,
            index: Mutex::new(None),
            turns: std::array::from_fn(|_| Mutex::new(())),
            hasher: RandomState::new(),
            telling: TaskTracker::new(),
        }
    }

    /// The newest operation of a user among these tenants.
    pub(super) async fn newest(
        &self,
        user: &str,
        may: &Tenants,
    ) -> Result<Option<Newest>, query::Error> {
        let mut index = self.index.lock().await;
        for anew in [false, true] {
            let found = match index.as_mut().filter(|_| !anew) {
                Some(index) => {
                    index.catch_up(&self.reader).await?;
                    index.newest(user, may).cloned()
                }
                None => {
                    let read = Index::read(&self.reader).await?;
                    index.insert(read).newest(user, may).cloned()
                }
            };
            let Some(newest) = found else {
                return Ok(None);
            };
            match self.reader.get(&newest.key.id).await {
                Ok(_) => return Ok(Some(newest)),
                // It was deleted: the one before it is the newest now.
                Err(query::Error::Unknown(_)) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(None)
    }

    /// Tells, one after the other for each user; returns when it is on disk.
    pub(super) async fn tell(
        self: Arc<Self>,
        state: State,
        user: String,
        may: Arc<Tenants>,
        telling: Telling,
    ) -> Result<Told, Error> {
        let labs = self.clone();
        let told = self.telling.spawn(async move {
            let _turn = labs.turn(&user).await;
            let newest = labs.newest(&user, &may).await?;
            match (telling, newest) {
                (Telling::Open(kind), newest) => labs.open(&state, &user, newest, kind).await,
                (_, None) => Err(Error::UnknownUser(user)),
                (Telling::Event(event), Some(newest)) => {
                    labs.event(&state, user, newest, &event).await
                }
                (Telling::End, Some(newest)) => labs.end(&state, &user, newest).await,
            }
        });
        told.await.unwrap_or_else(|defect| {
            Err(Error::Failed {
                code: Code::Internal,
                message: format!("a defect of the server: {defect}"),
            })
        })
    }

    async fn turn(&self, user: &str) -> MutexGuard<'_, ()> {
        let hash = self.hasher.hash_one(user);
        let group = usize::try_from(hash % GROUPS as u64).unwrap_or_default();
        self.turns[group].lock().await
    }

    async fn open(
        &self,
        state: &State,
        user: &str,
        before: Option<Newest>,
        kind: Kind,
    ) -> Result<Told, Error> {
        let mut at = state.clock.now();
        let mut observations = Vec::new();
        if let Some(before) = &before {
            let operation = self.operation(&before.key).await?;
            at = at.max(after(before.created)).max(after(operation.latest));
            if !operation.over {
                let subject = Subject {
                    key: &before.key,
                    user,
                    kind: operation.kind(),
                };
                observations.push(subject.cut_off(operation.next, at));
            }
        }
        let key = ExecutionKey::new(&state.tenant, &Uuid::new_v4().to_string());
        let subject = Subject {
            key: &key,
            user,
            kind,
        };
        observations.extend([subject.fact(at), subject.open(at)]);
        state.ingest.submit(observations).await?;
        Ok(Told {
            key,
            ordinal: 0,
            over: false,
        })
    }

    async fn event(
        &self,
        state: &State,
        user: String,
        newest: Newest,
        event: &Event,
    ) -> Result<Told, Error> {
        let operation = self.operation(&newest.key).await?;
        if operation.over {
            return Err(Error::NoOperation(user));
        }
        let (subject, at) = (subject(&newest.key, &user, &operation), operation.latest);
        let at = state.clock.now().max(after(at));
        let told = subject.tell(operation.next, at, event);
        let over = operation::ends(operation.kind(), event);
        self.submit(state, &user, told).await?;
        Ok(Told {
            ordinal: operation.next,
            key: newest.key,
            over,
        })
    }

    async fn end(&self, state: &State, user: &str, newest: Newest) -> Result<Told, Error> {
        let operation = self.operation(&newest.key).await?;
        if !operation.over {
            let at = state.clock.now().max(after(operation.latest));
            let told = subject(&newest.key, user, &operation).close(operation.next, at);
            self.submit(state, user, told).await?;
        }
        Ok(Told {
            ordinal: operation.next,
            key: newest.key,
            over: true,
        })
    }

    async fn submit(&self, state: &State, user: &str, told: Observation) -> Result<(), Error> {
        match state.ingest.submit(vec![told]).await?.first() {
            Some(Outcome::Created(..)) => Ok(()),
            // It was deleted between the look and the telling.
            Some(Outcome::Buried) => Err(Error::NoOperation(user.to_owned())),
            outcome => Err(Error::Failed {
                code: Code::Internal,
                message: format!("the event's ordinal is taken: {outcome:?}"),
            }),
        }
    }

    /// An operation as far as it has come.
    async fn operation(&self, key: &ExecutionKey) -> Result<Operation, query::Error> {
        let mut tail = self.reader.tail(vec![key.clone()], Seq::ZERO);
        let mut operation = Operation::default();
        loop {
            let rows = tail.read().await?;
            if rows.is_empty() {
                return Ok(operation);
            }
            for row in rows {
                operation.take(&row, true);
            }
        }
    }
}

fn subject<'a>(key: &'a ExecutionKey, user: &'a str, operation: &Operation) -> Subject<'a> {
    Subject {
        key,
        user,
        kind: operation.kind(),
    }
}

const fn after(time: Time) -> Time {
    Time(time.0.saturating_add(NEXT.as_nanos() as i64))
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use tokio_util::sync::CancellationToken;

    use super::*;
    use crate::api::nublado::wire::EventType;
    use crate::api::{Answers, Bodies, StreamTimings, Tools};
    use crate::model::{Clock, Filter, Page};
    use crate::server::{Access, Health};
    use crate::store::memory::Memory;
    use crate::telemetry::Metrics;
    use crate::{ingest, live};

    struct SetClock(AtomicI64);

    impl Clock for SetClock {
        fn now(&self) -> Time {
            Time(self.0.load(Ordering::SeqCst))
        }
    }

    fn state(clock: Arc<SetClock>) -> State {
        let (store, metrics) = (Arc::new(Memory::default()), Metrics::new());
        let (ingest, writer) = ingest::new(store.clone(), clock.clone(), metrics.clone());
        std::thread::spawn(move || writer.run());
        let answers = Arc::new(Answers::new(0, metrics.clone()));
        let tools = Tools {
            answers,
            ingest,
            reader: Reader::new(store, live::Handle::default()),
            clock,
            metrics,
            tenant: "t".into(),
            access: Access::open(),
            report_interval: std::time::Duration::ZERO,
            prefect_version: "3".into(),
            health: Health::new(),
            stopping: CancellationToken::new(),
            bodies: Bodies::default(),
            streams: StreamTimings::default(),
            rules: Arc::default(),
        };
        tools.into()
    }

    #[tokio::test]
    async fn order_is_kept_though_the_clock_goes_back() {
        let clock = Arc::new(SetClock(AtomicI64::new(1_000)));
        let state = state(clock.clone());
        let labs = Arc::new(Labs::new(state.reader.clone()));
        let all: Arc<Tenants> = Arc::default();
        let tell = async |telling| {
            let user = "rachel".to_owned();
            let told = labs.clone().tell(state.clone(), user, all.clone(), telling);
            told.await.unwrap()
        };
        let event = |message: &str| {
            Telling::Event(Event {
                of: EventType::Info,
                message: message.into(),
                progress: None,
            })
        };
        let spawn = tell(Telling::Open(Kind::Spawn)).await;
        for (now, message) in [(2_000, "a"), (500, "b"), (500, "c"), (3_000, "d"), (1, "e")] {
            clock.0.store(now, Ordering::SeqCst);
            tell(event(message)).await;
        }
        let delete = tell(Telling::Open(Kind::Delete)).await;
        for anew in [false, true] {
            let labs = if anew {
                // As a new process finds it.
                Arc::new(Labs::new(state.reader.clone()))
            } else {
                labs.clone()
            };
            let newest = labs.newest("rachel", &all).await.unwrap().unwrap();
            assert_eq!(
                newest.key, delete.key,
                "though it was opened earlier by the clock"
            );
        }
        let (keys, filter) = (vec![spawn.key.clone()], Filter::default());
        let listed = state
            .reader
            .list(keys, filter, Page::default())
            .await
            .unwrap();
        let words: Vec<_> = listed.rows.iter().map(|row| &*row.body().message).collect();
        assert_eq!(words, ["", "a", "b", "c", "d", "e", ""]);
        let seqs: Vec<_> = listed.rows.iter().map(|row| row.seq).collect();
        assert!(
            seqs.is_sorted(),
            "listeners go by the one, readers by the other"
        );
        let code = |at: usize| &*listed.rows[at].key.code;
        assert_eq!((code(0), code(6)), ("ActionStart", "Cancelled"));
    }
}
