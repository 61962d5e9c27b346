//! A database that is dropped with the value that stands for it.

use crate::session;
use crate::thread::try_on_own_thread;
use std::process;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::time::timeout;
use url::Url;

/// What the names of all scratch databases begin with, on any server and in any process.
pub(crate) const PREFIX: &str = "throwaway_test";

/// A test that has ended must not keep the suite waiting.
const PATIENCE: Duration = Duration::from_secs(10);

/// A database beside the one that `server` is the URL of.
#[derive(Debug)]
pub(crate) struct ScratchDatabase {
    server: Url,
    name: String,
}

impl ScratchDatabase {
    pub(crate) async fn create(server: &Url, template: &str) -> Self {
        let name = new_name();
        let sql = format!(r#"CREATE DATABASE "{name}" TEMPLATE "{template}""#);
        if let Err(error) = session::execute(server, &sql).await {
            panic!("{sql}: {error}");
        }
        Self {
            server: server.clone(),
            name,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn server(&self) -> &Url {
        &self.server
    }

    pub(crate) fn url(&self) -> Url {
        let mut url = self.server.clone();
        url.set_path(&self.name);
        url
    }
}

impl Drop for ScratchDatabase {
    /// Nothing is said when it fails: either the server is gone, and the database with it, or the
    /// next run drops it (see [`crate::keeper`]).
    fn drop(&mut self) {
        let sql = format!(r#"DROP DATABASE IF EXISTS "{}" WITH (FORCE)"#, self.name);
        let dropped = session::execute(&self.server, &sql);
        drop(try_on_own_thread(async {
            timeout(PATIENCE, dropped).await
        }));
    }
}

/// What the names of this process's databases begin with. The process id alone is not enough:
/// two containers may share a server.
pub(crate) fn process_name() -> &'static str {
    static NAME: OnceLock<String> = OnceLock::new();
    NAME.get_or_init(|| format!("{PREFIX}_{}_{:08x}", process::id(), fastrand::u32(..)))
}

fn new_name() -> String {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    format!("{}_{number}", process_name())
}
