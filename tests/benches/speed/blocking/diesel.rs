//! Diesel on r2d2.

use diesel::{
    Connection as _, ExpressionMethods as _, PgConnection, QueryDsl as _, RunQueryDsl as _,
    r2d2::{ConnectionManager, Pool, PooledConnection},
};

use super::{Blocking, BlockingWorker};
use crate::{
    contender::CONNECTIONS,
    entry,
    operation::{Change, LIMIT, Order, Query},
    statement::STEP,
    wallet,
};

diesel::table! {
    wallets (id) {
        id -> BigInt,
        branch -> Integer,
        owner -> Text,
        balance -> BigInt,
        version -> BigInt,
    }
}

diesel::table! {
    entries (id) {
        id -> BigInt,
        wallet_id -> BigInt,
        amount -> BigInt,
        memo -> Text,
    }
}

pub(crate) type Manager = ConnectionManager<PgConnection>;

pub(crate) struct Diesel {
    name: &'static str,
    pool: Pool<Manager>,
}

impl Diesel {
    /// As it is, but for the size.
    pub(crate) fn new(name: &'static str, url: &str) -> Self {
        Self::with(name, url, true)
    }

    /// The same without a round trip before a connection is lent out.
    pub(crate) fn untested(name: &'static str, url: &str) -> Self {
        Self::with(name, url, false)
    }

    fn with(name: &'static str, url: &str, is_tested: bool) -> Self {
        let pool = Pool::builder()
            .max_size(u32::try_from(CONNECTIONS).unwrap())
            .test_on_check_out(is_tested)
            .build(Manager::new(url));
        Self {
            name,
            pool: pool.unwrap(),
        }
    }
}

impl Blocking for Diesel {
    type Worker = Pool<Manager>;

    fn name(&self) -> &'static str {
        self.name
    }

    fn worker(&self, _: usize) -> Pool<Manager> {
        self.pool.clone()
    }
}

impl BlockingWorker for Pool<Manager> {
    fn read(&mut self, id: i64) -> wallet::Model {
        read(&mut lent(self), id)
    }

    fn list(&mut self, query: Query) -> Vec<wallet::Model> {
        let rows: Vec<WalletRow> = wallets::table
            .filter(wallets::branch.eq(query.branch))
            .filter(wallets::balance.ge(query.floor))
            .order((wallets::owner.asc(), wallets::id.asc()))
            .limit(LIMIT)
            .load(&mut lent(self))
            .unwrap();
        rows.into_iter().map(wallet).collect()
    }

    fn insert(&mut self, new: entry::New) -> entry::Model {
        insert(&mut lent(self), new)
    }

    fn update(&mut self, change: Change) -> wallet::Model {
        update(&mut lent(self), change)
    }

    fn transfer(&mut self, order: Order) {
        let stored = lent(self).transaction(|connection| {
            let [first, second] = order.locked();
            let first = lock(connection, first);
            let second = lock(connection, second);
            for found in [first, second] {
                let change = order.changed(found.id, found.balance, found.version);
                update(connection, change);
            }
            for new in order.entries() {
                insert(connection, new);
            }
            diesel::QueryResult::Ok(())
        });
        stored.unwrap();
    }
}

pub(crate) fn lent(pool: &Pool<Manager>) -> PooledConnection<Manager> {
    pool.get().unwrap()
}

pub(crate) fn read(connection: &mut PgConnection, id: i64) -> wallet::Model {
    wallet(wallets::table.find(id).first(connection).unwrap())
}

fn lock(connection: &mut PgConnection, id: i64) -> wallet::Model {
    let select = wallets::table.find(id).limit(1).for_no_key_update();
    wallet(select.get_result(connection).unwrap())
}

fn update(connection: &mut PgConnection, change: Change) -> wallet::Model {
    let row = wallets::table
        .filter(wallets::id.eq(change.id))
        .filter(wallets::version.eq(change.version));
    let changes = (
        wallets::balance.eq(change.balance),
        wallets::version.eq(wallets::version + STEP),
    );
    let update = diesel::update(row).set(changes);
    wallet(update.get_result(connection).unwrap())
}

fn insert(connection: &mut PgConnection, new: entry::New) -> entry::Model {
    let values = (
        entries::wallet_id.eq(new.wallet_id),
        entries::amount.eq(new.amount),
        entries::memo.eq(new.memo),
    );
    let stored = diesel::insert_into(entries::table).values(values);
    entry(stored.get_result(connection).unwrap())
}

type WalletRow = (i64, i32, String, i64, i64);

fn wallet((id, branch, owner, balance, version): WalletRow) -> wallet::Model {
    wallet::Model {
        id,
        branch,
        owner,
        balance,
        version,
    }
}

fn entry((id, wallet_id, amount, memo): (i64, i64, i64, String)) -> entry::Model {
    entry::Model {
        id,
        wallet_id,
        amount,
        memo,
    }
}
