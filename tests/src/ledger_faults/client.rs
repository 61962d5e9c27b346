//! What clients do: over HTTP, and on threads.

mod on_thread;

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

use fastrand::Rng;
use tokio::time::sleep;

use super::{
    book::{Fate, Order},
    call::{self, Heard},
    place::{ACCOUNTS, POOR, Place},
    replay,
};
use crate::answer::Answer;

pub(super) use on_thread::on_thread;

/// How long clients who are to stop go on with an order of which nothing is known yet.
const PATIENCE: Duration = Duration::from_secs(40);

/// Orders, reads and hangs up until it is told to stop; then finds out what became of what is
/// not known yet.
pub(super) async fn over_http(place: Arc<Place>, mut rng: Rng, stop: Arc<AtomicBool>) {
    let mut patience = Patience::until(&stop);
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
            let was_there = call::hang_up(addr, &order, &place.accounts, &mut rng).await;
            place.book.hung_up.fetch_add(was_there.into(), Relaxed);
        }
        if order.key.is_some() {
            pay_once(&place, &order, &mut rng, &mut patience).await;
        } else if !cut {
            let fate = ask(&place, &order, &mut rng).await.fate;
            place.book.learn(&order, fate);
        }
    }
}

/// Whether it is worth it to try again: always while there is work, and for so long afterwards.
struct Patience<'a> {
    stop: &'a AtomicBool,
    end: Option<Instant>,
}

impl<'a> Patience<'a> {
    fn until(stop: &'a AtomicBool) -> Self {
        Self { stop, end: None }
    }

    fn lasts(&mut self) -> bool {
        if !self.stop.load(Relaxed) {
            return true;
        }
        let end = self.end.get_or_insert_with(|| Instant::now() + PATIENCE);
        Instant::now() < *end
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
async fn pay_once(place: &Place, order: &Order, rng: &mut Rng, patience: &mut Patience<'_>) {
    while patience.lasts() {
        let asked = ask(place, order, rng).await;
        let Some(answer) = asked.answer.filter(|answer| answer.status != 503) else {
            sleep(Duration::from_millis(rng.u64(10..60))).await;
            continue;
        };
        place.book.learn(order, asked.fate);
        if answer.status == 201 {
            place.book.keep(order, &answer.body, rng);
            if rng.u8(..4) == 0 {
                ask_again(place, order, &answer, rng).await;
            }
        }
        return;
    }
}

async fn ask_again(place: &Place, order: &Order, first: &Answer, rng: &mut Rng) {
    let (one, other) = (addr(place, rng), addr(place, rng));
    let send = |addr| place.caller.transfer(addr, order, &place.accounts);
    let (one, other) = tokio::join!(send(one), send(other));
    for again in [one, other] {
        replay::check(place, order, &first.body, &again);
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
    if answer.status == 503 {
        place.book.unserved.fetch_add(1, Relaxed);
    }
    let fate = if answer.status == 201 {
        Fate::Stored(answer.text("id").to_owned())
    } else {
        match answer.problem() {
            (503, "outcome-unknown" | "request-timeout") => Fate::Unclear,
            (409, "insufficient-funds") if order.from == POOR => Fate::Refused,
            (503, "database-unavailable" | "overloaded") => {
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
            place.book.unserved.fetch_add(1, Relaxed);
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
