//! Sessions of the harness itself.

use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{AssertSqlSafe, ConnectOptions, Connection, Error, PgConnection, raw_sql};
use url::Url;

/// What the harness's sessions call themselves, so that what looks from outside is not counted.
pub(crate) const APPLICATION: &str = "test-harness";

/// A session that is named like the harness.
pub(crate) async fn connect(url: &Url) -> Result<PgConnection, Error> {
    connect_as(APPLICATION, url).await
}

/// A session under another name.
pub(crate) async fn connect_as(name: &str, url: &Url) -> Result<PgConnection, Error> {
    let options = PgConnectOptions::from_url(url)?;
    options.application_name(name).connect().await
}

/// Runs statements, without parameters, in a session of their own.
pub(crate) async fn execute(url: &Url, sql: &str) -> Result<(), Error> {
    let mut session = connect(url).await?;
    raw_sql(AssertSqlSafe(sql)).execute(&mut session).await?;
    session.close().await
}
