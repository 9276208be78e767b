//! A desk, a store and a clock, as the reception has them, without waiting for anything.

use std::collections::HashSet;
use std::time::Duration;

use serde_json::{Value, json};

use crate::model::{ExecutionKey, Filter, Observation, Order, Page, Row, Time};
use crate::sources::Parking;
use crate::sources::desk::{Desk, Incoming};
use crate::sources::events::Sighting;
use crate::sources::object::Kind;
use crate::sources::objects::Object;
use crate::store::memory::Memory;
use crate::store::{Batch, Bounds, Store};

pub(in crate::sources) struct Scene {
    pub(in crate::sources) desk: Desk,
    pub(in crate::sources) store: Memory,
    pub(in crate::sources) now: Time,
}

/// Reads an object of any watched kind.
pub(in crate::sources) fn read(object: &Value) -> Incoming {
    let json = object.to_string();
    let name = object["kind"].as_str().unwrap();
    // The scenes leave out the versions of the kinds that they show most.
    let group = match name {
        "Execution" => "dagtrail.dev/v1alpha1",
        "Job" => "batch/v1",
        _ => "v1",
    };
    let version = object["apiVersion"].as_str().unwrap_or(group);
    match Kind::of(version, name) {
        Some(Kind::Execution) => Incoming::Execution(serde_json::from_str(&json).unwrap()),
        Some(kind) => Incoming::Object(Object::parse(kind, &json).unwrap()),
        None => Incoming::Event(Sighting::parse(&json).unwrap()),
    }
}

impl Scene {
    pub(in crate::sources) fn new() -> Self {
        Self {
            desk: Desk::new("cluster", Parking::default()),
            store: Memory::new(Bounds::default()),
            now: Time::parse("2026-01-02T00:00:00Z").unwrap(),
        }
    }

    /// A new process on the same store.
    pub(in crate::sources) fn restart(&mut self) {
        self.desk = Desk::new("cluster", Parking::default());
    }

    /// A list of all Pods, which has only these.
    pub(in crate::sources) fn pods_are(&mut self, uids: &[&str]) {
        let there = uids.iter().map(|uid| Box::from(*uid)).collect();
        let all = self.store.executions(&Default::default(), 0, usize::MAX);
        let found = self.desk.vanished(&all.unwrap().0, &there, self.now);
        self.submit(found);
    }

    /// A new process, to which Pods with this label are labs.
    pub(in crate::sources) fn with_labs(&mut self, label: &str) {
        let desk = Desk::new("cluster", Parking::default());
        self.desk = desk.with_labs(Some(label));
    }

    pub(in crate::sources) fn there(&mut self, object: &Value) {
        let incoming = self.asked(object);
        let found = self.desk.applied(incoming, self.now);
        self.submit(found);
    }

    pub(in crate::sources) fn gone(&mut self, object: &Value) {
        let incoming = self.asked(object);
        let found = self.desk.deleted(incoming, self.now);
        self.submit(found);
    }

    pub(in crate::sources) fn wait(&mut self, seconds: u64) {
        self.now = self.now.after(Duration::from_secs(seconds));
        let found = self.desk.tick(self.now, true);
        self.submit(found);
    }

    fn asked(&mut self, object: &Value) -> Incoming {
        let incoming = read(object);
        for uid in self.desk.unknown(&incoming) {
            if let Some(stored) = self.store.correlation(&uid).unwrap() {
                let of = self.store.correlation(&stored.execution.id).unwrap();
                self.desk.correlator().learn(&stored, of.as_ref());
            }
        }
        incoming
    }

    fn submit(&self, observations: Vec<Observation>) {
        let now = self.now;
        self.store.append(&Batch { observations, now }).unwrap();
    }

    pub(in crate::sources) fn rows(&self, id: &str) -> Vec<Row> {
        let found = self.store.united(id).unwrap();
        let keys: Vec<ExecutionKey> = found.into_iter().map(|one| one.key).collect();
        let page = Page {
            order: Order::Ascending,
            after: None,
            limit: None,
        };
        let listed = self.store.list(&keys, &Filter::default(), &page).unwrap();
        listed.rows.iter().map(|row| Row::clone(row)).collect()
    }

    /// `<elemType> <elemId> <code>` of each row, in order.
    pub(in crate::sources) fn codes(&self, id: &str) -> Vec<String> {
        let rows = self.rows(id);
        let show = |row: &Row| {
            let (elem, code) = (&row.body().elem_id, &row.key.code);
            format!("{} {elem} {code}", row.key.elem_type)
        };
        rows.iter().map(show).collect()
    }

    /// All that is to be known of each row, a line each.
    pub(in crate::sources) fn timeline(&self, id: &str) -> String {
        let lines: Vec<_> = self.rows(id).iter().map(line).collect();
        lines.join("\n")
    }

    /// Deletes an execution, as of a time.
    pub(in crate::sources) fn delete(&self, id: &str, at: &str) {
        for found in self.store.united(id).unwrap() {
            assert!(
                self.store
                    .delete(&found.key, Time::parse(at).unwrap())
                    .unwrap()
            );
        }
    }

    /// The name of an execution.
    pub(in crate::sources) fn name(&self, id: &str) -> String {
        self.store.united(id).unwrap()[0].identity.name.to_string()
    }

    /// How many executions there are.
    pub(in crate::sources) fn executions(&self) -> HashSet<String> {
        let all = self.store.executions(&Default::default(), 0, 1000).unwrap();
        all.0.iter().map(|one| one.key.to_string()).collect()
    }
}

fn line(row: &Row) -> String {
    let (key, body) = (&row.key, row.body());
    let params: Vec<_> = body
        .params
        .iter()
        .map(|(k, v)| format!("{k}={v}"))
        .collect();
    let times = if row.first() == row.last() {
        row.first().to_exact()
    } else {
        format!("{}..{}", row.first().to_exact(), row.last().to_exact())
    };
    format!(
        "{times} x{count} {event_type} {code} {elem_type} {elem_id} ({action}) {part}[{params}] {involved} {message:?}",
        count = row.count(),
        event_type = key.event_type,
        code = key.code,
        elem_type = key.elem_type,
        elem_id = body.elem_id,
        action = key.action,
        part = key.field_path,
        params = params.join(", "),
        involved = body.involved.name,
        message = body.message,
    )
}

/// Metadata of an object in namespace `n`; its uid is `u-<name>`.
pub(in crate::sources) fn meta(name: &str) -> Value {
    json!({
        "name": name, "namespace": "n", "uid": format!("u-{name}"),
        "creationTimestamp": "2026-01-01T00:00:00Z",
    })
}

pub(in crate::sources) fn owned(by: &str, api_version: &str, kind: &str) -> Value {
    json!([{
        "apiVersion": api_version, "kind": kind, "name": by, "uid": format!("u-{by}"),
        "controller": true,
    }])
}

pub(in crate::sources) fn job(name: &str) -> Value {
    json!({"kind": "Job", "metadata": meta(name), "spec": {"backoffLimit": 6},
           "status": {"startTime": "2026-01-01T00:00:01Z"}})
}

pub(in crate::sources) fn complete(name: &str) -> Value {
    let mut job = job(name);
    job["status"]["completionTime"] = json!("2026-01-01T00:00:09Z");
    job["status"]["conditions"] = json!([{"type": "Complete", "status": "True",
        "lastTransitionTime": "2026-01-01T00:00:09Z"}]);
    job
}

pub(in crate::sources) fn pod_of(job: &str, name: &str) -> Value {
    let mut pod = pod(name);
    pod["metadata"]["ownerReferences"] = owned(job, "batch/v1", "Job");
    pod
}

pub(in crate::sources) fn pod(name: &str) -> Value {
    json!({"kind": "Pod", "metadata": meta(name),
           "status": {"phase": "Running", "startTime": "2026-01-01T00:00:02Z"}})
}

pub(in crate::sources) fn event(kind: &str, of: &str, reason: &str) -> Value {
    let api_version = if kind == "Job" { "batch/v1" } else { "v1" };
    json!({
        "kind": "Event",
        "metadata": {"name": format!("{of}.{reason}"), "namespace": "n", "uid": "x"},
        "involvedObject": {"apiVersion": api_version, "kind": kind, "namespace": "n",
            "name": of, "uid": format!("u-{of}")},
        "reason": reason, "message": "m", "type": "Normal", "count": 1,
        "firstTimestamp": "2026-01-01T00:00:03Z", "lastTimestamp": "2026-01-01T00:00:03Z",
        "source": {"component": "kubelet"},
    })
}

pub(in crate::sources) fn execution(name: &str, elements: &Value) -> Value {
    json!({"kind": "Execution", "metadata": meta(name),
           "spec": {"engine": "KubeDAG", "elements": elements}})
}

pub(in crate::sources) fn labelled(mut object: Value, execution: &str, element: &str) -> Value {
    object["metadata"]["labels"] =
        json!({"dagtrail.dev/execution": execution, "dagtrail.dev/element": element});
    object
}

/// Shows the objects of `<kind>/testdata/<name>.json` in order, those with `"gone": true` as deleted, and holds the
/// history of `id` to `<name>.snap` beside it.
pub(in crate::sources) fn golden(kind: &str, name: &str, id: &str) {
    let folder = format!("{}/src/sources/{kind}/testdata", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap();
    let objects: Vec<Value> = serde_json::from_str(&text).unwrap();
    let mut scene = Scene::new();
    for object in &objects {
        if object["gone"] == true {
            scene.gone(object);
        } else {
            scene.there(object);
        }
    }
    scene.wait(6);
    let settings = {
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(folder);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        settings
    };
    settings.bind(|| insta::assert_snapshot!(name, scene.timeline(id)));
}
