//! Histories as they were answered: given again to who asks the same, as long as nothing has changed. Pure.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LANGUAGE, CONTENT_TYPE, ETAG, LINK};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, Uri};
use axum::response::Response;
use tokio::sync::{Semaphore, SemaphorePermit};

use super::accept::Representation;
use super::etag;
use crate::model::Seq;
use crate::query::{Basis, Kept, Reader, Weigh};
use crate::telemetry::Metrics;

/// Every change up to this position is in the answer, or in the first of its pages.
static SEQ: HeaderName = HeaderName::from_static("dagtrail-seq");
/// The store that the position belongs to: `<store>.<position>` is an id to begin a stream behind.
static STORE: HeaderName = HeaderName::from_static("dagtrail-store");

/// What an answer takes beside what is in it.
const ANSWER: usize = 256;

/// Says where in the sequence an answer stands.
pub(super) fn place(headers: &mut HeaderMap, seq: Seq, store: &str) {
    headers.insert(&SEQ, HeaderValue::from(seq.0));
    if let Ok(store) = HeaderValue::from_str(store) {
        headers.insert(&STORE, store);
    }
}

/// A history, or a page of one, as it was asked for.
#[derive(Clone, Debug)]
pub(super) struct Answer {
    pub(super) tag: HeaderValue,
    /// Of a page that is not the first: where the first one stood.
    pub(super) began: Option<Seq>,
    /// `None` if only those have asked so far who know it.
    pub(super) written: Option<Written>,
}

/// A history in bytes.
#[derive(Clone, Debug)]
pub(super) struct Written {
    pub(super) bytes: Bytes,
    pub(super) representation: Representation,
    pub(super) language: &'static str,
    pub(super) next: Option<HeaderValue>,
}

impl Answer {
    /// The answer to who sends these headers, with all changes up to `seq` in it; `None` if it has to be written first.
    pub(super) fn to(&self, headers: &HeaderMap, seq: Seq, store: &str) -> Option<Response> {
        let mut answer = Response::new(Body::empty());
        // All that this answer will have: the map does not grow then.
        answer.headers_mut().reserve(12);
        if etag::is_known(headers, &self.tag) {
            *answer.status_mut() = StatusCode::NOT_MODIFIED;
        } else {
            let written = self.written.as_ref()?;
            *answer.body_mut() = Body::from(written.bytes.clone());
            let (media, answered) = (written.representation.media_type(), answer.headers_mut());
            answered.insert(CONTENT_TYPE, HeaderValue::from_static(media));
            let language = HeaderValue::from_static(written.language);
            answered.insert(CONTENT_LANGUAGE, language);
            if let Some(next) = &written.next {
                answered.insert(LINK, next.clone());
            }
        }
        let answered = answer.headers_mut();
        place(answered, self.began.unwrap_or(seq), store);
        answered.insert(ETAG, self.tag.clone());
        Some(answer)
    }
}

impl Weigh for Answer {
    fn weight(&self) -> usize {
        let written = self.written.as_ref();
        let next = written.and_then(|written| written.next.as_ref());
        ANSWER + next.map_or(0, HeaderValue::len) + written.map_or(0, |it| it.bytes.len())
    }
}

/// Histories that are written at a time; who asks beyond that waits for a turn. More would take memory, and no disk or
/// processor gives more when more ask at once.
const TURNS: usize = 8;

/// The answers that are kept, and the turns of those who make new ones.
#[derive(Debug)]
pub struct Answers {
    kept: Kept<Answer>,
    turns: Semaphore,
    metrics: Metrics,
}

impl Answers {
    /// Room for so many bytes; 0 keeps nothing.
    #[must_use]
    pub fn new(bytes: u64, metrics: Metrics) -> Self {
        Self {
            kept: Kept::new(bytes),
            turns: Semaphore::new(TURNS),
            metrics,
        }
    }

    /// Waits for a turn to make an answer; it ends with what this gives.
    pub(super) async fn turn(&self) -> Option<SemaphorePermit<'_>> {
        // They are never closed.
        self.turns.acquire().await.ok()
    }

    /// What is known of a question.
    pub(super) fn get(&self, question: &str, reader: &Reader) -> Option<Answer> {
        self.kept.get(question, reader)
    }

    /// Notes that an answer was given, without making it anew or by doing so.
    pub(super) fn count(&self, known: bool) {
        let counter = if known {
            &self.metrics.history_known
        } else {
            &self.metrics.history_made
        };
        counter.inc();
    }

    /// Whether the answer to a question is to be kept.
    pub(super) fn wants(&self, question: &str) -> bool {
        self.kept.wants(question)
    }

    pub(super) fn keep(&self, question: &str, basis: Basis, answer: Answer) {
        self.kept.keep(question, basis, answer);
        let bytes = i64::try_from(self.kept.weight()).unwrap_or(i64::MAX);
        self.metrics.history_bytes.set(bytes);
    }
}

/// Which answer: whose history, what of it, in which form, in the words of which version of the catalogue.
pub(super) fn question(id: &str, uri: &Uri, representation: Representation, words: u64) -> String {
    let (media, path) = (representation.media_type(), uri.path());
    let query = uri.query().unwrap_or_default();
    // Most never have other words than those of this binary.
    let words = if words == 0 {
        String::new()
    } else {
        format!("\n{words}")
    };
    // What is between the parts is in none of them.
    [media, "\n", path, "\n", query, "\n", id, &words].concat()
}
