//! What the metrics tell of the ledger's requests.

use std::time::Duration;

use tests::{TestApp, TestDatabase};

on_both!(an_id_in_a_path_is_no_label);

async fn an_id_in_a_path_is_no_label(app: TestApp) {
    let id = app.open("Ada", 1).await;
    app.get(&format!("/v1/accounts/{id}")).await;
    let metrics = app.metrics().await;
    let found = r#"http_requests_total{method="GET",route="/v1/accounts/{id}",status="200"}"#;
    assert_eq!(metrics.count(found), 1);
    assert!(!metrics.0.contains(&id), "{metrics:?}");
}

#[tokio::test]
async fn a_client_that_goes_away_is_counted_and_so_is_its_unit_of_work() {
    let database = TestDatabase::postgres().await;
    database
        .execute(
            "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql
                 AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
             CREATE TRIGGER slow BEFORE INSERT ON accounts
                 FOR EACH ROW EXECUTE FUNCTION dawdle()",
        )
        .await;
    let app = TestApp::on(&database.url()).await;
    let given_up = tokio::time::timeout(Duration::from_secs(1), app.open_in("EUR", "Ada", 1));
    assert!(given_up.await.is_err());

    let aborted = r#"http_requests_total{method="POST",route="/v1/accounts",status="aborted"}"#;
    let wait = async {
        while app.metrics().await.find(aborted).is_none() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let waited = tokio::time::timeout(Duration::from_secs(20), wait).await;
    waited.expect("the request is counted");
    let metrics = app.metrics().await;
    assert_eq!(metrics.count("http_requests_in_flight"), 1);
    assert_eq!(
        metrics.count(r#"database_units_of_work_open{database="main"}"#),
        0
    );
}
