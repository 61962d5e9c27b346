//! No room for the server's write-ahead log.

use std::{
    fs, io,
    time::{Duration, Instant},
};

use fastrand::Rng;
use tokio::{
    task::block_in_place,
    time::{sleep, timeout},
};
use url::Url;

use super::{fault::millis, place::Place};
use crate::session;

/// How soon the segments that are there already have to be used up.
const PATIENCE: Duration = Duration::from_secs(20);

/// How long the harness waits for a server that is falling.
const ANSWER: Duration = Duration::from_secs(2);

/// Until the server has crashed. It tries to recover, finds no room, and gives up; when there is
/// some, it recovers by itself, or is started again if it is gone.
pub(super) async fn fill(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let Some(disk) = &place.wal else {
        return Err(io::Error::other("mounting is not allowed here"));
    };
    let url = Url::parse(&place.database.url()).map_err(io::Error::other)?;
    let crashes = crashes(place);
    let begun = Instant::now();
    disk.fill(0)?;
    while self::crashes(place) == crashes && begun.elapsed() < PATIENCE {
        // The load alone would take minutes to fill a segment.
        let next = session::execute(&url, "SELECT pg_switch_wal()");
        drop(timeout(ANSWER, next).await);
        sleep(Duration::from_millis(20)).await;
    }
    let has_crashed = self::crashes(place) > crashes;
    if !has_crashed {
        let finding = "the disk of the log was full, and the server has not felt it";
        place.book.find(finding.to_owned());
    }
    sleep(millis(rng, 0..1500)).await;
    disk.free()?;
    let was_gone = block_in_place(|| place.cluster.recover());
    let how = match (has_crashed, was_gone) {
        (false, false) => "felt by nobody",
        (true, false) => "recovered by itself",
        (_, true) => "had given up",
    };
    Ok(format!("{:.1?}, {how}", begun.elapsed()))
}

/// How often the server has said that it crashes, since it was started.
fn crashes(place: &Place) -> usize {
    let log = fs::read_to_string(place.cluster.log()).unwrap_or_default();
    log.matches("PANIC: ").count()
}
