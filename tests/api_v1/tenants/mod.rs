//! Several tenants, tokens of several rights, and ten thousand random requests in all dialects: never is there a byte of
//! another tenant's rows in an answer, and what may not be seen is answered as what is not there.
//!
//! `SEED=7` throws other dice; `REQUESTS` says how many.

mod dice;
mod people;
mod request;
mod world;

use self::dice::Dice;
use self::people::{TENANTS, mark, people};
use self::request::{Answer, Asked, Place};
use self::world::World;

const SEED: u64 = 20_260_101;
const REQUESTS: usize = 10_000;
/// Requests after which there is something new to be found.
const ROUND: usize = 400;

fn number(name: &str, default: u64) -> u64 {
    let given = std::env::var(name).ok().filter(|text| !text.is_empty());
    given.map_or(default, |text| text.parse().unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_random_requests_never_see_what_is_anothers() {
    let seed = number("SEED", SEED);
    let requests = usize::try_from(number("REQUESTS", REQUESTS as u64)).unwrap();
    let (mut dice, people) = (Dice::new(seed), people());
    let mut world = World::new(&people).await;
    let (mut twins, mut own) = (0, 0);
    for at in 0..requests {
        if at % ROUND == 0 {
            world.tell_of_everybody().await;
        }
        let person = dice.one_of(&people);
        let asked = Asked::any(&mut dice, person, &world);
        let what = format!("request {at} of seed {seed}, by {}: {asked:?}", person.name);
        let forbidden = matches!(&asked.place, Place::Id(id) if world.is_anothers(id, person));
        let answer = asked.send(&world, person).await;
        assert_ne!(answer.status, 500, "{what}: {answer:?}");
        for tenant in TENANTS {
            let seen = answer.holds(mark(tenant));
            assert!(
                !seen || person.reads.contains(&tenant),
                "{what}: it sees what {tenant} has: {answer:?}"
            );
            own += usize::from(seen);
        }
        world.note(&asked, person, &answer);
        if forbidden {
            let absent = asked.of_nothing(at);
            let other = absent.send(&world, person).await;
            world.note(&absent, person, &other);
            let (shown, hidden) = (other.about(&absent), answer.about(&asked));
            assert_eq!(
                hidden, shown,
                "{what}: it can be told from what is not there"
            );
            twins += 1;
        }
    }
    println!(
        "seed {seed}: {requests} requests by {} people, {own} answers with rows that may be seen, {twins} ids of others \
         compared with ids of nothing",
        people.len()
    );
    // Else it would prove nothing.
    assert!(
        own > requests / 20 && twins > requests / 20,
        "{own} {twins}"
    );
}

/// An answer of this kind would be noticed.
#[test]
fn a_row_of_another_is_seen_in_a_body_and_in_a_header() {
    let mut answer = Answer::default();
    assert!(!answer.holds(mark("alpha")));
    answer
        .headers
        .push(("link".into(), format!("<{}>", mark("alpha"))));
    assert!(answer.holds(mark("alpha")) && !answer.holds(mark("bravo")));
    let body = Answer {
        body: format!("[\"{}\"]", mark("bravo")),
        ..Answer::default()
    };
    assert!(body.holds(mark("bravo")));
}
