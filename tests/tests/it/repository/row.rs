//! Single rows: create, find, change, delete, and statements of the caller's own.

use adapters::seaorm::Backend;
use ports::{Atomic as _, DatabaseError, RetryPolicy, UnitOfWorkOptions};
use sea_orm::{
    ActiveValue::Set, IntoActiveModel as _, QuerySelect as _, QueryTrait as _, TryIntoModel as _,
    Unchanged, entity::prelude::*, sea_query::Query,
};

use super::{
    sample::{self, Column, Entity, full, named},
    store::{Store, refusal},
};

async fn every_kind_of_value_comes_back<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    for rank in 0..3 {
        let created = samples.create(full("x", rank)).await.unwrap();
        let mut expected = full("x", rank);
        expected.id = Unchanged(created.id);
        let found = samples.find_by_id(created.id).await.unwrap().unwrap();
        assert_eq!(found, created);
        assert_eq!(found, expected.try_into_model().unwrap());
    }
    let empty = samples.create(named("nothing")).await.unwrap();
    assert_eq!((empty.flag, empty.mood, empty.moment), (None, None, None));
    assert_eq!(samples.find_by_id(77).await.unwrap(), None);
}

async fn an_update_changes_what_is_set_and_nothing_else<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let before = samples.create(full("before", 1)).await.unwrap();
    let other = samples.create(full("other", 1)).await.unwrap();

    let mut change = before.clone().into_active_model();
    change.name = Set("after".to_owned());
    change.mood = Set(None);
    change.temper = Set(Some(sample::Temper::SoSo));
    let after = samples.update(change).await.unwrap().unwrap();

    let expected = sample::Model {
        name: "after".to_owned(),
        mood: None,
        temper: Some(sample::Temper::SoSo),
        ..before.clone()
    };
    assert_eq!(after, expected);
    assert_eq!(samples.find_by_id(before.id).await.unwrap(), Some(expected));
    assert_eq!(samples.find_by_id(other.id).await.unwrap(), Some(other));
}

async fn an_update_that_sets_nothing_answers_the_row<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let row = samples.create(named("same")).await.unwrap();
    let unchanged = samples.update(row.clone().into_active_model()).await;
    assert_eq!(unchanged.unwrap(), Some(row));
}

async fn an_update_of_a_missing_row_answers_none<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let mut change = named("nobody");
    change.id = Set(5);
    assert_eq!(samples.update(change).await.unwrap(), None);
    let text = refusal(samples.update(named("no key")).await);
    assert!(text.contains("id"), "{text}");
}

async fn a_deleted_row_is_gone_and_was_there_once<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let row = samples.create(named("x")).await.unwrap();
    assert!(samples.delete(row.id).await.unwrap());
    assert!(!samples.delete(row.id).await.unwrap());
    assert_eq!(samples.find_by_id(row.id).await.unwrap(), None);
}

async fn many_rows_are_deleted_at_once<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    samples
        .create_many((0..40_000).map(|_| named("x")))
        .await
        .unwrap();
    assert_eq!(samples.delete_many(Vec::<i64>::new()).await.unwrap(), 0);
    assert_eq!(samples.delete_many([1_i64, 2, 2, 99_999]).await.unwrap(), 2);
    // More keys than a statement has parameters.
    assert_eq!(samples.delete_many(3..=39_999_i64).await.unwrap(), 39_997);
    assert_eq!(samples.count(&[]).await.unwrap(), 1);
}

async fn statements_of_the_callers_own_run_in_its_scope<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    samples
        .create_many(["a", "b", "c"].map(named))
        .await
        .unwrap();

    let rename = Query::update()
        .table(Entity)
        .value(Column::Name, "z")
        .and_where(Column::Name.ne("a"))
        .take();
    let undone = store.manager.atomic(|| async {
        assert_eq!(samples.execute(&rename).await?, 2);
        Err::<(), _>(DatabaseError::invalid_query("undo"))
    });
    undone.await.unwrap_err();

    let names = Entity::find()
        .select_only()
        .column(Column::Name)
        .into_query();
    let mut found: Vec<String> = samples.scalars(&names).await.unwrap();
    found.sort();
    assert_eq!(found, ["a", "b", "c"]);
    let wrong = samples.scalars::<i64>(&names).await;
    assert!(matches!(wrong, Err(DatabaseError::Query(_))), "{wrong:?}");
}

async fn a_row_is_locked_only_inside_of_a_unit_of_work<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let row = samples.create(named("x")).await.unwrap();
    let outside = samples.lock(row.id).await;
    assert!(
        matches!(outside, Err(DatabaseError::OutsideUnitOfWork(_))),
        "{outside:?}"
    );

    let locked = store.manager.atomic(|| async {
        assert_eq!(samples.lock(row.id + 1).await?, None);
        samples.lock(row.id).await
    });
    assert_eq!(locked.await.unwrap(), Some(row));
}

async fn many_rows_are_locked_in_the_order_of_their_keys<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    samples
        .create_many(["a", "b", "c"].map(named))
        .await
        .unwrap();
    let outside = samples.lock_many([1_i64]).await;
    assert!(
        matches!(outside, Err(DatabaseError::OutsideUnitOfWork(_))),
        "{outside:?}"
    );
    let locked = store.manager.atomic(|| async {
        assert_eq!(samples.lock_many([0_i64; 0]).await?, []);
        assert_eq!(samples.lock_many([9_i64]).await?, []);
        let both = samples.lock_many([3_i64, 9, 1, 3]).await?;
        assert_eq!(samples.lock_many(1..=3_i64).await?.len(), 3);
        Ok::<_, DatabaseError>(both)
    });
    let ids: Vec<_> = locked.await.unwrap().iter().map(|row| row.id).collect();
    assert_eq!(ids, [1, 3], "each that is there, once");
}

async fn changes_of_rows_that_are_locked_together_are_never_lost<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let rows = ["a", "b"].map(|name| sample::ActiveModel {
        big: Set(Some(0)),
        ..named(name)
    });
    samples.create_many(rows).await.unwrap();
    // Whichever way they are named: were they locked in that order, two would wait in a circle.
    let increment = |ids: [i64; 2]| {
        let (store, samples) = (&store, &samples);
        async move {
            let once = UnitOfWorkOptions::new().retry(RetryPolicy::NEVER);
            let work = store.manager.atomic_with(once, || async {
                for row in samples.lock_many(ids).await? {
                    let mut change = row.clone().into_active_model();
                    change.big = Set(row.big.map(|n| n + 1));
                    samples.update(change).await?;
                }
                Ok::<_, DatabaseError>(())
            });
            work.await.unwrap();
        }
    };
    for _ in 0..20 {
        let (one, other) = ([1, 2], [2, 1]);
        tokio::join!(
            increment(one),
            increment(other),
            increment(one),
            increment(other)
        );
    }
    for id in [1_i64, 2] {
        let row = samples.find_by_id(id).await.unwrap().unwrap();
        assert_eq!(row.big, Some(80));
    }
}

async fn increments_under_a_lock_are_never_lost<B: Backend>(store: Store<B>) {
    let samples = store.new_adapter::<Entity>().await;
    let mut zero = named("counter");
    zero.big = Set(Some(0));
    let id = samples.create(zero).await.unwrap().id;
    let increment = || async {
        let work = store.manager.atomic(|| async {
            let row = samples.lock(id).await?.unwrap();
            let mut change = row.clone().into_active_model();
            change.big = Set(row.big.map(|n| n + 1));
            samples.update(change).await
        });
        work.await.unwrap();
    };
    tokio::join!(increment(), increment(), increment(), increment());
    assert_eq!(samples.find_by_id(id).await.unwrap().unwrap().big, Some(4));
}

on_every_backend!(
    every_kind_of_value_comes_back,
    an_update_changes_what_is_set_and_nothing_else,
    an_update_that_sets_nothing_answers_the_row,
    an_update_of_a_missing_row_answers_none,
    a_deleted_row_is_gone_and_was_there_once,
    many_rows_are_deleted_at_once,
    statements_of_the_callers_own_run_in_its_scope,
    a_row_is_locked_only_inside_of_a_unit_of_work,
    many_rows_are_locked_in_the_order_of_their_keys,
    changes_of_rows_that_are_locked_together_are_never_lost,
    increments_under_a_lock_are_never_lost,
);
