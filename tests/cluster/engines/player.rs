//! Plays a script: what an engine writes while a run goes on. Does I/O.
//!
//! A script is a YAML list of steps, written to the API server one after another:
//!
//! ```yaml
//! - there: {apiVersion: …, kind: Workflow, metadata: {name: run}, spec: {…}, status: {…}}
//!   owner: Kind/name          # optional: becomes the controller in ownerReferences
//! - gone: {apiVersion: …, kind: Workflow, metadata: {name: run}}
//! - event: {about: Workflow/run, reason: …, message: …, type: Normal, first: "@3"}
//!   # further keys: name, last, count, source, fieldPath, annotations
//! ```
//!
//! `there` makes the object, or merges what is given (RFC 7386) into the one that is there: a step tells only what
//! changes. `status` goes through the subresource if the kind has one. In any text `@12` alone is a time, 12 s after
//! the begin of the run, and `uid(Kind/name)` is the uid of an object of this script. The run begins an hour after
//! its first object was made, so that no time of the script can be mistaken for one of the API server's clock.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Event;
use kube::api::{DeleteParams, DynamicObject, GroupVersionKind, Patch, PatchParams, PostParams};
use kube::discovery::pinned_kind;
use kube::{Api, Client};
use serde_json::{Value, json};

/// Between the making of the first object and the begin of the run.
const LEAD: Duration = Duration::from_secs(3600);

/// What was played.
#[derive(Debug)]
pub(super) struct Played {
    pub(super) namespace: String,
    /// By `Kind/name`.
    pub(super) uids: BTreeMap<String, String>,
    /// The time that scripts call `@0`.
    pub(super) begin: Timestamp,
}

impl Played {
    /// The uid of an object, by `Kind/name`.
    pub(super) fn uid(&self, of: &str) -> Result<&str> {
        let known = self.uids.get(of);
        Ok(known.with_context(|| format!("the script makes no {of}"))?)
    }
}

struct Player<'a> {
    client: &'a Client,
    namespace: &'a str,
    /// With the versions of those that an Event may be about.
    made: BTreeMap<String, (String, String)>,
    begin: Option<Timestamp>,
    events: usize,
}

/// Plays a script in a namespace.
pub(super) async fn play(client: &Client, namespace: &str, script: &str) -> Result<Played> {
    let steps: Vec<Value> = serde_saphyr::from_str(script).context("read the script")?;
    let mut player = Player {
        client,
        namespace,
        made: BTreeMap::new(),
        begin: None,
        events: 0,
    };
    for (number, step) in steps.into_iter().enumerate() {
        let played = player.step(step).await;
        played.with_context(|| format!("step {}", number + 1))?;
    }
    let uids = player.made.into_iter();
    Ok(Played {
        namespace: namespace.to_owned(),
        uids: uids.map(|(name, (uid, _))| (name, uid)).collect(),
        begin: player.begin.context("a script makes an object")?,
    })
}

impl Player<'_> {
    async fn step(&mut self, mut step: Value) -> Result<()> {
        let owner = step["owner"].as_str().map(str::to_owned);
        if let Some(object) = step.get_mut("there") {
            self.there(object.take(), owner.as_deref()).await
        } else if let Some(object) = step.get_mut("gone") {
            self.gone(&object.take()).await
        } else if let Some(event) = step.get_mut("event") {
            self.event(event.take()).await
        } else {
            bail!("a step is there, gone or event: {step}")
        }
    }

    async fn api(&self, object: &Value) -> Result<(Api<DynamicObject>, bool)> {
        let version = text(object, "/apiVersion")?;
        let (group, version) = version.split_once('/').unwrap_or(("", version));
        let kind = GroupVersionKind::gvk(group, version, text(object, "/kind")?);
        let (resource, abilities) = pinned_kind(self.client, &kind).await?;
        let has_status = abilities
            .subresources
            .iter()
            .any(|(sub, _)| sub.plural == "status");
        let api = Api::namespaced_with(self.client.clone(), self.namespace, &resource);
        Ok((api, has_status))
    }

    async fn there(&mut self, mut object: Value, owner: Option<&str>) -> Result<()> {
        let name = text(&object, "/metadata/name")?.to_owned();
        let called = format!("{}/{name}", text(&object, "/kind")?);
        let (api, has_status) = self.api(&object).await?;
        let status = object.as_object_mut().and_then(|o| o.remove("status"));
        if let Some(owner) = owner {
            object["metadata"]["ownerReferences"] = json!([self.reference(owner)?]);
        }
        let parameters = PatchParams::default();
        if self.begin.is_some() {
            self.fill(&mut object)?;
        }
        if self.made.contains_key(&called) {
            api.patch(&name, &parameters, &Patch::Merge(&object))
                .await?;
        } else {
            object["metadata"]["namespace"] = json!(self.namespace);
            let version = text(&object, "/apiVersion")?.to_owned();
            let made = serde_json::from_value(object)?;
            let made = api.create(&PostParams::default(), &made).await?;
            let at = made.metadata.creation_timestamp.context("it has a time")?.0;
            self.begin.get_or_insert(at + LEAD);
            let uid = made.metadata.uid.context("it has a uid")?;
            self.made.insert(called, (uid, version));
        }
        let Some(mut status) = status else {
            return Ok(());
        };
        self.fill(&mut status)?;
        let patch = Patch::Merge(json!({"status": status}));
        if has_status {
            api.patch_status(&name, &parameters, &patch).await?;
        } else {
            api.patch(&name, &parameters, &patch).await?;
        }
        Ok(())
    }

    async fn gone(&mut self, object: &Value) -> Result<()> {
        let (api, _) = self.api(object).await?;
        let name = text(object, "/metadata/name")?;
        let at_once = DeleteParams::default().grace_period(0);
        api.delete(name, &at_once).await?;
        // Another of this name is another object.
        let called = format!("{}/{name}", text(object, "/kind")?);
        if let Some(gone) = self.made.remove(&called) {
            self.made.insert(format!("gone {called}"), gone);
        }
        Ok(())
    }

    async fn event(&mut self, mut event: Value) -> Result<()> {
        self.fill(&mut event)?;
        let about = text(&event, "/about")?;
        let (kind, name) = about.split_once('/').context("about is Kind/name")?;
        let (uid, version) = self
            .made
            .get(about)
            .context("about an object made before")?;
        self.events += 1;
        let own = format!("{name}.{:x}", self.events);
        let first = event["first"].clone();
        let or = |key: &str, other: Value| match &event[key] {
            Value::Null => other,
            given => given.clone(),
        };
        let told = json!({
            "metadata": {"name": or("name", json!(own)), "namespace": self.namespace,
                "annotations": event["annotations"]},
            "involvedObject": {"apiVersion": version, "kind": kind, "namespace": self.namespace, "name": name,
                "uid": uid, "fieldPath": event["fieldPath"]},
            "reason": event["reason"], "message": event["message"], "type": or("type", json!("Normal")),
            "firstTimestamp": first, "lastTimestamp": or("last", event["first"].clone()),
            "count": or("count", json!(1)), "source": {"component": or("source", json!("engine"))},
        });
        let api = Api::<Event>::namespaced(self.client.clone(), self.namespace);
        let name = text(&told, "/metadata/name")?.to_owned();
        if api.get_opt(&name).await?.is_some() {
            let patch = Patch::Merge(&told);
            api.patch(&name, &PatchParams::default(), &patch).await?;
        } else {
            let event: Event = serde_json::from_value(told)?;
            api.create(&PostParams::default(), &event).await?;
        }
        Ok(())
    }

    fn reference(&self, owner: &str) -> Result<Value> {
        let (kind, name) = owner.split_once('/').context("an owner is Kind/name")?;
        let (uid, version) = self.made.get(owner).context("an owner was made before")?;
        Ok(
            json!({"apiVersion": version, "kind": kind, "name": name, "uid": uid, "controller": true}),
        )
    }

    /// Puts times and uids where the script names them.
    fn fill(&self, value: &mut Value) -> Result<()> {
        match value {
            Value::Object(fields) => fields.values_mut().try_for_each(|one| self.fill(one)),
            Value::Array(items) => items.iter_mut().try_for_each(|one| self.fill(one)),
            Value::String(text) => {
                if let Some(Ok(seconds)) = text.strip_prefix('@').map(str::parse::<u64>) {
                    let begin = self.begin.context("the first object has no times")?;
                    *text = (begin + Duration::from_secs(seconds)).to_string();
                    return Ok(());
                }
                while let Some((head, rest)) = text.split_once("uid(") {
                    let (of, tail) = rest.split_once(')').context("uid( is closed")?;
                    let known = self.made.get(of);
                    let (uid, _) = known.with_context(|| format!("no {of} was made before"))?;
                    *text = format!("{head}{uid}{tail}");
                }
                Ok(())
            }
            _ => Ok(()),
        }
    }
}

fn text<'a>(value: &'a Value, pointer: &str) -> Result<&'a str> {
    let found = value.pointer(pointer).and_then(Value::as_str);
    let found = found.with_context(|| format!("{pointer} is missing in {value}"))?;
    ensure!(!found.is_empty(), "{pointer} is empty");
    Ok(found)
}
