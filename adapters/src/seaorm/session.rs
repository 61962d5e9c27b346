//! The session: SeaORM's connection traits on the scope that surrounds the caller.

use std::sync::Arc;

use async_trait::async_trait;
use ports::DatabaseError;
use sea_orm::{
    ConnectionTrait, DbBackend, DbErr, ExecResult, QueryResult, Statement, Value, sea_query::Values,
};

use super::{
    backend::Backend,
    engine::Engine,
    error::db_err,
    request::{Execute, Prepared, QueryAll, QueryOne, Request, Script},
    scope::Scope,
};

/// What repositories run their statements on: give `&session` to anything of SeaORM
/// that takes a connection.
///
/// Outside of a unit of work each statement takes a connection from the pool and
/// commits by itself; inside, it is part of the unit of work. Cheap to clone, holds
/// no connection.
///
/// Errors are SeaORM's [`DbErr`]; [`database_error`](super::database_error) tells
/// what they mean.
#[doc(alias = "AsyncSession")]
pub struct Session<B: Backend> {
    engine: Engine<B>,
    place: Place<B>,
}

enum Place<B: Backend> {
    /// Wherever the caller is, found anew with each statement: a session that was kept
    /// from before does not escape a unit of work.
    Ambient,
    /// This level of this unit of work.
    Fixed(Arc<Scope<B>>, u64),
}

impl<B: Backend> Clone for Session<B> {
    fn clone(&self) -> Self {
        let place = match &self.place {
            Place::Ambient => Place::Ambient,
            Place::Fixed(scope, level) => Place::Fixed(Arc::clone(scope), *level),
        };
        Self {
            engine: self.engine.clone(),
            place,
        }
    }
}

impl<B: Backend> Session<B> {
    pub(super) const fn ambient(engine: Engine<B>) -> Self {
        Self {
            engine,
            place: Place::Ambient,
        }
    }

    pub(super) const fn fixed(engine: Engine<B>, scope: Arc<Scope<B>>, level: u64) -> Self {
        Self {
            engine,
            place: Place::Fixed(scope, level),
        }
    }

    /// Whether statements are part of a unit of work, rather than committed one by one.
    pub fn in_unit_of_work(&self) -> bool {
        self.scope().is_some()
    }

    /// What the database is called among those of the same key.
    pub(crate) fn database_name(&self) -> String {
        B::name(self.engine.config())
    }

    /// The key with which cursors are sealed.
    pub(crate) fn cursor_key(&self) -> [u8; 32] {
        self.engine.settings().cursor_key.bytes()
    }

    /// Runs a statement whose text is at hand, for its first row.
    pub(crate) async fn query_one_prepared(
        &self,
        statement: Prepared,
    ) -> Result<Option<QueryResult>, DbErr> {
        self.run_here(QueryOne(statement)).await
    }

    /// The same for all of its rows.
    pub(crate) async fn query_all_prepared(
        &self,
        statement: Prepared,
    ) -> Result<Vec<QueryResult>, DbErr> {
        self.run_here(QueryAll(statement)).await
    }

    pub(super) const fn engine(&self) -> &Engine<B> {
        &self.engine
    }

    pub(super) fn scope(&self) -> Option<(Arc<Scope<B>>, u64)> {
        match &self.place {
            Place::Ambient => self.engine.scope(),
            Place::Fixed(scope, level) => {
                // Inside of a scope that is nested in this one, the nested one counts:
                // waiting for it to end would be waiting for the caller itself.
                let around = self.engine.scope();
                let nested = around.filter(|(other, inner)| {
                    Arc::ptr_eq(other, scope) && scope.is_inside(*inner, *level)
                });
                nested.or_else(|| Some((Arc::clone(scope), *level)))
            }
        }
    }

    async fn run<R: Request>(&self, request: R) -> Result<R::Output, DbErr> {
        self.run_here(request).await
    }

    /// Runs a request in the scope of whoever calls this, wherever it is awaited.
    pub(super) fn run_here<R: Request>(
        &self,
        request: R,
    ) -> impl Future<Output = Result<R::Output, DbErr>> + Send {
        let scope = self.scope();
        async move {
            if let Some(values) = request.values() {
                check_values::<B>(values).map_err(db_err)?;
            }
            match scope {
                Some((scope, level)) => scope.run(level, request).await,
                None => self.engine.run(request).await,
            }
        }
    }
}

#[async_trait]
impl<B: Backend> ConnectionTrait for Session<B> {
    fn get_database_backend(&self) -> DbBackend {
        B::DIALECT
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.run(Execute(statement.into())).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.run(Script::new(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.run(QueryOne(statement.into())).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.run(QueryAll(statement.into())).await
    }
}

/// Refuses what the driver could not send, before it would have to panic or to leave
/// the connection in doubt.
fn check_values<B: Backend>(values: &Values) -> Result<(), DatabaseError> {
    let bound = values.0.len();
    if bound > B::MAX_PARAMETERS {
        return Err(DatabaseError::invalid_query(format!(
            "the statement has {bound} parameters; at most {} can be bound",
            B::MAX_PARAMETERS
        )));
    }
    if values.0.iter().any(is_too_big) {
        return Err(DatabaseError::invalid_query(format!(
            "a number is greater than {}, the greatest that the database can keep",
            i64::MAX
        )));
    }
    Ok(())
}

fn is_too_big(value: &Value) -> bool {
    match value {
        Value::BigUnsigned(Some(number)) => i64::try_from(*number).is_err(),
        Value::Array(_, Some(values)) => values.iter().any(is_too_big),
        _ => false,
    }
}
