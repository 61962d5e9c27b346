//! A database with the schema of the migrations, and accounts to ask for.

use tests::{Cluster, on_own_thread};

use crate::stage::execute;

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
    execute(&server, &[&create]);
    on_own_thread(async { migration::migrate_url(&url).await.unwrap() });
    execute(&url, &[&fill, "VACUUM ANALYZE"]);
    url
}

/// Takes out what a round has added: the next finds the same tables.
pub(crate) fn tidy(url: &str) {
    execute(
        url,
        &[
            "TRUNCATE transfers",
            "DELETE FROM accounts WHERE id >= '00000000-0000-7000-8001-000000000000'",
            "VACUUM accounts",
        ],
    );
}
