//! The generic adapter: what every repository does, over any entity of SeaORM.

mod blocking;
mod bulk;
mod condition;
mod create;
mod cursor;
mod delete;
mod key;
mod keyset;
mod limit;
mod list;
mod order;
mod read;
mod stamp;
mod text;
mod update;
mod value;

use std::{marker::PhantomData, sync::Arc};

use ports::{AsyncSessionManager, Clock, DatabaseError, Ids};
use sea_orm::{
    ActiveModelBehavior, EntityTrait, IntoActiveModel, PrimaryKeyTrait, TransactionSession,
};

pub use blocking::{Adapter, SharedManager};
use text::Texts;

use crate::{
    SystemClock, UuidV7,
    seaorm::{Backend, Conventions, Session, database_error},
};

/// An entity that the generic adapter can work on: any, once it has said which
/// [conventions](crate::conventions) it follows. The names of its table and schema are the same
/// for as long as an adapter lives, which keeps the text of its statements.
pub trait Record:
    Conventions
    + EntityTrait<
        Model: IntoActiveModel<Self::ActiveModel> + Send + Sync,
        ActiveModel: ActiveModelBehavior + Send,
    >
{
}

impl<E> Record for E where
    E: Conventions
        + EntityTrait<
            Model: IntoActiveModel<E::ActiveModel> + Send + Sync,
            ActiveModel: ActiveModelBehavior + Send,
        >
{
}

/// The primary key of an entity.
pub type IdOf<E> = <<E as EntityTrait>::PrimaryKey as PrimaryKeyTrait>::ValueType;

/// A session manager of async code.
pub type SharedAsyncManager<B> = Arc<dyn AsyncSessionManager<Session = Session<B>>>;

/// Creates, finds, changes and deletes the rows of one entity, in the session of the
/// caller's scope. Cheap to clone.
#[doc(alias = "AsyncGenericAdapter")]
pub struct AsyncAdapter<E, B: Backend> {
    source: Source<B>,
    context: Context,
    entity: PhantomData<fn() -> E>,
}

/// Where an adapter has its sessions from.
enum Source<B: Backend> {
    /// The session of whatever scope the caller is in.
    Manager(SharedAsyncManager<B>),
    /// This one.
    Session(Session<B>),
}

/// Where time and identities come from, and which rows are seen.
#[derive(Clone)]
struct Context {
    clock: Arc<dyn Clock>,
    ids: Arc<dyn Ids>,
    with_deleted: bool,
    with_archived: bool,
    texts: Arc<Texts>,
}

impl Default for Context {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            ids: Arc::new(UuidV7),
            with_deleted: false,
            with_archived: false,
            texts: Arc::default(),
        }
    }
}

impl Context {
    /// The same, but that other rows are seen: with other texts.
    fn seeing(&self, with_deleted: bool, with_archived: bool) -> Self {
        Self {
            with_deleted,
            with_archived,
            texts: Arc::default(),
            ..self.clone()
        }
    }
}

impl<E, B: Backend> Clone for AsyncAdapter<E, B> {
    fn clone(&self) -> Self {
        let source = match &self.source {
            Source::Manager(manager) => Source::Manager(Arc::clone(manager)),
            Source::Session(session) => Source::Session(session.clone()),
        };
        Self {
            source,
            context: self.context.clone(),
            entity: PhantomData,
        }
    }
}

impl<E: Record, B: Backend> AsyncAdapter<E, B> {
    /// An adapter in the sessions of this manager.
    pub fn new(manager: SharedAsyncManager<B>) -> Self {
        Self {
            source: Source::Manager(manager),
            context: Context::default(),
            entity: PhantomData,
        }
    }

    /// With timestamps from this clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.context.clock = clock;
        self
    }

    /// With the identities of archived copies from here.
    #[must_use]
    pub fn with_ids(mut self, ids: Arc<dyn Ids>) -> Self {
        self.context.ids = ids;
        self
    }

    /// An adapter that sees rows that were marked as deleted, too.
    #[must_use]
    pub fn with_deleted(&self) -> Self {
        let mut all = self.clone();
        all.context = self.context.seeing(true, self.context.with_archived);
        all
    }

    /// An adapter that sees archived copies, too.
    #[must_use]
    pub fn with_archived(&self) -> Self {
        let mut all = self.clone();
        all.context = self.context.seeing(self.context.with_deleted, true);
        all
    }

    /// The session of the caller's scope, for statements of SeaORM's own.
    ///
    /// # Errors
    ///
    /// Those of [`AsyncSessionManager::session`].
    pub fn session(&self) -> Result<Session<B>, DatabaseError> {
        match &self.source {
            Source::Manager(manager) => manager.session(),
            Source::Session(session) => Ok(session.clone()),
        }
    }
}

/// Commits what went well and rolls back what did not. A rollback that fails closes the
/// connection, so the first failure is the one to answer.
pub(crate) async fn settle<T>(
    scope: impl TransactionSession,
    outcome: Result<T, DatabaseError>,
) -> Result<T, DatabaseError> {
    match outcome {
        Ok(value) => {
            scope.commit().await.map_err(database_error)?;
            Ok(value)
        }
        Err(error) => {
            let _ = scope.rollback().await;
            Err(error)
        }
    }
}
