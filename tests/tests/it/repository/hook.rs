//! The hooks of `ActiveModelBehavior`: those of a save are called, those of a delete not.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::seaorm::Backend;
use ports::DatabaseError;
use sea_orm::{ActiveValue::Set, entity::prelude::*};

use super::store::Store;

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "tags")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

#[async_trait::async_trait]
impl ActiveModelBehavior for ActiveModel {
    async fn before_save<C: ConnectionTrait>(mut self, _: &C, insert: bool) -> Result<Self, DbErr> {
        let name = self.name.as_ref().trim().to_owned();
        if name.is_empty() {
            return Err(DbErr::Custom("a tag has a name".to_owned()));
        }
        self.name = Set(format!("{name} {}", if insert { "new" } else { "changed" }));
        Ok(self)
    }

    async fn after_save<C: ConnectionTrait>(
        mut model: Model,
        _: &C,
        insert: bool,
    ) -> Result<Model, DbErr> {
        model
            .name
            .push_str(if insert { " (created)" } else { " (updated)" });
        Ok(model)
    }

    async fn before_delete<C: ConnectionTrait>(self, _: &C) -> Result<Self, DbErr> {
        Err(DbErr::Custom("tags are for ever".to_owned()))
    }
}

adapters::conventions!(Entity);

fn tag(name: &str) -> ActiveModel {
    ActiveModel {
        name: Set(name.to_owned()),
        ..Default::default()
    }
}

async fn a_save_calls_its_hooks<B: Backend>(store: Store<B>) {
    let tags = store.new_adapter::<Entity>().await;
    let row = tags.create(tag(" a ")).await.unwrap();
    assert_eq!(row.name, "a new (created)");
    assert_eq!(
        tags.find_by_id(row.id).await.unwrap().unwrap().name,
        "a new"
    );

    let mut change = tag(" b ");
    change.id = Set(row.id);
    let row = tags.update(change.clone()).await.unwrap().unwrap();
    assert_eq!(row.name, "b changed (updated)");

    change.name = Set(" ".to_owned());
    let refused = tags.update(change).await;
    assert!(
        matches!(refused, Err(DatabaseError::Query(_))),
        "{refused:?}"
    );
    assert!(tags.create(tag("")).await.is_err());
    assert_eq!(
        tags.find_by_id(row.id).await.unwrap().unwrap().name,
        "b changed"
    );
}

async fn many_rows_and_deletes_go_without_hooks<B: Backend>(store: Store<B>) {
    let tags = store.new_adapter::<Entity>().await;
    assert_eq!(tags.create_many([tag(" "), tag("b")]).await.unwrap(), 2);
    assert_eq!(tags.find_by_id(2).await.unwrap().unwrap().name, "b");
    assert!(tags.delete(2).await.unwrap());
}

on_every_backend!(
    a_save_calls_its_hooks,
    many_rows_and_deletes_go_without_hooks
);
