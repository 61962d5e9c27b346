//! What every database does for the session layer: on connections of its own, which are closed
//! when a future on them is dropped.

use adapters::seaorm::Backend;
use futures_util::{FutureExt as _, TryStreamExt as _, future::BoxFuture};
use sea_orm::sqlx::{self, AssertSqlSafe, Connection as _, SqlSafeStr as _, SqlStr};
use tests::polls::{MANY, Moment, drop_after};

use super::{
    case::insert,
    place::{OnPostgres, OnSqlite, Place},
    rows::look,
};

pub(super) const COVERS: &[&str] = &[
    "Backend::connect",
    "Backend::execute",
    "Backend::query_all",
    "Backend::query_one",
    "Backend::script",
    "Backend::stream",
];

#[tokio::test]
async fn a_connection_to_postgres_can_be_given_up_at_every_poll() {
    each_can_be_dropped(&OnPostgres::new().await).await;
}

#[tokio::test]
async fn a_connection_to_sqlite_can_be_given_up_at_every_poll() {
    each_can_be_dropped(&OnSqlite::new().await).await;
}

type Call<B> = for<'c> fn(
    &'c mut <B as sqlx::Database>::Connection,
    i64,
) -> BoxFuture<'c, Result<(), sqlx::Error>>;

fn calls<B: Backend>() -> [Call<B>; 5] {
    [
        |connection, first| {
            let (sql, values) = parts::<B>(first);
            B::execute(connection, sql, values)
                .map(|done| done.map(drop))
                .boxed()
        },
        |connection, first| {
            let (sql, values) = parts::<B>(first);
            B::query_one(connection, sql, values)
                .map(|row| row.map(drop))
                .boxed()
        },
        |connection, first| {
            let (sql, values) = parts::<B>(first);
            B::query_all(connection, sql, values)
                .map(|rows| rows.map(drop))
                .boxed()
        },
        |connection, first| {
            let (sql, values) = parts::<B>(first);
            async move {
                let rows: Vec<_> = B::stream(connection, sql, values).try_collect().await?;
                assert_eq!(rows.len(), 2);
                Ok(())
            }
            .boxed()
        },
        |connection, first| {
            let rows = format!("({first}, 'new'), ({}, 'new')", first + 1);
            let sql = format!("INSERT INTO dropped (id, note) VALUES {rows}");
            B::script(connection, AssertSqlSafe(sql).into_sql_str())
                .map(|done| done.map(drop))
                .boxed()
        },
    ]
}

fn parts<B: Backend>(first: i64) -> (SqlStr, Option<sea_orm::sea_query::Values>) {
    let statement = insert::<B>(&[first, first + 1]);
    let sql = statement.sql + " RETURNING id";
    (AssertSqlSafe(sql).into_sql_str(), statement.values)
}

async fn each_can_be_dropped<P: Place>(place: &P) {
    let config = place.config();
    for moment in Moment::BOTH {
        for polls in 0..MANY {
            let opened = drop_after(polls, moment, P::Db::connect(&config)).await;
            let ended = opened.is_some();
            if let Some(opened) = opened {
                opened.unwrap().close().await.unwrap();
            }
            none_is_left(place).await;
            if ended {
                assert!(polls > 0, "it has not waited");
                break;
            }
        }
        for call in calls::<P::Db>() {
            call_can_be_dropped(place, moment, call).await;
        }
    }
}

async fn call_can_be_dropped<P: Place>(place: &P, moment: Moment, call: Call<P::Db>) {
    let config = place.config();
    for polls in 0..MANY {
        let first = place.ten();
        let mut connection = P::Db::connect(&config).await.unwrap();
        let ended = drop_after(polls, moment, call(&mut connection, first)).await;
        // As the pool does with one that was left in the middle.
        drop(connection);
        none_is_left(place).await;
        let stored = place.look(look(first)).await;
        match stored.len() {
            0 => assert!(ended.is_none(), "it said that it was stored"),
            2 => {}
            _ => panic!("half of it is stored: {stored:?}"),
        }
        if let Some(ended) = ended {
            ended.unwrap();
            return;
        }
    }
    panic!("it never ended");
}

async fn none_is_left<P: Place>(place: &P) {
    let begun = std::time::Instant::now();
    while !place.is_settled(0).await {
        assert!(
            begun.elapsed() < super::place::PATIENCE,
            "a session is left"
        );
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
    }
}
