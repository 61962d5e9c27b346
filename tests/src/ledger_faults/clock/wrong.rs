//! A service whose clock is wrong for a while.

use std::{
    io,
    time::{Duration, Instant},
};

use adapters::SystemClock;
use chrono::{DateTime, TimeDelta, Utc};
use fastrand::Rng;
use ports::Clock as _;
use tokio::time::sleep;

use super::{
    super::{fault::millis, place::Place, recovery, replay},
    NOTICED,
};

/// How soon a service that nothing else is wrong with makes a transfer.
const PATIENCE: Duration = Duration::from_secs(10);

/// While it is wrong, what was acknowledged before is asked for once more; what has expired by
/// it is removed meanwhile, if the service goes by its own clock.
pub(in super::super) async fn go_wrong(
    place: &Place,
    rng: &mut Rng,
    sign: i64,
) -> io::Result<String> {
    let number = rng.usize(..place.services.len());
    let service = &place.services[number];
    let hours = if rng.u8(..4) == 0 {
        rng.i64(1..24)
    } else {
        rng.i64(25..24 * 30)
    };
    let is_known = !place.book.samples().is_empty();
    service.move_clock(sign * hours * 3600)?;
    sleep(NOTICED).await;
    let is_wrong = is_wrong(place, number, TimeDelta::hours(sign * hours)).await;
    let mut answered = replay::all(place).await.answered;
    sleep(millis(rng, 400..800)).await;
    answered += replay::all(place).await.answered;
    service.move_clock(0)?;
    sleep(NOTICED).await;
    is_wrong?;
    if is_known && answered == 0 {
        return Err(io::Error::other("no answer of before was given meanwhile"));
    }
    Ok(format!("{} by {hours} h", service.name))
}

/// A transfer through the service has the time of its clock.
async fn is_wrong(place: &Place, number: usize, by: TimeDelta) -> io::Result<()> {
    let made = recovery::transfer(place, number, Instant::now() + PATIENCE).await;
    let made = made.ok_or_else(|| io::Error::other("no transfer goes by the wrong clock"))?;
    let time: DateTime<Utc> = made.text("created_at").parse().map_err(io::Error::other)?;
    let off = time - SystemClock.now() - by;
    if off.abs() > TimeDelta::minutes(1) {
        let text = format!("the clock is to be wrong by {by}, and a transfer was made at {time}");
        return Err(io::Error::other(text));
    }
    Ok(())
}
