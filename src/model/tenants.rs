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

    /// Whether it is nobody's history at all.
    #[must_use]
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Only(tenants) if tenants.is_empty())
    }

    /// Whether all of those are among them.
    #[must_use]
    pub fn cover(&self, others: &Self) -> bool {
        match (self, others) {
            (Self::All, _) => true,
            (Self::Only(these), Self::Only(others)) => others.is_subset(these),
            (Self::Only(_), Self::All) => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_cover_everybody_and_some_only_some_of_them() {
        let only = |names: &[&str]| Tenants::Only(names.iter().map(|&name| name.into()).collect());
        for (these, others, cover) in [
            (Tenants::All, Tenants::All, true),
            (Tenants::All, only(&["a"]), true),
            (only(&["a", "b"]), only(&["a"]), true),
            (only(&["a"]), Tenants::none(), true),
            (only(&["a"]), only(&["a", "b"]), false),
            (only(&["a"]), Tenants::All, false),
        ] {
            assert_eq!(these.cover(&others), cover, "{these:?} {others:?}");
        }
        assert!(Tenants::none().is_none() && !only(&["a"]).is_none() && !Tenants::All.is_none());
    }
}
