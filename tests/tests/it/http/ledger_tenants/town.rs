//! Two people who must not know of each other, and what they are told.

use std::collections::BTreeMap;

use http::{HeaderName, HeaderValue, Method};
use serde_json::Value;
use tests::{Answer, TestApp};

use super::BOTH;

/// Two people, the first of whom has everything: an active account with money, one without, one
/// that is frozen, one that is closed, and a transfer.
pub(super) struct Town {
    pub(super) app: TestApp,
    pub(super) ada: TestApp,
    pub(super) bob: TestApp,
    pub(super) accounts: Vec<String>,
    pub(super) transfer: String,
    pub(super) bobs: String,
}

impl Town {
    pub(super) async fn new(app: TestApp) -> Self {
        let (ada, bob) = (app.caller("Ada", &BOTH), app.caller("Bob", &BOTH));
        let mut accounts = Vec::new();
        for minor in [500, 0, 0, 0] {
            accounts.push(ada.open("Ada", minor).await);
        }
        let bobs = bob.open("Bob", 100).await;
        let transfer = ada.transfer(&accounts[0], &accounts[1], 120).await;
        let transfer = transfer.text("id").to_owned();
        let frozen = ask(
            &ada,
            &Method::POST,
            &format!("/v1/accounts/{}/freeze", accounts[2]),
            &[],
            None,
        )
        .await;
        assert_eq!(frozen.status, 200);
        let closed = ask(
            &ada,
            &Method::DELETE,
            &format!("/v1/accounts/{}", accounts[3]),
            &[],
            None,
        )
        .await;
        assert_eq!(closed.status, 204);
        Self {
            app,
            ada,
            bob,
            accounts,
            transfer,
            bobs,
        }
    }

    /// All that its first inhabitant sees.
    pub(super) async fn of_ada(&self) -> Vec<Value> {
        let mut seen = vec![self.ada.get("/v1/accounts?page=1").await.body];
        for id in &self.accounts {
            seen.push(self.ada.get(&format!("/v1/accounts/{id}")).await.body);
            seen.push(
                self.ada
                    .get(&format!("/v1/accounts/{id}/transfers"))
                    .await
                    .body,
            );
        }
        seen
    }
}

/// Asks a route.
pub(super) async fn ask(
    caller: &TestApp,
    method: &Method,
    path: &str,
    headers: &[(&'static str, &'static str)],
    body: Option<&str>,
) -> Answer {
    let mut request = caller.request(method.clone(), path);
    let all = request.headers_mut();
    for (name, value) in headers {
        all.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    if let Some(body) = body {
        let json = HeaderValue::from_static("application/json");
        all.insert(http::header::CONTENT_TYPE, json);
        body.clone_into(request.body_mut());
    }
    caller.send(request).await
}

/// An answer without what differs from one request to the next, and without the id it is about.
pub(super) fn told(answer: &Answer, id: &str) -> (u16, BTreeMap<String, String>, String) {
    let passing = ["date", "x-request-id", "traceparent", "content-length"];
    let headers = answer.headers.iter();
    let headers = headers.filter(|(name, _)| !passing.contains(&name.as_str()));
    let headers = headers.map(|(name, value)| {
        (
            name.to_string(),
            value.to_str().unwrap_or_default().replace(id, "ID"),
        )
    });
    let mut body = answer.body.clone();
    if let Some(members) = body.as_object_mut() {
        members.remove("request_id");
    }
    let headers = headers.collect();
    (answer.status, headers, body.to_string().replace(id, "ID"))
}
