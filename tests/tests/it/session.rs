//! The session layer against real servers: every setting by its effect, the pool under load and
//! after accidents, on both sides.

mod address;
mod blocking;
mod dirty;
mod encryption;
mod environment;
mod load;
pub(crate) mod log;
mod metrics;
mod order;
mod outage;
mod password;
mod places;
mod recycle;
mod reset;
mod retry;
mod round_trips;
mod silence;
mod size;
pub(crate) mod sqlite;
mod startup;
mod variables;

use adapters::{
    config::Variables,
    postgres::{AsyncPostgresSessionManager, PostgresConfig, PostgresSessionManager},
    seaorm::database_error,
};
use ports::{AsyncSessionManager, DatabaseError, SessionManager, blocking::BlockOn};
use sea_orm::{ConnectionTrait, Statement, TryGetable};
use std::{
    future::Future,
    panic::resume_unwind,
    sync::mpsc::{RecvTimeoutError, channel},
    time::Duration,
};

/// No test takes longer, whatever goes wrong.
const PATIENCE: Duration = Duration::from_secs(20);

/// A configuration of this URL and these settings, named without `DATABASE_`.
pub(crate) fn config(
    url: &str,
    settings: &[(&str, &str)],
) -> Result<PostgresConfig, DatabaseError> {
    let named = settings
        .iter()
        .map(|(name, value)| (format!("DATABASE_{name}"), *value));
    let url = [("DATABASE_URL".to_owned(), url)];
    let variables = Variables::of("DATABASE", url.into_iter().chain(named))?;
    PostgresConfig::from_variables(&variables)
}

pub(crate) fn manager(url: &str, settings: &[(&str, &str)]) -> AsyncPostgresSessionManager {
    AsyncPostgresSessionManager::new(config(url, settings).unwrap()).unwrap()
}

pub(crate) fn sync_manager(url: &str, settings: &[(&str, &str)]) -> PostgresSessionManager {
    PostgresSessionManager::new(config(url, settings).unwrap()).unwrap()
}

/// The first column of the first row.
pub(crate) async fn read<T: TryGetable>(
    on: &impl ConnectionTrait,
    sql: &str,
) -> Result<T, DatabaseError> {
    let statement = Statement::from_string(on.get_database_backend(), sql);
    let row = on.query_one_raw(statement).await.map_err(database_error)?;
    let value = row.expect("a row").try_get_by_index(0);
    value.map_err(database_error)
}

/// Runs statements for their effect.
pub(crate) async fn run(on: &impl ConnectionTrait, sql: &str) -> Result<u64, DatabaseError> {
    let done = on.execute_unprepared(sql).await.map_err(database_error)?;
    Ok(done.rows_affected())
}

/// The first column of the first row, read on a connection of the pool.
pub(crate) async fn ask<T: TryGetable>(
    manager: &AsyncPostgresSessionManager,
    sql: &str,
) -> Result<T, DatabaseError> {
    within(read(&manager.session()?, sql)).await
}

/// The same on the blocking side.
pub(crate) fn ask_blocking<T: TryGetable>(
    manager: &PostgresSessionManager,
    sql: &str,
) -> Result<T, DatabaseError> {
    let session = manager.session()?;
    manager.block_on(read(&session, sql))?
}

/// The server's process on the other end of the connection that the pool hands out next.
async fn pid(manager: &AsyncPostgresSessionManager) -> Result<i32, DatabaseError> {
    ask(manager, "SELECT pg_backend_pid()").await
}

fn pid_blocking(manager: &PostgresSessionManager) -> Result<i32, DatabaseError> {
    ask_blocking(manager, "SELECT pg_backend_pid()")
}

pub(crate) async fn within<T>(future: impl Future<Output = T>) -> T {
    let bounded = tokio::time::timeout(PATIENCE, future).await;
    bounded.expect("the test has taken too long")
}

/// Runs blocking work on a thread of its own, away from the runtime of the test.
pub(crate) fn on_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    let (sender, receiver) = channel();
    let thread = std::thread::spawn(move || drop(sender.send(work())));
    match receiver.recv_timeout(PATIENCE) {
        Ok(done) => done,
        Err(RecvTimeoutError::Timeout) => panic!("the test has taken too long"),
        Err(RecvTimeoutError::Disconnected) => resume_unwind(thread.join().unwrap_err()),
    }
}

/// Waits until something that happens elsewhere has happened.
pub(crate) async fn until<F: Future<Output = bool>>(mut condition: impl FnMut() -> F) {
    within(async {
        while !condition().await {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    })
    .await;
}
