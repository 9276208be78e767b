//! What happens to a request, and to each line of a watch. Pure.

use std::time::Duration;

use axum::body::Body;
use hyper::{Response, StatusCode};
use serde_json::json;

use super::asked::{Asked, Of};
use crate::dice::Dice;

/// How requests fare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Weather {
    Fair,
    Storm,
    Silence,
}

/// What happens instead of an answer.
#[derive(Debug)]
pub(super) enum Before {
    Nothing,
    Reset,
    /// No answer for so long, then a reset.
    BlackHole(Duration),
    /// An answer without a word in it.
    Close,
    Refuse(Refusal),
}

/// An answer that is not the server's.
#[derive(Debug)]
pub(super) enum Refusal {
    Gone,
    /// Come back after so many seconds.
    Slower(u32),
    Broken(u16),
}

/// What happens to one line of a watch.
#[derive(Debug)]
pub(super) enum Line {
    Pass,
    Twice,
    /// Then one that was said before is said again.
    ThenEarlier,
    Delayed(Duration),
    /// Half of it, then a reset.
    CutOff,
    Reset,
    BlackHole(Duration),
    Gone,
    /// The watch ends in order before it.
    End,
}

/// What happens to a page of a list.
#[derive(Debug)]
pub(super) enum Page {
    Pass,
    /// It comes in pieces, with so long between them.
    Slow(Duration),
    CutOff,
}

const BROKEN: [u16; 4] = [500, 502, 503, 504];

impl Weather {
    pub(super) fn before(self, asked: &Asked, dice: &mut Dice) -> Before {
        match self {
            Self::Fair => Before::Nothing,
            Self::Silence if asked.of == Of::Watch && asked.is_silenced() => Before::Close,
            Self::Silence => Before::Nothing,
            Self::Storm => before(asked, dice),
        }
    }

    pub(super) fn line(self, dice: &mut Dice) -> Line {
        if self != Self::Storm || !dice.permille(200) {
            return Line::Pass;
        }
        match dice.between(0, 99) {
            0..15 => Line::Twice,
            15..40 => Line::ThenEarlier,
            40..60 => Line::Delayed(dice.millis(50, 1500)),
            60..68 => Line::CutOff,
            68..76 => Line::Reset,
            76..80 => Line::BlackHole(black_hole(dice)),
            80..92 => Line::Gone,
            _ => Line::End,
        }
    }

    pub(super) fn page(self, dice: &mut Dice) -> Page {
        if self != Self::Storm {
            return Page::Pass;
        }
        match dice.between(0, 99) {
            0..5 => Page::CutOff,
            5..15 => Page::Slow(dice.millis(5, 150)),
            _ => Page::Pass,
        }
    }
}

fn before(asked: &Asked, dice: &mut Dice) -> Before {
    let chance = match asked.of {
        Of::Watch => 450,
        Of::List if asked.goes_on() => 40,
        Of::List => 150,
        Of::Other => 60,
    };
    if !dice.permille(chance) {
        return Before::Nothing;
    }
    match (asked.of, dice.between(0, 99)) {
        (_, 0..20) => Before::Reset,
        (_, 20..40) => Before::Refuse(Refusal::Broken(*dice.one_of(&BROKEN))),
        (_, 40..52) => Before::Refuse(Refusal::Slower(dice.between(1, 2))),
        // Longer than a Lease bears would only test the Lease.
        (Of::Other, _) => Before::Reset,
        (_, 52..62) => Before::BlackHole(black_hole(dice)),
        (Of::Watch, 62..82) => Before::Close,
        (Of::Watch, _) => Before::Refuse(Refusal::Gone),
        (Of::List, _) if asked.goes_on() => Before::Refuse(Refusal::Gone),
        (Of::List, _) => Before::Nothing,
    }
}

/// Thirty seconds now and then, mostly a few.
fn black_hole(dice: &mut Dice) -> Duration {
    if dice.permille(25) {
        Duration::from_secs(30)
    } else {
        dice.millis(1500, 5000)
    }
}

impl Refusal {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Gone => "HTTP 410",
            Self::Slower(_) => "429 with Retry-After",
            Self::Broken(_) => "5xx",
        }
    }

    pub(super) fn answer(&self) -> Response<Body> {
        let (code, reason, seconds) = match self {
            Self::Gone => (410, "Expired", 0),
            Self::Slower(seconds) => (429, "TooManyRequests", *seconds),
            Self::Broken(code) => (*code, "InternalError", 0),
        };
        let status = json!({
            "kind": "Status", "apiVersion": "v1", "status": "Failure", "metadata": {},
            "code": code, "reason": reason, "message": "injected",
            "details": {"retryAfterSeconds": seconds},
        });
        let mut answer = Response::new(Body::from(status.to_string()));
        *answer.status_mut() = StatusCode::from_u16(code).expect("it is one");
        let headers = answer.headers_mut();
        headers.insert(
            "content-type",
            "application/json".parse().expect("it is one"),
        );
        if seconds > 0 {
            headers.insert("retry-after", seconds.into());
        }
        answer
    }
}
