//! What breaks.

use std::{
    io,
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use fastrand::Rng;
use tokio::{task::block_in_place, time::sleep};

use super::{
    clock, log, network,
    place::{HANG_UPS, Place},
    wal,
};
use crate::StopMode;

/// Something that happens to the services, or to what they stand on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// `pg_terminate_backend` of some of them, or of all, a few times.
    BackendsTerminated,
    /// `pg_ctl restart -m immediate`, with a pause before it starts again.
    ServerRestarted,
    /// Nothing passes, and nobody is told; then it does, or the connections are gone.
    NetworkStalled,
    /// Every connection is closed, a few times.
    NetworkCut,
    /// The same with a reset.
    NetworkReset,
    /// Nobody is there to connect to.
    NetworkRefused,
    /// The tables of the ledger can not grow.
    DiskFull,
    /// The server can not write its log, and crashes until there is room for it.
    WalDiskFull,
    /// Nearly no client waits for its answer.
    ClientsHangUp,
    /// SIGKILL of one service, which is started again.
    ServiceKilled,
    /// The clock of one service is hours or days ahead, for a while.
    ClockAhead,
    /// It is behind.
    ClockBehind,
}

impl Fault {
    /// Each of them.
    pub const ALL: [Self; 12] = [
        Self::BackendsTerminated,
        Self::ServerRestarted,
        Self::NetworkStalled,
        Self::NetworkCut,
        Self::NetworkReset,
        Self::NetworkRefused,
        Self::DiskFull,
        Self::WalDiskFull,
        Self::ClientsHangUp,
        Self::ServiceKilled,
        Self::ClockAhead,
        Self::ClockBehind,
    ];

    /// What it is called.
    pub const fn name(self) -> &'static str {
        match self {
            Self::BackendsTerminated => "backends terminated",
            Self::ServerRestarted => "server restarted",
            Self::NetworkStalled => "network stalled",
            Self::NetworkCut => "network cut",
            Self::NetworkReset => "network reset",
            Self::NetworkRefused => "network refused",
            Self::DiskFull => "disk full",
            Self::WalDiskFull => "WAL disk full",
            Self::ClientsHangUp => "clients hang up",
            Self::ServiceKilled => "service killed",
            Self::ClockAhead => "clock ahead",
            Self::ClockBehind => "clock behind",
        }
    }

    /// Whether it can happen here: some need the right to mount.
    pub(super) fn is_possible(self, place: &Place) -> bool {
        self != Self::WalDiskFull || place.wal.is_some()
    }

    /// Lets it happen, and returns when it is over. Answers what it was this time.
    pub(super) async fn strike(self, place: &Place, rng: &mut Rng) -> io::Result<String> {
        match self {
            Self::BackendsTerminated => terminate(place, rng).await,
            Self::ServerRestarted => restart(place, rng).await,
            Self::NetworkStalled => network::stall(place, rng).await,
            Self::NetworkCut => network::strike(place, rng, |place| place.proxy.cut()).await,
            Self::NetworkReset => network::strike(place, rng, |place| place.proxy.reset()).await,
            Self::NetworkRefused => network::refuse(place, rng).await,
            Self::DiskFull => fill(place).await,
            Self::WalDiskFull => wal::fill(place, rng).await,
            Self::ClientsHangUp => hang_up(place, rng).await,
            Self::ServiceKilled => kill(place, rng).await,
            Self::ClockAhead => clock::go_wrong(place, rng, 1).await,
            Self::ClockBehind => clock::go_wrong(place, rng, -1).await,
        }
    }
}

/// Which ones is up to the suite's own generator, as everything is.
async fn terminate(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let mut ended = 0;
    for time in 0..rng.u32(3..6) {
        if time > 0 {
            sleep(millis(rng, 50..250)).await;
        }
        let backends = place.database.backends().await;
        let mut unlucky: Vec<_> = backends.iter().map(|one| one.pid.to_string()).collect();
        rng.shuffle(&mut unlucky);
        if rng.bool() {
            unlucky.truncate(4);
        }
        ended += place
            .database
            .scalar::<i64>(&format!(
                "SELECT count(*) FILTER (WHERE pg_terminate_backend(pid)) \
                 FROM unnest(ARRAY[{}]::int[]) AS pid",
                unlucky.join(", ")
            ))
            .await;
    }
    if ended == 0 {
        return Err(io::Error::other("no backend was there to be ended"));
    }
    Ok(format!("{ended} of them"))
}

async fn restart(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let begun = Instant::now();
    block_in_place(|| place.cluster.stop(StopMode::Immediate));
    sleep(millis(rng, 0..1500)).await;
    block_in_place(|| place.cluster.start_again());
    Ok(format!("away for {:.1?}", begun.elapsed()))
}

/// Until some have felt it: the server has told them so.
async fn fill(place: &Place) -> io::Result<String> {
    const WORDS: &str = "could not extend file";
    place.book.unserved.store(0, Relaxed);
    let before = log::said(place, WORDS)?;
    let begun = Instant::now();
    place.disk.fill(&place.database).await?;
    let mut felt = Ok(0);
    while felt.as_ref().is_ok_and(|felt| *felt < 10) && begun.elapsed() < Duration::from_secs(15) {
        sleep(Duration::from_millis(50)).await;
        felt = log::said(place, WORDS).map(|now| now.saturating_sub(before));
    }
    place.disk.free(&place.database).await?;
    let (felt, unserved) = (felt?, place.book.unserved.load(Relaxed));
    if felt == 0 {
        return Err(io::Error::other(
            "the disk was full, and nobody has felt it",
        ));
    }
    let took = begun.elapsed();
    Ok(format!(
        "{took:.1?}, felt {felt} times, {unserved} turned away"
    ))
}

async fn hang_up(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let pause = millis(rng, 800..1500);
    place.book.hung_up.store(0, Relaxed);
    place.hang_ups.store(7, Relaxed);
    sleep(pause).await;
    place.hang_ups.store(HANG_UPS, Relaxed);
    let gone = place.book.hung_up.load(Relaxed);
    if gone == 0 {
        return Err(io::Error::other("nobody has hung up"));
    }
    Ok(format!("7 of 8, {gone} in all, for {pause:.1?}"))
}

async fn kill(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let service = &place.services[rng.usize(..place.services.len())];
    let pause = millis(rng, 100..800);
    service.kill()?;
    sleep(pause).await;
    block_in_place(|| service.start_again())?;
    Ok(format!("{}, away for {pause:.1?}", service.name))
}

pub(super) fn millis(rng: &mut Rng, range: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rng.u64(range))
}
