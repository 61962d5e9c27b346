//! What breaks.

use std::{
    io,
    sync::atomic::Ordering::Relaxed,
    time::{Duration, Instant},
};

use fastrand::Rng;
use futures_util::future::join_all;
use tokio::{task::block_in_place, time::sleep};

use super::{
    client, clock,
    place::{HANG_UPS, Place},
    service::Service,
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
            Self::NetworkStalled => stall(place, rng).await,
            Self::NetworkCut => times(place, rng, |place| place.proxy.cut()).await,
            Self::NetworkReset => times(place, rng, |place| place.proxy.reset()).await,
            Self::NetworkRefused => refuse(place, rng).await,
            Self::DiskFull => fill(place).await,
            Self::WalDiskFull => wal::fill(place, rng).await,
            Self::ClientsHangUp => hang_up(place, rng).await,
            Self::ServiceKilled => kill(place, rng).await,
            Self::ClockAhead => move_clock(place, rng, 1).await,
            Self::ClockBehind => move_clock(place, rng, -1).await,
        }
    }
}

async fn terminate(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let times = rng.u32(3..6);
    let mut ended = 0;
    for _ in 0..times {
        let limit = if rng.bool() { "ALL" } else { "4" };
        ended += place
            .database
            .scalar::<i64>(&format!(
                "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
                 WHERE datname = current_database() AND pid <> pg_backend_pid() \
                 AND backend_type = 'client backend' ORDER BY random() LIMIT {limit}) AS unlucky"
            ))
            .await;
        sleep(millis(rng, 50..250)).await;
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

/// Longer than a server that is silent is waited for, and at times longer than a request may take.
async fn stall(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let longest = u64::try_from(place.longest_stall.as_millis()).unwrap_or(u64::MAX);
    let pause = millis(rng, 3000..longest.max(3001));
    place.proxy.stall();
    sleep(pause).await;
    let is_gone = rng.bool();
    if is_gone {
        place.proxy.reset();
    }
    place.proxy.flow();
    let then = if is_gone { "reset" } else { "flowed on" };
    Ok(format!("for {pause:.1?}, then {then}"))
}

async fn times(place: &Place, rng: &mut Rng, strike: fn(&Place)) -> io::Result<String> {
    let times = rng.u32(3..6);
    let mut open = 0;
    for _ in 0..times {
        open += place.proxy.connections();
        block_in_place(|| strike(place));
        sleep(millis(rng, 20..250)).await;
    }
    Ok(format!("{open} connections, {times} times"))
}

async fn refuse(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let pause = millis(rng, 500..1500);
    place.proxy.refuse(true);
    place.proxy.cut();
    sleep(pause).await;
    place.proxy.refuse(false);
    Ok(format!("for {pause:.1?}"))
}

/// Until some have felt it.
async fn fill(place: &Place) -> io::Result<String> {
    place.book.turned_away.store(0, Relaxed);
    let begun = Instant::now();
    place.disk.fill(&place.database).await?;
    let mut felt = 0;
    while felt < 10 && begun.elapsed() < Duration::from_secs(15) {
        sleep(Duration::from_millis(50)).await;
        felt = place.book.turned_away.load(Relaxed);
    }
    let freed = place.disk.free(&place.database).await;
    if felt == 0 {
        place
            .book
            .find("the disk was full, and nobody has felt it".to_owned());
    }
    freed.map(|()| format!("{:.1?}, {felt} turned away", begun.elapsed()))
}

async fn hang_up(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let pause = millis(rng, 800..1500);
    place.hang_ups.store(7, Relaxed);
    sleep(pause).await;
    place.hang_ups.store(HANG_UPS, Relaxed);
    Ok(format!("7 of 8, for {pause:.1?}"))
}

async fn kill(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let service = &place.services[rng.usize(..place.services.len())];
    let pause = millis(rng, 100..800);
    service.kill()?;
    sleep(pause).await;
    block_in_place(|| service.start_again())?;
    Ok(format!("{}, away for {pause:.1?}", service.name))
}

/// While it is wrong, what was acknowledged before is asked for once more; what has expired by
/// it is removed meanwhile, if the service goes by its own clock.
async fn move_clock(place: &Place, rng: &mut Rng, sign: i64) -> io::Result<String> {
    let service = &place.services[rng.usize(..place.services.len())];
    let hours = if rng.u8(..4) == 0 {
        rng.i64(1..24)
    } else {
        rng.i64(25..24 * 30)
    };
    service.move_clock(sign * hours * 3600)?;
    sleep(clock::NOTICED).await;
    replay(place).await;
    sleep(millis(rng, 400..800)).await;
    replay(place).await;
    service.move_clock(0)?;
    sleep(clock::NOTICED).await;
    Ok(format!("{} by {hours} h", service.name))
}

/// Asks every service for everything that is kept once more, and goes by the first answer.
/// Tells how many were not answered.
pub(super) async fn replay(place: &Place) -> usize {
    let samples = place.book.samples();
    let ask = async |service: &Service| {
        let mut unanswered = 0;
        for (order, body) in &samples {
            let again = place
                .caller
                .transfer(service.addr(), order, &place.accounts);
            let is_answered = client::check_replay(place, order, body, &again.await);
            unanswered += usize::from(!is_answered);
        }
        unanswered
    };
    join_all(place.services.iter().map(ask)).await.iter().sum()
}

pub(super) fn millis(rng: &mut Rng, range: std::ops::Range<u64>) -> Duration {
    Duration::from_millis(rng.u64(range))
}
