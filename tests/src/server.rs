//! The server that test databases are made on.
//!
//! `TEST_DATABASE_URL` names one that is running, for example in a container. It has to be the
//! URL of a database whose name contains `test`. Nothing is written to that database: each test
//! makes its own beside it, with a name that no other process uses, and drops it. The user needs
//! the right to create databases, and nothing else.

use crate::cluster::{Cluster, ClusterOptions};
use crate::keeper;
use std::env;
use std::sync::OnceLock;
use url::Url;

/// A server and, when it is the harness's own, what keeps it running.
pub(crate) struct Server {
    url: Url,
    cluster: Option<Cluster>,
}

impl Server {
    /// The server of this process. The first test that asks for it starts it; when that fails,
    /// every test fails at once and says the same.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Result<Server, String>> = OnceLock::new();
        match SHARED.get_or_init(Self::choose) {
            Ok(server) => server,
            Err(reason) => panic!("{reason}"),
        }
    }

    /// The database to be in while others are created and dropped.
    pub(crate) fn url(&self) -> &Url {
        &self.url
    }

    /// Whether everything in it goes away with this process.
    pub(crate) fn is_throw_away(&self) -> bool {
        self.cluster.is_some()
    }

    fn choose() -> Result<Self, String> {
        match env::var("TEST_DATABASE_URL") {
            Ok(url) if !url.is_empty() => {
                let url = test_server(&url)?;
                keeper::start(&url)?;
                Ok(Self { url, cluster: None })
            }
            Err(env::VarError::NotUnicode(_)) => Err(refusal("is not UTF-8")),
            Ok(_) | Err(env::VarError::NotPresent) => {
                let cluster = Cluster::try_start(&ClusterOptions::default())?;
                Ok(Self {
                    url: parsed(&cluster.url("postgres"))?,
                    cluster: Some(cluster),
                })
            }
        }
    }
}

/// Reads a value of `TEST_DATABASE_URL`, and refuses one that may be somebody's real database.
/// The refusal repeats the database's name, never the password.
pub fn test_server(url: &str) -> Result<Url, String> {
    let url = parsed(url)?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(refusal("does not begin with postgres://"));
    }
    // It would win over the name in the path, for the databases of the tests too.
    if url.query_pairs().any(|(name, _)| name == "dbname") {
        return Err(refusal("has the database's name in `?dbname=`"));
    }
    let name = url.path().trim_start_matches('/');
    if !name.to_lowercase().contains("test") {
        return Err(refusal(&format!("names the database `{name}`")));
    }
    Ok(url)
}

fn parsed(url: &str) -> Result<Url, String> {
    Url::parse(url).map_err(|error| refusal(&format!("is not a URL ({error})")))
}

fn refusal(reason: &str) -> String {
    format!(
        "TEST_DATABASE_URL {reason}. It must be like postgres://user:password@host:5432/test: a \
         PostgreSQL URL whose path is the name of a database, with `test` in that name, so that \
         no test runs on a server by mistake. Unset it to have a throw-away server started."
    )
}
