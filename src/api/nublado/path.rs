//! The user in a path. Pure.

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use serde_json::{Value, json};

use super::error::Error;
use super::wire::Invalid;

/// The longest name, in bytes. A label of a Pod has at most 63, a user of JupyterHub may have more.
const LONGEST: usize = 253;

/// The user whose lab it is.
pub(super) struct User(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for User {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Error> {
        let refused = |of, msg: &str, input: Value| {
            Error::Invalid(vec![Invalid::at(&["path", "username"], of, msg, &input)])
        };
        let found = Path::<String>::from_request_parts(parts, state).await;
        let Path(user) = found
            .map_err(|problem| refused("string_unicode", &problem.body_text(), Value::Null))?;
        if user.len() > LONGEST {
            let msg = format!("String should have at most {LONGEST} bytes");
            return Err(refused("string_too_long", &msg, json!(user)));
        }
        if user.trim().is_empty() || user.chars().any(char::is_control) {
            let msg = "String should have something to read and no control characters";
            return Err(refused("string_pattern_mismatch", msg, json!(user)));
        }
        Ok(Self(user))
    }
}
