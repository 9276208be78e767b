//! A file of hashed tokens, for who has no Kubernetes to ask. Does I/O when it is read.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::model::Tenants;

/// What the holder of a token may do.
#[derive(Clone, Debug)]
pub struct Grant {
    /// Who that is, for logs.
    pub name: Arc<str>,
    /// The namespace that events are told for, if nothing else says one.
    pub home: Option<Arc<str>>,
    /// Whose histories may be read.
    pub reads: Arc<Tenants>,
    /// Whose may be told.
    pub writes: Arc<Tenants>,
    /// Whose may be deleted.
    pub deletes: Arc<Tenants>,
}

/// Why a file of tokens is not used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be read.
    #[error("the token file {path} cannot be read: {problem}")]
    Unreadable {
        /// Where it should be.
        path: String,
        /// Why.
        problem: std::io::Error,
    },
    /// It is not what it should be.
    #[error("the token file {path} cannot be used: {problem}")]
    Unusable {
        /// Where it is.
        path: String,
        /// Why.
        problem: String,
    },
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    tokens: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: Box<str>,
    sha256: Box<str>,
    namespaces: Option<Vec<Box<str>>>,
    #[serde(default = "all_verbs")]
    verbs: Vec<Verb>,
}

#[derive(Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Verb {
    Read,
    Write,
    Delete,
}

fn all_verbs() -> Vec<Verb> {
    vec![Verb::Read, Verb::Write, Verb::Delete]
}

/// The tokens that are known, by the SHA-256 of each.
#[derive(Debug)]
pub struct Tokens {
    known: Vec<([u8; 32], Arc<Grant>)>,
}

impl Tokens {
    /// Reads a file: YAML with `tokens`, a list of `name`, `sha256` (64 hexadecimal digits: of the token, or of
    /// `user:password` for basic authentication), `namespaces` (all, if not given; the first is where events go that
    /// name none) and `verbs` (`read`, `write`, `delete`; all, if not given).
    ///
    /// # Errors
    ///
    /// A sentence that names the file and what is wrong.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let shown = path.display().to_string();
        let bytes = std::fs::read(path).map_err(|problem| Error::Unreadable {
            path: shown,
            problem,
        })?;
        Self::of(path, &bytes)
    }

    /// The same, of what was read.
    pub(super) fn of(path: &Path, bytes: &[u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(bytes).map_err(|error| error.to_string());
        text.and_then(Self::parse).map_err(|problem| {
            let path = path.display().to_string();
            Error::Unusable { path, problem }
        })
    }

    fn parse(text: &str) -> Result<Self, String> {
        let file: File = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        let known = file.tokens.into_iter().map(Entry::grant);
        let known: Vec<_> = known.collect::<Result<_, _>>()?;
        if known.is_empty() {
            return Err("it has no tokens, so nobody could ask anything".into());
        }
        Ok(Self { known })
    }

    /// What a secret allows; `None` if it is not known. Every entry is compared, in constant time.
    #[must_use]
    pub fn grant(&self, secret: &str) -> Option<Arc<Grant>> {
        let sum: [u8; 32] = Sha256::digest(secret.as_bytes()).into();
        let mut found = None;
        for (known, grant) in &self.known {
            if bool::from(known.ct_eq(&sum)) {
                found = Some(grant.clone());
            }
        }
        found
    }

    /// A name that more than one token has.
    pub(super) fn name_of_two(&self) -> Option<Arc<str>> {
        let mut seen = BTreeSet::new();
        let mut names = self.known.iter().map(|(_, grant)| &grant.name);
        names.find(|name| !seen.insert(Arc::clone(name))).cloned()
    }

    /// The grant of this name.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<Arc<Grant>> {
        let mut grants = self.known.iter().map(|(_, grant)| grant);
        grants.find(|grant| &*grant.name == name).cloned()
    }
}

impl Entry {
    fn grant(self) -> Result<([u8; 32], Arc<Grant>), String> {
        let Self { name, .. } = &self;
        let sum = hex(&self.sha256)
            .ok_or_else(|| format!("token {name:?}: sha256 must have 64 hexadecimal digits"))?;
        if self.verbs.is_empty() {
            return Err(format!(
                "token {name:?}: verbs is empty, so it allows nothing"
            ));
        }
        if self.namespaces.as_ref().is_some_and(Vec::is_empty) {
            return Err(format!(
                "token {name:?}: namespaces is empty, so it allows nothing; leave it out for all"
            ));
        }
        let may = |verb| {
            Arc::new(match &self.namespaces {
                _ if !self.verbs.contains(&verb) => Tenants::none(),
                None => Tenants::All,
                Some(names) => Tenants::Only(names.iter().cloned().collect::<BTreeSet<_>>()),
            })
        };
        let grant = Grant {
            name: (&*self.name).into(),
            home: self
                .namespaces
                .iter()
                .flatten()
                .next()
                .map(|name| (&**name).into()),
            reads: may(Verb::Read),
            writes: may(Verb::Write),
            deletes: may(Verb::Delete),
        };
        Ok((sum, Arc::new(grant)))
    }
}

fn hex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    // echo -n secret | sha256sum
    const SECRET: &str = "2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b";

    #[test]
    fn a_token_allows_its_verbs_in_its_namespaces() {
        let text = format!(
            "tokens:\n- name: ci\n  sha256: {SECRET}\n  namespaces: [team, other]\n  verbs: [read, write]\n"
        );
        let tokens = Tokens::parse(&text).unwrap();
        let grant = tokens.grant("secret").unwrap();
        assert_eq!(grant.home.as_deref(), Some("team"));
        assert!(grant.reads.hold("other") && !grant.reads.hold("else"));
        assert!(grant.writes.hold("team") && !grant.deletes.hold("team"));
        assert!(tokens.grant("Secret").is_none() && tokens.grant("").is_none());
        assert!(tokens.named("ci").is_some() && tokens.named("secret").is_none());
    }

    #[test]
    fn what_is_left_out_is_all() {
        let text = format!("tokens: [{{name: root, sha256: {SECRET}}}]");
        let grant = Tokens::parse(&text).unwrap().grant("secret").unwrap();
        assert!(grant.home.is_none() && grant.deletes.hold("anything"));
    }

    #[test]
    fn a_file_that_cannot_be_used_says_why() {
        for (text, told) in [
            ("tokens: []", "no tokens"),
            ("tokens: [{name: a, sha256: abc}]", "token \"a\": sha256"),
            ("tokens: [{name: a}]", "sha256"),
            ("tokens: [{name: a, sha256: b, verb: [read]}]", "verb"),
            (
                &format!("tokens: [{{name: a, sha256: {SECRET}, verbs: []}}]"),
                "verbs is empty",
            ),
            (
                &format!("tokens: [{{name: a, sha256: {SECRET}, namespaces: []}}]"),
                "namespaces is empty",
            ),
        ] {
            let problem = Tokens::parse(text).unwrap_err();
            assert!(problem.contains(told), "{text}: {problem}");
        }
        let missing = Tokens::read(Path::new("/nowhere/tokens")).unwrap_err();
        assert!(missing.to_string().contains("/nowhere/tokens"));
    }
}
