//! Column conventions that an entity opts into, and that the generic adapter honours.
//!
//! Implement the traits for the entity, then name them once:
//!
//! ```
//! use adapters::{conventions, seaorm::{Timestamped, Versioned}};
//! use sea_orm::entity::prelude::*;
//!
//! #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
//! #[sea_orm(table_name = "notes")]
//! pub struct Model {
//!     #[sea_orm(primary_key, auto_increment = false)]
//!     pub id: Uuid,
//!     pub text: String,
//!     pub version: i64,
//!     pub created_at: ChronoDateTimeUtc,
//!     pub updated_at: ChronoDateTimeUtc,
//! }
//! # #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)] pub enum Relation {}
//! # impl ActiveModelBehavior for ActiveModel {}
//!
//! impl Timestamped for Entity {
//!     const CREATED_AT: Column = Column::CreatedAt;
//!     const UPDATED_AT: Column = Column::UpdatedAt;
//! }
//!
//! impl Versioned for Entity {
//!     const VERSION: Column = Column::Version;
//! }
//!
//! conventions!(Entity: Timestamped, Versioned);
//! # fn main() {}
//! ```
//!
//! An entity without any says so: `conventions!(Entity);`.

use sea_orm::EntityTrait;

/// Keeps when a row was created, and when it last changed.
#[doc(alias = "TimestampMixin")]
pub trait Timestamped: EntityTrait {
    /// Filled on create, unless it is set. An update leaves it as it is.
    const CREATED_AT: Self::Column;
    /// Filled on create and on every update, unless it is set.
    const UPDATED_AT: Self::Column;
}

/// Counts the changes of a row. An update names the version that it is based on;
/// if the row has another by then, the update is [`ports::DatabaseError::Conflict`].
#[doc(alias = "version_id_col")]
pub trait Versioned: EntityTrait {
    /// A whole number; 1 on create.
    const VERSION: Self::Column;
}

/// Marks rows as deleted instead of deleting them. Reads leave them out unless asked.
///
/// Unique indexes of such a table are partial, `WHERE deleted_at IS NULL`, or a name
/// that was once used could never be used again.
#[doc(alias = "SoftDeleteMixin")]
pub trait SoftDelete: EntityTrait {
    /// Empty while the row is alive.
    const DELETED_AT: Self::Column;
}

/// Keeps who created a row, and who changed it last: the
/// [actor of the scope](super::acting_as).
#[doc(alias = "AuditMixin")]
pub trait Audited: EntityTrait {
    /// Filled on create, unless it is set. An update leaves it as it is.
    const CREATED_BY: Self::Column;
    /// Filled on create and on every update, unless it is set.
    const UPDATED_BY: Self::Column;
}

/// Keeps what a row was before each update: a copy under an id of its own, with the id
/// of its origin. Reads leave copies out unless asked.
///
/// Unique indexes of such a table are partial, `WHERE origin_id IS NULL`. The primary
/// key is a UUID or counts up by itself.
#[doc(alias = "ArchiveMixin")]
pub trait Archived: EntityTrait {
    /// Empty in the living row; in a copy, the id of the row that it is a copy of.
    const ORIGIN_ID: Self::Column;
    /// Empty in the living row; in a copy, when it was made.
    const ARCHIVED_AT: Self::Column;
}

/// Which conventions an entity follows. Written by [`conventions!`](crate::conventions).
pub trait Conventions: EntityTrait {
    /// The columns of [`Timestamped`].
    fn timestamps() -> Option<Timestamps<Self::Column>> {
        None
    }

    /// The column of [`Versioned`].
    fn version() -> Option<Self::Column> {
        None
    }

    /// The column of [`SoftDelete`].
    fn deleted_at() -> Option<Self::Column> {
        None
    }

    /// The columns of [`Audited`].
    fn audit() -> Option<Audit<Self::Column>> {
        None
    }

    /// The columns of [`Archived`].
    fn archive() -> Option<Archive<Self::Column>> {
        None
    }
}

/// The columns of [`Timestamped`].
#[derive(Debug, Clone, Copy)]
pub struct Timestamps<C> {
    /// See [`Timestamped::CREATED_AT`].
    pub created_at: C,
    /// See [`Timestamped::UPDATED_AT`].
    pub updated_at: C,
}

/// The columns of [`Audited`].
#[derive(Debug, Clone, Copy)]
pub struct Audit<C> {
    /// See [`Audited::CREATED_BY`].
    pub created_by: C,
    /// See [`Audited::UPDATED_BY`].
    pub updated_by: C,
}

/// The columns of [`Archived`].
#[derive(Debug, Clone, Copy)]
pub struct Archive<C> {
    /// See [`Archived::ORIGIN_ID`].
    pub origin_id: C,
    /// See [`Archived::ARCHIVED_AT`].
    pub archived_at: C,
}

/// Says which conventions an entity follows: `conventions!(Entity: Timestamped, Versioned);`
#[macro_export]
macro_rules! conventions {
    ($entity:ty $(: $($convention:ident),+ $(,)?)?) => {
        impl $crate::seaorm::Conventions for $entity {
            $($($crate::conventions!(@ $convention);)+)?
        }
    };
    (@ Timestamped) => {
        fn timestamps() -> Option<$crate::seaorm::Timestamps<Self::Column>> {
            Some($crate::seaorm::Timestamps {
                created_at: <Self as $crate::seaorm::Timestamped>::CREATED_AT,
                updated_at: <Self as $crate::seaorm::Timestamped>::UPDATED_AT,
            })
        }
    };
    (@ Versioned) => {
        fn version() -> Option<Self::Column> {
            Some(<Self as $crate::seaorm::Versioned>::VERSION)
        }
    };
    (@ SoftDelete) => {
        fn deleted_at() -> Option<Self::Column> {
            Some(<Self as $crate::seaorm::SoftDelete>::DELETED_AT)
        }
    };
    (@ Audited) => {
        fn audit() -> Option<$crate::seaorm::Audit<Self::Column>> {
            Some($crate::seaorm::Audit {
                created_by: <Self as $crate::seaorm::Audited>::CREATED_BY,
                updated_by: <Self as $crate::seaorm::Audited>::UPDATED_BY,
            })
        }
    };
    (@ Archived) => {
        fn archive() -> Option<$crate::seaorm::Archive<Self::Column>> {
            Some($crate::seaorm::Archive {
                origin_id: <Self as $crate::seaorm::Archived>::ORIGIN_ID,
                archived_at: <Self as $crate::seaorm::Archived>::ARCHIVED_AT,
            })
        }
    };
}
