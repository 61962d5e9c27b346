//! Callers with tokens.

use super::TestApp;
use crate::test_database::TestDatabase;
use adapters::SystemClock;
use adapters::jwt::{JwtConfig, NewToken, Trust, issue};
use app::bootstrap;
use app::config::HttpConfig;
use ports::{Actor, Clock};
use std::sync::Arc;
use std::time::Duration;

impl TestApp {
    /// What the tokens of a secured service are signed with.
    pub const SECRET: &str = "a secret of the tests, known to all";

    /// The service on a PostgreSQL database of its own, which asks for tokens.
    pub async fn secured_postgres() -> Self {
        let database = TestDatabase::postgres().await;
        let url = database.url();
        Self::secured(&url).await.keeping(database)
    }

    /// The service on a SQLite database of its own, which asks for tokens.
    pub async fn secured_sqlite() -> Self {
        let file = TestDatabase::sqlite().await;
        let url = file.url();
        Self::secured(&url).await.keeping(file)
    }

    /// The service on the database at this URL, which asks for tokens.
    pub async fn secured(url: &str) -> Self {
        Self::trusting(url, config()).await
    }

    /// The same with other settings for tokens.
    pub async fn trusting(url: &str, config: JwtConfig) -> Self {
        let authenticator = bootstrap::authenticator(Some(config), Arc::new(SystemClock));
        let authenticator = authenticator.expect("settings of the test's");
        Self::guarded(url, &HttpConfig::default(), authenticator).await
    }

    /// The same service, as somebody sees it who has a token with these scopes.
    #[must_use]
    pub fn caller(&self, subject: &str, scopes: &[&str]) -> Self {
        let subject = Actor::new(subject).expect("a name");
        let token = NewToken {
            subject: &subject,
            scopes: &scopes.iter().map(ToString::to_string).collect(),
            lifetime: Duration::from_hours(1),
        };
        let token = issue(&config(), &token, SystemClock.now()).expect("a token");
        self.showing(&format!("Bearer {token}"))
    }

    /// The same service, as somebody sees it who sends this header `Authorization`.
    #[must_use]
    pub fn showing(&self, authorization: &str) -> Self {
        Self {
            addr: self.addr,
            client: self.client.clone(),
            _server: None,
            pool: self.pool.clone(),
            authorization: Some(authorization.to_owned()),
            database: None,
        }
    }
}

fn config() -> JwtConfig {
    JwtConfig::new(Trust::Secret(TestApp::SECRET.into()))
}
