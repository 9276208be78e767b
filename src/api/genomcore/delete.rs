//! `DELETE` of a collection: what came by this dialect. Does I/O through the way in.

use axum::Json;
use axum::extract::Query;
use axum::http::Uri;

use super::error::Error;
use super::wire::Deleted;
use crate::api::asked::Asked;
use crate::model::{Dialect, ExecutionKey};
use crate::query;

/// Deletes the events of a collection; what others have told of it stays. Who sends them again brings them back.
pub(super) async fn delete(Asked(state): Asked, uri: Uri) -> Result<Json<Deleted>, Error> {
    let collection = collection(&uri)?;
    let united = match state.reader.get(&collection).await {
        Ok(united) => united.keys(),
        Err(query::Error::Unknown(_)) => Vec::new(),
        Err(error) => return Err(error.into()),
    };
    // What has it for an alias is another collection. The own one is named even where it cannot be read: who may not
    // delete there is to know it.
    let own = united.into_iter().filter(|key| *key.id == *collection);
    let mut own: Vec<ExecutionKey> = own.collect();
    let home = ExecutionKey::new(&state.tenant, &collection);
    if !own.contains(&home) {
        own.push(home);
    }
    let deleted = state.ingest.remove(own, Dialect::Genomcore).await?;
    Ok(Json(Deleted { deleted }))
}

fn collection(uri: &Uri) -> Result<String, Error> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| Error::invalid("the query cannot be read"))?;
    let mut collection = None;
    let mut faults = Vec::new();
    for (key, value) in pairs {
        if key != "collection" {
            let key: String = key.chars().take(64).collect();
            faults.push(format!("property {key} should not exist"));
        } else if collection.replace(value).is_some() {
            faults.push("collection must be given once".into());
        }
    }
    let collection = collection.unwrap_or_default();
    if collection.trim().is_empty() {
        faults.push("collection should not be empty".into());
    }
    if faults.is_empty() {
        Ok(collection)
    } else {
        Err(Error::Invalid(faults))
    }
}
