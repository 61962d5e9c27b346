//! Whether the database can be read.

use std::{fs, path::PathBuf, sync::Arc};

use adapters::{
    repository::SharedAsyncManager,
    seaorm::{Backend, database_error},
};
use async_trait::async_trait;
use ports::{Atomic as _, DatabaseError, UnitOfWorkOptions};
use sea_orm::{ConnectionTrait as _, DbBackend};

use crate::http::Readiness;

/// The service is ready when its database can be read.
pub(super) struct DatabaseReadiness<B: Backend> {
    pub(super) manager: SharedAsyncManager<B>,
    /// Where an embedded database is. A connection that is open does not notice that its file
    /// was deleted: it would go on with one that nobody else sees.
    pub(super) file: Option<PathBuf>,
}

#[async_trait]
impl<B: Backend> Readiness for DatabaseReadiness<B> {
    async fn check(&self) -> Result<(), DatabaseError> {
        // In a unit of work, whose beginning replaces a connection that has died in the pool.
        self.manager
            .atomic_with(UnitOfWorkOptions::new().read_only(), || self.read())
            .await?;
        // Afterwards: the first connection makes the file.
        match self.file.as_ref().map(fs::metadata) {
            Some(Err(error)) => Err(DatabaseError::Connection(Arc::new(error))),
            _ => Ok(()),
        }
    }
}

impl<B: Backend> DatabaseReadiness<B> {
    async fn read(&self) -> Result<(), DatabaseError> {
        let session = self.manager.session()?;
        let sql = match session.get_database_backend() {
            // Nothing short of a table is read from the file.
            DbBackend::Sqlite => "SELECT count(*) FROM sqlite_master",
            _ => "SELECT 1",
        };
        let read = session.execute_unprepared(sql).await;
        read.map(drop).map_err(database_error)
    }
}
