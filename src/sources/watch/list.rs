//! A list, page by page. Does I/O.

use futures::AsyncReadExt;
use kube::api::ListParams;
use kube::core::Request;
use serde::Deserialize;
use serde_json::value::RawValue;

use super::{Change, End, Sink, Version, Watcher};

/// One page.
#[derive(Debug, Deserialize)]
struct Page {
    #[serde(default)]
    metadata: Version,
    #[serde(default)]
    items: Option<Vec<Box<RawValue>>>,
}

impl<S: Sink> Watcher<S> {
    /// Lists the kind and delivers each page as it comes. Gives the version to watch from.
    ///
    /// A page's token that has expired in the middle ends the list as gone: it starts again, and what came is
    /// delivered already.
    pub(super) async fn list(&mut self) -> Result<Box<str>, End> {
        let mut parameters = ListParams::default().limit(self.pace.page);
        parameters.label_selector = self.labels.map(str::to_owned);
        let mut changes = vec![Change::Listing];
        loop {
            let page = self.page(&parameters).await?;
            let items = page.items.unwrap_or_default();
            changes.extend(items.into_iter().map(Change::Applied));
            let next = page.metadata.r#continue.filter(|token| !token.is_empty());
            if let Some(token) = next {
                parameters.continue_token = Some(token.into());
                self.sink.take(std::mem::take(&mut changes)).await?;
                continue;
            }
            let Some(version) = page.metadata.resource_version else {
                return Err(End::Failed("the list has no resourceVersion".into()));
            };
            changes.push(Change::Listed);
            self.sink.take(changes).await?;
            return Ok(version);
        }
    }

    async fn page(&self, parameters: &ListParams) -> Result<Page, End> {
        let failed = |problem: String| End::Failed(problem);
        let request = Request::new(&self.path).list(parameters);
        let request = request.map_err(|error| failed(error.to_string()))?;
        let answer = async {
            let mut body = std::pin::pin!(self.client.request_stream(request).await?);
            let mut bytes = Vec::new();
            let read = body.read_to_end(&mut bytes).await;
            read.map_err(|error| failed(error.to_string()))?;
            Ok::<_, End>(bytes)
        };
        let bytes = tokio::time::timeout(self.pace.answer, answer)
            .await
            .map_err(|_| failed("no answer to a list in time".into()))??;
        // Text that is no UTF-8 must not cost the whole page.
        let text = String::from_utf8_lossy(&bytes);
        serde_json::from_str(&text).map_err(|error| failed(error.to_string()))
    }
}
