//! A part of the service that panics.

use std::sync::Arc;

use adapters::Database;
use app::{
    bootstrap,
    config::{Config, HttpConfig},
    http::Readiness,
};
use ports::DatabaseError;
use tests::{TestApp, TestDatabase};

struct Broken;

#[async_trait::async_trait]
impl Readiness for Broken {
    async fn check(&self) -> Result<(), DatabaseError> {
        panic!("a panic of a test")
    }
}

#[tokio::test]
async fn a_panic_is_a_problem_and_the_service_goes_on() {
    let (postgres, sqlite) = (TestDatabase::postgres().await, TestDatabase::sqlite().await);
    for url in [postgres.url(), sqlite.url()] {
        panics_are_contained(&url).await;
    }
}

async fn panics_are_contained(url: &str) {
    let database = Database::from_url(url).unwrap();
    let mut service = bootstrap::service(&database, &Config::default()).unwrap();
    service.api.readiness = Arc::new(Broken);
    let app = TestApp::of(service, &HttpConfig::default()).await;

    for _ in 0..3 {
        let broken = app.get("/readyz").await;
        assert_eq!(broken.problem(), (500, "internal-error"));
        assert_eq!(broken.header("x-content-type-options"), "nosniff");
        assert!(!broken.text("detail").contains("of a test"), "{broken:?}");
        assert_eq!(app.get("/healthz").await.status, 200);
    }
}
