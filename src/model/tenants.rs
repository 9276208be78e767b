//! Whose histories somebody may look at or add to. Pure.

use std::collections::BTreeSet;

/// Some tenants, or all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Tenants {
    /// Every one, also those that nobody has told of yet.
    #[default]
    All,
    /// These.
    Only(BTreeSet<Box<str>>),
}

impl Tenants {
    /// None at all.
    #[must_use]
    pub const fn none() -> Self {
        Self::Only(BTreeSet::new())
    }

    /// Whether a tenant is among them.
    #[must_use]
    pub fn hold(&self, tenant: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(tenants) => tenants.contains(tenant),
        }
    }
}
