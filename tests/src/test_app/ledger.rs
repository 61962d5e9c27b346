//! What clients do with the sample.

use super::TestApp;
use crate::answer::Answer;
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

    /// What an account holds.
    pub async fn balance(&self, id: &str) -> i64 {
        let account = self.get(&format!("/v1/accounts/{id}")).await;
        account.number("balance")
    }
}
