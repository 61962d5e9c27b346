//! Creating single rows.

use ports::DatabaseError;
use sea_orm::{
    ActiveModelBehavior, ActiveModelTrait as _, ActiveValue, ColumnTrait as _, DbBackend, DbErr,
    EntityTrait, FromQueryResult as _, Iterable as _, Value,
    sea_query::{Expr, InsertStatement, Query, ReturningClause},
};

use super::{
    AsyncAdapter, Record, stamp,
    text::{Columns, Shape},
};
use crate::seaorm::{Backend, database_error};

impl<E: Record, B: Backend> AsyncAdapter<E, B> {
    /// Stores a new row, and answers it as the database has it. Columns left unset get
    /// their conventions' values, else their defaults.
    ///
    /// # Errors
    ///
    /// The violation of a constraint by its name, or what else a statement can fail with.
    #[doc(alias = "add")]
    pub async fn create(&self, mut row: E::ActiveModel) -> Result<E::Model, DatabaseError> {
        let session = self.session()?;
        stamp::created::<E>(&self.context, &mut row)?;
        let stored = async {
            let mut row = E::ActiveModel::before_save(row, &session, true).await?;
            let mut columns = Vec::new();
            let mut values = Vec::new();
            let all = Columns::of::<E>(|column| match row.take(column) {
                ActiveValue::Set(value) | ActiveValue::Unchanged(value) => {
                    columns.push(column);
                    values.push(value);
                    true
                }
                ActiveValue::NotSet => false,
            });
            let shape = all.map(Shape::Create);
            let texts = &self.context.texts;
            let statement = texts.statement(B::DIALECT, shape, values, |values| {
                insert::<E>(&columns, values, B::DIALECT)
            });
            let stored = session.query_one_prepared(statement).await?;
            let gone = || DbErr::RecordNotFound("the row that was stored".into());
            let model = E::Model::from_query_result(&stored.ok_or_else(gone)?, "")?;
            E::ActiveModel::after_save(model, &session, true).await
        };
        stored.await.map_err(database_error)
    }
}

fn insert<E: Record>(
    columns: &[E::Column],
    values: Vec<Value>,
    dialect: DbBackend,
) -> InsertStatement {
    let mut insert = Query::insert();
    insert
        .into_table(E::default().table_ref())
        .or_default_values()
        .columns(columns.iter().copied());
    let values = columns.iter().zip(values);
    insert
        .values_panic(values.map(|(column, value)| column.save_as(Expr::val(value))))
        .returning(all_columns::<E>(dialect));
    insert
}

/// The row as the database has it.
pub(super) fn all_columns<E: EntityTrait>(dialect: DbBackend) -> ReturningClause {
    let columns = E::Column::iter();
    Query::returning()
        .exprs(columns.map(|column| column.select_as(column.into_returning_expr(dialect))))
}
