//! The generic adapter for blocking code.

use std::sync::Arc;

use adapters::{
    postgres::{PostgresConfig, PostgresSessionManager},
    repository::{Adapter, SharedManager},
    seaorm::{Backend, Manager},
    sqlite::{SqliteConfig, SqliteSessionManager},
};
use ports::{
    DatabaseError, Filter, PageRequest, SessionManager as _, Sort,
    blocking::{Atomic as _, BlockOn as _},
};
use sea_orm::{
    ActiveValue::Set, ConnectionTrait as _, IntoActiveModel as _, QuerySelect as _,
    QueryTrait as _, Schema, entity::prelude::*,
};
use tests::{SqliteFile, TestDatabase, on_own_thread};

use super::sample::{ActiveModel, Column, Entity, full, named};

fn samples<B: Backend>(manager: &Manager<B>) -> Adapter<Entity, B> {
    let schema = Schema::new(B::DIALECT);
    let session = manager.session().unwrap();
    let made = manager.block_on(async {
        for kind in schema.create_enum_from_entity(Entity) {
            session.execute(&kind).await?;
        }
        session
            .execute(&schema.create_table_from_entity(Entity))
            .await
    });
    made.unwrap().unwrap();
    let shared: SharedManager<B> = Arc::new(manager.clone());
    Adapter::new(shared)
}

fn every_operation_runs_on_the_calling_thread<B: Backend>(manager: Manager<B>) {
    let samples = samples(&manager);
    let row = samples.create(full("first", 1)).unwrap();
    assert_eq!(samples.find_by_id(row.id).unwrap(), Some(row.clone()));
    assert_eq!(
        samples
            .create_many((0..3_000).map(|_| named("many")))
            .unwrap(),
        3_000
    );

    let mut change = row.clone().into_active_model();
    change.name = Set("changed".to_owned());
    assert_eq!(samples.update(change).unwrap().unwrap().name, "changed");

    let many = [Filter::equal(Column::Name, "many")];
    let page = PageRequest::first(10).unwrap();
    let (rows, total) = samples
        .search(&many, &[Sort::ascending(Column::Id)], &page)
        .unwrap();
    assert_eq!((rows.len(), total), (10, 3_000));
    assert!(samples.list(&many, &[], &page).unwrap().next.is_some());
    assert_eq!(samples.count(&many).unwrap(), 3_000);

    assert_eq!(samples.delete_many([2_i64, 3]).unwrap(), 2);
    assert!(samples.delete(4).unwrap());
    let rename = Entity::update_many().col_expr(Column::Name, Expr::value("all"));
    assert_eq!(samples.execute(&rename.into_query()).unwrap(), 2_998);
    let names = Entity::find().select_only().column(Column::Name).distinct();
    let names: Vec<String> = samples.scalars(&names.into_query()).unwrap();
    assert_eq!(names, ["all"]);
}

fn a_unit_of_work_is_kept_or_undone_as_a_whole<B: Backend>(manager: Manager<B>) {
    let samples = samples(&manager);
    let outside = samples.lock(1);
    assert!(
        matches!(outside, Err(DatabaseError::OutsideUnitOfWork(_))),
        "{outside:?}"
    );
    let undone = manager.atomic(|| {
        samples.create(named("a"))?;
        samples.create_many((0..25_000).map(|_| named("b")))?;
        assert_eq!(samples.count(&[])?, 25_001);
        Err::<(), _>(DatabaseError::invalid_query("undo"))
    });
    undone.unwrap_err();
    assert_eq!(samples.count(&[]).unwrap(), 0);

    let kept = manager.atomic(|| {
        let row = samples.create(named("kept"))?;
        let inner = manager.atomic(|| {
            let twice = ActiveModel {
                id: Set(row.id),
                ..named("twice")
            };
            samples.create_many([named("gone"), twice]).map(drop)
        });
        assert!(
            matches!(inner, Err(DatabaseError::UniqueViolation(_))),
            "{inner:?}"
        );
        samples.lock(row.id)
    });
    let kept = kept.unwrap().unwrap();
    assert_eq!(kept.name, "kept");
    let locked = manager.atomic(|| samples.lock_many([kept.id + 1, kept.id]));
    assert_eq!(locked.unwrap(), [kept]);
    assert_eq!(samples.count(&[]).unwrap(), 1);
}

fn async_code_is_refused<B: Backend>(manager: Manager<B>) {
    let samples = samples(&manager);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let refused: [Result<(), DatabaseError>; 4] = [
            samples.create(named("x")).map(drop),
            samples.find_by_id(1).map(drop),
            samples.create_many([named("x")]).map(drop),
            samples
                .search(&[], &[], &PageRequest::first(1).unwrap())
                .map(drop),
        ];
        for refused in refused {
            let expected = matches!(refused, Err(DatabaseError::BlockingInAsyncContext));
            assert!(expected, "{refused:?}");
        }
    });
    assert_eq!(samples.count(&[]).unwrap(), 0);
}

/// A test of each body for each backend, on a thread without a runtime.
macro_rules! on_every_backend_blocking {
    ($($body:ident),+) => {
        mod postgres {
            $(#[test]
            fn $body() {
                let database = super::on_own_thread(super::TestDatabase::empty());
                let config = super::PostgresConfig::from_url(&database.url()).unwrap();
                super::$body(super::PostgresSessionManager::new(config).unwrap());
            })+
        }
        mod sqlite {
            $(#[test]
            fn $body() {
                let file = super::SqliteFile::empty();
                let config = super::SqliteConfig::from_url(&file.url()).unwrap();
                super::$body(super::SqliteSessionManager::new(config).unwrap());
            })+
        }
    };
}

on_every_backend_blocking!(
    every_operation_runs_on_the_calling_thread,
    a_unit_of_work_is_kept_or_undone_as_a_whole,
    async_code_is_refused
);
