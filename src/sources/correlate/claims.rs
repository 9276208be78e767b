//! What our own Executions claim: by label, by reference, by selector, by ownership, in this order. Pure.

use std::collections::HashMap;

use kube::core::{Selector, SelectorExt};

use crate::crd::{Element, ObjectRef};
use crate::model::{ExecutionKey, InvolvedObject};
use crate::sources::object::{Kind, Meta};
use crate::sources::seat::{Seat, subject};

/// An Execution, as far as it claims objects.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sources) struct Declared {
    pub(in crate::sources) key: ExecutionKey,
    pub(in crate::sources) name: Box<str>,
    pub(in crate::sources) aliases: Vec<Box<str>>,
    pub(in crate::sources) elements: Vec<Bound>,
}

/// An element, and how its objects are recognised.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sources) struct Bound {
    id: Box<str>,
    elem_type: Box<str>,
    selector: Option<Selector>,
    reference: Option<ObjectRef>,
}

impl Bound {
    /// Of an element as it is declared. A selector that makes no sense selects nothing.
    pub(in crate::sources) fn of(engine: &str, element: &Element) -> Self {
        let selector = element.selector.clone();
        Self {
            id: element.id.as_str().into(),
            elem_type: format!("{engine}.{}", element.r#type).into(),
            selector: selector
                .and_then(|selector| Selector::try_from(selector).ok())
                .filter(|selector| !selector.selects_all()),
            reference: element.object_ref.clone(),
        }
    }

    fn takes(&self, kind: Kind, meta: &Meta) -> bool {
        if let Some(reference) = &self.reference {
            return Kind::of(&reference.api_version, &reference.kind) == Some(kind)
                && *reference.name == *meta.name;
        }
        self.selector
            .as_ref()
            .is_some_and(|selector| selector.matches(&meta.labels))
    }
}

/// What is claimed of an object.
#[derive(Debug, PartialEq)]
pub(super) enum Claim {
    /// Nothing.
    None,
    /// It names an Execution that is not known: it may show up.
    Awaited(Box<str>),
    /// It belongs to this execution, as this element; or as an element of its own.
    By {
        execution: ExecutionKey,
        subject: InvolvedObject,
        /// Id and type.
        element: Option<(Box<str>, Box<str>)>,
    },
}

impl Claim {
    /// Where it puts an object; `None` if it does not.
    pub(super) fn seat(self, kind: Kind, meta: &Meta) -> Option<Seat> {
        let Self::By {
            execution,
            subject,
            element,
        } = self
        else {
            return None;
        };
        let own = || (meta.uid.clone(), kind.elem_type().into());
        let of_its_own = element.is_none();
        let (id, elem_type) = element.unwrap_or_else(own);
        let elem_id = if of_its_own {
            meta.name.clone()
        } else {
            id.clone()
        };
        Some(Seat {
            execution,
            subject,
            element: id,
            elem_id,
            elem_type,
        })
    }
}

/// All Executions that there are now, by namespace and name.
#[derive(Debug, Default)]
pub(super) struct Claims {
    declared: HashMap<Box<str>, HashMap<Box<str>, Declared>>,
}

impl Claims {
    /// Takes an Execution in; true if it claims other things than before.
    pub(super) fn declare(&mut self, declared: Declared) -> bool {
        let namespace = self
            .declared
            .entry(Box::from(&*declared.key.tenant))
            .or_default();
        let name = declared.name.clone();
        let changed = namespace.get(&name) != Some(&declared);
        if changed {
            namespace.insert(name, declared);
        }
        changed
    }

    /// Forgets an Execution that is gone, unless another has taken its name.
    pub(super) fn withdraw(&mut self, meta: &Meta) {
        if let Some(namespace) = self.declared.get_mut(&meta.namespace)
            && namespace
                .get(&meta.name)
                .is_some_and(|declared| *declared.key.id == *meta.uid)
        {
            namespace.remove(&meta.name);
        }
    }

    /// The Execution of this uid.
    pub(super) fn by_uid(&self, namespace: &str, uid: &str) -> Option<&Declared> {
        let mut all = self.in_namespace(namespace);
        all.find(|declared| *declared.key.id == *uid)
    }

    fn in_namespace(&self, namespace: &str) -> impl Iterator<Item = &Declared> {
        self.declared
            .get(namespace)
            .into_iter()
            .flat_map(HashMap::values)
    }

    /// The Execution that a label's value means: its name, else its uid, else one of its aliases.
    fn meant(&self, namespace: &str, value: &str) -> Option<&Declared> {
        let by_name = self.declared.get(namespace).and_then(|all| all.get(value));
        by_name
            .or_else(|| self.by_uid(namespace, value))
            .or_else(|| {
                let named = |declared: &&Declared| declared.aliases.iter().any(|a| **a == *value);
                self.in_namespace(namespace)
                    .filter(named)
                    .min_by(|a, b| a.key.cmp(&b.key))
            })
    }

    /// What is claimed of an object.
    pub(super) fn claim(&self, kind: Kind, meta: &Meta) -> Claim {
        if let Some(value) = meta.labelled_execution() {
            return match self.meant(&meta.namespace, value) {
                Some(declared) => by(declared, kind, meta),
                // An id of an execution that is no object here: one that a client tells of, for instance.
                None if uuid::Uuid::try_parse(value).is_ok() => {
                    by_id(&meta.namespace, value, value, "", kind, meta)
                }
                None => Claim::Awaited(value.into()),
            };
        }
        let selecting = self.in_namespace(&meta.namespace).filter(|declared| {
            declared
                .elements
                .iter()
                .any(|bound| bound.takes(kind, meta))
        });
        if let Some(declared) = selecting.min_by(|a, b| a.key.cmp(&b.key)) {
            return by(declared, kind, meta);
        }
        match meta.execution_owner() {
            Some(owner) => match self.by_uid(&meta.namespace, &owner.uid) {
                Some(declared) => by(declared, kind, meta),
                None => Claim::Awaited(owner.name.clone()),
            },
            None => Claim::None,
        }
    }

    /// What an ownerReference says by itself, of an Execution that is not known.
    pub(super) fn by_owner(kind: Kind, meta: &Meta) -> Claim {
        meta.execution_owner().map_or(Claim::None, |owner| {
            let of = Kind::Execution.name();
            by_id(&meta.namespace, &owner.uid, &owner.name, of, kind, meta)
        })
    }
}

fn by(declared: &Declared, kind: Kind, meta: &Meta) -> Claim {
    let labelled = meta.labelled_element();
    let taking = match labelled {
        Some(id) => declared.elements.iter().find(|bound| *bound.id == *id),
        None => declared
            .elements
            .iter()
            .find(|bound| bound.takes(kind, meta)),
    };
    let element = match (taking, labelled) {
        (Some(bound), _) => Some((bound.id.clone(), bound.elem_type.clone())),
        (None, Some(id)) => Some((id.into(), kind.elem_type().into())),
        (None, None) => None,
    };
    Claim::By {
        execution: declared.key.clone(),
        subject: subject(Kind::Execution.name(), &declared.key.tenant, &declared.name),
        element,
    }
}

fn by_id(namespace: &str, id: &str, name: &str, of_kind: &str, kind: Kind, meta: &Meta) -> Claim {
    let labelled = meta.labelled_element();
    Claim::By {
        execution: ExecutionKey::new(namespace, id),
        subject: subject(of_kind, namespace, name),
        element: labelled.map(|id| (id.into(), kind.elem_type().into())),
    }
}
