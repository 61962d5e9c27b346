//! The lock on PostgreSQL.

use std::time::Duration;

use adapters::{Database, postgres::PostgresConfig};
use sea_orm_migration::{
    MigratorTrait as _,
    sea_orm::sqlx::{
        AssertSqlSafe, Connection as _, Decode, Error, PgConnection, Postgres, Type, query_scalar,
    },
};
use tokio::time::Instant;

use super::Kind;
use crate::{
    MigrationError, Migrator,
    reach::{self, lost},
};

/// The key: advisory locks are the database's own already, and two schemas of one database, or
/// two lists of migrations, may be changed at the same time.
const KEY: &str = "hashtextextended(concat_ws('/', 'migration', current_database(), \
                   current_schema(), $1), 0)";

/// A session that holds an advisory lock and does nothing else. The server takes the lock back
/// when the session ends, however that happens. It has to be a session with the server itself,
/// not one of a pooler that passes transactions on.
#[derive(Debug)]
pub(super) struct Lock(PgConnection);

impl Lock {
    pub(super) async fn release(self) {
        // The lock goes with the session, so neither failure leaves it behind.
        let mut session = self.0;
        let sql = format!("SELECT pg_advisory_unlock({KEY})");
        drop(ask::<bool>(&mut session, &sql).await);
        drop(session.close().await);
    }
}

/// Asks again and again instead of letting the server wait: a statement that waits keeps a
/// snapshot, and `CREATE INDEX CONCURRENTLY` in the migrator that holds the lock would wait
/// for that snapshot, for ever.
pub(super) async fn take(
    database: &Database,
    config: &PostgresConfig,
    patience: Duration,
) -> Result<Kind, MigrationError> {
    let deadline = Instant::now() + patience;
    let mut session = connect(database, config).await?;
    let sql = format!("SELECT pg_try_advisory_lock({KEY})");
    loop {
        if ask(&mut session, &sql).await.map_err(lost)? {
            return Ok(Kind::Advisory(Lock(session)));
        }
        if !super::wait_until(deadline).await {
            return Err(MigrationError::Locked {
                waited: patience,
                holder: holder(&mut session).await,
            });
        }
    }
}

async fn connect(
    database: &Database,
    config: &PostgresConfig,
) -> Result<PgConnection, MigrationError> {
    let mut session = reach::session(config, &database.connection()?).await?;
    // A server that ends idle sessions would end the lock. Older ones do not have the setting.
    let sql = "SELECT set_config(name, '0', false) FROM pg_settings \
               WHERE name = 'idle_session_timeout'";
    query_scalar::<_, String>(sql)
        .fetch_optional(&mut session)
        .await
        .map_err(lost)?;
    Ok(session)
}

/// Who holds the lock. It may have been given back since, and nobody waits for the answer.
async fn holder(session: &mut PgConnection) -> String {
    let sql = format!(
        "SELECT 'process ' || pid || ' of the server, named ' || quote_literal(application_name) \
         FROM pg_locks JOIN pg_stat_activity USING (pid) \
         WHERE locktype = 'advisory' AND granted AND objsubid = 1 \
         AND pg_locks.database = (SELECT oid FROM pg_database WHERE datname = current_database()) \
         AND (classid::bigint << 32 | objid::bigint) = {KEY}"
    );
    let found = ask(session, &sql).await;
    found.unwrap_or_else(|_| "it is not known who".to_owned())
}

async fn ask<T>(session: &mut PgConnection, sql: &str) -> Result<T, Error>
where
    T: for<'row> Decode<'row, Postgres> + Type<Postgres> + Send + Unpin,
{
    query_scalar(AssertSqlSafe(sql))
        .bind(Migrator::migration_table_name().to_string())
        .fetch_one(session)
        .await
}
