//! The harness's own tests: what the rest of the suite stands on.

mod left_behind;
mod proxy;

use sea_orm::sqlx::{Connection, PgConnection, query_scalar};
use tests::server::test_server;
use tests::{Cluster, ClusterOptions, StopMode, TestDatabase};
use url::Url;

#[tokio::test]
async fn two_tests_do_not_see_each_other() {
    let (one, other) = tokio::join!(TestDatabase::postgres(), TestDatabase::postgres());
    one.execute("CREATE TABLE only_here (id int); INSERT INTO only_here VALUES (1)")
        .await;

    assert_ne!(one.name(), other.name());
    assert_eq!(count(&one, "only_here").await, 1);
    assert_eq!(count(&other, "only_here").await, 0);
}

#[test]
fn many_tests_may_begin_at_once() {
    let begin = || {
        let database = TestDatabase::postgres_blocking();
        (database.name().to_owned(), database)
    };
    let tests: Vec<_> = (0..8).map(|_| std::thread::spawn(begin)).collect();
    let mut names: Vec<_> = tests
        .into_iter()
        .map(|test| test.join().unwrap())
        .map(|(name, _database)| name)
        .collect();
    names.sort();
    names.dedup();

    assert_eq!(names.len(), 8);
}

#[tokio::test]
async fn a_dropped_database_is_gone_although_a_session_was_open_in_it() {
    let observer = TestDatabase::empty().await;
    let database = TestDatabase::postgres().await;
    let name = database.name().to_owned();
    let mut session = database.connect().await;
    drop(database);

    let sql = format!("SELECT count(*) FROM pg_database WHERE datname = '{name}'");
    assert_eq!(observer.scalar::<i64>(&sql).await, 0);
    assert!(session.ping().await.is_err());
}

#[tokio::test]
async fn sessions_are_seen_and_ended_from_outside() {
    let database = TestDatabase::empty().await;
    let mut service = session_of("service", &database.url()).await;
    let _worker = session_of("worker", &database.url()).await;
    let pid: i32 = query_scalar("SELECT pg_backend_pid()")
        .fetch_one(&mut service)
        .await
        .unwrap();

    assert_eq!(database.backend_count().await, 2);
    assert_eq!(database.backend_states().await, ["idle", "idle"]);
    assert_eq!(database.backends().await.first().unwrap().pid, pid);
    assert_eq!(database.terminate_backends("serv%").await, 1);
    assert!(service.ping().await.is_err());
    assert_eq!(database.backend_count().await, 1);
}

#[tokio::test]
async fn a_cluster_that_restarts_keeps_its_data_and_its_port() {
    let cluster = Cluster::start(&ClusterOptions::default().with("deadlock_timeout", "77ms"));
    let database = TestDatabase::on(&cluster).await;
    database.execute("CREATE TABLE kept (id int)").await;
    let mut session = database.connect().await;

    cluster.restart(StopMode::Immediate);
    assert!(session.ping().await.is_err());
    assert_eq!(count(&database, "kept").await, 1);

    cluster.stop(StopMode::Fast);
    assert!(PgConnection::connect(&database.url()).await.is_err());
    cluster.start_again();
    assert_eq!(
        database.scalar::<String>("SHOW deadlock_timeout").await,
        "77ms"
    );
}

#[tokio::test]
async fn a_server_with_a_certificate_is_trusted_by_its_authority_alone() {
    let mut options = ClusterOptions::tls();
    options.hba = Some("hostssl all all 127.0.0.1/32 trust".to_owned());
    let cluster = Cluster::start(&options);
    let url = |parameters: &str| format!("{}?{parameters}", cluster.url("postgres"));
    let authority = format!("sslrootcert={}", cluster.ca_certificate().display());
    let (trusted, unknown) = (
        format!("sslmode=verify-full&{authority}"),
        "sslmode=verify-full",
    );

    let mut session = PgConnection::connect(&url(&trusted)).await.unwrap();
    let encrypted = query_scalar("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()");
    assert!(encrypted.fetch_one(&mut session).await.unwrap_or(false));
    assert!(PgConnection::connect(&url(unknown)).await.is_err());
    assert!(
        PgConnection::connect(&url("sslmode=disable"))
            .await
            .is_err()
    );
}

#[test]
fn a_cluster_that_cannot_start_shows_its_log() {
    let options = ClusterOptions::default().with("shared_buffers", "a lot");
    let panic = std::panic::catch_unwind(|| Cluster::start(&options)).unwrap_err();
    let message = panic.downcast_ref::<String>().unwrap();

    assert!(
        message.contains("invalid value for parameter \"shared_buffers\""),
        "{message}"
    );
}

#[test]
fn only_a_url_that_looks_like_a_test_database_is_taken() {
    let taken = [
        "postgres://u:p@h/test",
        "postgresql:///orders_test?host=/run",
    ];
    let refused = [
        "postgres://test:test@test/orders",
        "postgres://h",
        "postgres://h/test?dbname=orders",
        "mysql://h/test",
        "test",
    ];

    assert!(taken.into_iter().all(|url| test_server(url).is_ok()));
    for url in refused {
        assert!(test_server(url).is_err(), "{url}");
    }
}

#[test]
fn a_refusal_names_the_database_and_not_the_password() {
    let refusal = test_server("postgres://u:secret@h/orders").unwrap_err();

    assert!(refusal.contains("`orders`"), "{refusal}");
    assert!(!refusal.contains("secret"), "{refusal}");
}

#[tokio::test]
async fn an_sqlite_file_goes_away_with_its_directory() {
    let file = TestDatabase::sqlite().await;
    let database = sea_orm::Database::connect(file.url()).await.unwrap();
    database.close().await.unwrap();
    let path = file.path();

    assert!(path.is_file());
    drop(file);
    assert!(!path.parent().unwrap().exists());
}

async fn session_of(name: &str, url: &str) -> PgConnection {
    let mut url = Url::parse(url).unwrap();
    url.query_pairs_mut().append_pair("application_name", name);
    PgConnection::connect(url.as_str()).await.unwrap()
}

/// How many tables have this name: none or one.
async fn count(database: &TestDatabase, table: &str) -> i64 {
    let sql = format!("SELECT count(*) FROM pg_tables WHERE tablename = '{table}'");
    database.scalar(&sql).await
}
