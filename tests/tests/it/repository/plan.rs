//! What PostgreSQL makes of the statements.

use ports::{Atomic as _, DatabaseError, Filter, PageRequest, Sort};
use sea_orm::{ActiveValue::Set, ConnectionTrait as _, DbBackend, Statement, sqlx::Postgres};

use super::{
    sample::{self, Column, Entity, named},
    store::Store,
};

/// The prepared statements of the session whose text is like this, with their names.
async fn prepared(store: &Store<Postgres>, like: &str) -> Vec<(String, String)> {
    let sql = format!(
        "SELECT name, statement, parameter_types::text FROM pg_prepared_statements \
         WHERE statement LIKE '%samples%{like}%' \
         AND statement NOT LIKE '%pg_prepared_statements%' ORDER BY prepare_time"
    );
    let rows = store
        .session()
        .query_all_raw(Statement::from_string(DbBackend::Postgres, sql))
        .await
        .unwrap();
    rows.iter()
        .map(|row| {
            let types: String = row.try_get_by_index(2).unwrap();
            (row.try_get_by_index(0).unwrap(), types)
        })
        .collect()
}

async fn explain(store: &Store<Postgres>, name: &str, values: &str) -> String {
    let sql = format!("EXPLAIN EXECUTE {name}({values})");
    let plan = Statement::from_string(DbBackend::Postgres, sql);
    let rows = store.session().query_all_raw(plan).await.unwrap();
    let lines = rows.iter().map(|row| row.try_get_by_index(0).unwrap());
    lines.collect::<Vec<String>>().join("\n")
}

#[tokio::test]
async fn lists_of_every_length_share_a_statement() {
    let store = Store::postgres().await;
    let samples = store.new_adapter::<Entity>().await;
    let work = store.manager.atomic(|| async {
        for length in [0, 1, 2, 1000] {
            samples
                .count(&[Filter::in_list(Column::Medium, 0..length)])
                .await?;
        }
        samples
            .count(&[Filter::not_in_list(Column::Medium, [1, 2])])
            .await?;
        samples
            .count(&[Filter::not_in_list(Column::Medium, [1])])
            .await?;
        for moods in [&["calm"][..], &["calm", "happy"]] {
            samples
                .count(&[Filter::in_list(Column::Mood, moods.iter().copied())])
                .await?;
            samples
                .count(&[Filter::in_list(Column::Temper, [""; 0])])
                .await?;
        }
        let types = prepared(&store, "medium\" = ANY").await;
        assert_eq!(
            types.iter().map(|(_, types)| &**types).collect::<Vec<_>>(),
            ["{integer[]}"]
        );
        assert_eq!(prepared(&store, "medium\" <> ALL").await.len(), 1);
        assert_eq!(prepared(&store, "mood\" = ANY").await.len(), 1);
        assert_eq!(prepared(&store, "temper\" = ANY").await.len(), 1);
        Ok::<_, DatabaseError>(())
    });
    work.await.unwrap();
}

#[tokio::test]
async fn values_bind_with_the_type_of_their_column() {
    let store = Store::postgres().await;
    let samples = store.new_adapter::<Entity>().await;
    let mut row = named("x");
    row.medium = Set(Some(5));
    row.big = Set(Some(5));
    samples.create(row).await.unwrap();
    let work = store.manager.atomic(|| async {
        for column in [Column::Medium, Column::Big] {
            for filter in [Filter::equal(column, 5_i32), Filter::equal(column, 5_i64)] {
                assert_eq!(samples.count(&[filter]).await?, 1);
            }
        }
        let types = |found: Vec<(String, String)>| found.into_iter().map(|(_, types)| types);
        let medium = types(prepared(&store, "medium\" = $1").await).collect::<Vec<_>>();
        assert_eq!(medium, ["{integer}"]);
        let big = types(prepared(&store, "big\" = $1").await).collect::<Vec<_>>();
        assert_eq!(big, ["{bigint}"]);
        Ok::<_, DatabaseError>(())
    });
    work.await.unwrap();
}

#[tokio::test]
async fn a_list_without_conditions_is_planned_once() {
    let store = Store::postgres().await;
    let samples = store.new_adapter::<Entity>().await;
    let rows = (0..2_000).map(|n| named(&format!("{n:05}")));
    samples.create_many(rows).await.unwrap();
    store
        .script("CREATE INDEX by_name ON samples (name, id); ANALYZE samples")
        .await;
    let work = store.manager.atomic(|| async {
        let sort = [Sort::ascending(Column::Name)];
        let page = PageRequest::first(20)?;
        let first = samples.list(&[], &sort, &page).await?;
        let after = PageRequest::after(first.next.unwrap(), 20)?;
        for page in [&page, &after] {
            for _ in 0..10 {
                let found = samples.list(&[], &sort, page).await?;
                assert_eq!(found.items.len(), 20);
            }
        }
        let sql = "SELECT min(generic_plans), count(*) FROM pg_prepared_statements \
                   WHERE statement LIKE '%samples%ORDER BY%' \
                   AND statement NOT LIKE '%pg_prepared_statements%'";
        let plans = Statement::from_string(DbBackend::Postgres, sql);
        let row = store.session().query_one_raw(plans).await.unwrap().unwrap();
        let [kept, statements]: [i64; 2] = [0, 1].map(|at| row.try_get_by_index(at).unwrap());
        assert_eq!(statements, 2);
        // The server makes five plans before it looks whether one would do.
        assert!(kept >= 5, "{kept}");
        Ok::<_, DatabaseError>(())
    });
    work.await.unwrap();
}

#[tokio::test]
async fn the_next_page_begins_at_its_place_in_an_index() {
    let store = Store::postgres().await;
    let samples = store.new_adapter::<Entity>().await;
    let rows = (0..20_000).map(|n| sample::ActiveModel {
        medium: Set(Some(n)),
        ..named(&format!("{:05}", n / 2))
    });
    samples.create_many(rows).await.unwrap();
    store
        .script("CREATE INDEX by_name ON samples (name, id); ANALYZE samples")
        .await;

    for (direction, name) in [
        (Sort::ascending as fn(Column) -> Sort<Column>, "'05000'"),
        (Sort::descending, "'05000'"),
    ] {
        let work = store.manager.atomic(|| async {
            let sort = [direction(Column::Name)];
            let first = samples.list(&[], &sort, &PageRequest::first(5)?).await?;
            let before = prepared(&store, "ORDER BY").await;
            let after = PageRequest::after(first.next.unwrap(), 5)?;
            assert_eq!(samples.list(&[], &sort, &after).await?.items.len(), 5);
            let all = prepared(&store, "ORDER BY").await;
            let new = all.iter().find(|found| !before.contains(found)).unwrap();
            let plan = explain(&store, &new.0, &format!("{name}, 7, 6")).await;
            assert!(plan.contains("Index Cond: (ROW("), "{plan}");
            assert!(!plan.contains("Sort") && !plan.contains("Filter"), "{plan}");
            Ok::<_, DatabaseError>(())
        });
        work.await.unwrap();
    }
}
