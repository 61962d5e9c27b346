//! The generic adapter.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::{
    repository::AsyncAdapter,
    seaorm::{Archived, Backend, Versioned},
};
use futures_util::FutureExt as _;
use ports::{Atomic as _, Filter, PageRequest, Sort};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    DatabaseBackend, QueryFilter as _, QuerySelect as _, QueryTrait as _,
    entity::prelude::*,
};

use super::case::{Case, Stage, Step};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "dropped")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: i64,
    #[sea_orm(column_type = "Text", nullable)]
    pub note: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

adapters::conventions!(Entity);

/// An entity whose update is three statements.
pub(super) mod archived {
    use sea_orm::entity::prelude::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "dropped_archive")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: i64,
        pub cents: i64,
        pub version: i64,
        pub origin_id: Option<Uuid>,
        pub archived_at: Option<DateTimeUtc>,
    }

    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

impl Archived for archived::Entity {
    const ORIGIN_ID: archived::Column = archived::Column::OriginId;
    const ARCHIVED_AT: archived::Column = archived::Column::ArchivedAt;
}

impl Versioned for archived::Entity {
    const VERSION: archived::Column = archived::Column::Version;
}

adapters::conventions!(archived::Entity: Versioned, Archived);

/// The rows of these numbers, without those that are the test's own.
pub(super) fn look(first: i64) -> String {
    format!(
        "SELECT CAST(id - {first} AS text) || coalesce(note, '-') FROM dropped \
         WHERE id BETWEEN {first} AND {}",
        first + 7
    )
}

pub(super) fn cases<B: Backend>() -> Vec<Case<B>> {
    let mut all = reads();
    all.extend(writes());
    all.extend(searches());
    all
}

fn case<B: Backend>(covers: &'static [&'static str], run: Step<B>) -> Case<B> {
    Case {
        covers,
        before: Some(|stage, first| three(stage, first).boxed()),
        run,
        is_apart: false,
        look,
    }
}

/// What there is before.
async fn three<B: Backend>(stage: &Stage<B>, first: i64) -> Result<(), ports::DatabaseError> {
    let rows = (0..3).map(|at| row(first + at, Some("old")));
    rows_of(stage).create_many(rows).await.map(drop)
}

fn rows_of<B: Backend>(stage: &Stage<B>) -> AsyncAdapter<Entity, B> {
    stage.adapter()
}

fn row(id: i64, note: Option<&str>) -> ActiveModel {
    ActiveModel {
        id: Set(id),
        note: note.map_or(NotSet, |note| Set(Some(note.to_owned()))),
    }
}

fn reads<B: Backend>() -> Vec<Case<B>> {
    vec![
        case(&["AsyncAdapter::find_by_id"], |stage, first| {
            async move {
                let found = rows_of(stage).find_by_id(first).await?;
                assert_eq!(found.map(|row| row.id), Some(first));
                Ok(())
            }
            .boxed()
        }),
        case(&["AsyncAdapter::lock_many"], |stage, first| {
            let locked = async move || {
                let rows = rows_of(stage);
                let found = rows.lock_many([first + 1, first]).await?;
                let ids: Vec<_> = found.iter().map(|row| row.id).collect();
                assert_eq!(ids, [first, first + 1]);
                rows.update(row(first, Some("locked"))).await.map(drop)
            };
            async move { stage.manager.atomic(|| locked().boxed()).await }.boxed()
        }),
        case(&["AsyncAdapter::lock"], |stage, first| {
            let locked = async move || {
                let rows = rows_of(stage);
                let found = rows.lock(first).await?;
                assert_eq!(found.map(|row| row.id), Some(first));
                rows.update(row(first, Some("locked"))).await.map(drop)
            };
            async move { stage.manager.atomic(|| locked().boxed()).await }.boxed()
        }),
        case(&["AsyncAdapter::scalars"], |stage, first| {
            async move {
                let query = Entity::find().select_only().column(Column::Id);
                let query = query.filter(Column::Id.eq(first)).into_query();
                let ids: Vec<i64> = rows_of(stage).scalars(&query).await?;
                assert_eq!(ids, [first]);
                Ok(())
            }
            .boxed()
        }),
        case(&["AsyncAdapter::execute"], |stage, first| {
            async move {
                let update = Entity::update_many()
                    .col_expr(Column::Note, Expr::value("all"))
                    .filter(Column::Id.between(first, first + 2))
                    .into_query();
                assert_eq!(rows_of(stage).execute(&update).await?, 3);
                Ok(())
            }
            .boxed()
        }),
    ]
}

fn writes<B: Backend>() -> Vec<Case<B>> {
    vec![
        case(&["AsyncAdapter::create"], |stage, first| {
            async move {
                let new = row(first + 3, Some("new"));
                rows_of(stage).create(new).await.map(drop)
            }
            .boxed()
        }),
        // Rows of two shapes: two statements.
        case(&["AsyncAdapter::create_many"], |stage, first| {
            async move {
                let new = (3..7).map(|at| row(first + at, (at > 4).then_some("new")));
                rows_of(stage).create_many(new).await.map(drop)
            }
            .boxed()
        }),
        case(&["AsyncAdapter::update"], |stage, first| {
            async move {
                let changed = rows_of(stage).update(row(first, Some("changed"))).await?;
                assert!(changed.is_some());
                Ok(())
            }
            .boxed()
        }),
        Case {
            covers: &["AsyncAdapter::update"],
            before: Some(|stage, first| async move { price(stage, first).await.map(drop) }.boxed()),
            run: |stage, first| {
                async move {
                    let adapter = stage.adapter::<archived::Entity>();
                    let changed = archived::ActiveModel {
                        id: Set(key(first)),
                        cents: Set(2),
                        version: Set(1),
                        ..Default::default()
                    };
                    assert!(adapter.update(changed).await?.is_some());
                    Ok(())
                }
                .boxed()
            },
            is_apart: false,
            look: |first| {
                format!(
                    "SELECT CAST(cents AS text) || CASE WHEN origin_id IS NULL THEN '' ELSE \
                     ' copy' END FROM dropped_archive WHERE number = {first}"
                )
            },
        },
        case(&["AsyncAdapter::delete"], |stage, first| {
            async move {
                assert!(rows_of(stage).delete(first).await?);
                Ok(())
            }
            .boxed()
        }),
        case(&["AsyncAdapter::delete_many"], |stage, first| {
            async move {
                let gone = rows_of(stage).delete_many([first, first + 1]).await?;
                assert_eq!(gone, 2);
                Ok(())
            }
            .boxed()
        }),
    ]
}

fn searches<B: Backend>() -> Vec<Case<B>> {
    vec![
        case(&["AsyncAdapter::search"], |stage, first| {
            async move {
                let page = PageRequest::first(2)?;
                let sort = [Sort::descending(Column::Id)];
                let found = rows_of(stage).search(&these(first), &sort, &page).await?;
                assert_eq!((found.0.len(), found.1), (2, 3));
                Ok(())
            }
            .boxed()
        }),
        case(&["AsyncAdapter::list"], |stage, first| {
            async move {
                let page = PageRequest::number(1, 2)?;
                let found = rows_of(stage).list(&these(first), &[], &page).await?;
                assert_eq!((found.items.len(), found.total), (2, Some(3)));
                Ok(())
            }
            .boxed()
        }),
        case(&["AsyncAdapter::count"], |stage, first| {
            async move {
                assert_eq!(rows_of(stage).count(&these(first)).await?, 3);
                Ok(())
            }
            .boxed()
        }),
    ]
}

fn these(first: i64) -> [Filter<Column>; 2] {
    [
        Filter::greater_than_or_equal(Column::Id, first),
        Filter::less_than(Column::Id, first + 8),
    ]
}

async fn price<B: Backend>(
    stage: &Stage<B>,
    number: i64,
) -> Result<archived::Model, ports::DatabaseError> {
    let new = archived::ActiveModel {
        id: Set(key(number)),
        number: Set(number),
        cents: Set(1),
        ..Default::default()
    };
    stage.adapter::<archived::Entity>().create(new).await
}

fn key(number: i64) -> Uuid {
    Uuid::from_u128(number.unsigned_abs().into())
}

/// The tables of this file.
pub(super) fn tables(dialect: DatabaseBackend) -> [sea_orm::Statement; 2] {
    let schema = sea_orm::Schema::new(dialect);
    [
        dialect.build(&schema.create_table_from_entity(Entity)),
        dialect.build(&schema.create_table_from_entity(archived::Entity)),
    ]
}
