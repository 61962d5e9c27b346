//! What a process logs.

use std::{
    env,
    fs::{self, File},
    io::{self, Read as _, Seek as _, SeekFrom},
    path::{Path, PathBuf},
    process,
    sync::Mutex,
};

use super::{
    book::{Book, lock},
    place::Place,
    threads,
};

/// A log that grows, and is read on from where it was read before.
#[derive(Debug)]
pub(super) struct Log {
    path: PathBuf,
    read: Mutex<u64>,
}

impl Log {
    pub(super) fn at(path: PathBuf) -> Self {
        Self {
            path,
            read: Mutex::default(),
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Each panic since this was last asked is a finding.
    pub(super) fn check(&self, whose: &str, book: &Book) {
        match self.go_on() {
            Ok(text) => {
                for panic in text.lines().filter(|line| line.contains("panicked")) {
                    book.find(format!("{whose}: {panic}"));
                }
            }
            Err(error) => book.find(format!("the log of {whose}: {error}")),
        }
    }

    fn go_on(&self) -> io::Result<String> {
        let mut read = lock(&self.read);
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(*read))?;
        let mut bytes = Vec::new();
        *read += file.read_to_end(&mut bytes)? as u64;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }
}

/// How often the server has said this since it was started.
pub(super) fn said(place: &Place, words: &str) -> io::Result<usize> {
    let log = fs::read(place.cluster.log())?;
    Ok(String::from_utf8_lossy(&log).matches(words).count())
}

/// Whoever looks for a reason needs what was logged; answers where it is now.
pub(super) fn keep(place: &Place, seed: u64) -> Vec<String> {
    let server = place.cluster.log();
    let services = place.services.iter();
    let logs = services.map(|service| (service.name.as_str(), service.log.path()));
    let others = [
        (threads::NAME, place.threads.log.path()),
        ("server", server.as_path()),
    ];
    let keep = |(name, log): (&str, &Path)| {
        let kept = kept(seed, name);
        match fs::copy(log, &kept) {
            Ok(_) => format!("the log of {name}: {}", kept.display()),
            Err(error) => format!("the log of {name} can not be kept: {error}"),
        }
    };
    logs.chain(others).map(keep).collect()
}

/// Where something is kept that no other run writes to.
pub(super) fn kept(seed: u64, name: &str) -> PathBuf {
    let process = process::id();
    env::temp_dir().join(format!("faults-{seed}-{process}-{name}.log"))
}
