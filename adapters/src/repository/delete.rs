//! Deleting rows, or marking them as deleted.

use ports::DatabaseError;
use sea_orm::{
    ColumnTrait as _, EntityTrait, Iterable as _, QueryFilter, TransactionTrait as _,
    sea_query::{Condition, Expr, ExprTrait as _, IntoValueTuple, ValueTuple},
};

use super::{AsyncAdapter, Context, IdOf, Record, key, read::hidden, settle, stamp};
use crate::seaorm::{Backend, Session, database_error};

impl<E: Record, B: Backend> AsyncAdapter<E, B> {
    /// Deletes the row with this primary key, or marks it as deleted if the entity is a
    /// [`SoftDelete`](crate::seaorm::SoftDelete). Answers whether there was one. Hooks of
    /// `ActiveModelBehavior` are not called: they want the row, which is not read for this.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::ForeignKeyViolation`] when other rows refer to it.
    pub async fn delete(&self, id: impl Into<IdOf<E>>) -> Result<bool, DatabaseError> {
        let session = self.session()?;
        let key = id.into().into_value_tuple();
        let deleted = delete_these::<E, _>(&self.context, &session, &[key]).await?;
        Ok(deleted > 0)
    }

    /// Deletes the rows with these primary keys, all or none, as
    /// [`delete`](Self::delete) does. Answers how many there were.
    ///
    /// # Errors
    ///
    /// Those of [`delete`](Self::delete); nothing is deleted then.
    pub async fn delete_many<I>(
        &self,
        ids: impl IntoIterator<Item = I>,
    ) -> Result<u64, DatabaseError>
    where
        I: Into<IdOf<E>>,
    {
        let session = self.session()?;
        let keys: Vec<_> = ids
            .into_iter()
            .map(|id| id.into().into_value_tuple())
            .collect();
        if keys.is_empty() {
            return Ok(0);
        }
        let most = B::MAX_PARAMETERS / 2 / E::PrimaryKey::iter().count().max(1);
        if keys.len() <= most && !session.in_unit_of_work() {
            return delete_these::<E, _>(&self.context, &session, &keys).await;
        }
        delete_in_chunks::<E, B>(&self.context, &session, &keys, most).await
    }
}

async fn delete_in_chunks<E: Record, B: Backend>(
    context: &Context,
    session: &Session<B>,
    keys: &[ValueTuple],
    most: usize,
) -> Result<u64, DatabaseError> {
    let scope = session.begin().await.map_err(database_error)?;
    let deleted = async {
        let mut deleted = 0;
        for chunk in keys.chunks(most.max(1)) {
            deleted += delete_these::<E, _>(context, &scope, chunk).await?;
        }
        Ok(deleted)
    };
    let deleted = deleted.await;
    settle(scope, deleted).await
}

async fn delete_these<E: Record, C: sea_orm::ConnectionTrait>(
    context: &Context,
    session: &C,
    keys: &[ValueTuple],
) -> Result<u64, DatabaseError> {
    let mut these = Condition::all().add(key::one_of::<E>(keys, session.get_database_backend()));
    for column in hidden::<E>(context) {
        these = these.add(column.is_null());
    }
    let Some(column) = E::deleted_at() else {
        let delete = E::delete_many().filter(these);
        let done = delete.exec(session).await.map_err(database_error)?;
        return Ok(done.rows_affected);
    };
    let mut row = <E::ActiveModel as sea_orm::ActiveModelTrait>::default();
    stamp::updated::<E>(context, &mut row)?;
    stamp::set::<E>(&mut row, column, stamp::now::<E>(context, column)?)?;
    let mut update = <E as EntityTrait>::update_many().set(row).filter(these);
    if let Some(version) = E::version() {
        update = update.col_expr(version, Expr::col(version).add(1));
    }
    let done = update.exec(session).await.map_err(database_error)?;
    Ok(done.rows_affected)
}
