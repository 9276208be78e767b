//! A random request, and its answer. Does I/O.

use std::fmt::Write;
use std::time::Duration;

use reqwest::Method;
use serde_json::{Value, json};

use super::dice::Dice;
use super::people::{Person, TENANTS, mark};
use super::world::World;

/// How long a stream is listened to.
const A_MOMENT: Duration = Duration::from_millis(10);
/// What differs from answer to answer.
const OF_THE_MOMENT: [&str; 2] = ["date", "x-request-id"];

/// Before the position of what was just told, which is another one each time, and may have a digit more.
const POSITION: &str = "\"seq\":";

/// What a request is about.
#[derive(Clone, Debug)]
pub(super) enum Place {
    /// An id that its path begins with.
    Id(String),
    /// Anything else.
    Elsewhere,
}

#[derive(Clone, Debug)]
pub(super) struct Asked {
    method: Method,
    pub(super) place: Place,
    /// Behind the id, or all of it.
    path: String,
    accept: &'static str,
    body: Option<Value>,
    /// The other ids that it names.
    pub(super) ids: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: String,
}

impl Asked {
    pub(super) fn any(dice: &mut Dice, person: &Person, world: &World) -> Self {
        let nothing = ["nothing", "..", "%00", "alpha", "shared-0", "%E6%9C%89"];
        let id = if dice.once_in(12) {
            (*dice.one_of(&nothing)).to_owned()
        } else {
            dice.one_of(&world.ids).clone()
        };
        if dice.once_in(2) {
            Self::of_id(dice, person, world, id)
        } else {
            Self::elsewhere(dice, person, world, &id)
        }
    }

    fn new(method: Method, place: Place, path: impl Into<String>) -> Self {
        Self {
            method,
            place,
            path: path.into(),
            accept: "*/*",
            body: None,
            ids: Vec::new(),
        }
    }

    fn with(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    fn of_id(dice: &mut Dice, person: &Person, world: &World, id: String) -> Self {
        let place = Place::Id(id);
        if dice.once_in(30) {
            return Self::new(Method::DELETE, place, "");
        }
        if dice.once_in(12) {
            let alias = dice.one_of(&world.ids).clone();
            let mut asked = Self::new(Method::PUT, place, format!("/aliases/{alias}"));
            asked.ids.push(alias);
            return asked;
        }
        if dice.once_in(8) {
            let event = json!([{"reason": "Told", "message": mark(person.home), "firstTimestamp": world.now(),
                "metadata": {"name": "told", "namespace": "n"}}]);
            return Self::new(Method::POST, place, "/events").with(event);
        }
        let paths = [
            "",
            "/samples",
            "/events",
            "/events?view=full",
            "/events?lang=zh&limit=1",
            "/events?order=desc&reason=Started",
        ];
        let mut asked = Self::new(Method::GET, place, *dice.one_of(&paths));
        if asked.path.starts_with("/events") && dice.once_in(4) {
            asked.accept = "application/x-ndjson";
        }
        if asked.path == "/events" && dice.once_in(6) {
            asked.accept = "text/event-stream";
        }
        asked
    }

    fn elsewhere(dice: &mut Dice, person: &Person, world: &World, id: &str) -> Self {
        let tenant = *dice.one_of(&[TENANTS[0], TENANTS[1], TENANTS[2], "nowhere"]);
        let lab = format!(
            "/nublado/spawner/v1/labs/{}",
            id.rsplit_once('-').map_or(id, |(lab, _)| lab)
        );
        let own = mark(person.home);
        let event = uuid::Uuid::from_u128(u128::from(world.ids.len() as u64)).to_string();
        let get = |path: String| Self::new(Method::GET, Place::Elsewhere, path);
        let post = |path: &str, body: Value| {
            let mut asked = Self::new(Method::POST, Place::Elsewhere, path).with(body);
            asked.ids.push(id.to_owned());
            asked
        };
        let any: [&dyn Fn() -> Self; 17] = [
            &|| get(format!("/v1/executions/{tenant}/job/{id}")),
            &|| {
                get(format!(
                    "/v1/executions/{tenant}/job.batch/{id}/events?view=full"
                ))
            },
            &|| get("/v1/executions?view=full&limit=50&offset=0".into()),
            &|| get(format!("/v1/executions?project_id={tenant}")),
            &|| get(format!("/v1/executions?name={id}")),
            &|| get(format!("/v1/export?execution={id}")),
            &|| get(format!("/v1/export?namespace={tenant}")),
            &|| {
                get(
                    ["/metrics", "/readyz?verbose", "/openapi.json", "/nothing"][id.len() % 4]
                        .into(),
                )
            },
            &|| {
                post(
                    "/genomcore/api/v1/events/query",
                    json!({"filter": {"collection": id}}),
                )
            },
            &|| {
                post(
                    "/genomcore/api/v1/events/query?pageSize=100",
                    json!({"sort": {"start": -1}}),
                )
            },
            &|| {
                post(
                    "/genomcore/api/v1/events",
                    json!([{"owner": own, "collection": id, "start": world.now(), "value": own,
                "type": "t", "source": "s", "externalId": "e"}]),
                )
            },
            &|| {
                Self::new(
                    Method::DELETE,
                    Place::Elsewhere,
                    format!("/genomcore/api/v1/events?collection={id}"),
                )
            },
            &|| {
                post(
                    "/prefect/api/events/filter",
                    json!({"filter": {"resource": {"id": [id]}}}),
                )
            },
            &|| {
                post(
                    "/prefect/api/events/count-by/resource",
                    json!({"filter": {}}),
                )
            },
            &|| {
                post(
                    "/prefect/api/events",
                    json!([{"id": event, "occurred": world.now(), "event": "a.sent",
                "payload": {"of": own}, "resource": {"prefect.resource.id": id}}]),
                )
            },
            &|| {
                post(
                    "/v1b3/projects/p/locations/l/WorkerMessages",
                    json!({"workerMessages": [{"time": world.now(),
                "labels": {"JOB_ID": id, "WORKER_ID": own}, "workerHealthReport": {"vmIsHealthy": true}}]}),
                )
            },
            &|| get(format!("{lab}/events")),
        ];
        dice.one_of(&any)()
    }

    /// Whether something is told or deleted by it, or may be.
    pub(super) fn changes(&self) -> bool {
        self.method != Method::GET && !self.path.contains("query") && !self.path.contains("filter")
    }

    /// The same about an id of the same length that nobody has told of.
    pub(super) fn of_nothing(&self, number: usize) -> Self {
        let Place::Id(id) = &self.place else {
            return self.clone();
        };
        let digits = format!("{number:0width$}", width = id.len());
        let fresh = digits.replace('0', "o");
        Self {
            place: Place::Id(fresh[fresh.len() - id.len()..].to_owned()),
            ..self.clone()
        }
    }

    pub(super) async fn send(&self, world: &World, person: &Person) -> Answer {
        let path = match &self.place {
            Place::Id(id) => format!("/v1/executions/{id}{}", self.path),
            Place::Elsewhere => self.path.clone(),
        };
        let url = format!("{}{path}", world.server.base);
        let mut request = world.server.client.request(self.method.clone(), url);
        request = request.header("accept", self.accept);
        if let Some(token) = &person.token {
            request = request.bearer_auth(token);
        }
        if let Some(body) = &self.body {
            request = request.json(body);
        }
        Answer::of(request.send().await.unwrap()).await
    }
}

impl Answer {
    async fn of(mut answer: reqwest::Response) -> Self {
        let headers = answer.headers().iter().map(|(name, value)| {
            let value = String::from_utf8_lossy(value.as_bytes()).into_owned();
            (name.to_string(), value)
        });
        let mut headers: Vec<_> = headers.collect();
        headers.sort();
        let status = answer.status().as_u16();
        let is_stream = headers
            .iter()
            .any(|(name, value)| name == "content-type" && value.starts_with("text/event-stream"));
        let mut body = Vec::new();
        loop {
            // What has an end is read to it.
            let patience = if is_stream {
                A_MOMENT
            } else {
                Duration::from_secs(30)
            };
            match tokio::time::timeout(patience, answer.chunk()).await {
                Ok(Ok(Some(chunk))) => body.extend_from_slice(&chunk),
                Err(_) if !is_stream => panic!("an answer does not end"),
                _ => break,
            }
        }
        let body = String::from_utf8_lossy(&body).into_owned();
        Self {
            status,
            headers,
            body,
        }
    }

    /// Whether these words are anywhere in it.
    pub(super) fn holds(&self, words: &str) -> bool {
        let mut values = self.headers.iter().map(|(_, value)| value);
        self.body.contains(words) || values.any(|value| value.contains(words))
    }

    /// Byte for byte, but for the id that was asked for, the moment, and the position of what was just told.
    pub(super) fn about(&self, asked: &Asked) -> String {
        let mut told = format!("{}\n", self.status);
        let has_position = self.body.contains(POSITION);
        for (name, value) in &self.headers {
            let is_length = has_position && name == "content-length";
            if !is_length && !OF_THE_MOMENT.contains(&name.as_str()) {
                writeln!(told, "{name}: {value}").unwrap();
            }
        }
        told.push_str(&self.body);
        if let Place::Id(id) = &asked.place {
            told = told.replace(id, "#");
        }
        match told.split_once(POSITION) {
            Some((before, after)) => {
                let after = after.trim_start_matches(|c: char| c.is_ascii_digit());
                format!("{before}{POSITION}#{after}")
            }
            None => told,
        }
    }
}
