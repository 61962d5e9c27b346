//! Transfers: the row, the port on it, and the constraints that the domain has names for.

#![expect(
    unreachable_pub,
    reason = "SeaORM derives public items around the model"
)]

use async_trait::async_trait;
use domain::{AccountId, Currency, Money, Transfer, TransferId, TransferSnapshot};
use ports::{
    AddTransferError, DatabaseError, Filter, Page, PageRequest, Sort, TransferField, Transfers,
};
use sea_orm::{ActiveValue::Set, Condition, DbBackend, TransactionTrait as _, entity::prelude::*};

use super::{account, row::wrong};
use crate::{
    conventions,
    repository::{AsyncAdapter, SharedAsyncManager, settle},
    seaorm::{Backend, Session, current_actor, database_error},
};

const TABLE: &str = "transfers";

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "transfers")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub from_account_id: Uuid,
    pub to_account_id: Uuid,
    pub amount: i64,
    pub currency: String,
    pub created_at: ChronoDateTimeUtc,
    pub created_by: Option<String>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

conventions!(Entity);

/// Transfers in the table `transfers`.
pub struct TransferRepository<B: Backend> {
    rows: AsyncAdapter<Entity, B>,
}

impl<B: Backend> TransferRepository<B> {
    /// Transfers in the sessions of this manager.
    pub fn new(manager: SharedAsyncManager<B>) -> Self {
        Self {
            rows: AsyncAdapter::new(manager),
        }
    }
}

#[async_trait]
impl<B: Backend> Transfers for TransferRepository<B> {
    async fn find(&self, id: TransferId) -> Result<Option<Transfer>, DatabaseError> {
        let found = self.rows.find_by_id(id.as_uuid()).await?;
        found.map(transfer).transpose()
    }

    async fn add(&self, transfer: &Transfer) -> Result<(), AddTransferError> {
        let stored = match B::DIALECT {
            DbBackend::Sqlite => add_in_scope(&self.rows.session()?, transfer).await,
            _ => self.rows.create(row(transfer)).await.map(drop),
        };
        match stored {
            Ok(()) => Ok(()),
            Err(error) => refusal(&self.rows.session()?, transfer, error).await,
        }
    }

    async fn add_many(&self, transfers: &[Transfer]) -> Result<(), DatabaseError> {
        self.rows.create_many(transfers.iter().map(row)).await?;
        Ok(())
    }

    async fn list(
        &self,
        filters: &[Filter<TransferField>],
        sort: &[Sort<TransferField>],
        page: &PageRequest,
    ) -> Result<Page<Transfer>, DatabaseError> {
        let sort: Vec<_> = sort.iter().map(|sort| sort.map(column)).collect();
        let sort = newest_first_unless(sort);
        let found = self.rows.list(&columns(filters), &sort, page).await?;
        found.try_map(transfer)
    }

    async fn list_by_account(
        &self,
        account: AccountId,
        page: &PageRequest,
    ) -> Result<Page<Transfer>, DatabaseError> {
        let id = account.as_uuid();
        let either = Condition::any()
            .add(Column::FromAccountId.eq(id))
            .add(Column::ToAccountId.eq(id));
        let session = self.rows.session()?;
        let select = Entity::find().filter(either);
        let sort = newest_first_unless(Vec::new());
        let found = self.rows.page(&session, select, &sort, page).await?;
        found.try_map(transfer)
    }

    async fn count(&self, filters: &[Filter<TransferField>]) -> Result<u64, DatabaseError> {
        self.rows.count(&columns(filters)).await
    }
}

/// Stores the row in a scope of its own: SQLite does not name a violated foreign key, so
/// the accounts are looked up after a refusal, and the unit of work must survive it.
async fn add_in_scope<B: Backend>(
    session: &Session<B>,
    transfer: &Transfer,
) -> Result<(), DatabaseError> {
    let scope = session.begin().await.map_err(database_error)?;
    let stored = row(transfer).insert(&scope).await;
    settle(scope, stored.map(drop).map_err(database_error)).await
}

/// The failure that the domain has a name for, from the constraint's.
async fn refusal<B: Backend>(
    session: &Session<B>,
    transfer: &Transfer,
    error: DatabaseError,
) -> Result<(), AddTransferError> {
    let DatabaseError::ForeignKeyViolation(violation) = &error else {
        return Err(error.into());
    };
    let account = match violation.constraint.as_deref() {
        Some("transfers_from_account_fkey") => transfer.from(),
        Some("transfers_to_account_fkey") => transfer.to(),
        Some(_) => return Err(error.into()),
        None if exists(session, transfer.from()).await? => transfer.to(),
        None => transfer.from(),
    };
    Err(AddTransferError::UnknownAccount { account })
}

async fn exists<B: Backend>(
    session: &Session<B>,
    account: AccountId,
) -> Result<bool, DatabaseError> {
    let find = account::Entity::find_by_id(account.as_uuid());
    let found = find.one(session).await.map_err(database_error)?;
    Ok(found.is_some())
}

fn newest_first_unless(sort: Vec<Sort<Column>>) -> Vec<Sort<Column>> {
    if sort.is_empty() {
        vec![Sort::descending(Column::CreatedAt)]
    } else {
        sort
    }
}

fn columns(filters: &[Filter<TransferField>]) -> Vec<Filter<Column>> {
    filters
        .iter()
        .cloned()
        .map(|filter| filter.map(column))
        .collect()
}

const fn column(field: TransferField) -> Column {
    match field {
        TransferField::Id => Column::Id,
        TransferField::From => Column::FromAccountId,
        TransferField::To => Column::ToAccountId,
        TransferField::Amount => Column::Amount,
        TransferField::Currency => Column::Currency,
        TransferField::CreatedAt => Column::CreatedAt,
    }
}

fn row(transfer: &Transfer) -> ActiveModel {
    ActiveModel {
        id: Set(transfer.id().as_uuid()),
        from_account_id: Set(transfer.from().as_uuid()),
        to_account_id: Set(transfer.to().as_uuid()),
        amount: Set(transfer.amount().minor()),
        currency: Set(transfer.amount().currency().code().to_owned()),
        created_at: Set(transfer.created_at()),
        created_by: Set(current_actor().map(|actor| actor.as_str().to_owned())),
    }
}

fn transfer(row: Model) -> Result<Transfer, DatabaseError> {
    let id = row.id;
    let currency = Currency::new(&row.currency).map_err(wrong(TABLE, "currency", id))?;
    Transfer::restore(TransferSnapshot {
        id: TransferId::new(id),
        from: AccountId::new(row.from_account_id),
        to: AccountId::new(row.to_account_id),
        amount: Money::new(row.amount, currency),
        created_at: row.created_at,
    })
    .map_err(wrong(TABLE, "amount or accounts", id))
}
