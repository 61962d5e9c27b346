//! Many rows at once.

use std::time::{Duration, Instant};

use adapters::seaorm::Backend;
use ports::{Atomic as _, DatabaseError};
use sea_orm::{ActiveValue::Set, DbBackend, entity::prelude::*};

use super::{
    sample::{self, full},
    store::Store,
};

#[expect(unreachable_pub, reason = "SeaORM derives public items around it")]
mod item {
    use sea_orm::entity::prelude::*;

    /// Has defaults, and what can be violated.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "items")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub id: i64,
        #[sea_orm(unique)]
        pub code: String,
        #[sea_orm(default_value = 7)]
        pub count: i32,
        #[sea_orm(default_value = "fresh")]
        pub state: Option<String>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

adapters::conventions!(item::Entity);

fn coded(n: usize) -> item::ActiveModel {
    item::ActiveModel {
        code: Set(n.to_string()),
        ..Default::default()
    }
}

async fn any_number_of_rows_is_stored_in_one_call<B: Backend>(store: Store<B>) {
    let rows: u32 = if B::DIALECT == DbBackend::Postgres {
        100_000
    } else {
        20_000
    };
    let samples = store.new_adapter::<sample::Entity>().await;
    let begun = Instant::now();
    let stored = samples.create_many((0..rows).map(|n| sample::ActiveModel {
        natural: Set(Some(n)),
        ..full("x", 1)
    }));
    assert_eq!(stored.await.unwrap(), u64::from(rows));
    assert!(
        begun.elapsed() < Duration::from_mins(1),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(samples.count(&[]).await.unwrap(), u64::from(rows));
    let last = sample::Entity::find()
        .filter(sample::Column::Natural.eq(rows - 1))
        .one(&store.session())
        .await;
    let mut last = last.unwrap().unwrap();
    last.id = 1;
    let mut expected = full("x", 1);
    (expected.id, expected.natural) = (Set(1), Set(Some(rows - 1)));
    assert_eq!(
        last,
        sea_orm::TryIntoModel::try_into_model(expected).unwrap()
    );
}

async fn what_is_unset_gets_its_default_and_null_stays_null<B: Backend>(store: Store<B>) {
    let items = store.new_adapter::<item::Entity>().await;
    let mut counted = coded(2);
    counted.count = Set(1);
    let mut stateless = coded(3);
    stateless.state = Set(None);
    let mut all = coded(4);
    (all.count, all.state) = (Set(2), Set(Some("old".to_owned())));
    assert_eq!(
        items
            .create_many([coded(1), counted, stateless, all])
            .await
            .unwrap(),
        4
    );

    let mut found = item::Entity::find().all(&store.session()).await.unwrap();
    found.sort_by(|a, b| a.code.cmp(&b.code));
    let found: Vec<_> = found
        .iter()
        .map(|row| (row.count, row.state.as_deref()))
        .collect();
    assert_eq!(
        found,
        [
            (7, Some("fresh")),
            (1, Some("fresh")),
            (7, None),
            (2, Some("old"))
        ]
    );
}

async fn rows_of_which_nothing_is_known_are_rows<B: Backend>(store: Store<B>) {
    store.table::<sample::Entity>().await;
    let name = if B::DIALECT == DbBackend::Postgres {
        "ALTER TABLE samples ALTER name SET DEFAULT 'nobody'"
    } else {
        "DROP TABLE samples; CREATE TABLE samples \
         (id integer PRIMARY KEY, name text DEFAULT 'nobody', flag, small, medium, big, natural, \
          single, double, note, key, day, moment, mood, temper, bytes, payload)"
    };
    store.script(name).await;
    let samples = store.adapter::<sample::Entity>();
    let blank = <sample::ActiveModel as Default>::default;
    let noted = || sample::ActiveModel {
        note: Set(None),
        ..blank()
    };
    assert_eq!(
        samples
            .create_many([blank(), noted(), blank()])
            .await
            .unwrap(),
        3
    );
    let found = sample::Entity::find().all(&store.session()).await.unwrap();
    assert!(found.iter().all(|row| row.name == "nobody"));
}

async fn nothing_is_stored_of_rows_with_one_that_is_refused<B: Backend>(store: Store<B>) {
    let items = store.new_adapter::<item::Entity>().await;
    for count in [50, 25_000] {
        let rows = (0..count).map(|n| coded(if n == count / 2 { 0 } else { n }));
        let refused = items.create_many(rows).await;
        assert!(
            matches!(refused, Err(DatabaseError::UniqueViolation(_))),
            "{refused:?}"
        );
        assert_eq!(items.count(&[]).await.unwrap(), 0);
    }
}

async fn a_refusal_that_is_handled_leaves_the_unit_of_work_intact<B: Backend>(store: Store<B>) {
    let items = store.new_adapter::<item::Entity>().await;
    for (round, count) in [2, 25_000].into_iter().enumerate() {
        let work = store.manager.atomic(|| async {
            items.create(coded(100_000 + round)).await?;
            let refused = items
                .create_many((0..count).map(|n| coded(n % (count - 1))))
                .await;
            assert!(
                matches!(refused, Err(DatabaseError::UniqueViolation(_))),
                "{refused:?}"
            );
            items.create_many([coded(200_000 + round)]).await
        });
        assert_eq!(work.await.unwrap(), 1);
    }
    assert_eq!(items.count(&[]).await.unwrap(), 4);
}

async fn many_rows_are_part_of_the_unit_of_work<B: Backend>(store: Store<B>) {
    let items = store.new_adapter::<item::Entity>().await;
    let undone = store.manager.atomic(|| async {
        assert_eq!(items.create_many((0..3_000).map(coded)).await?, 3_000);
        Err::<(), _>(DatabaseError::invalid_query("undo"))
    });
    undone.await.unwrap_err();
    assert_eq!(items.count(&[]).await.unwrap(), 0);
}

async fn no_rows_are_stored_without_a_statement<B: Backend>(store: Store<B>) {
    // There is no table: a statement would fail.
    assert_eq!(
        store
            .adapter::<item::Entity>()
            .create_many([])
            .await
            .unwrap(),
        0
    );
}

on_every_backend!(
    any_number_of_rows_is_stored_in_one_call,
    what_is_unset_gets_its_default_and_null_stays_null,
    rows_of_which_nothing_is_known_are_rows,
    nothing_is_stored_of_rows_with_one_that_is_refused,
    a_refusal_that_is_handled_leaves_the_unit_of_work_intact,
    many_rows_are_part_of_the_unit_of_work,
    no_rows_are_stored_without_a_statement,
);
