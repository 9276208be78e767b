//! What a commit holds, as it is written: mirrors of the model's types, which know nothing of disks. Pure.

mod standing;
mod told;

use serde::{Deserialize, Serialize};

pub(in crate::store::embedded) use self::standing::{
    CorrelationRecord, ExecutionRecord, SampleRecord, StateRecord, TombstoneRecord,
};
pub(in crate::store::embedded) use self::told::{FactRecord, RepeatRecord, TellingRecord};
use crate::model::event::Texts;
use crate::model::{
    Body, Dialect, EventType, ExecutionKey, Identity, InvolvedObject, Key, MessageKey, Wire,
};

pub(in crate::store::embedded) type Bytes16 = [u8; 16];

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store::embedded) enum TypeRecord<'a> {
    Normal,
    Warning,
    Other(&'a str),
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store::embedded) struct KeyRecord<'a> {
    pub(in crate::store::embedded) element: &'a str,
    pub(in crate::store::embedded) elem_type: &'a str,
    pub(in crate::store::embedded) action: &'a str,
    #[serde(borrow)]
    pub(in crate::store::embedded) event_type: TypeRecord<'a>,
    pub(in crate::store::embedded) code: &'a str,
    pub(in crate::store::embedded) involved_uid: &'a str,
    pub(in crate::store::embedded) field_path: &'a str,
    pub(in crate::store::embedded) message: Option<&'a str>,
}

impl<'a> KeyRecord<'a> {
    pub(in crate::store::embedded) fn of(key: &'a Key) -> Self {
        Self {
            element: &key.element,
            elem_type: &key.elem_type,
            action: &key.action,
            event_type: match &key.event_type {
                EventType::Normal => TypeRecord::Normal,
                EventType::Warning => TypeRecord::Warning,
                EventType::Other(text) => TypeRecord::Other(text),
            },
            code: &key.code,
            involved_uid: &key.involved_uid,
            field_path: &key.field_path,
            message: match &key.message {
                MessageKey::Text(text) => Some(text),
                MessageKey::Aggregate => None,
            },
        }
    }

    pub(in crate::store::embedded) fn to_model(&self) -> Key {
        Key {
            element: self.element.into(),
            elem_type: self.elem_type.into(),
            action: self.action.into(),
            event_type: match self.event_type {
                TypeRecord::Normal => EventType::Normal,
                TypeRecord::Warning => EventType::Warning,
                TypeRecord::Other(text) => EventType::Other(text.into()),
            },
            code: self.code.into(),
            involved_uid: self.involved_uid.into(),
            field_path: self.field_path.into(),
            message: self
                .message
                .map_or(MessageKey::Aggregate, |text| MessageKey::Text(text.into())),
        }
    }
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub(in crate::store::embedded) enum DialectRecord {
    Prefect,
    Nublado,
    Genomcore,
    Dataflow,
}

impl DialectRecord {
    pub(in crate::store::embedded) const fn of(dialect: Dialect) -> Self {
        match dialect {
            Dialect::Prefect => Self::Prefect,
            Dialect::Nublado => Self::Nublado,
            Dialect::Genomcore => Self::Genomcore,
            Dialect::Dataflow => Self::Dataflow,
        }
    }

    pub(in crate::store::embedded) const fn to_model(self) -> Dialect {
        match self {
            Self::Prefect => Dialect::Prefect,
            Self::Nublado => Dialect::Nublado,
            Self::Genomcore => Dialect::Genomcore,
            Self::Dataflow => Dialect::Dataflow,
        }
    }
}

type PairsRecord<'a> = Vec<(&'a str, &'a str)>;

fn texts(texts: &Texts) -> PairsRecord<'_> {
    texts.iter().map(|(key, text)| (&**key, &**text)).collect()
}

fn to_texts(record: &PairsRecord<'_>) -> Texts {
    let pairs = record.iter();
    pairs
        .map(|(key, text)| ((*key).into(), (*text).into()))
        .collect()
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::store::embedded) struct BodyRecord<'a> {
    pub(in crate::store::embedded) reason: &'a str,
    pub(in crate::store::embedded) message: &'a str,
    #[serde(borrow)]
    pub(in crate::store::embedded) params: PairsRecord<'a>,
    pub(in crate::store::embedded) elem_id: &'a str,
    pub(in crate::store::embedded) namespace: &'a str,
    pub(in crate::store::embedded) involved: (&'a str, &'a str, &'a str),
    pub(in crate::store::embedded) reporter: &'a str,
    pub(in crate::store::embedded) labels: PairsRecord<'a>,
    pub(in crate::store::embedded) payload: Option<&'a str>,
    pub(in crate::store::embedded) at_least: bool,
    #[serde(borrow)]
    pub(in crate::store::embedded) wire: Option<(DialectRecord, &'a str)>,
}

impl<'a> BodyRecord<'a> {
    pub(in crate::store::embedded) fn of(body: &'a Body) -> Self {
        let involved = &body.involved;
        Self {
            reason: &body.reason,
            message: &body.message,
            params: texts(&body.params),
            elem_id: &body.elem_id,
            namespace: &body.namespace,
            involved: (&involved.kind, &involved.namespace, &involved.name),
            reporter: &body.reporter,
            labels: texts(&body.labels),
            payload: body.payload.as_deref(),
            at_least: body.at_least,
            wire: body
                .wire
                .as_ref()
                .map(|wire| (DialectRecord::of(wire.dialect), &*wire.item)),
        }
    }

    pub(in crate::store::embedded) fn to_model(&self) -> Body {
        let (kind, namespace, name) = self.involved;
        Body {
            reason: self.reason.into(),
            message: self.message.into(),
            params: to_texts(&self.params),
            elem_id: self.elem_id.into(),
            namespace: self.namespace.into(),
            involved: InvolvedObject {
                kind: kind.into(),
                namespace: namespace.into(),
                name: name.into(),
            },
            reporter: self.reporter.into(),
            labels: to_texts(&self.labels),
            payload: self.payload.map(Into::into),
            at_least: self.at_least,
            wire: self.wire.map(|(dialect, item)| Wire {
                dialect: dialect.to_model(),
                item: item.into(),
            }),
        }
    }
}

pub(in crate::store::embedded) type ExecutionKeyRecord<'a> = (&'a str, &'a str);

pub(in crate::store::embedded) fn key_record(key: &ExecutionKey) -> ExecutionKeyRecord<'_> {
    (&key.tenant, &key.id)
}

pub(in crate::store::embedded) fn to_key((tenant, id): ExecutionKeyRecord<'_>) -> ExecutionKey {
    ExecutionKey::new(tenant, id)
}

type IdentityRecord<'a> = [&'a str; 5];

fn identity(identity: &Identity) -> IdentityRecord<'_> {
    [
        &identity.engine,
        &identity.group,
        &identity.kind,
        &identity.namespace,
        &identity.name,
    ]
}

fn to_identity(record: IdentityRecord<'_>) -> Identity {
    let [engine, group, kind, namespace, name] = record.map(Box::from);
    Identity {
        engine,
        group,
        kind,
        namespace,
        name,
    }
}
