//! Sessions and SeaORM's own transactions on them.

use adapters::seaorm::{Backend, database_error};
use futures_util::{FutureExt as _, TryStreamExt as _};
use ports::DatabaseError;
use sea_orm::{
    ConnectionTrait as _, DbErr, Statement, StreamTrait as _, TransactionError, TransactionOptions,
    TransactionSession as _, TransactionTrait as _,
};

use super::{
    case::{Case, Step, insert},
    rows::look,
};

pub(super) fn cases<B: Backend>() -> Vec<Case<B>> {
    let mut all = statements();
    all.extend(transactions());
    all.extend(callbacks());
    all
}

fn case<B: Backend>(covers: &'static [&'static str], run: Step<B>) -> Case<B> {
    Case {
        covers,
        before: None,
        run,
        is_apart: false,
        look,
    }
}

fn returning<B: Backend>(ids: &[i64]) -> Statement {
    let mut statement = insert::<B>(ids);
    statement.sql.push_str(" RETURNING id");
    statement
}

fn script(first: i64) -> String {
    let next = first + 1;
    format!("INSERT INTO dropped (id, note) VALUES ({first}, 'new'), ({next}, 'new')")
}

fn statements<B: Backend>() -> Vec<Case<B>> {
    vec![
        case(&["Session::execute_raw"], |stage, first| {
            async move {
                let insert = insert::<B>(&[first, first + 1]);
                let done = stage.session().execute_raw(insert).await;
                done.map(drop).map_err(database_error)
            }
            .boxed()
        }),
        case(&["Session::execute_unprepared"], |stage, first| {
            async move {
                let done = stage.session().execute_unprepared(&script(first)).await;
                done.map(drop).map_err(database_error)
            }
            .boxed()
        }),
        case(&["Session::query_one_raw"], |stage, first| {
            async move {
                let session = stage.session();
                let row = session.query_one_raw(returning::<B>(&[first])).await;
                assert!(row.map_err(database_error)?.is_some());
                Ok(())
            }
            .boxed()
        }),
        case(&["Session::query_all_raw"], |stage, first| {
            async move {
                let insert = returning::<B>(&[first, first + 1]);
                let rows = stage.session().query_all_raw(insert).await;
                assert_eq!(rows.map_err(database_error)?.len(), 2);
                Ok(())
            }
            .boxed()
        }),
        // Each row is waited for, and each can be the last that is read.
        case(&["Session::stream_raw"], |stage, first| {
            async move {
                let session = stage.session();
                let insert = returning::<B>(&[first, first + 1, first + 2]);
                let rows = session.stream_raw(insert).await;
                let rows: Vec<_> = rows
                    .map_err(database_error)?
                    .try_collect()
                    .await
                    .map_err(database_error)?;
                assert_eq!(rows.len(), 3);
                Ok(())
            }
            .boxed()
        }),
    ]
}

fn transactions<B: Backend>() -> Vec<Case<B>> {
    vec![
        case(
            &[
                "Session::begin",
                "SessionTransaction::execute_raw",
                "SessionTransaction::execute_unprepared",
                "SessionTransaction::query_one_raw",
                "SessionTransaction::query_all_raw",
                "SessionTransaction::commit",
            ],
            |stage, first| {
                async move {
                    let open = stage.session().begin().await?;
                    open.execute_raw(insert::<B>(&[first])).await?;
                    open.execute_unprepared(&script(first + 1)).await?;
                    open.query_one_raw(returning::<B>(&[first + 3])).await?;
                    open.query_all_raw(returning::<B>(&[first + 4])).await?;
                    open.commit().await
                }
                .map(told)
                .boxed()
            },
        ),
        case(
            &[
                "Session::begin_with_config",
                "Session::begin_with_options",
                "SessionTransaction::begin",
                "SessionTransaction::begin_with_config",
                "SessionTransaction::begin_with_options",
                "SessionTransaction::rollback",
            ],
            |stage, first| {
                async move {
                    let session = stage.session();
                    let undone = session
                        .begin_with_options(TransactionOptions::default())
                        .await?;
                    undone.execute_raw(insert::<B>(&[first])).await?;
                    undone.rollback().await?;
                    let open = session.begin_with_config(None, None).await?;
                    let kept = open.begin().await?;
                    kept.execute_raw(insert::<B>(&[first + 1])).await?;
                    kept.commit().await?;
                    let undone = open.begin_with_config(None, None).await?;
                    undone.execute_raw(insert::<B>(&[first + 2])).await?;
                    undone.rollback().await?;
                    let options = TransactionOptions::default();
                    let dropped = open.begin_with_options(options).await?;
                    dropped.execute_raw(insert::<B>(&[first + 3])).await?;
                    drop(dropped);
                    open.execute_raw(insert::<B>(&[first + 4])).await?;
                    open.commit().await
                }
                .map(told)
                .boxed()
            },
        ),
        case(&["SessionTransaction::stream_raw"], |stage, first| {
            async move {
                let open = stage.session().begin().await?;
                let insert = returning::<B>(&[first, first + 1]);
                let rows: Vec<_> = open.stream_raw(insert).await?.try_collect().await?;
                assert_eq!(rows.len(), 2);
                open.commit().await
            }
            .map(told)
            .boxed()
        }),
    ]
}

fn callbacks<B: Backend>() -> Vec<Case<B>> {
    vec![
        case(
            &["Session::transaction", "SessionTransaction::transaction"],
            |stage, first| {
                async move {
                    let session = stage.session();
                    let done = session.transaction(move |open| {
                        async move {
                            open.execute_raw(insert::<B>(&[first])).await?;
                            let inner = open.transaction(move |inner| {
                                async move { inner.execute_raw(insert::<B>(&[first + 1])).await }
                                    .boxed()
                            });
                            inner.await.map_err(flat)
                        }
                        .boxed()
                    });
                    done.await.map(drop).map_err(flat)
                }
                .map(told)
                .boxed()
            },
        ),
        case(
            &[
                "Session::transaction_with_config",
                "SessionTransaction::transaction_with_config",
            ],
            |stage, first| {
                async move {
                    let session = stage.session();
                    let done = session.transaction_with_config(
                        move |open| {
                            async move {
                                let inner = open.transaction_with_config(
                                    move |inner| {
                                        async move {
                                            inner.execute_raw(insert::<B>(&[first + 1])).await
                                        }
                                        .boxed()
                                    },
                                    None,
                                    None,
                                );
                                inner.await.map_err(flat)?;
                                open.execute_raw(insert::<B>(&[first])).await
                            }
                            .boxed()
                        },
                        None,
                        None,
                    );
                    done.await.map(drop).map_err(flat)
                }
                .map(told)
                .boxed()
            },
        ),
    ]
}

fn told(ended: Result<(), DbErr>) -> Result<(), DatabaseError> {
    ended.map_err(database_error)
}

fn flat(error: TransactionError<DbErr>) -> DbErr {
    match error {
        TransactionError::Connection(error) | TransactionError::Transaction(error) => error,
    }
}
