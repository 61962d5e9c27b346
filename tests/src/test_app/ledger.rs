//! What clients do with the sample.

use super::TestApp;
use crate::answer::Answer;
use http::{HeaderValue, Method, Request, header};
use serde_json::json;

impl TestApp {
    /// Opens an account in euro, and answers its id.
    pub async fn open(&self, owner: &str, minor: i64) -> String {
        let answer = self.open_in("EUR", owner, minor).await;
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.text("id").to_owned()
    }

    /// Asks for an account to be opened.
    pub async fn open_in(&self, currency: &str, owner: &str, minor: i64) -> Answer {
        let body = json!({"owner": owner, "currency": currency, "opening_balance": minor});
        self.post("/v1/accounts", body).await
    }

    /// Asks for euro to be moved.
    pub async fn transfer(&self, from: &str, to: &str, minor: i64) -> Answer {
        let body = json!({"from": from, "to": to, "amount": minor, "currency": "EUR"});
        self.post("/v1/transfers", body).await
    }

    /// Asks for an account to be given to another owner, if it is at one of these versions.
    pub async fn rename(&self, id: &str, versions: Option<&str>, owner: &str) -> Answer {
        let mut request = self.request(Method::PATCH, &format!("/v1/accounts/{id}"));
        let json = HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        *request.body_mut() = json!({ "owner": owner }).to_string();
        self.send(under(versions, request)).await
    }

    /// Asks for an account to be frozen or unfrozen.
    pub async fn change(&self, id: &str, change: &str, versions: Option<&str>) -> Answer {
        let request = self.request(Method::POST, &format!("/v1/accounts/{id}/{change}"));
        self.send(under(versions, request)).await
    }

    /// Asks for an account to be closed.
    pub async fn close(&self, id: &str, versions: Option<&str>) -> Answer {
        let request = self.request(Method::DELETE, &format!("/v1/accounts/{id}"));
        self.send(under(versions, request)).await
    }

    /// Asks for euro to be moved, once, under this key.
    pub async fn transfer_once(&self, key: &str, from: &str, to: &str, minor: i64) -> Answer {
        let body = json!({"from": from, "to": to, "amount": minor, "currency": "EUR"});
        let mut request = self.request(Method::POST, "/v1/transfers");
        for (name, value) in [
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ] {
            let value = HeaderValue::from_str(value).expect("a header of the test's");
            request.headers_mut().insert(name, value);
        }
        *request.body_mut() = body.to_string();
        self.send(request).await
    }

    /// How many transfers an account has part in: at most 100.
    pub async fn transfers_of(&self, id: &str) -> usize {
        let path = format!("/v1/accounts/{id}/transfers?limit=100");
        self.get(&path).await.of_items("id").len()
    }

    /// What an account holds.
    pub async fn balance(&self, id: &str) -> i64 {
        let account = self.get(&format!("/v1/accounts/{id}")).await;
        account.number("balance")
    }
}

fn under(versions: Option<&str>, mut request: Request<String>) -> Request<String> {
    if let Some(versions) = versions {
        let value = HeaderValue::from_bytes(versions.as_bytes()).expect("a header's value");
        request.headers_mut().insert(header::IF_MATCH, value);
    }
    request
}
