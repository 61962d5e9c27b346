//! Order on a server that several test processes share, and that outlives them.
//!
//! A process that is killed leaves its databases behind. So each process keeps one session open
//! that is named like its databases, and on start drops the databases that have no such session:
//! their process is gone.

use crate::scratch::{PREFIX, process_name};
use crate::session;
use crate::thread::new_runtime;
use sea_orm::sqlx::{AssertSqlSafe, Error, PgConnection, query_scalar, raw_sql};
use std::future::pending;
use std::sync::mpsc::{Sender, channel};
use std::thread;
use url::Url;

/// Opens the session of this process, checks its rights, and tidies up.
pub(crate) fn start(server: &Url) -> Result<(), String> {
    let (sender, receiver) = channel();
    let server = server.clone();
    thread::spawn(move || new_runtime().block_on(keep(&server, &sender)));
    receiver
        .recv()
        .unwrap_or_else(|_| Err("the thread that watches over the test server died".to_owned()))
}

/// The session lives in this future, which ends with the process.
async fn keep(server: &Url, report: &Sender<Result<(), String>>) {
    let opened = open(server)
        .await
        .map_err(|reason| format!("TEST_DATABASE_URL cannot be used: {reason}"));
    match opened {
        Ok(_session) => {
            drop(report.send(Ok(())));
            pending::<()>().await;
        }
        Err(reason) => drop(report.send(Err(reason))),
    }
}

async fn open(server: &Url) -> Result<PgConnection, String> {
    let mut session = session::connect_as(process_name(), server)
        .await
        .map_err(|error| error.to_string())?;
    if !may_create_databases(&mut session).await? {
        return Err("its user may not create databases (ALTER ROLE .. CREATEDB)".to_owned());
    }
    drop_what_is_left(&mut session).await?;
    Ok(session)
}

async fn may_create_databases(session: &mut PgConnection) -> Result<bool, String> {
    let sql = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user";
    query_scalar(sql).fetch_one(session).await.map_err(text)
}

/// Only databases of the same user: it cannot see whether the sessions of others are there.
async fn drop_what_is_left(session: &mut PgConnection) -> Result<(), String> {
    let sql = format!(
        "SELECT datname::text FROM pg_database d JOIN pg_roles r ON r.oid = d.datdba \
         WHERE rolname = current_user AND datname ~ '^{PREFIX}_[0-9]+_[0-9a-f]{{8}}_[0-9]+$' \
         AND NOT EXISTS (SELECT FROM pg_stat_activity \
             WHERE application_name = substring(datname FROM '^(.*)_[0-9]+$'))"
    );
    let names: Vec<String> = query_scalar(AssertSqlSafe(sql))
        .fetch_all(&mut *session)
        .await
        .map_err(text)?;
    for name in names {
        let sql = format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#);
        // Another process may be tidying up at the same time, and be first.
        drop(raw_sql(AssertSqlSafe(sql)).execute(&mut *session).await);
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that map_err takes"
)]
fn text(error: Error) -> String {
    error.to_string()
}
