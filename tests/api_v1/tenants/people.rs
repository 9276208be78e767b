//! Who asks. Pure.

use std::fmt::Write;

use sha2::{Digest, Sha256};

/// Namespaces, each of a tenant.
pub(super) const TENANTS: [&str; 3] = ["alpha", "bravo", "gamma"];

/// What every row of a tenant holds, and no request of another.
pub(super) fn mark(tenant: &str) -> &'static str {
    match tenant {
        "alpha" => "kept-by-alpha",
        "bravo" => "kept-by-bravo",
        _ => "kept-by-gamma",
    }
}

/// Somebody with a token, or without.
pub(super) struct Person {
    pub(super) name: String,
    /// What is sent; `None` sends none.
    pub(super) token: Option<String>,
    /// Whose rows may be read.
    pub(super) reads: Vec<&'static str>,
    /// Where it would be told what this person tells.
    pub(super) home: &'static str,
    entry: Option<String>,
}

impl Person {
    fn of(name: String, namespaces: &[&'static str], verbs: &str) -> Self {
        let sum = Sha256::digest(name.as_bytes());
        let mut digits = String::new();
        for byte in sum {
            write!(digits, "{byte:02x}").unwrap();
        }
        let entry = format!(
            "- name: {name}\n  sha256: {digits}\n  namespaces: [{}]\n  verbs: [{verbs}]\n",
            namespaces.join(", ")
        );
        Self {
            token: Some(name.clone()),
            reads: if verbs.contains("read") {
                namespaces.to_vec()
            } else {
                Vec::new()
            },
            home: namespaces[0],
            name,
            entry: Some(entry),
        }
    }

    /// Who may all with what one tenant has.
    pub(super) fn is_owner_of(&self, tenant: &str) -> bool {
        self.name == format!("{tenant}-owner")
    }
}

/// Of every tenant one for each right, one with two tenants, one without a token and one with a wrong one.
pub(super) fn people() -> Vec<Person> {
    let mut people = Vec::new();
    for tenant in TENANTS {
        for (name, verbs) in [
            ("owner", "read, write, delete"),
            ("reader", "read"),
            ("writer", "write"),
            ("remover", "delete"),
        ] {
            people.push(Person::of(format!("{tenant}-{name}"), &[tenant], verbs));
        }
    }
    people.push(Person::of("both".into(), &["alpha", "bravo"], "read"));
    for (name, token) in [("nobody", None), ("stranger", Some("guess".to_owned()))] {
        people.push(Person {
            name: name.into(),
            token,
            reads: Vec::new(),
            home: "none",
            entry: None,
        });
    }
    people
}

/// The file of all tokens.
pub(super) fn token_file(people: &[Person]) -> String {
    let entries = people.iter().filter_map(|person| person.entry.as_deref());
    std::iter::once("tokens:\n").chain(entries).collect()
}
