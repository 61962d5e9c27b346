//! What `check` finds on PostgreSQL. On SQLite it is tried as a process.

use adapters::config::Environment;
use app::{
    cli::check::{Finding, Name, Verdict, find},
    config::Effective,
};
use tests::{Cluster, ClusterOptions, TestDatabase};

/// What is found with these settings; port and access are left alone.
async fn found(settings: &[(&str, &str)]) -> Vec<Finding> {
    let effective = Effective::read(Environment::of(settings.iter().copied()));
    find(&effective, &[Name::Port, Name::Access]).await
}

async fn trouble(settings: &[(&str, &str)]) -> String {
    let found = found(settings).await;
    let failed = found.iter().find(|found| found.verdict == Verdict::Fail);
    failed.map(ToString::to_string).unwrap_or_default()
}

#[tokio::test]
async fn a_database_that_is_ready_is_found_so() {
    let database = TestDatabase::postgres().await;
    let found = found(&[("DATABASE_URL", &database.url())]).await;
    let names: Vec<_> = found.iter().map(|found| found.name).collect();
    let expected = [Name::Settings, Name::Database, Name::Schema, Name::Clock];
    assert_eq!(names, expected);
    for found in found {
        assert_eq!(found.verdict, Verdict::Ok, "{found}");
    }
}

// sample: begin
#[tokio::test]
async fn a_schema_that_nobody_will_migrate_fails() {
    let database = TestDatabase::empty().await;
    let url = database.url();
    for (migrates, verdict) in [("true", Verdict::Warn), ("false", Verdict::Fail)] {
        let settings = [
            ("DATABASE_URL", url.as_str()),
            ("DATABASE_MIGRATE_ON_START", migrates),
        ];
        let found = found(&settings).await;
        let schema = found
            .iter()
            .find(|found| found.name == Name::Schema)
            .unwrap();
        assert_eq!(schema.verdict, verdict, "{schema}");
        assert!(schema.to_string().contains("app migrate up"), "{schema}");
    }
    let tables: i64 = database
        .scalar("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'")
        .await;
    assert_eq!(tables, 0, "nothing was made");
}

// sample: end
#[tokio::test]
async fn host_login_and_database_are_told_apart() {
    let options = ClusterOptions {
        hba: Some("local all all trust\nhost postgres all all scram-sha-256\n".to_owned()),
        ..ClusterOptions::default()
    };
    let cluster = Cluster::start(&options);
    let url = cluster.url("postgres");
    let refused = trouble(&[("DATABASE_URL", &url), ("DATABASE_PASSWORD", "hunter2")]).await;
    assert!(refused.contains("password of"), "{refused}");
    assert!(
        refused.contains("DATABASE_PASSWORD") && !refused.contains("hunter2"),
        "{refused}"
    );
    let elsewhere = trouble(&[("DATABASE_URL", &cluster.url("other"))]).await;
    assert!(elsewhere.contains("may not log in"), "{elsewhere}");
    assert!(elsewhere.contains("pg_hba.conf"), "{elsewhere}");

    let database = TestDatabase::empty().await;
    let url = database.url();
    let missing = [("DATABASE_URL", url.as_str()), ("DATABASE_NAME", "nowhere")];
    let missing = trouble(&missing).await;
    assert!(missing.contains("no database nowhere"), "{missing}");
    let closed = trouble(&[("DATABASE_URL", &url), ("DATABASE_PORT", "1")]).await;
    assert!(closed.contains("nothing listens on"), "{closed}");
}

#[tokio::test]
async fn what_is_no_tls_is_told_apart_from_what_is_not_trusted() {
    let plain = Cluster::start(&ClusterOptions::default());
    let url = plain.url("postgres");
    let refused = trouble(&[("DATABASE_URL", &url), ("DATABASE_SSL_MODE", "require")]).await;
    assert!(refused.contains("no TLS with"), "{refused}");
    assert!(refused.contains("switch TLS on"), "{refused}");

    let tls = Cluster::start(&ClusterOptions::tls());
    let url = tls.url("postgres");
    let untrusted = trouble(&[("DATABASE_URL", &url), ("DATABASE_SSL_MODE", "verify-full")]).await;
    assert!(untrusted.contains("no TLS with"), "{untrusted}");
    assert!(untrusted.contains("DATABASE_SSL_ROOT_CERT"), "{untrusted}");
}
