//! What was answered once, asked for again.

use std::sync::atomic::Ordering::Relaxed;

use futures_util::future::join_all;
use serde_json::Value;

use super::{book::Order, call::Heard, place::Place, service::Service};

/// How often there was an answer, and how often none.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Replays {
    pub(super) answered: usize,
    pub(super) unanswered: usize,
}

/// Asks every service for everything that is kept once more, and goes by the first answer.
pub(super) async fn all(place: &Place) -> Replays {
    let samples = place.book.samples();
    let ask = async |service: &Service| {
        let mut replays = Replays::default();
        for (order, body) in &samples {
            let again = place
                .caller
                .transfer(service.addr(), order, &place.accounts);
            if check(place, order, body, &again.await) {
                replays.answered += 1;
            } else {
                replays.unanswered += 1;
            }
        }
        replays
    };
    let each = join_all(place.services.iter().map(ask)).await;
    each.into_iter()
        .fold(Replays::default(), |sum, one| Replays {
            answered: sum.answered + one.answered,
            unanswered: sum.unanswered + one.unanswered,
        })
}

/// A repetition is answered as the first time, if it is answered.
pub(super) fn check(place: &Place, order: &Order, body: &Value, again: &Heard) -> bool {
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
