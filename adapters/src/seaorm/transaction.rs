//! SeaORM's own way to open transactions, for code of SeaORM that uses it: nested
//! saves of `#[sea_orm::model]` call `begin`. Everything else uses `atomic`.

use std::{
    fmt::{Debug, Display},
    future::Future,
    pin::Pin,
    sync::Arc,
};

use async_trait::async_trait;
use ports::{DatabaseError, Isolation, UnitOfWorkOptions, Verdict};
use sea_orm::{
    AccessMode, ConnectionTrait, DbBackend, DbErr, ExecResult, IsolationLevel, QueryResult,
    Statement, TransactionError, TransactionOptions, TransactionSession, TransactionTrait,
};

use super::{
    ambient::Surroundings,
    backend::Backend,
    error::db_err,
    scope::{LevelGuard, RootGuard, Scope},
    session::Session,
    unit_of_work::{Outcome, Unit},
};

/// An open transaction, or a savepoint if there was a transaction already. Rolled
/// back when it is dropped.
pub struct SessionTransaction<B: Backend> {
    session: Session<B>,
    guard: Guard<B>,
}

enum Guard<B: Backend> {
    Root(RootGuard<B>, Unit),
    Level(LevelGuard<B>),
}

impl<B: Backend> SessionTransaction<B> {
    pub(crate) const fn session(&self) -> &Session<B> {
        &self.session
    }

    async fn begin(session: &Session<B>, options: UnitOfWorkOptions) -> Result<Self, DbErr> {
        let engine = session.engine();
        let (guard, scope, level) = if let Some((scope, level)) = session.scope() {
            let guard = scope.open(level, options).await.map_err(db_err)?;
            let (scope, level) = (Arc::clone(guard.scope()), guard.level());
            (Guard::Level(guard), scope, level)
        } else {
            let mut unit = engine.unit(options);
            let begun = unit.begun(Scope::begin(engine, options).await);
            let guard = begun.map_err(db_err)?;
            let scope = Arc::clone(guard.scope());
            (Guard::Root(guard, unit), scope, RootGuard::<B>::LEVEL)
        };
        Ok(Self {
            session: Session::fixed(engine.clone(), scope, level),
            guard,
        })
    }

    /// What surrounds code inside of this transaction.
    fn surroundings(&self) -> Surroundings {
        let (scope, level) = match &self.guard {
            Guard::Root(root, _) => (Arc::clone(root.scope()), RootGuard::<B>::LEVEL),
            Guard::Level(level) => (Arc::clone(level.scope()), level.level()),
        };
        Surroundings::current().with(self.session.engine().id(), scope, level)
    }

    async fn end(self, verdict: Verdict) -> Result<(), DatabaseError> {
        match self.guard {
            Guard::Root(root, unit) => {
                let ended = root.finish(verdict).await;
                unit.ended(match &ended {
                    Ok(Some(_)) => Outcome::Committed,
                    Ok(None) => Outcome::RolledBack,
                    Err(error) => Outcome::of_failure(error),
                });
                let hooks = ended?.unwrap_or_default();
                self.session.engine().run_due_hooks(hooks).await;
            }
            Guard::Level(level) => {
                level.close(verdict).await?;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl<B: Backend> TransactionSession for SessionTransaction<B> {
    async fn commit(self) -> Result<(), DbErr> {
        self.end(Verdict::Commit).await.map_err(db_err)
    }

    async fn rollback(self) -> Result<(), DbErr> {
        self.end(Verdict::Rollback).await.map_err(db_err)
    }
}

#[async_trait]
impl<B: Backend> ConnectionTrait for SessionTransaction<B> {
    fn get_database_backend(&self) -> DbBackend {
        B::DIALECT
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.session.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.session.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.session.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.session.query_all_raw(statement).await
    }
}

/// Something that a transaction can be opened on.
trait Opens: Sync {
    type B: Backend;

    fn on(&self) -> &Session<Self::B>;
}

impl<B: Backend> Opens for Session<B> {
    type B = B;

    fn on(&self) -> &Session<B> {
        self
    }
}

impl<B: Backend> Opens for SessionTransaction<B> {
    type B = B;

    fn on(&self) -> &Session<B> {
        &self.session
    }
}

macro_rules! transaction_trait {
    ($($opener:ident),+) => {$(
        #[async_trait]
        impl<B: Backend> TransactionTrait for $opener<B> {
            type Transaction = SessionTransaction<B>;

            async fn begin(&self) -> Result<Self::Transaction, DbErr> {
                SessionTransaction::begin(self.on(), UnitOfWorkOptions::new()).await
            }

            async fn begin_with_config(
                &self,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> Result<Self::Transaction, DbErr> {
                let options = options(isolation_level, access_mode);
                SessionTransaction::begin(self.on(), options).await
            }

            async fn begin_with_options(
                &self,
                asked: TransactionOptions,
            ) -> Result<Self::Transaction, DbErr> {
                let options = options(asked.isolation_level, asked.access_mode);
                SessionTransaction::begin(self.on(), options).await
            }

            async fn transaction<F, T, E>(&self, callback: F) -> Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c Self::Transaction,
                    )
                        -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: Display + Debug + Send,
            {
                self.transaction_with_config(callback, None, None).await
            }

            async fn transaction_with_config<F, T, E>(
                &self,
                callback: F,
                isolation_level: Option<IsolationLevel>,
                access_mode: Option<AccessMode>,
            ) -> Result<T, TransactionError<E>>
            where
                F: for<'c> FnOnce(
                        &'c Self::Transaction,
                    )
                        -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>
                    + Send,
                T: Send,
                E: Display + Debug + Send,
            {
                let opened = self.begin_with_config(isolation_level, access_mode).await;
                let transaction = opened.map_err(TransactionError::Connection)?;
                // Repositories that the callback calls take part as well.
                let work = async { callback(&transaction).await };
                let result = transaction.surroundings().enter(work).await;
                let ended = transaction.end(Verdict::of(&result)).await;
                match (result, ended) {
                    (Err(error), _) => Err(TransactionError::Transaction(error)),
                    (Ok(_), Err(error)) => Err(TransactionError::Connection(db_err(error))),
                    (Ok(value), Ok(())) => Ok(value),
                }
            }
        }
    )+};
}

transaction_trait!(Session, SessionTransaction);

fn options(isolation: Option<IsolationLevel>, access: Option<AccessMode>) -> UnitOfWorkOptions {
    let mut options = UnitOfWorkOptions::new();
    options.isolation = isolation.map(|level| match level {
        IsolationLevel::ReadUncommitted => Isolation::ReadUncommitted,
        IsolationLevel::ReadCommitted => Isolation::ReadCommitted,
        IsolationLevel::RepeatableRead => Isolation::RepeatableRead,
        IsolationLevel::Serializable => Isolation::Serializable,
    });
    options.read_only = access == Some(AccessMode::ReadOnly);
    options
}
