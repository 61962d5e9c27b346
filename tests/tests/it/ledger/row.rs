//! What the repositories keep beside the domain's own, and rows that they can not read.

use std::{error::Error, sync::Arc};

use adapters::{
    SystemClock,
    ledger::{AccountRepository, TransferRepository},
    seaorm::acting_as,
    sqlite::{AsyncSqliteSessionManager, SqliteConfig},
};
use ports::{Accounts as _, Actor, AsyncSessionManager as _, DatabaseError, Transfers as _};
use sea_orm::{ConnectionTrait as _, DbBackend, Statement};
use tests::TestDatabase;

use super::{account, account_id, transfer};

/// SQLite with its checks off: PostgreSQL's keep such rows out.
#[tokio::test]
async fn a_row_that_is_wrong_names_table_column_and_id() {
    let file = TestDatabase::sqlite().await;
    let config = SqliteConfig::from_url(&file.url()).unwrap();
    let manager = Arc::new(AsyncSqliteSessionManager::new(config).unwrap());
    let accounts = AccountRepository::new(manager.clone(), Arc::new(SystemClock));
    accounts.add(&account(1, "Ada", 5)).await.unwrap();
    let session = manager.session().unwrap();
    for (column, wrong) in [
        ("currency", "'€'"),
        ("owner", "''"),
        ("status", "'lost'"),
        ("version", "0"),
    ] {
        let sql = format!(
            "PRAGMA ignore_check_constraints = 1; UPDATE accounts SET {column} = {wrong}; \
             PRAGMA ignore_check_constraints = 0"
        );
        session.execute_unprepared(&sql).await.unwrap();
        let error = accounts.find(account_id(1)).await.unwrap_err();
        assert!(matches!(error, DatabaseError::Query(_)), "{error:?}");
        let text = error.source().unwrap().to_string();
        for part in ["accounts", column, &account_id(1).to_string()] {
            assert!(text.contains(part), "{text}");
        }
        assert!(
            error.source().unwrap().source().is_some(),
            "why it is wrong"
        );
        let repair = "DELETE FROM accounts";
        session.execute_unprepared(repair).await.unwrap();
        accounts.add(&account(1, "Ada", 5)).await.unwrap();
    }
}

#[tokio::test]
async fn rows_know_who_made_them() {
    let file = TestDatabase::sqlite().await;
    let config = SqliteConfig::from_url(&file.url()).unwrap();
    let manager = Arc::new(AsyncSqliteSessionManager::new(config).unwrap());
    let accounts = AccountRepository::new(manager.clone(), Arc::new(SystemClock));
    let transfers = TransferRepository::new(manager.clone());
    let made = acting_as(Actor::new("ada").unwrap(), async {
        accounts.add(&account(1, "Ada", 5)).await.unwrap();
        accounts.add(&account(2, "Bob", 5)).await.unwrap();
        transfers.add(&transfer(3, 1, 2, 4)).await.unwrap();
    });
    made.await;
    for table in ["accounts", "transfers"] {
        let sql = format!("SELECT created_by FROM {table}");
        let found = Statement::from_string(DbBackend::Sqlite, sql);
        let rows = manager
            .session()
            .unwrap()
            .query_all_raw(found)
            .await
            .unwrap();
        for row in rows {
            assert_eq!(row.try_get_by_index::<String>(0).unwrap(), "ada");
        }
    }
}
