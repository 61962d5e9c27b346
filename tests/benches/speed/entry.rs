//! The rows that are added.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use adapters::conventions;
use sea_orm::{
    ActiveValue::{NotSet, Set},
    entity::prelude::*,
};

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "entries")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub wallet_id: i64,
    pub amount: i64,
    pub memo: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

conventions!(Entity);

/// One that the database has yet to number.
#[derive(Clone, Debug)]
pub struct New {
    pub wallet_id: i64,
    pub amount: i64,
    pub memo: String,
}

impl From<New> for ActiveModel {
    fn from(new: New) -> Self {
        Self {
            id: NotSet,
            wallet_id: Set(new.wallet_id),
            amount: Set(new.amount),
            memo: Set(new.memo),
        }
    }
}
