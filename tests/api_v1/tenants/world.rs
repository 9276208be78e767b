//! What there is to be found, and whose it is. Does I/O.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use dagtrail::model::{Clock, ExecutionFact, ExecutionKey, Identity, Observation};
use dagtrail::server::{Access, Tokens};
use serde_json::{Value, json};

use super::people::{Person, TENANTS, mark, token_file};
use super::request::{Answer, Asked, Place};
use crate::server::Server;

/// Executions of a tenant in a round.
const EACH: usize = 3;

pub(super) struct World {
    pub(super) server: Server,
    /// Ids and aliases, with all who may have told something of them.
    told: BTreeMap<String, BTreeSet<&'static str>>,
    /// Those of the latest rounds, to choose from.
    pub(super) ids: Vec<String>,
    owners: Vec<(&'static str, String)>,
    round: usize,
}

impl World {
    pub(super) async fn new(people: &[Person]) -> Self {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(&file, token_file(people)).unwrap();
        let access = Access::by_tokens(Tokens::read(file.path()).unwrap());
        let owner = |tenant| {
            let owner = people.iter().find(|person| person.is_owner_of(tenant));
            (tenant, owner.unwrap().token.clone().unwrap())
        };
        Self {
            server: Server::guarded(access).await,
            told: BTreeMap::new(),
            ids: Vec::new(),
            owners: TENANTS.map(owner).to_vec(),
            round: 0,
        }
    }

    /// The time now, which is later than anything that was told or deleted.
    pub(super) fn now(&self) -> String {
        self.server.clock.now().to_exact()
    }

    /// Each tenant tells of new executions in all dialects; some ids are those that others have told of, too.
    pub(super) async fn tell_of_everybody(&mut self) {
        self.round += 1;
        self.server.clock.advance(Duration::from_secs(60));
        let (round, now) = (self.round, self.now());
        let shared = format!("shared-{round}");
        // What was found before is asked for less often.
        let behind = self.ids.len().saturating_sub(12);
        self.ids.drain(..behind);
        for (tenant, token) in self.owners.clone() {
            let mark = mark(tenant);
            let ids = (0..EACH).map(|number| format!("{tenant}-{round}-{number}"));
            let ids: Vec<_> = ids.chain([shared.clone()]).collect();
            for id in &ids {
                let event = json!([{"reason": "Started", "message": mark, "elemId": mark, "labels": {"of": mark},
                    "payload": {"of": mark}, "firstTimestamp": now}]);
                self.tell(&token, &format!("/v1/executions/{id}/events"), &event)
                    .await;
                self.name(tenant, id).await;
                self.told.entry(id.clone()).or_default().insert(tenant);
            }
            let alias = format!("{tenant}-{round}-alias");
            let url = format!(
                "{}/v1/executions/{}/aliases/{alias}",
                self.server.base, ids[0]
            );
            let put = self.server.client.put(url).bearer_auth(&token);
            assert_eq!(put.send().await.unwrap().status(), 204);
            self.told.entry(alias.clone()).or_default().insert(tenant);
            for (path, body) in dialects(tenant, &ids[1], &now, self.round) {
                self.tell(&token, &path, &body).await;
            }
            self.ids.extend(ids);
            self.ids.push(alias);
        }
    }

    async fn tell(&self, token: &str, path: &str, body: &Value) {
        let url = format!("{}{path}", self.server.base);
        let post = self.server.client.post(url).bearer_auth(token).json(body);
        let answer = post.send().await.unwrap();
        let (status, text) = (answer.status(), answer.text().await.unwrap());
        assert!(status.is_success(), "{path}: {status} {text}");
    }

    /// Gives an execution the names that its source would.
    async fn name(&self, tenant: &str, id: &str) {
        let fact = ExecutionFact {
            key: ExecutionKey::new(tenant, id),
            identity: Some(Identity {
                engine: "K8s.Job".into(),
                group: "batch".into(),
                kind: "Job".into(),
                namespace: tenant.into(),
                name: id.into(),
            }),
            created: None,
            aliases: Vec::new(),
        };
        self.server.observe(Observation::Execution(fact)).await;
    }

    /// Whether an id is that of executions of which this person may have seen or told nothing.
    pub(super) fn is_anothers(&self, id: &str, person: &Person) -> bool {
        // What is escaped in a path, or moved about in it, is another text in an answer.
        let is_plain = id
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let tellers = self.told.get(id).filter(|_| is_plain);
        tellers.is_some_and(|tellers| {
            let own = |tenant: &&str| person.reads.contains(tenant) || person.home == *tenant;
            !tellers.iter().any(own)
        })
    }

    /// Keeps in mind who may have told of what.
    pub(super) fn note(&mut self, asked: &Asked, person: &Person, answer: &Answer) {
        if !(200..300).contains(&answer.status) || !asked.changes() {
            return;
        }
        let mut ids = asked.ids.clone();
        if let Place::Id(id) = &asked.place {
            ids.push(id.clone());
        }
        for id in ids {
            self.told.entry(id).or_default().insert(person.home);
        }
    }
}

/// The same in the words of the other dialects.
fn dialects(tenant: &str, id: &str, now: &str, round: usize) -> Vec<(String, Value)> {
    let mark = mark(tenant);
    let number = round * TENANTS.len() + TENANTS.iter().position(|one| *one == tenant).unwrap();
    let event = uuid::Uuid::from_u128(number as u128).to_string();
    let lab = format!("/nublado/spawner/v1/labs/{tenant}-{round}");
    vec![
        (
            "/genomcore/api/v1/events".into(),
            json!([{"owner": mark, "collection": id, "start": now, "value": mark, "type": "t", "source": mark,
                "externalId": mark}]),
        ),
        (
            "/prefect/api/events".into(),
            json!([{"id": event, "occurred": now, "event": "a.sent", "payload": {"of": mark},
                "resource": {"prefect.resource.id": id, "of": mark}}]),
        ),
        (
            "/v1b3/projects/my-proj/WorkerMessages".into(),
            json!({"workerMessages": [{"time": now, "labels": {"JOB_ID": id, "WORKER_ID": mark},
                "workerHealthReport": {"msg": mark, "vmBrokenCode": "DISK"}}]}),
        ),
        (format!("{lab}/operations"), json!({"kind": "spawn"})),
        (
            format!("{lab}/events"),
            json!({"type": "info", "message": mark, "progress": 30}),
        ),
    ]
}
