//! Connections that fail at once when there is no server, and say why. SeaORM's pool tries until
//! its time is over, and then says that it was full.

use std::{io::ErrorKind, sync::Arc};

use adapters::{Database, postgres::PostgresConfig};
use ports::DatabaseError;
use sea_orm_migration::sea_orm::{
    DatabaseConnection,
    sqlx::{ConnectOptions as _, Connection as _, Error, PgConnection},
};
use tokio::time::timeout;

use crate::MigrationError;

/// A pool whose server was there a moment ago.
pub(crate) async fn connection(database: &Database) -> Result<DatabaseConnection, MigrationError> {
    let connection = database.connection()?;
    if let Database::Postgres(config) = database {
        session(config, &connection)
            .await?
            .close()
            .await
            .map_err(lost)?;
    }
    Ok(connection)
}

/// A session beside the pool.
pub(crate) async fn session(
    config: &PostgresConfig,
    connection: &DatabaseConnection,
) -> Result<PgConnection, MigrationError> {
    let pool = connection.get_postgres_connection_pool();
    let options = pool.connect_options();
    let opened = timeout(config.session.connect_timeout, options.connect()).await;
    opened
        .map_err(|_| lost(Error::Io(ErrorKind::TimedOut.into())))?
        .map_err(lost)
}

pub(crate) fn lost(error: Error) -> MigrationError {
    DatabaseError::Connection(Arc::new(error)).into()
}
