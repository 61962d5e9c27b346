//! Rows one after the other, for results that are too large to be collected.

use std::{future::Future, pin::Pin};

use futures_channel::mpsc;
use futures_util::{
    SinkExt as _, StreamExt as _, TryStreamExt as _,
    stream::{self, BoxStream, PollNext},
};
use sea_orm::{
    DbBackend, DbErr, QueryResult, RuntimeErr, Statement, StreamTrait,
    sea_query::Values,
    sqlx::{self, SqlStr},
};

use super::{
    backend::{Backend, DriverError},
    request::{Prepared, Request},
    session::Session,
    transaction::SessionTransaction,
};

/// A statement whose rows are passed on one by one.
struct Rows {
    statement: Prepared,
    to: mpsc::Sender<QueryResult>,
}

impl Request for Rows {
    type Output = ();

    const HOLDS: bool = true;

    fn sql(&self) -> &SqlStr {
        self.statement.sql()
    }

    fn values(&self) -> Option<&Values> {
        self.statement.values()
    }

    async fn send<B: Backend>(mut self, connection: &mut B::Connection) -> Result<(), sqlx::Error> {
        let (sql, values) = self.statement.into_parts();
        let mut rows = B::stream(connection, sql, values);
        while let Some(row) = rows.try_next().await? {
            if self.to.send(row).await.is_err() {
                break;
            }
        }
        Ok(())
    }

    fn db_err(error: DriverError) -> DbErr {
        DbErr::Query(RuntimeErr::SqlxError(error))
    }
}

/// Rows as they come. The connection is held until the last one: a stream that is
/// dropped before costs its connection, and inside of a unit of work the unit of work.
fn rows<B: Backend>(
    session: &Session<B>,
    statement: Statement,
) -> BoxStream<'_, Result<QueryResult, DbErr>> {
    let (to, from) = mpsc::channel(0);
    let statement = Prepared::from(statement);
    // The place is found now: wherever the stream is read, it belongs here.
    let run = session.run_here(Rows { statement, to });
    let end = stream::once(run).filter_map(async |ended| ended.err().map(Err));
    let prefer_rows = |(): &mut ()| PollNext::Left;
    stream::select_with_strategy(from.map(Ok), end, prefer_rows).boxed()
}

macro_rules! stream_trait {
    ($($on:ident: $session:expr),+) => {$(
        impl<B: Backend> StreamTrait for $on<B> {
            type Stream<'a> = BoxStream<'a, Result<QueryResult, DbErr>>;

            fn get_database_backend(&self) -> DbBackend {
                B::DIALECT
            }

            fn stream_raw<'a>(
                &'a self,
                statement: Statement,
            ) -> Pin<Box<dyn Future<Output = Result<Self::Stream<'a>, DbErr>> + 'a + Send>> {
                let session: fn(&Self) -> &Session<B> = $session;
                Box::pin(async move { Ok(rows(session(self), statement)) })
            }
        }
    )+};
}

stream_trait!(Session: |session| session, SessionTransaction: |open| open.session());
