//! What is logged: `ECHO`, `ECHO_POOL`, `HIDE_PARAMETERS`, `SLOW_STATEMENT`.

use super::{ask, manager};
use adapters::postgres::AsyncPostgresSessionManager;
use ports::AsyncSessionManager;
use sea_orm::{ConnectionTrait, DbBackend, Statement, TransactionTrait};
use std::{
    io::{self, Write},
    sync::{Arc, Mutex, OnceLock},
};
use tests::TestDatabase;
use tracing::{Dispatch, subscriber::NoSubscriber};
use tracing_subscriber::{fmt::MakeWriter, util::SubscriberInitExt};

#[tokio::test]
async fn statements_are_logged_on_demand_with_their_parameters() {
    let database = TestDatabase::empty().await;
    let log = Log::at("info");
    bind_a_secret(&manager(&database.url(), &[])).await;
    assert_eq!(log.text(), "");
    bind_a_secret(&manager(&database.url(), &[("ECHO", "true")])).await;

    let text = log.text();
    assert!(text.contains(" INFO adapters::statement"), "{text}");
    assert!(
        text.contains("SELECT $1") && text.contains("the parameter"),
        "{text}"
    );
}

#[tokio::test]
async fn statements_are_logged_at_debug_level_without_being_asked_for() {
    let database = TestDatabase::empty().await;
    let log = Log::at("debug");
    bind_a_secret(&manager(&database.url(), &[])).await;
    let text = log.text();
    assert!(text.contains("DEBUG adapters::statement"), "{text}");
    assert!(text.contains("the parameter"), "{text}");
}

#[tokio::test]
async fn parameters_can_be_hidden() {
    let database = TestDatabase::empty().await;
    let log = Log::at("trace");
    let settings = [
        ("ECHO", "true"),
        ("HIDE_PARAMETERS", "true"),
        ("SLOW_STATEMENT", "0"),
    ];
    bind_a_secret(&manager(&database.url(), &settings)).await;
    bind_a_secret(&manager(&database.url(), &[settings[0], settings[1]])).await;

    let text = log.text();
    assert!(text.contains("SELECT $1"), "{text}");
    assert!(!text.contains("the parameter"), "{text}");
}

#[tokio::test]
async fn slow_statements_are_warned_about() {
    let database = TestDatabase::empty().await;
    let log = Log::at("info");
    let manager = manager(&database.url(), &[("SLOW_STATEMENT", "40ms")]);
    ask::<i32>(&manager, "SELECT 1").await.unwrap();
    assert_eq!(log.text(), "");
    ask::<String>(&manager, "SELECT pg_sleep(0.05)::text")
        .await
        .unwrap();

    let text = log.text();
    assert!(
        text.contains(" WARN adapters::statement: slow statement"),
        "{text}"
    );
    assert!(
        text.contains("pg_sleep") && text.contains("elapsed="),
        "{text}"
    );
}

#[tokio::test]
async fn the_pool_says_what_it_opens_and_closes_and_why() {
    let database = TestDatabase::empty().await;
    let log = Log::at("info");
    let settings = [
        ("ECHO_POOL", "true"),
        ("POOL_SIZE", "1"),
        ("POOL_PRE_PING", "always"),
    ];
    let manager = manager(&database.url(), &settings);
    let session = manager.session().unwrap();
    let (one, two) = (
        session.begin().await.unwrap(),
        session.begin().await.unwrap(),
    );
    for transaction in [one, two] {
        sea_orm::TransactionSession::rollback(transaction)
            .await
            .unwrap();
    }
    super::run(&session, "SET work_mem = '8MB'").await.unwrap();
    ask::<i32>(&manager, "SELECT 1").await.unwrap();
    database.terminate_backends("%").await;
    ask::<i32>(&manager, "SELECT 1").await.unwrap();
    manager.close();

    let text = log.text();
    assert_eq!(text.matches("connection opened").count(), 4, "{text}");
    assert_eq!(text.matches("connection closed").count(), 4, "{text}");
    for reason in [
        "it was one more than are kept",
        "it was left in an unknown state",
        "the server does not answer on it",
        "the pool was closed",
    ] {
        assert_eq!(text.matches(reason).count(), 1, "{reason}: {text}");
    }
    assert!(
        text.lines()
            .all(|line| line.contains(" INFO adapters::pool")),
        "{text}"
    );
}

async fn bind_a_secret(manager: &AsyncPostgresSessionManager) {
    let statement = Statement::from_sql_and_values(
        DbBackend::Postgres,
        "SELECT $1",
        [sea_orm::Value::from("the parameter")],
    );
    manager
        .session()
        .unwrap()
        .query_one_raw(statement)
        .await
        .unwrap();
}

/// What is logged by this thread, on which a test's runtime runs, until this is dropped.
pub(crate) struct Log {
    lines: Lines,
    _until: Box<dyn std::any::Any>,
}

#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Log {
    pub(crate) fn at(level: &str) -> Self {
        // While there is but one subscriber, what a thread without one logs first is taken for
        // something that nobody ever wants to see.
        static ANOTHER: OnceLock<Dispatch> = OnceLock::new();
        ANOTHER.get_or_init(|| Dispatch::new(NoSubscriber::default()));
        let lines = Lines::default();
        let subscriber = tracing_subscriber::fmt()
            .with_writer(lines.clone())
            .with_ansi(false)
            .with_env_filter(level)
            .finish();
        Self {
            lines,
            _until: Box::new(subscriber.set_default()),
        }
    }

    pub(crate) fn text(&self) -> String {
        self.reader()()
    }

    /// [`text`](Self::text), for code that may be run on any thread.
    pub(crate) fn reader(&self) -> impl Fn() -> String + Send + Sync + use<> {
        let lines = self.lines.clone();
        move || String::from_utf8(lines.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
