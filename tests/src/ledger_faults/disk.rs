//! Disks of the database's that can be filled up.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use tempfile::TempDir;

use crate::{os_user::OsUser, test_database::TestDatabase};

/// How large the disk is while it is not full; what is not used of it takes no memory.
const LARGE: u64 = 4 << 30;

/// What is left of a disk that is full: nothing that a table could grow by for long.
const LEFT: u64 = 64 << 10;

/// Unmounts when its input ends, which it does with the process, however that ends.
const UNMOUNT: &str = r#"
trap '' HUP INT QUIT TERM
while read -r _; do :; done
umount -l "$0" && rmdir "$0"
"#;

/// What the tables of the ledger are on.
#[derive(Debug)]
pub(super) enum Disk {
    /// A file system of its own, in memory, that can be made smaller.
    Small(Mount),
    /// Where mounting is not allowed: the table itself refuses to grow, in the words of a
    /// server whose disk is full.
    Refusing {
        /// Why it is not allowed.
        reason: String,
    },
}

impl Disk {
    /// Makes the disk, and moves the tables onto it.
    pub(super) async fn under(database: &TestDatabase, may_mount: bool) -> Self {
        let mount = match Mount::make_if(may_mount, "test-tablespace-") {
            Ok(mount) => mount,
            Err(error) => {
                database.execute(REFUSE).await;
                let reason = error.to_string();
                return Self::Refusing { reason };
            }
        };
        let place = mount.path.display();
        let space = format!("CREATE TABLESPACE small LOCATION '{place}'");
        database.execute(&space).await;
        for what in ["TABLE", "INDEX"] {
            let sql = format!("ALTER {what} ALL IN TABLESPACE pg_default SET TABLESPACE small");
            database.execute(&sql).await;
        }
        Self::Small(mount)
    }

    /// How it gets full here.
    pub(super) fn form(&self) -> String {
        match self {
            Self::Small(_) => "a small tmpfs below the tables".to_owned(),
            Self::Refusing { reason } => {
                format!("a table that refuses to grow (mounting is not allowed here: {reason})")
            }
        }
    }

    pub(super) async fn fill(&self, database: &TestDatabase) -> io::Result<()> {
        match self {
            Self::Small(mount) => mount.fill(LEFT),
            Self::Refusing { .. } => {
                let sql = "CREATE TRIGGER is_full BEFORE INSERT ON transfers \
                           FOR EACH STATEMENT EXECUTE FUNCTION refuse_to_grow()";
                database.execute(sql).await;
                Ok(())
            }
        }
    }

    pub(super) async fn free(&self, database: &TestDatabase) -> io::Result<()> {
        match self {
            Self::Small(mount) => mount.free(),
            Self::Refusing { .. } => {
                database.execute("DROP TRIGGER is_full ON transfers").await;
                Ok(())
            }
        }
    }
}

const REFUSE: &str = "CREATE FUNCTION refuse_to_grow() RETURNS trigger LANGUAGE plpgsql AS $$ \
    BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' \
    USING ERRCODE = 'disk_full'; END $$";

/// A file system that goes away with this value, and with the process.
#[derive(Debug)]
pub(super) struct Mount {
    path: PathBuf,
    keeper: Child,
}

impl Mount {
    /// The error is why mounting is not allowed.
    pub(super) fn make_if(may_mount: bool, prefix: &str) -> io::Result<Self> {
        if !may_mount {
            return Err(io::Error::other("it was not to be tried"));
        }
        Self::make(prefix)
    }

    /// The server's account owns it.
    fn make(prefix: &str) -> io::Result<Self> {
        let owner = OsUser::for_server().map_err(io::Error::other)?;
        let directory = TempDir::with_prefix(prefix)?;
        let (path, size) = (directory.path(), format!("size={LARGE},mode=700"));
        run(Command::new("mount")
            .args(["-t", "tmpfs", "-o", &size, "tmpfs"])
            .arg(path))?;
        let path = directory.keep();
        let keeper = Command::new("sh")
            .args(["-c", UNMOUNT])
            .arg(&path)
            .current_dir("/")
            .stdin(Stdio::piped())
            .spawn()?;
        if let Some(owner) = owner {
            owner.own(&path)?;
        }
        Ok(Self { path, keeper })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Leaves so many bytes. What is written between a look and the change makes the change fail,
    /// so it is tried a few times.
    pub(super) fn fill(&self, left: u64) -> io::Result<()> {
        let mut filled = self.resize(self.used()? + left);
        for _ in 0..20 {
            if filled.is_ok() {
                break;
            }
            filled = self.resize(self.used()? + left);
        }
        filled
    }

    pub(super) fn free(&self) -> io::Result<()> {
        self.resize(LARGE)
    }

    fn used(&self) -> io::Result<u64> {
        let mut asked = Command::new("df");
        asked.args(["-B1", "--output=used"]).arg(&self.path);
        let answered = String::from_utf8(asked.output()?.stdout).map_err(io::Error::other)?;
        let used = answered.lines().nth(1).unwrap_or_default().trim();
        used.parse().map_err(io::Error::other)
    }

    fn resize(&self, bytes: u64) -> io::Result<()> {
        let size = format!("remount,size={bytes}");
        run(Command::new("mount")
            .args(["-o", &size])
            .arg::<&Path>(&self.path))
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        drop(self.keeper.stdin.take());
        drop(self.keeper.wait());
    }
}

fn run(command: &mut Command) -> io::Result<()> {
    let output = command.stdin(Stdio::null()).output()?;
    if output.status.success() {
        return Ok(());
    }
    let reason = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("{command:?}: {}", reason.trim())))
}
