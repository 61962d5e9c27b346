//! A session manager that counts what it hands out.

use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use adapters::seaorm::{AsyncManager, Backend, Session};
use async_trait::async_trait;
use ports::{
    AsyncSessionManager, DatabaseError, UnitOfWork, UnitOfWorkOptions, Verdict,
    unit_of_work::{Attempt, Hook},
};

pub(super) struct Double<B: Backend> {
    inner: AsyncManager<B>,
    sessions: AtomicUsize,
}

impl<B: Backend> Double<B> {
    pub(super) const fn new(inner: AsyncManager<B>) -> Self {
        Self {
            inner,
            sessions: AtomicUsize::new(0),
        }
    }

    pub(super) fn sessions(&self) -> usize {
        self.sessions.load(SeqCst)
    }
}

#[async_trait]
impl<B: Backend> UnitOfWork for Double<B> {
    async fn run<'a>(
        &'a self,
        options: UnitOfWorkOptions,
        work: &'a (dyn Fn() -> Attempt<'a> + Send + Sync + 'a),
    ) -> Result<Verdict, DatabaseError> {
        self.inner.run(options, work).await
    }

    fn defer(&self, hook: Hook) -> Result<(), DatabaseError> {
        self.inner.defer(hook)
    }
}

#[async_trait]
impl<B: Backend> AsyncSessionManager for Double<B> {
    type Session = Session<B>;

    fn session(&self) -> Result<Session<B>, DatabaseError> {
        self.sessions.fetch_add(1, SeqCst);
        self.inner.session()
    }

    async fn remove_session(&self) -> Result<(), DatabaseError> {
        self.inner.remove_session().await
    }
}
