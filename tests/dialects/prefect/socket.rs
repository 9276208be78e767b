//! A client's end of a socket, with everything in the test's hand.

use std::time::Duration;

use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use super::stage::MOUNT;

const PATIENCE: Duration = Duration::from_secs(30);

pub(crate) struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Socket {
    /// Upgrades; with the name of the protocol and headers as they are given.
    pub(crate) async fn open(
        url: &str,
        path: &str,
        begins: bool,
        headers: &[(&'static str, &str)],
    ) -> Self {
        let url = format!("{}{MOUNT}{path}", url.replacen("http", "ws", 1));
        let mut request = url.into_client_request().unwrap();
        if begins {
            let protocol = HeaderValue::from_static("prefect");
            request
                .headers_mut()
                .insert("sec-websocket-protocol", protocol);
        }
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        let (socket, answer) = connect_async(request).await.unwrap();
        assert_eq!(
            answer.headers().contains_key("sec-websocket-protocol"),
            begins
        );
        Self(socket)
    }

    /// Upgrades and says who it is.
    pub(crate) async fn greeted(url: &str, path: &str, token: Option<&str>) -> Self {
        let mut socket = Self::open(url, path, true, &[]).await;
        socket.say(&json!({ "type": "auth", "token": token })).await;
        assert_eq!(socket.read().await, json!({ "type": "auth_success" }));
        socket
    }

    pub(crate) async fn say(&mut self, message: &Value) {
        self.text(message.to_string()).await;
    }

    pub(crate) async fn text(&mut self, text: impl Into<String>) {
        self.0.send(Message::text(text.into())).await.unwrap();
    }

    /// Sends what the other side may not take to its end.
    pub(crate) async fn attempt(&mut self, text: String) {
        let _ = self.0.send(Message::text(text)).await;
    }

    pub(crate) async fn binary(&mut self, bytes: Vec<u8>) {
        self.0.send(Message::binary(bytes)).await.unwrap();
    }

    async fn next(&mut self) -> Option<Message> {
        let next = tokio::time::timeout(PATIENCE, self.0.next()).await;
        next.expect("something comes").and_then(Result::ok)
    }

    /// The next text as it stands.
    pub(crate) async fn frame(&mut self) -> String {
        loop {
            match self.next().await {
                Some(Message::Text(text)) => return text.to_string(),
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("no text: {other:?}"),
            }
        }
    }

    pub(crate) async fn read(&mut self) -> Value {
        serde_json::from_str(&self.frame().await).unwrap()
    }

    /// Asks for PONG and waits for it.
    pub(crate) async fn ponged(&mut self) {
        self.0
            .send(Message::Ping(b"1234".as_slice().into()))
            .await
            .unwrap();
        loop {
            match self.next().await {
                Some(Message::Pong(bytes)) => {
                    assert_eq!(&*bytes, b"1234");
                    return;
                }
                Some(Message::Ping(_)) => {}
                other => panic!("no PONG: {other:?}"),
            }
        }
    }

    /// Says goodbye and waits for the answer.
    pub(crate) async fn closed(mut self) {
        // If the other side has begun, this is only waited for.
        let _ = self.0.close(None).await;
        while self.next().await.is_some() {}
    }

    /// With which code and words the other side says goodbye.
    pub(crate) async fn goodbye(&mut self) -> (u16, String) {
        loop {
            match self.next().await {
                Some(Message::Close(Some(frame))) => {
                    return (frame.code.into(), frame.reason.to_string());
                }
                Some(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("no goodbye: {other:?}"),
            }
        }
    }
}
