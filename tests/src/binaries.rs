//! Where PostgreSQL's programs are on this machine.

use crate::download;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Where packages put each version into a directory of its own: what holds these directories,
/// what their names begin with, and where the programs are inside.
const VERSIONED: &[(&str, &str, &str)] = &[
    ("/usr/lib/postgresql", "", "bin"),
    ("/usr", "pgsql-", "bin"),
    ("/opt/homebrew/opt", "postgresql", "bin"),
    ("/usr/local/opt", "postgresql", "bin"),
    ("/home/linuxbrew/.linuxbrew/opt", "postgresql", "bin"),
    ("/Applications/Postgres.app/Contents/Versions", "", "bin"),
];

/// A directory that has `initdb` and `postgres`, of the same version.
#[derive(Clone, Debug)]
pub(crate) struct Binaries {
    directory: PathBuf,
}

impl Binaries {
    /// What is installed, else what was downloaded before, else a download. Looked for once.
    pub(crate) fn find() -> Result<Self, String> {
        static FOUND: OnceLock<Result<Binaries, String>> = OnceLock::new();
        FOUND
            .get_or_init(|| match Self::installed() {
                Some(binaries) => Ok(binaries),
                None => download::postgresql().map(|home| Self::new(home.join("bin"))),
            })
            .clone()
    }

    pub(crate) fn new(directory: PathBuf) -> Self {
        Self { directory }
    }

    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    /// What these programs were installed as: they find their libraries relative to it.
    pub(crate) fn home(&self) -> &Path {
        self.directory.parent().unwrap_or(&self.directory)
    }

    fn installed() -> Option<Self> {
        from_path()
            .into_iter()
            .chain(from_pg_config())
            .chain(VERSIONED.iter().flat_map(newest_first))
            .chain(newest_first(&(download::cache().to_str()?, "", "bin")))
            .map(Self::new)
            .find(Self::is_complete)
    }

    /// Client packages bring `pg_config` and `psql` without a server.
    fn is_complete(&self) -> bool {
        self.program("initdb").is_file() && self.program("postgres").is_file()
    }
}

fn from_path() -> Vec<PathBuf> {
    env::var_os("PATH").map_or_else(Vec::new, |path| env::split_paths(&path).collect())
}

fn from_pg_config() -> Option<PathBuf> {
    let output = Command::new("pg_config").arg("--bindir").output().ok()?;
    let directory = String::from_utf8(output.stdout).ok()?;
    Some(PathBuf::from(directory.trim()))
}

fn newest_first((parent, prefix, inside): &(&str, &str, &str)) -> Vec<PathBuf> {
    let mut versions: Vec<(Vec<u32>, PathBuf)> = fs::read_dir(parent)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            let version = name.strip_prefix(prefix)?;
            Some((numbers(version), entry.path().join(inside)))
        })
        .collect();
    versions.sort();
    versions.into_iter().rev().map(|(_, path)| path).collect()
}

/// `"@17"` is `[17]` and `"9.6"` is `[9, 6]`, so that 9.6 is older than 10.
fn numbers(version: &str) -> Vec<u32> {
    version
        .split(|character: char| !character.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect()
}
