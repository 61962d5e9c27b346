//! Speaking HTTP to a service that may not be there.

use std::{net::SocketAddr, sync::Mutex, time::Duration};

use http::{Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use hyper_util::{
    client::legacy::{Client, connect::HttpConnector},
    rt::TokioExecutor,
};
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpStream, time::timeout};

use super::book::{Order, lock};
use crate::{answer::Answer, metrics::Metrics, test_app::documented};

/// How long a request may be worked on, as the services are told.
pub(super) const REQUEST: Duration = Duration::from_secs(4);

/// After which nobody answers any more: a request's time, its wait for a place, and a slow
/// machine.
const SILENCE: Duration = Duration::from_secs(15);

/// What came of a request.
#[derive(Debug)]
pub(super) enum Heard {
    Answer(Answer),
    /// The connection broke, or could not be made.
    Nothing,
    /// The service kept the connection, and did not answer.
    Silence,
}

/// A client of all services; its connections are kept between requests.
pub(super) struct Caller(Mutex<Client<HttpConnector, String>>);

impl Caller {
    pub(super) fn new() -> Self {
        Self(Mutex::new(client()))
    }

    /// Closes the connections that nobody uses now.
    pub(super) fn hang_up(&self) {
        *lock(&self.0) = client();
    }

    fn client(&self) -> Client<HttpConnector, String> {
        lock(&self.0).clone()
    }

    pub(super) async fn get(&self, addr: SocketAddr, path: &str) -> Heard {
        let request = Request::get(format!("http://{addr}{path}")).body(String::new());
        self.send(request.expect("a request of the suite's")).await
    }

    /// Opens an account in euro, and answers its id.
    pub(super) async fn open(&self, addr: SocketAddr, owner: &str, minor: i64) -> String {
        let body = json!({"owner": owner, "currency": "EUR", "opening_balance": minor});
        let request = Request::post(format!("http://{addr}/v1/accounts"))
            .header("content-type", "application/json")
            .body(body.to_string());
        match self.send(request.expect("a request of the suite's")).await {
            Heard::Answer(answer) if answer.status == 201 => answer.text("id").to_owned(),
            other => panic!("no account: {other:?}"),
        }
    }

    /// Asks for an order between accounts with these ids.
    pub(super) async fn transfer(
        &self,
        addr: SocketAddr,
        order: &Order,
        accounts: &[String],
    ) -> Heard {
        let mut request = Request::post(format!("http://{addr}/v1/transfers"))
            .header("content-type", "application/json");
        if let Some(key) = &order.key {
            request = request.header("idempotency-key", key);
        }
        let request = request.body(body(order, accounts));
        self.send(request.expect("a request of the suite's")).await
    }

    /// What Prometheus would read, if there is an answer.
    pub(super) async fn metrics(&self, addr: SocketAddr) -> Option<Metrics> {
        let request = Request::get(format!("http://{addr}/metrics")).body(String::new());
        let answered = self.client().request(request.ok()?);
        let answer = timeout(SILENCE, answered).await.ok()?.ok()?;
        if answer.status() != StatusCode::OK {
            return None;
        }
        let bytes = answer.into_body().collect().await.ok()?.to_bytes();
        Some(Metrics(String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// Sends and reads; an answer that the API's document does not have is a panic.
    async fn send(&self, request: Request<String>) -> Heard {
        let (method, path) = (request.method().clone(), request.uri().path().to_owned());
        let client = self.client();
        let exchange = async {
            let (head, body) = client.request(request).await.ok()?.into_parts();
            let bytes = body.collect().await.ok()?.to_bytes();
            let head = http::Response::from_parts(head, ());
            Some(Answer::read(&head, &bytes, Some(&path)))
        };
        match timeout(SILENCE, exchange).await {
            Ok(Some(answer)) => {
                documented::assert(&method, &path, &answer);
                Heard::Answer(answer)
            }
            Ok(None) => Heard::Nothing,
            Err(_) => Heard::Silence,
        }
    }
}

fn client() -> Client<HttpConnector, String> {
    Client::builder(TokioExecutor::new()).build_http()
}

/// Sends an order, or a part of it, and is gone before the answer is. Answers whether somebody
/// was there.
pub(super) async fn hang_up(
    addr: SocketAddr,
    order: &Order,
    accounts: &[String],
    rng: &mut fastrand::Rng,
) -> bool {
    let key = order.key.as_ref();
    let key = key.map_or_else(String::new, |key| format!("Idempotency-Key: {key}\r\n"));
    let body = body(order, accounts);
    let request = format!(
        "{} /v1/transfers HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
         {key}Content-Length: {}\r\n\r\n{body}",
        Method::POST,
        body.len()
    );
    let whole = request.len();
    let sent = if rng.u8(..4) == 0 {
        rng.usize(..whole)
    } else {
        whole
    };
    // Nobody may be there.
    let Ok(mut stream) = TcpStream::connect(addr).await else {
        return false;
    };
    let part = request.as_bytes().get(..sent).unwrap_or_default();
    drop(stream.write_all(part).await);
    tokio::time::sleep(Duration::from_micros(rng.u64(..20_000))).await;
    true
}

fn body(order: &Order, accounts: &[String]) -> String {
    let account = |number: usize| accounts.get(number).map(String::as_str).unwrap_or_default();
    let (from, to) = (account(order.from), account(order.to));
    json!({"from": from, "to": to, "amount": order.amount, "currency": "EUR"}).to_string()
}
