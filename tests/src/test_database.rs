//! A database for one test.

use crate::backend::{self, Backend};
use crate::cluster::Cluster;
use crate::scratch::ScratchDatabase;
use crate::server::Server;
use crate::session;
use crate::sqlite::SqliteFile;
use crate::template::{Template, migrate};
use crate::thread::on_own_thread;
use sea_orm::sqlx::{
    AssertSqlSafe, Connection, Decode, PgConnection, Postgres, Type, query_scalar,
};
use std::panic::resume_unwind;
use std::sync::Arc;
use tokio::task::spawn_blocking;
use url::Url;

/// A PostgreSQL database that no other test uses. Dropping it drops the database, and ends the
/// sessions that are still open in it.
#[derive(Debug)]
pub struct TestDatabase {
    // Fields are dropped in this order: the last test takes the template with it.
    database: ScratchDatabase,
    _template: Option<Arc<Template>>,
}

impl TestDatabase {
    /// A database with the schema of the migrations.
    pub async fn postgres() -> Self {
        let template = blocking(Template::shared).await;
        let server = Server::shared().url();
        Self {
            database: ScratchDatabase::create(server, template.name()).await,
            _template: Some(template),
        }
    }

    /// The same for a test that is not asynchronous.
    pub fn postgres_blocking() -> Self {
        on_own_thread(Self::postgres())
    }

    /// A database with nothing in it.
    pub async fn empty() -> Self {
        Self::empty_on(blocking(Server::shared).await.url()).await
    }

    /// A database with the schema, on a server that the test may stop and start.
    pub async fn on(cluster: &Cluster) -> Self {
        let server = Url::parse(&cluster.url("postgres")).expect("a URL of our own making");
        let database = Self::empty_on(&server).await;
        migrate(&database.url()).await;
        database
    }

    /// An SQLite database with the schema.
    pub async fn sqlite() -> SqliteFile {
        let file = SqliteFile::empty();
        migrate(&file.url()).await;
        file
    }

    /// What to connect to.
    pub fn url(&self) -> String {
        self.database.url().into()
    }

    /// The database's name.
    pub fn name(&self) -> &str {
        self.database.name()
    }

    /// A second session, to look from outside at what another one does. It is named
    /// `test-harness`, and the methods about backends leave it out.
    pub async fn connect(&self) -> PgConnection {
        let session = session::connect(&self.database.url()).await;
        session.unwrap_or_else(|error| panic!("connecting to {}: {error}", self.name()))
    }

    /// A session in another database of the same server, for statements that cannot run in this.
    pub async fn admin(&self) -> PgConnection {
        let session = session::connect(self.database.server()).await;
        session.unwrap_or_else(|error| panic!("connecting beside {}: {error}", self.name()))
    }

    /// Runs statements, one or many, in a session of their own.
    pub async fn execute(&self, sql: &str) {
        if let Err(error) = session::execute(&self.database.url(), sql).await {
            panic!("{sql}: {error}");
        }
    }

    /// The first column of the first row, read in a session of its own.
    pub async fn scalar<T>(&self, sql: &str) -> T
    where
        T: for<'row> Decode<'row, Postgres> + Type<Postgres> + Send + Unpin,
    {
        let mut session = self.connect().await;
        let scalar = query_scalar(AssertSqlSafe(sql))
            .fetch_one(&mut session)
            .await;
        // The answer is what counts, and a session that cannot say goodbye is gone as well.
        drop(session.close().await);
        scalar.unwrap_or_else(|error| panic!("{sql}: {error}"))
    }

    /// The sessions in this database, oldest first, without those of the harness.
    pub async fn backends(&self) -> Vec<Backend> {
        let backends = backend::list(self.database.server(), self.name()).await;
        backends.unwrap_or_else(|error| panic!("listing the sessions: {error}"))
    }

    /// How many sessions there are.
    pub async fn backend_count(&self) -> usize {
        self.backends().await.len()
    }

    /// What each session is doing: `idle`, `active`, `idle in transaction` and so on.
    pub async fn backend_states(&self) -> Vec<String> {
        let backends = self.backends().await;
        backends.into_iter().map(|backend| backend.state).collect()
    }

    /// Ends the sessions whose `application_name` is LIKE `pattern` (`%` is all of them), and
    /// answers how many those were. They are gone when it returns.
    pub async fn terminate_backends(&self, pattern: &str) -> i64 {
        let ended = backend::terminate(self.database.server(), self.name(), pattern).await;
        ended.unwrap_or_else(|error| panic!("ending the sessions: {error}"))
    }

    async fn empty_on(server: &Url) -> Self {
        Self {
            database: ScratchDatabase::create(server, "template0").await,
            _template: None,
        }
    }
}

/// Starting a server takes a while, in which the test's own runtime stays free.
async fn blocking<T: Send + 'static>(work: fn() -> T) -> T {
    match spawn_blocking(work).await {
        Ok(done) => done,
        Err(error) => resume_unwind(error.into_panic()),
    }
}
