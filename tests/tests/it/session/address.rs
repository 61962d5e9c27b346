//! Where the database is: `DATABASE_URL`, and the parts that make or override it.

use super::{ask, config, manager};
use adapters::{
    config::Variables,
    postgres::{AsyncPostgresSessionManager, PostgresConfig},
};
use tests::{Cluster, ClusterOptions, TestDatabase};
use url::Url;

const WHERE: &str = "SELECT concat_ws('/', current_user, current_database(), inet_server_port())";

#[tokio::test]
async fn the_url_alone_reaches_the_database() {
    let database = TestDatabase::empty().await;
    let manager = manager(&database.url(), &[]);
    let name: String = ask(&manager, "SELECT current_database()::text")
        .await
        .unwrap();
    assert_eq!(name, database.name());
}

#[tokio::test]
async fn the_parts_alone_reach_the_database() {
    let (database, port) = database_and_port().await;
    database.execute("CREATE ROLE parts_alone LOGIN").await;
    let pairs = [
        ("DATABASE_HOST", "127.0.0.1"),
        ("DATABASE_PORT", &port),
        ("DATABASE_NAME", database.name()),
        ("DATABASE_USERNAME", "parts_alone"),
    ];
    let manager = manager_of(&pairs);
    let found: String = ask(&manager, WHERE).await.unwrap();
    manager.close();
    database.terminate_backends("%").await;
    database.execute("DROP ROLE parts_alone").await;

    assert_eq!(found, format!("parts_alone/{}/{port}", database.name()));
}

#[tokio::test]
async fn each_part_overrides_the_url() {
    let (database, port) = database_and_port().await;
    let pairs = [
        (
            "DATABASE_URL",
            "postgres://nobody:nothing@192.0.2.1:1/nowhere",
        ),
        ("DATABASE_HOST", "127.0.0.1"),
        ("DATABASE_PORT", &port),
        ("DATABASE_NAME", database.name()),
        ("DATABASE_USERNAME", "postgres"),
        ("DATABASE_PASSWORD", "ignored when the server trusts"),
    ];
    let found: String = ask(&manager_of(&pairs), WHERE).await.unwrap();

    assert_eq!(found, format!("postgres/{}/{port}", database.name()));
}

#[tokio::test]
async fn the_host_may_be_the_directory_of_a_socket() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let directory = cluster.directory().display().to_string();
    let url = format!("postgres://postgres@/postgres?host={directory}");
    let overridden = cluster.url("postgres");
    let port = cluster.port().to_string();
    for manager in [
        manager(&url, &[("PORT", &port)]),
        manager(&overridden, &[("HOST", &directory)]),
    ] {
        let local: bool = ask(&manager, "SELECT inet_server_port() IS NULL")
            .await
            .unwrap();
        assert!(local);
    }
}

#[test]
fn what_is_left_of_an_unencoded_password_is_refused_and_not_shown() {
    for url in [
        "postgres://u:12/hunter2@h/x",
        "postgres://u:12?hunter2=a@h/x",
        "postgres://u:12#hunter2@h/x",
        "postgres://u:hunter2@h/x#fragment",
    ] {
        let refused = config(url, &[]).unwrap_err();
        let message = format!("{refused} {refused:?}");
        assert!(message.contains("DATABASE_URL"), "{message}");
        assert!(message.contains("percent-encoded"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

fn manager_of(pairs: &[(&str, &str)]) -> AsyncPostgresSessionManager {
    let variables = Variables::of("DATABASE", pairs.iter().copied()).unwrap();
    let config = PostgresConfig::from_variables(&variables).unwrap();
    AsyncPostgresSessionManager::new(config).unwrap()
}

async fn database_and_port() -> (TestDatabase, String) {
    let database = TestDatabase::empty().await;
    let url = Url::parse(&database.url()).unwrap();
    (database, url.port().unwrap_or(5432).to_string())
}
