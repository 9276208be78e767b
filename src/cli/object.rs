//! How a command line names an execution. Does I/O to look a name up.

use std::str::FromStr;

use anyhow::{Context, bail};

use super::client::Execution;
use super::reach::Reached;

/// `<id>`, `id:<id>`, `kind/name`, `namespace/kind/name` or `@latest`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Object {
    /// By id or alias.
    Id(String),
    /// The newest of a name.
    Named {
        namespace: Option<String>,
        kind: String,
        name: String,
    },
    /// The newest of all.
    Latest,
}

impl FromStr for Object {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if let Some(id) = text.strip_prefix("id:").filter(|id| !id.is_empty()) {
            return Ok(Self::Id(id.to_owned()));
        }
        if text == "@latest" {
            return Ok(Self::Latest);
        }
        let parts: Vec<&str> = text.split('/').collect();
        let wrong = text.starts_with('@') || parts.iter().any(|part| part.trim().is_empty());
        let named = |namespace: Option<&str>, kind: &str, name: &str| Self::Named {
            namespace: namespace.map(str::to_owned),
            kind: kind.to_owned(),
            name: name.to_owned(),
        };
        match parts[..] {
            _ if wrong => Err(GRAMMAR.into()),
            [id] => Ok(Self::Id(id.to_owned())),
            [kind, name] => Ok(named(None, kind, name)),
            [namespace, kind, name] => Ok(named(Some(namespace), kind, name)),
            _ => Err(GRAMMAR.into()),
        }
    }
}

const GRAMMAR: &str =
    "an execution is <id>, kind/name, namespace/kind/name or @latest; id:<id> takes any id";

/// How an id is written so that it reads back as that id.
pub(super) fn written(id: &str) -> String {
    match id.parse() {
        Ok(Object::Id(read)) if read == id => id.to_owned(),
        _ => format!("id:{id}"),
    }
}

impl Object {
    /// The execution that is meant; the server is asked.
    pub(super) async fn look_up(&self, reached: &Reached) -> anyhow::Result<Execution> {
        match self {
            Self::Id(id) => Ok(reached.client.execution(id).await?),
            Self::Named {
                namespace,
                kind,
                name,
            } => {
                let namespace = namespace.as_ref().or(reached.namespace.as_ref());
                let namespace = namespace.with_context(|| {
                    format!("in which namespace is {kind}/{name}? Say it with -n, or as namespace/{kind}/{name}")
                })?;
                Ok(reached.client.named(namespace, kind, name).await?)
            }
            Self::Latest => {
                let listed = reached.client.executions(&reached.query(), 1).await?;
                let Some(latest) = listed.executions.into_iter().next() else {
                    bail!("there is no execution yet");
                };
                Ok(latest)
            }
        }
    }

    /// The id that is meant; an id itself need not be known yet.
    pub(super) async fn id(&self, reached: &Reached) -> anyhow::Result<String> {
        match self {
            Self::Id(id) => Ok(id.clone()),
            _ => Ok(self.look_up(reached).await?.id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_name_an_execution_is_read() {
        let id = |id: &str| Object::Id(id.into());
        let named = |namespace: Option<&str>| Object::Named {
            namespace: namespace.map(Into::into),
            kind: "job.batch".into(),
            name: "nightly".into(),
        };
        for (text, object) in [
            ("8c1d", id("8c1d")),
            ("id:a/b", id("a/b")),
            ("id:@latest", id("@latest")),
            ("job.batch/nightly", named(None)),
            ("team/job.batch/nightly", named(Some("team"))),
            ("@latest", Object::Latest),
        ] {
            assert_eq!(text.parse::<Object>().unwrap(), object, "{text}");
        }
        for wrong in ["", "id:", "@newest", "a/b/c/d", "/x", "a//b", " "] {
            let read = wrong.parse::<Object>();
            assert!(wrong == "id:" || read.is_err(), "{wrong}: {read:?}");
        }
    }

    #[test]
    fn an_id_is_written_so_that_it_reads_back() {
        for id in ["8c1d", "a/b", "@latest", "id:x", "a/b/c/d", "项目"] {
            assert_eq!(written(id).parse(), Ok(Object::Id(id.into())), "{id}");
        }
    }
}
