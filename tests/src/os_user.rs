//! Whom the server runs as when the tests run as root, which PostgreSQL refuses.

use std::io;
use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;

/// An account of the operating system that root lends to the server.
#[derive(Clone, Copy, Debug)]
pub(crate) struct OsUser {
    user: u32,
    group: u32,
}

impl OsUser {
    /// `None` when the tests do not run as root: the server then runs as whoever runs the tests.
    pub(crate) fn for_server() -> Result<Option<Self>, String> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        ["postgres", "nobody"]
            .into_iter()
            .find_map(Self::named)
            .map(Some)
            .ok_or_else(|| {
                "PostgreSQL does not run as root, and neither `postgres` nor `nobody` is a user \
                 here: run the tests as another user, or add one of them"
                    .to_owned()
            })
    }

    /// Makes `command` run as this account.
    pub(crate) fn lend_to(self, command: &mut Command) {
        command.uid(self.user).gid(self.group);
    }

    /// Makes this account the owner of `path`, not of what is in it.
    pub(crate) fn own(self, path: &Path) -> io::Result<()> {
        chown(path, Some(self.user), Some(self.group))
    }

    fn named(name: &str) -> Option<Self> {
        Some(Self {
            user: id("-u", name)?,
            group: id("-g", name)?,
        })
    }
}

/// `id` knows every directory that accounts may come from; `/etc/passwd` is only one of them.
fn id(what: &str, name: &str) -> Option<u32> {
    let output = Command::new("id").args([what, name]).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}
