//! An entity with columns of every kind.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use sea_orm::{ActiveValue::Set, entity::prelude::*};

#[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
#[sea_orm(table_name = "samples")]
pub struct Model {
    #[sea_orm(primary_key)]
    pub id: i64,
    pub name: String,
    pub flag: Option<bool>,
    pub small: Option<i16>,
    pub medium: Option<i32>,
    pub big: Option<i64>,
    /// SeaORM reads a u32 from an `integer` of PostgreSQL, and from nothing wider.
    #[sea_orm(column_type = "Integer")]
    pub natural: Option<u32>,
    pub single: Option<f32>,
    pub double: Option<f64>,
    pub note: Option<String>,
    pub key: Option<Uuid>,
    pub day: Option<Date>,
    pub moment: Option<DateTimeUtc>,
    pub mood: Option<Mood>,
    pub temper: Option<Temper>,
    pub bytes: Option<Vec<u8>>,
    pub payload: Option<Json>,
}

/// An enum of the database, where that has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "String", db_type = "Enum", enum_name = "mood")]
pub enum Mood {
    #[sea_orm(string_value = "angry")]
    Angry,
    #[sea_orm(string_value = "calm")]
    Calm,
    #[sea_orm(string_value = "happy")]
    Happy,
}

/// The other way that SeaORM has for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, EnumIter, DeriveActiveEnum)]
#[sea_orm(rs_type = "Enum", db_type = "Enum", enum_name = "temper")]
pub enum Temper {
    #[sea_orm(string_value = "bad")]
    Bad,
    #[sea_orm(string_value = "good")]
    Good,
    #[sea_orm(string_value = "so-so")]
    SoSo,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

adapters::conventions!(Entity);

/// A row of which nothing but the name is known.
pub(crate) fn named(name: &str) -> ActiveModel {
    ActiveModel {
        name: Set(name.to_owned()),
        ..Default::default()
    }
}

/// A row with a value in every column: the lowest, the middle or the highest.
pub(crate) fn full(name: &str, rank: u8) -> ActiveModel {
    let pick = usize::from(rank);
    ActiveModel {
        flag: Set(Some(rank > 0)),
        small: Set(Some([i16::MIN, 0, i16::MAX][pick])),
        medium: Set(Some([i32::MIN, 0, i32::MAX][pick])),
        big: Set(Some([i64::MIN, 0, i64::MAX][pick])),
        natural: Set(Some([0, 7, 2_147_483_647][pick])),
        single: Set(Some([-0.1, 0.0, 0.1][pick])),
        double: Set(Some([-1e300, 0.5, 1e300][pick])),
        note: Set(Some(["a", "é", "ü"][pick].to_owned())),
        key: Set(Some([Uuid::nil(), Uuid::from_u128(7), Uuid::max()][pick])),
        day: Set(Some(
            ["1969-12-31", "2026-02-28", "2026-03-01"][pick]
                .parse()
                .unwrap(),
        )),
        moment: Set(Some(moment(pick))),
        mood: Set(Some([Mood::Angry, Mood::Calm, Mood::Happy][pick])),
        temper: Set(Some([Temper::Bad, Temper::Good, Temper::SoSo][pick])),
        bytes: Set(Some(vec![rank; 3])),
        payload: Set(Some(Json::from(vec![rank, 1]))),
        ..named(name)
    }
}

/// A whole second, and less and more than one.
pub(crate) fn moment(pick: usize) -> DateTimeUtc {
    [
        "2026-01-01T00:00:00Z",
        "2026-01-01T00:00:00.5Z",
        "2026-01-01T00:00:00.500001Z",
    ][pick]
        .parse()
        .unwrap()
}
