//! What clients do: over HTTP, and on threads.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    thread,
    time::{Duration, Instant},
};

use fastrand::Rng;
use tokio::time::sleep;

use super::{
    book::{Fate, Order},
    call::{self, Heard},
    place::{ACCOUNTS, POOR, Place},
    threads,
};
use crate::answer::Answer;

/// How often an order is sent before its outcome counts as not to be found out.
const ATTEMPTS: usize = 400;

/// Orders, reads and hangs up until it is told to stop; then finds out what became of what is
/// not known yet.
pub(super) async fn over_http(place: Arc<Place>, mut rng: Rng, stop: Arc<AtomicBool>) {
    while !stop.load(Relaxed) {
        let kind = rng.u8(..8);
        if kind == 0 {
            read(&place, &mut rng).await;
            continue;
        }
        let order = order(&place, &mut rng, kind < 5);
        let cut = place.is_hung_up(&mut rng);
        if cut {
            let addr = addr(&place, &mut rng);
            call::hang_up(addr, &order, &place.accounts, &mut rng).await;
        }
        if order.key.is_some() {
            pay_once(&place, &order, &mut rng).await;
        } else if !cut {
            let fate = ask(&place, &order, &mut rng).await.fate;
            place.book.learn(&order, fate);
        }
    }
}

/// The same on a thread of the blocking side.
pub(super) fn on_thread(place: &Place, mut rng: Rng, stop: &AtomicBool) {
    while !stop.load(Relaxed) {
        if rng.u8(..8) == 0 {
            timed(place, "a read", || drop(place.threads.read()));
            continue;
        }
        let is_keyed = rng.bool();
        let order = order(place, &mut rng, is_keyed);
        for _ in 0..ATTEMPTS {
            let nested = rng.bool();
            let paid = timed(place, "a transfer", || place.threads.pay(&order, nested));
            let fate = paid.unwrap_or_else(|finding| {
                place.book.find(finding);
                Fate::Unclear
            });
            let is_stored = matches!(fate, Fate::Stored(_));
            let again = !is_stored && order.key.is_some() && order.from != POOR;
            if !again {
                place.book.learn(&order, fate);
                break;
            }
            thread::sleep(Duration::from_millis(rng.u64(10..60)));
        }
    }
}

/// An order between any two accounts; now and then of one that has nothing.
fn order(place: &Place, rng: &mut Rng, is_keyed: bool) -> Order {
    let to = rng.usize(..ACCOUNTS);
    let mut from = (to + rng.usize(1..ACCOUNTS)) % ACCOUNTS;
    if rng.u8(..32) == 0 {
        from = POOR;
    }
    place.book.order(from, to, is_keyed)
}

/// Sends an order under its key until it is known what became of it; and some of them once
/// more, to any two of the services, which makes no difference.
async fn pay_once(place: &Place, order: &Order, rng: &mut Rng) {
    for _ in 0..ATTEMPTS {
        let asked = ask(place, order, rng).await;
        let Some(answer) = asked.answer.filter(|answer| answer.status != 503) else {
            sleep(Duration::from_millis(rng.u64(10..60))).await;
            continue;
        };
        place.book.learn(order, asked.fate);
        if answer.status == 201 {
            place.book.keep(order, &answer.body, rng);
            if rng.u8(..4) == 0 {
                replay(place, order, &answer, rng).await;
            }
        }
        return;
    }
}

async fn replay(place: &Place, order: &Order, first: &Answer, rng: &mut Rng) {
    let (one, other) = (addr(place, rng), addr(place, rng));
    let send = |addr| place.caller.transfer(addr, order, &place.accounts);
    let (one, other) = tokio::join!(send(one), send(other));
    for again in [one, other] {
        check_replay(place, order, &first.body, &again);
    }
}

/// A repetition is answered as the first time, if it is answered.
pub(super) fn check_replay(
    place: &Place,
    order: &Order,
    body: &serde_json::Value,
    again: &Heard,
) -> bool {
    match again {
        Heard::Answer(again) if again.status == 503 => false,
        Heard::Answer(again) => {
            let replayed = again.headers.get("idempotency-replayed");
            if again.status != 201 || again.body != *body || replayed.is_none() {
                let finding = format!("{order:?} was answered {body}, and then {again:?}");
                place.book.find(finding);
            }
            place.book.replayed.fetch_add(1, Relaxed);
            true
        }
        Heard::Nothing => false,
        Heard::Silence => {
            place
                .book
                .find(format!("{order:?} was not answered at all"));
            false
        }
    }
}

/// What came of sending an order once.
struct Asked {
    answer: Option<Answer>,
    fate: Fate,
}

async fn ask(place: &Place, order: &Order, rng: &mut Rng) -> Asked {
    let addr = addr(place, rng);
    let heard = place.caller.transfer(addr, order, &place.accounts).await;
    let answer = match heard {
        Heard::Answer(answer) => answer,
        unheard => {
            if matches!(unheard, Heard::Silence) {
                place
                    .book
                    .find(format!("{order:?} was not answered at all"));
            }
            sleep(Duration::from_millis(rng.u64(5..30))).await;
            return Asked {
                answer: None,
                fate: Fate::Unclear,
            };
        }
    };
    let fate = if answer.status == 201 {
        Fate::Stored(answer.text("id").to_owned())
    } else {
        match answer.problem() {
            (503, "outcome-unknown" | "request-timeout") => Fate::Unclear,
            (409, "insufficient-funds") if order.from == POOR => Fate::Refused,
            (503, "database-unavailable" | "overloaded") => {
                place.book.turned_away.fetch_add(1, Relaxed);
                sleep(Duration::from_millis(rng.u64(5..30))).await;
                Fate::Refused
            }
            _ => {
                place
                    .book
                    .find(format!("{order:?} was answered {answer:?}"));
                Fate::Unclear
            }
        }
    };
    Asked {
        answer: Some(answer),
        fate,
    }
}

async fn read(place: &Place, rng: &mut Rng) {
    let account = &place.accounts[rng.usize(..ACCOUNTS)];
    let path = match rng.u8(..3) {
        0 => "/v1/accounts?limit=5".to_owned(),
        1 => format!("/v1/accounts/{account}/transfers?limit=5"),
        _ => format!("/v1/accounts/{account}"),
    };
    match place.caller.get(addr(place, rng), &path).await {
        Heard::Answer(answer) if answer.status == 200 => {
            place.book.read.fetch_add(1, Relaxed);
        }
        Heard::Answer(answer) if answer.status == 503 => {
            sleep(Duration::from_millis(rng.u64(5..30))).await;
        }
        Heard::Nothing => sleep(Duration::from_millis(rng.u64(5..30))).await,
        other => place
            .book
            .find(format!("GET {path} was answered {other:?}")),
    }
}

fn addr(place: &Place, rng: &mut Rng) -> std::net::SocketAddr {
    place.services[rng.usize(..place.services.len())].addr()
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
