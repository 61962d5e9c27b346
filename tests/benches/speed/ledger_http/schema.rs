//! A database with the schema of the migrations, and accounts to ask for.

use sea_orm::sqlx::{AssertSqlSafe, Connection as _, PgConnection, raw_sql};
use tests::{Cluster, on_own_thread};

/// How many accounts there are. The load knows their ids: they end in 1 to this, in hexadecimal.
pub(crate) const ACCOUNTS: u32 = 10_000;

/// Makes the database, and answers its URL.
pub(crate) fn prepare(cluster: &Cluster, name: &str) -> String {
    let (server, url) = (cluster.url("postgres"), cluster.url(name));
    let create = format!("CREATE DATABASE {name}");
    let fill = format!(
        "INSERT INTO accounts (id, owner, currency, balance, status, version, created_at, updated_at) \
         SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid, 'owner ' || i, \
         'EUR', 1000000000, 'active', 1, now() - i * interval '1 s', now() \
         FROM generate_series(1, {ACCOUNTS}) i"
    );
    let answer = url.clone();
    on_own_thread(async move {
        execute(&server, &create).await;
        migration::migrate_url(&url).await.unwrap();
        execute(&url, &fill).await;
        execute(&url, "VACUUM ANALYZE").await;
    });
    answer
}

/// Takes out what a round has added: the next finds the same tables.
pub(crate) fn tidy(url: &str) {
    on_own_thread(async {
        execute(url, "TRUNCATE transfers").await;
        execute(
            url,
            "DELETE FROM accounts WHERE id >= '00000000-0000-7000-8001-000000000000'",
        )
        .await;
        execute(url, "VACUUM accounts").await;
    });
}

async fn execute(url: &str, sql: &str) {
    let mut connection = PgConnection::connect(url).await.unwrap();
    let sql = AssertSqlSafe(sql.to_owned());
    raw_sql(sql).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}
