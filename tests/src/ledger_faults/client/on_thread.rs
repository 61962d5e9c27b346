//! What clients on threads of the blocking side do.

use std::{
    sync::atomic::{AtomicBool, Ordering::Relaxed},
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;

use super::{
    super::{
        book::{Fate, Order},
        place::{POOR, Place},
        threads,
    },
    Patience, order,
};

/// Orders and reads until it is told to stop; then finds out what became of its last order.
pub(in super::super) fn on_thread(place: &Place, mut rng: Rng, stop: &AtomicBool) {
    let mut patience = Patience::until(stop);
    while !stop.load(Relaxed) {
        if rng.u8(..8) == 0 {
            read(place, &mut rng);
            continue;
        }
        let is_keyed = rng.bool();
        let order = order(place, &mut rng, is_keyed);
        pay(place, &order, &mut rng, &mut patience);
    }
}

/// Under a key it is tried until it is known what became of it; some of them once more.
fn pay(place: &Place, order: &Order, rng: &mut Rng, patience: &mut Patience<'_>) {
    while patience.lasts() {
        let nested = rng.bool();
        let paid = timed(place, "a transfer", || place.threads.pay(order, nested));
        let fate = paid.unwrap_or_else(|finding| {
            place.book.find(finding);
            Fate::Unclear
        });
        if let Fate::Stored(id) = &fate {
            place.book.learn(order, fate.clone());
            if order.key.is_some() && rng.u8(..4) == 0 {
                pay_again(place, order, id, nested);
            }
            return;
        }
        if order.from == POOR && fate == Fate::Refused {
            place.book.learn(order, fate);
            return;
        }
        place.book.unserved.fetch_add(1, Relaxed);
        pause(rng);
        if order.key.is_none() {
            place.book.learn(order, fate);
            return;
        }
    }
}

/// A repetition has the transfer of the first time, if it has any.
fn pay_again(place: &Place, order: &Order, id: &str, nested: bool) {
    match timed(place, "a repetition", || place.threads.pay(order, nested)) {
        Ok(Fate::Stored(again)) if again == id => {
            place.book.replayed.fetch_add(1, Relaxed);
        }
        Ok(Fate::Stored(again)) => place.book.find(format!(
            "{order:?} was answered {id} on a thread, and then {again}"
        )),
        Ok(Fate::Refused | Fate::Unclear) => {
            place.book.unserved.fetch_add(1, Relaxed);
        }
        Err(finding) => place.book.find(finding),
    }
}

fn read(place: &Place, rng: &mut Rng) {
    match timed(place, "a read", || place.threads.read()) {
        Ok(true) => {
            place.book.read.fetch_add(1, Relaxed);
        }
        Ok(false) => {
            place.book.unserved.fetch_add(1, Relaxed);
            pause(rng);
        }
        Err(finding) => {
            place.book.find(finding);
            pause(rng);
        }
    }
}

fn pause(rng: &mut Rng) {
    thread::sleep(Duration::from_millis(rng.u64(10..60)));
}

/// A call that takes longer than it may is found out, if it ends.
fn timed<T>(place: &Place, what: &str, call: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let done = call();
    let took = begun.elapsed();
    if took > threads::LONGEST {
        place
            .book
            .find(format!("{what} held its thread for {took:.1?}"));
    }
    done
}
