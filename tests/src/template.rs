//! The migrated database that the others are copied from.

use crate::scratch::ScratchDatabase;
use crate::server::Server;
use crate::session;
use crate::thread::on_own_thread;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::{iter, mem};

/// Brings the schema of the database at `url` up to date, on either backend.
pub async fn migrate(url: &str) {
    if let Err(error) = migration::migrate_url(url).await {
        panic!("migrating: {}", chain(&error));
    }
}

/// An error and its sources, each on a line.
fn chain(error: &dyn Error) -> String {
    let sources = iter::successors(Some(error), |error| (*error).source());
    let lines: Vec<_> = sources.map(ToString::to_string).collect();
    lines.join("\n  because: ")
}

/// One per process. On a throw-away server it stays until the end; elsewhere it is dropped with
/// the last test that holds it, because at the end of the process nobody could do it any more.
#[derive(Debug)]
pub(crate) struct Template {
    database: ScratchDatabase,
}

impl Template {
    /// The template of this process, made when there is none. It blocks: tests that come at the
    /// same time wait for the one that makes it, each on a runtime of its own.
    pub(crate) fn shared() -> Arc<Self> {
        static SHARED: Mutex<Weak<Template>> = Mutex::new(Weak::new());
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(template) = shared.upgrade() {
            return template;
        }
        let server = Server::shared();
        let template = Arc::new(on_own_thread(Self::make(server)));
        *shared = Arc::downgrade(&template);
        if server.is_throw_away() {
            mem::forget(Arc::clone(&template));
        }
        template
    }

    pub(crate) fn name(&self) -> &str {
        self.database.name()
    }

    async fn make(server: &Server) -> Self {
        let database = ScratchDatabase::create(server.url(), "template0").await;
        migrate(database.url().as_str()).await;
        // A database that somebody is connected to cannot be copied.
        let sql = format!(
            "ALTER DATABASE \"{}\" ALLOW_CONNECTIONS false",
            database.name()
        );
        if let Err(error) = session::execute(server.url(), &sql).await {
            panic!("{sql}: {error}");
        }
        Self { database }
    }
}
