//! A network that fails.

use std::io;

use fastrand::Rng;
use tokio::{task::block_in_place, time::sleep};

use super::{fault::millis, place::Place};

/// Longer than a server that is silent is waited for, and at times longer than a request may take.
pub(super) async fn stall(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let longest = u64::try_from(place.longest_stall.as_millis()).unwrap_or(u64::MAX);
    let pause = millis(rng, 3000..longest.max(3001));
    let open = some(place.proxy.connections())?;
    place.proxy.stall();
    sleep(pause).await;
    let is_gone = rng.bool();
    if is_gone {
        place.proxy.reset();
    }
    place.proxy.flow();
    let then = if is_gone { "reset" } else { "flowed on" };
    Ok(format!("{open} connections, for {pause:.1?}, then {then}"))
}

/// Breaks all connections a few times.
pub(super) async fn strike(place: &Place, rng: &mut Rng, strike: fn(&Place)) -> io::Result<String> {
    let times = rng.u32(3..6);
    let mut open = 0;
    for time in 0..times {
        if time > 0 {
            sleep(millis(rng, 20..250)).await;
        }
        open += place.proxy.connections();
        block_in_place(|| strike(place));
    }
    some(open).map(|open| format!("{open} connections, {times} times"))
}

pub(super) async fn refuse(place: &Place, rng: &mut Rng) -> io::Result<String> {
    let pause = millis(rng, 500..1500);
    let open = some(place.proxy.connections())?;
    place.proxy.refuse(true);
    place.proxy.cut();
    sleep(pause).await;
    place.proxy.refuse(false);
    Ok(format!("{open} connections, for {pause:.1?}"))
}

/// A network without connections has not failed for anybody.
fn some(connections: usize) -> io::Result<usize> {
    if connections == 0 {
        return Err(io::Error::other("there was no connection"));
    }
    Ok(connections)
}
