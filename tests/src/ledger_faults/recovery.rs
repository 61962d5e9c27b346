//! How soon work is done again once a fault is over.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use adapters::blocking;
use tokio::time::sleep;

use super::{
    attempt::reason,
    book::Fate,
    call::Heard,
    place::{ACCOUNTS, Place},
};
use crate::answer::Answer;

/// What a fault may take to be over for everybody: a request that is stuck when it ends has its
/// whole time, and machines are slow.
pub(super) const LIMIT: Duration = Duration::from_secs(10);

/// After which nobody waits for a success any more.
const PATIENCE: Duration = Duration::from_secs(40);

/// Tries a transfer through each service, and on a thread, until each has succeeded. Answers how
/// long that took, threads last.
pub(super) async fn measure(place: &Arc<Place>) -> Vec<Duration> {
    let over = Instant::now();
    let services = (0..place.services.len()).map(|number| {
        let place = Arc::clone(place);
        tokio::spawn(async move {
            let made = transfer(&place, number, over + PATIENCE).await;
            made.map_or(PATIENCE, |_| over.elapsed())
        })
    });
    let shared = Arc::clone(place);
    let on_thread = blocking::spawn(move || on_thread(&shared, over));
    let mut all = Vec::new();
    for one in services.collect::<Vec<_>>().into_iter().chain([on_thread]) {
        all.push(one.await.unwrap_or_else(|error| {
            let finding = format!("whoever measures recovery: {}", reason(error));
            place.book.find(finding);
            PATIENCE
        }));
    }
    all
}

/// Has a service make a transfer: tried until it is made, or for long enough.
pub(super) async fn transfer(place: &Place, number: usize, until: Instant) -> Option<Answer> {
    let service = &place.services[number];
    let (from, to) = (number % ACCOUNTS, (number + 1) % ACCOUNTS);
    let order = place.book.order(from, to, true);
    while Instant::now() < until {
        let addr = service.addr();
        let paid = place.caller.transfer(addr, &order, &place.accounts).await;
        if let Heard::Answer(answer) = paid {
            if answer.status == 201 {
                let id = answer.text("id").to_owned();
                place.book.learn(&order, Fate::Stored(id));
                return Some(answer);
            }
            // Nothing is known to be wrong with the order: it may only be too early for it.
            if answer.status != 503 {
                place
                    .book
                    .find(format!("{order:?} was answered {answer:?}"));
                return None;
            }
        }
        sleep(Duration::from_millis(10)).await;
    }
    None
}

fn on_thread(place: &Place, over: Instant) -> Duration {
    let order = place.book.order(ACCOUNTS - 2, ACCOUNTS - 1, true);
    while over.elapsed() < PATIENCE {
        match place.threads.pay(&order, false) {
            Ok(fate @ Fate::Stored(_)) => {
                let took = over.elapsed();
                place.book.learn(&order, fate);
                return took;
            }
            Ok(Fate::Refused | Fate::Unclear) => {}
            Err(finding) => {
                place.book.find(finding);
                return PATIENCE;
            }
        }
        thread::sleep(Duration::from_millis(10));
    }
    PATIENCE
}
