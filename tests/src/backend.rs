//! The sessions of a database, seen from outside.

use crate::session::{self, APPLICATION};
use sea_orm::sqlx::{Error, PgConnection, query_as, query_scalar};
use url::Url;

/// A row of `pg_stat_activity`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backend {
    /// The server's process, as `pg_backend_pid()` answers it.
    pub pid: i32,
    /// What the client calls itself.
    pub application_name: String,
    /// `active`, `idle`, `idle in transaction`, `idle in transaction (aborted)` and so on.
    pub state: String,
    /// The statement it runs, or ran last.
    pub query: String,
}

/// The sessions of clients in `database`, oldest first. Those of the harness are left out.
pub(crate) async fn list(server: &Url, database: &str) -> Result<Vec<Backend>, Error> {
    let mut session = session::connect(server).await?;
    let rows: Vec<(i32, String, String, String)> = query_as(
        "SELECT pid, application_name, coalesce(state, ''), query FROM pg_stat_activity \
         WHERE datname = $1 AND application_name <> $2 AND backend_type = 'client backend' \
         ORDER BY backend_start, pid",
    )
    .bind(database)
    .bind(APPLICATION)
    .fetch_all(&mut session)
    .await?;
    Ok(rows.into_iter().map(Backend::from).collect())
}

/// Ends the sessions whose application name is LIKE `pattern`, and waits until they are gone.
pub(crate) async fn terminate(server: &Url, database: &str, pattern: &str) -> Result<i64, Error> {
    let mut session: PgConnection = session::connect(server).await?;
    query_scalar(
        "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid, 5000)) FROM pg_stat_activity \
         WHERE datname = $1 AND application_name <> $2 AND backend_type = 'client backend' \
         AND application_name LIKE $3",
    )
    .bind(database)
    .bind(APPLICATION)
    .bind(pattern)
    .fetch_one(&mut session)
    .await
}

impl From<(i32, String, String, String)> for Backend {
    fn from((pid, application_name, state, query): (i32, String, String, String)) -> Self {
        Self {
            pid,
            application_name,
            state,
            query,
        }
    }
}
