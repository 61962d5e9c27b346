//! Accounts: the row, the port on it, and nothing of either anywhere else.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use std::sync::Arc;

use async_trait::async_trait;
use domain::{Account, AccountId, AccountSnapshot, AccountStatus, Currency, Money, Owner, Version};
use ports::{AccountField, Accounts, Clock, DatabaseError, Filter, Page, PageRequest, Sort};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    entity::prelude::*,
};

use super::row::wrong;
use crate::{
    conventions,
    repository::{AsyncAdapter, SharedAsyncManager},
    seaorm::{Audited, Backend, SoftDelete, Timestamped, Versioned},
};

const TABLE: &str = "accounts";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "accounts")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub owner: String,
    pub currency: String,
    pub balance: i64,
    pub status: String,
    pub version: i64,
    pub created_at: ChronoDateTimeUtc,
    pub updated_at: ChronoDateTimeUtc,
    pub deleted_at: Option<ChronoDateTimeUtc>,
    pub created_by: Option<String>,
    pub updated_by: Option<String>,
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

/// An account is deleted when it is closed.
impl SoftDelete for Entity {
    const DELETED_AT: Column = Column::DeletedAt;
}

impl Audited for Entity {
    const CREATED_BY: Column = Column::CreatedBy;
    const UPDATED_BY: Column = Column::UpdatedBy;
}

conventions!(Entity: Timestamped, Versioned, SoftDelete, Audited);

/// Accounts in the table `accounts`.
pub struct AccountRepository<B: Backend> {
    open: AsyncAdapter<Entity, B>,
    all: AsyncAdapter<Entity, B>,
}

impl<B: Backend> AccountRepository<B> {
    /// Accounts in the sessions of this manager.
    pub fn new(manager: SharedAsyncManager<B>, clock: Arc<dyn Clock>) -> Self {
        let open = AsyncAdapter::new(manager).with_clock(clock);
        let all = open.with_deleted();
        Self { open, all }
    }
}

#[async_trait]
impl<B: Backend> Accounts for AccountRepository<B> {
    async fn find(&self, id: AccountId) -> Result<Option<Account>, DatabaseError> {
        let found = self.all.find_by_id(id.as_uuid()).await?;
        found.map(account).transpose()
    }

    async fn lock(&self, id: AccountId) -> Result<Option<Account>, DatabaseError> {
        let found = self.all.lock(id.as_uuid()).await?;
        found.map(account).transpose()
    }

    async fn lock_many(&self, ids: &[AccountId]) -> Result<Vec<Account>, DatabaseError> {
        let ids = ids.iter().map(AccountId::as_uuid);
        let found = self.all.lock_many(ids).await?;
        found.into_iter().map(account).collect()
    }

    async fn add(&self, account: &Account) -> Result<(), DatabaseError> {
        self.all.create(new(account)).await?;
        Ok(())
    }

    async fn add_many(&self, accounts: &[Account]) -> Result<(), DatabaseError> {
        self.all.create_many(accounts.iter().map(new)).await?;
        Ok(())
    }

    async fn save(&self, account: &Account) -> Result<Account, DatabaseError> {
        let saved = self.all.update(row(account)).await?;
        let gone = || DatabaseError::Conflict {
            entity: TABLE.into(),
            id: account.id().to_string(),
        };
        self::account(saved.ok_or_else(gone)?)
    }

    async fn list(
        &self,
        filters: &[Filter<AccountField>],
        sort: &[Sort<AccountField>],
        page: &PageRequest,
    ) -> Result<Page<Account>, DatabaseError> {
        let sort: Vec<_> = sort.iter().map(|sort| sort.map(column)).collect();
        let found = self.open.list(&columns(filters), &sort, page).await?;
        found.try_map(account)
    }

    async fn count(&self, filters: &[Filter<AccountField>]) -> Result<u64, DatabaseError> {
        self.open.count(&columns(filters)).await
    }
}

fn columns(filters: &[Filter<AccountField>]) -> Vec<Filter<Column>> {
    filters
        .iter()
        .cloned()
        .map(|filter| filter.map(column))
        .collect()
}

const fn column(field: AccountField) -> Column {
    match field {
        AccountField::Id => Column::Id,
        AccountField::Owner => Column::Owner,
        AccountField::Currency => Column::Currency,
        AccountField::Balance => Column::Balance,
        AccountField::Status => Column::Status,
        AccountField::CreatedAt => Column::CreatedAt,
        AccountField::UpdatedAt => Column::UpdatedAt,
    }
}

fn new(account: &Account) -> ActiveModel {
    ActiveModel {
        currency: Set(account.currency().code().to_owned()),
        created_at: Set(account.created_at()),
        ..row(account)
    }
}

/// What may change. A currency never does, and a closed account stays closed.
fn row(account: &Account) -> ActiveModel {
    let closed = account.status() == AccountStatus::Closed;
    // Every column by its name: a new one does not compile until it has its line here.
    ActiveModel {
        id: Set(account.id().as_uuid()),
        owner: Set(account.owner().as_str().to_owned()),
        currency: NotSet,
        balance: Set(account.balance().minor()),
        status: Set(account.status().as_str().to_owned()),
        version: Set(account.version().get()),
        created_at: NotSet,
        updated_at: Set(account.updated_at()),
        deleted_at: if closed {
            Set(Some(account.updated_at()))
        } else {
            NotSet
        },
        created_by: NotSet,
        updated_by: NotSet,
    }
}

fn account(row: Model) -> Result<Account, DatabaseError> {
    let id = row.id;
    let currency = Currency::new(&row.currency).map_err(wrong(TABLE, "currency", id))?;
    Account::restore(AccountSnapshot {
        id: AccountId::new(id),
        owner: Owner::new(row.owner).map_err(wrong(TABLE, "owner", id))?,
        balance: Money::new(row.balance, currency),
        status: row.status.parse().map_err(wrong(TABLE, "status", id))?,
        version: Version::new(row.version).map_err(wrong(TABLE, "version", id))?,
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
    .map_err(wrong(TABLE, "balance or status", id))
}
