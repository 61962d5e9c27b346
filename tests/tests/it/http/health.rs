use std::time::{Duration, Instant};

use tests::{Cluster, ClusterOptions, StopMode, TestApp, TestDatabase};

on_both!(a_service_with_a_database_lives_and_is_ready);

async fn a_service_with_a_database_lives_and_is_ready(app: TestApp) {
    assert_eq!(app.get("/healthz").await.status, 200);
    assert_eq!(app.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_lost_database_is_told_quickly_and_the_service_comes_back_with_it() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let database = TestDatabase::on(&cluster).await;
    let app = TestApp::on(&database.url()).await;
    assert_eq!(app.get("/readyz").await.status, 200);

    cluster.stop(StopMode::Immediate);
    let begun = Instant::now();
    let refused = app.get("/readyz").await;
    assert_eq!(refused.problem(), (503, "database-unavailable"));
    assert_eq!(refused.header("retry-after"), "1");
    assert!(!refused.text("detail").contains("stored"), "{refused:?}");
    assert_eq!(app.get("/healthz").await.status, 200);
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );

    cluster.start_again();
    assert_eq!(app.get("/readyz").await.status, 200);
}
