#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "points")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub owner: String,
    pub balance: i64,
    pub version: i64,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

pub(crate) const SELECT: &str = r#"SELECT "points"."id", "points"."owner", "points"."balance", "points"."version" FROM "points" WHERE "points"."id" = $1"#;
