//! Why a command got no answer. Pure.

use super::wire::ItemResult;

/// The server's code for an execution that it does not know.
const UNKNOWN: &str = "GCS.4040001";

/// Why a command got no answer.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum Error {
    /// The address cannot be used.
    #[error("--server {given:?} cannot be used: {problem}")]
    Address {
        given: String,
        problem: &'static str,
    },
    /// What proves who asks, or whom one asks, cannot be used.
    #[error("{what} cannot be used: {problem}")]
    Credentials { what: String, problem: String },
    /// Nobody answers.
    #[error("{server} cannot be reached: {problem}; it is safe to ask again")]
    Unreachable { server: String, problem: String },
    /// It answered with an error.
    #[error("{message} ({code})")]
    Refused {
        status: u16,
        message: String,
        code: String,
        results: Vec<ItemResult>,
    },
    /// It answered something that no dagtrail does.
    #[error("what {server} answers is not of a dagtrail that this one understands: {problem}")]
    Unreadable { server: String, problem: String },
}

impl Error {
    /// Whether the execution that was asked for is not there.
    pub(in crate::cli) fn is_unknown(&self) -> bool {
        // Any other server answers 404, too.
        matches!(self, Self::Refused { code, .. } if code == UNKNOWN)
    }

    /// What the person at the terminal may do about it.
    pub(in crate::cli) const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable { .. } => Some(
                "--server names another address, --port-forward goes through the cluster of the kubeconfig",
            ),
            Self::Refused { status: 401, .. } => Some(
                "--token-file names a file with a token; through a cluster, --service-account says whose is asked for",
            ),
            _ => None,
        }
    }

    /// Whether the same may be answered a little later.
    pub(in crate::cli) const fn may_pass(&self) -> bool {
        match self {
            Self::Unreachable { .. } => true,
            Self::Refused { status, .. } => matches!(*status, 408 | 429 | 500..),
            _ => false,
        }
    }
}
