//! A clock that is moved from another process, and identities that go by it.

mod wrong;

use std::{
    fs, io,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
    thread,
    time::Duration,
};

use adapters::SystemClock;
use app::bootstrap::Sources;
use chrono::{DateTime, TimeDelta, Utc};
use ports::{Clock, Ids};
use uuid::{NoContext, Timestamp, Uuid};

pub(super) use wrong::go_wrong;

/// How soon a process notices that its clock was moved.
pub(super) const NOTICED: Duration = Duration::from_millis(50);

/// Where it stands by how many seconds a clock is wrong.
#[derive(Debug)]
pub(super) struct Offset(PathBuf);

impl Offset {
    pub(super) fn in_file(path: PathBuf) -> io::Result<Self> {
        let offset = Self(path);
        offset.set(0)?;
        Ok(offset)
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Renamed into place, so that nobody reads half of a number.
    pub(super) fn set(&self, seconds: i64) -> io::Result<()> {
        let new = self.0.with_extension("new");
        fs::write(&new, seconds.to_string())?;
        fs::rename(new, &self.0)
    }
}

/// The sources of a service whose clock is wrong by what this file says, from now on.
pub(super) fn sources(path: PathBuf) -> Sources {
    let seconds = Arc::new(AtomicI64::new(read(&path).unwrap_or(0)));
    let shared = Arc::clone(&seconds);
    thread::spawn(move || {
        loop {
            if let Some(now) = read(&path) {
                shared.store(now, Relaxed);
            }
            thread::sleep(NOTICED / 5);
        }
    });
    let clock = MovedClock(seconds);
    Sources {
        clock: Arc::new(clock.clone()),
        ids: Arc::new(MovedIds(clock)),
    }
}

fn read(path: &Path) -> Option<i64> {
    fs::read_to_string(path).ok()?.parse().ok()
}

#[derive(Clone)]
struct MovedClock(Arc<AtomicI64>);

impl Clock for MovedClock {
    fn now(&self) -> DateTime<Utc> {
        SystemClock.now() + TimeDelta::seconds(self.0.load(Relaxed))
    }
}

struct MovedIds(MovedClock);

impl Ids for MovedIds {
    fn next(&self) -> Uuid {
        let now = self.0.now();
        let seconds = u64::try_from(now.timestamp()).unwrap_or(0);
        let time = Timestamp::from_unix(NoContext, seconds, now.timestamp_subsec_nanos());
        Uuid::new_v7(time)
    }
}
