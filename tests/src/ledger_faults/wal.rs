//! No room for the server's write-ahead log.

use std::{
    io,
    time::{Duration, Instant},
};

use fastrand::Rng;
use tokio::{
    task::block_in_place,
    time::{sleep, timeout},
};
use url::Url;

use super::{fault::millis, log, place::Place};
use crate::session;

/// How soon the segments that are there already have to be used up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How the server begins to say that it crashes.
const CRASHES: &str = "PANIC: ";

/// How long the harness waits for a server that is falling.
const ANSWER: Duration = Duration::from_secs(2);

/// Until the server has crashed. It tries to recover, finds no room, and gives up; when there is
/// some, it recovers by itself, or is started again if it is gone.
pub(super) async fn fill(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let Some(disk) = &place.wal else {
        return Err(io::Error::other("mounting is not allowed here"));
    };
    let url = Url::parse(&place.database.url()).map_err(io::Error::other)?;
    let before = log::said(place, CRASHES)?;
    let begun = Instant::now();
    disk.fill(0)?;
    let mut now = Ok(before);
    while now.as_ref().is_ok_and(|now| *now == before) && begun.elapsed() < PATIENCE {
        // The load alone would take minutes to fill a segment.
        let next = session::execute(&url, "SELECT pg_switch_wal()");
        drop(timeout(ANSWER, next).await);
        sleep(Duration::from_millis(20)).await;
        now = log::said(place, CRASHES);
    }
    sleep(millis(rng, 0..1500)).await;
    disk.free()?;
    let was_gone = block_in_place(|| place.cluster.recover());
    if now? == before {
        let text = "the disk of the log was full, and the server has not felt it";
        return Err(io::Error::other(text));
    }
    let how = if was_gone {
        "had given up"
    } else {
        "recovered by itself"
    };
    Ok(format!("{:.1?}, {how}", begun.elapsed()))
}
