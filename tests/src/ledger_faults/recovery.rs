//! How soon work is done again once a fault is over.

use std::{
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use adapters::blocking;
use tokio::time::sleep;

use super::{
    book::Fate,
    call::Heard,
    place::{ACCOUNTS, Place},
};

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
        tokio::spawn(async move { through(&place, number, over).await })
    });
    let shared = Arc::clone(place);
    let on_thread = blocking::spawn(move || on_thread(&shared, over));
    let mut all = Vec::new();
    for one in services.collect::<Vec<_>>() {
        all.push(one.await.unwrap_or(PATIENCE));
    }
    all.push(on_thread.await.unwrap_or(PATIENCE));
    all
}

async fn through(place: &Place, number: usize, over: Instant) -> Duration {
    let service = &place.services[number];
    let order = place.book.order(number, ACCOUNTS - 1, true);
    while over.elapsed() < PATIENCE {
        let addr = service.addr();
        let paid = place.caller.transfer(addr, &order, &place.accounts).await;
        if let Heard::Answer(answer) = paid {
            if answer.status == 201 {
                let took = over.elapsed();
                let id = answer.text("id").to_owned();
                place.book.learn(&order, Fate::Stored(id));
                return took;
            }
            // Nothing is known to be wrong with the order: it may only be too early for it.
            if answer.status != 503 {
                place
                    .book
                    .find(format!("{order:?} was answered {answer:?}"));
                return PATIENCE;
            }
        }
        sleep(Duration::from_millis(10)).await;
    }
    over.elapsed()
}

fn on_thread(place: &Place, over: Instant) -> Duration {
    let order = place.book.order(ACCOUNTS - 2, ACCOUNTS - 1, true);
    while over.elapsed() < PATIENCE {
        let paid = place.threads.pay(&order, false);
        if let Ok(fate @ Fate::Stored(_)) = paid {
            let took = over.elapsed();
            place.book.learn(&order, fate);
            return took;
        }
        thread::sleep(Duration::from_millis(10));
    }
    over.elapsed()
}
