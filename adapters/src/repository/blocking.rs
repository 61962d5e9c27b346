//! The generic adapter for blocking code: the same operations, run to their end on the
//! calling thread.

use std::{marker::PhantomData, sync::Arc};

use ports::{
    Clock, DatabaseError, Filter, Ids, Page, PageRequest, SessionManager, Sort,
    blocking::BlockOn as _,
};
use sea_orm::{StatementBuilder, TryGetable};

use super::{AsyncAdapter, Context, IdOf, Record, Source};
use crate::seaorm::{Backend, Session};

/// A session manager of blocking code.
pub type SharedManager<B> = Arc<dyn SessionManager<Session = Session<B>>>;

/// [`AsyncAdapter`] for blocking code. Each method has the contract of the method of
/// the same name there, and answers [`DatabaseError::BlockingInAsyncContext`] when the
/// calling thread is driving async tasks.
#[doc(alias = "GenericAdapter")]
pub struct Adapter<E, B: Backend> {
    manager: SharedManager<B>,
    context: Context,
    entity: PhantomData<fn() -> E>,
}

impl<E, B: Backend> Clone for Adapter<E, B> {
    fn clone(&self) -> Self {
        Self {
            manager: Arc::clone(&self.manager),
            context: self.context.clone(),
            entity: PhantomData,
        }
    }
}

impl<E: Record, B: Backend> Adapter<E, B> {
    /// An adapter in the sessions of this manager.
    pub fn new(manager: SharedManager<B>) -> Self {
        Self {
            manager,
            context: Context::default(),
            entity: PhantomData,
        }
    }

    /// See [`AsyncAdapter::with_clock`].
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Clock>) -> Self {
        self.context.clock = clock;
        self
    }

    /// See [`AsyncAdapter::with_ids`].
    #[must_use]
    pub fn with_ids(mut self, ids: Arc<dyn Ids>) -> Self {
        self.context.ids = ids;
        self
    }

    /// See [`AsyncAdapter::with_deleted`].
    #[must_use]
    pub fn with_deleted(&self) -> Self {
        let mut all = self.clone();
        all.context = self.context.seeing(true, self.context.with_archived);
        all
    }

    /// See [`AsyncAdapter::with_archived`].
    #[must_use]
    pub fn with_archived(&self) -> Self {
        let mut all = self.clone();
        all.context = self.context.seeing(self.context.with_deleted, true);
        all
    }

    /// See [`AsyncAdapter::session`]. Statements of SeaORM on it run inside of
    /// [`block_on`](ports::blocking::BlockOn::block_on).
    pub fn session(&self) -> Result<Session<B>, DatabaseError> {
        self.manager.session()
    }

    /// See [`AsyncAdapter::create`].
    pub fn create(&self, row: E::ActiveModel) -> Result<E::Model, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.create(row))?
    }

    /// See [`AsyncAdapter::create_many`].
    pub fn create_many(
        &self,
        rows: impl IntoIterator<Item = E::ActiveModel>,
    ) -> Result<u64, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.create_many(rows))?
    }

    /// See [`AsyncAdapter::find_by_id`].
    pub fn find_by_id(&self, id: impl Into<IdOf<E>>) -> Result<Option<E::Model>, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.find_by_id(id))?
    }

    /// See [`AsyncAdapter::lock`].
    pub fn lock(&self, id: impl Into<IdOf<E>>) -> Result<Option<E::Model>, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.lock(id))?
    }

    /// See [`AsyncAdapter::lock_many`].
    pub fn lock_many<I: Into<IdOf<E>>>(
        &self,
        ids: impl IntoIterator<Item = I>,
    ) -> Result<Vec<E::Model>, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.lock_many(ids))?
    }

    /// See [`AsyncAdapter::update`].
    pub fn update(&self, row: E::ActiveModel) -> Result<Option<E::Model>, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.update(row))?
    }

    /// See [`AsyncAdapter::delete`].
    pub fn delete(&self, id: impl Into<IdOf<E>>) -> Result<bool, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.delete(id))?
    }

    /// See [`AsyncAdapter::delete_many`].
    pub fn delete_many<I: Into<IdOf<E>>>(
        &self,
        ids: impl IntoIterator<Item = I>,
    ) -> Result<u64, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.delete_many(ids))?
    }

    /// See [`AsyncAdapter::execute`].
    pub fn execute(&self, statement: &impl StatementBuilder) -> Result<u64, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.execute(statement))?
    }

    /// See [`AsyncAdapter::scalars`].
    pub fn scalars<T: TryGetable>(
        &self,
        query: &impl StatementBuilder,
    ) -> Result<Vec<T>, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.scalars(query))?
    }

    /// See [`AsyncAdapter::search`].
    pub fn search(
        &self,
        filters: &[Filter<E::Column>],
        sort: &[Sort<E::Column>],
        page: &PageRequest,
    ) -> Result<(Vec<E::Model>, u64), DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.search(filters, sort, page))?
    }

    /// See [`AsyncAdapter::list`].
    pub fn list(
        &self,
        filters: &[Filter<E::Column>],
        sort: &[Sort<E::Column>],
        page: &PageRequest,
    ) -> Result<Page<E::Model>, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.list(filters, sort, page))?
    }

    /// See [`AsyncAdapter::count`].
    pub fn count(&self, filters: &[Filter<E::Column>]) -> Result<u64, DatabaseError> {
        let all = self.operations()?;
        self.manager.block_on(all.count(filters))?
    }

    /// The operations on the session of the caller's scope, to be run by `block_on`.
    fn operations(&self) -> Result<AsyncAdapter<E, B>, DatabaseError> {
        Ok(AsyncAdapter {
            source: Source::Session(self.manager.session()?),
            context: self.context.clone(),
            entity: PhantomData,
        })
    }
}
