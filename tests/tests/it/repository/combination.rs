//! All conventions on one entity, in a schema of its own where there are schemas.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::seaorm::{Archived, Audited, Backend, SoftDelete, Timestamped, Versioned, acting_as};
use ports::{Actor, Clock as _, DatabaseError};
use sea_orm::{ActiveValue::Set, DbBackend, IntoActiveModel as _, entity::prelude::*};

use super::{clock::StoppedClock, store::Store};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(schema_name = "main", table_name = "contracts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub text: String,
    pub version: i64,
    pub created_at: DateTimeUtc,
    pub updated_at: DateTimeUtc,
    pub deleted_at: Option<DateTimeUtc>,
    pub created_by: Option<String>,
    pub updated_by: Option<String>,
    pub origin_id: Option<Uuid>,
    pub archived_at: Option<DateTimeUtc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

impl Timestamped for Entity {
    const CREATED_AT: Column = Column::CreatedAt;
    const UPDATED_AT: Column = Column::UpdatedAt;
}

impl Versioned for Entity {
    const VERSION: Column = Column::Version;
}

impl SoftDelete for Entity {
    const DELETED_AT: Column = Column::DeletedAt;
}

impl Audited for Entity {
    const CREATED_BY: Column = Column::CreatedBy;
    const UPDATED_BY: Column = Column::UpdatedBy;
}

impl Archived for Entity {
    const ORIGIN_ID: Column = Column::OriginId;
    const ARCHIVED_AT: Column = Column::ArchivedAt;
}

adapters::conventions!(Entity: Timestamped, Versioned, SoftDelete, Audited, Archived);

fn contract(id: u128) -> ActiveModel {
    ActiveModel {
        id: Set(Uuid::from_u128(id)),
        text: Set("first".to_owned()),
        ..Default::default()
    }
}

async fn the_conventions_work_together<B: Backend>(store: Store<B>) {
    if B::DIALECT == DbBackend::Postgres {
        store.script("CREATE SCHEMA main").await;
    }
    let clock = StoppedClock::new();
    let contracts = store
        .new_adapter::<Entity>()
        .await
        .with_clock(clock.clone());
    let created_at = clock.now();
    assert_eq!(
        contracts
            .create_many([contract(2), contract(3)])
            .await
            .unwrap(),
        2
    );
    let ada = Actor::new("ada").unwrap();
    let row = acting_as(ada, contracts.create(contract(1))).await.unwrap();

    let changed_at = clock.advance();
    let mut change = row.clone().into_active_model();
    change.text = Set("second".to_owned());
    let bob = Actor::new("bob").unwrap();
    let changed = acting_as(bob.clone(), contracts.update(change))
        .await
        .unwrap()
        .unwrap();
    let expected = Model {
        text: "second".to_owned(),
        version: 2,
        updated_at: changed_at,
        updated_by: Some("bob".to_owned()),
        ..row.clone()
    };
    assert_eq!(changed, expected);
    assert_eq!(
        (changed.created_at, changed.created_by.as_deref()),
        (created_at, Some("ada"))
    );

    let copy = Entity::find()
        .filter(Column::OriginId.eq(row.id))
        .one(&store.session())
        .await;
    let copy = copy.unwrap().unwrap();
    let (origin_id, archived_at) = (Some(row.id), Some(changed_at));
    assert_eq!(
        copy,
        Model {
            id: copy.id,
            origin_id,
            archived_at,
            ..row.clone()
        }
    );

    let stale = contracts.update(row.clone().into_active_model()).await;
    assert!(
        matches!(stale, Err(DatabaseError::Conflict { .. })),
        "{stale:?}"
    );
    assert_eq!(
        contracts.with_archived().count(&[]).await.unwrap(),
        4,
        "no copy more"
    );

    let deleted_at = clock.advance();
    assert!(acting_as(bob, contracts.delete(row.id)).await.unwrap());
    let deleted = contracts
        .with_deleted()
        .find_by_id(row.id)
        .await
        .unwrap()
        .unwrap();
    let marked = Model {
        version: 3,
        deleted_at: Some(deleted_at),
        updated_at: deleted_at,
        ..changed
    };
    assert_eq!(deleted, marked);
    assert_eq!(
        contracts.update(marked.into_active_model()).await.unwrap(),
        None
    );
    assert_eq!(contracts.count(&[]).await.unwrap(), 2);
    assert_eq!(
        contracts
            .with_deleted()
            .with_archived()
            .count(&[])
            .await
            .unwrap(),
        4
    );
}

on_every_backend!(the_conventions_work_together);
