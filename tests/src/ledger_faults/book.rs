//! What clients know of their orders.

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU64, Ordering::Relaxed},
    },
};

use fastrand::Rng;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::import::Told;

/// How many answers are kept, to be asked for once more.
const SAMPLES: usize = 24;

/// A transfer that a client wants. No two orders move the same amount: that is how an order is
/// found again in the database, whatever became of it.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
pub(super) struct Order {
    pub(super) amount: i64,
    pub(super) from: usize,
    pub(super) to: usize,
    /// Under which idempotency key, if any.
    pub(super) key: Option<String>,
}

/// What is known of an order.
#[derive(Clone, Debug, PartialEq, Deserialize, Serialize)]
pub(super) enum Fate {
    /// Acknowledged, with this transfer's id.
    Stored(String),
    /// Not carried out, by the service's own word.
    Refused,
    /// Carried out once, or not at all.
    Unclear,
}

/// The orders of a round, and a few of those before.
#[derive(Default)]
pub(super) struct Book {
    next: AtomicI64,
    orders: Mutex<BTreeMap<i64, (Order, Fate)>>,
    samples: Mutex<Vec<(Order, Value)>>,
    imports: Mutex<Vec<(String, Told)>>,
    findings: Mutex<Vec<String>>,
    pub(super) replayed: AtomicU64,
    pub(super) read: AtomicU64,
    /// How often somebody was not served for now, orders that succeeded later included.
    pub(super) unserved: AtomicU64,
    /// How many clients were gone before their answers.
    pub(super) hung_up: AtomicU64,
}

impl Book {
    /// An order between two accounts, of an amount that no other has. It is unclear until
    /// something is heard of it.
    pub(super) fn order(&self, from: usize, to: usize, is_keyed: bool) -> Order {
        let amount = self.next.fetch_add(1, Relaxed) + 1;
        let order = Order {
            amount,
            from,
            to,
            key: is_keyed.then(|| key(amount)),
        };
        self.learn(&order, Fate::Unclear);
        order
    }

    pub(super) fn learn(&self, order: &Order, fate: Fate) {
        lock(&self.orders).insert(order.amount, (order.clone(), fate));
    }

    /// Keeps an answer, so that it can be asked for again: some of all that there were.
    pub(super) fn keep(&self, order: &Order, body: &Value, rng: &mut Rng) {
        let mut samples = lock(&self.samples);
        let kept = (order.clone(), body.clone());
        if samples.len() < SAMPLES {
            samples.push(kept);
        } else if let Some(place) = samples.get_mut(rng.usize(..SAMPLES * 4)) {
            *place = kept;
        }
    }

    pub(super) fn samples(&self) -> Vec<(Order, Value)> {
        lock(&self.samples).clone()
    }

    /// What was said of the import of the accounts of an owner.
    pub(super) fn learn_import(&self, owner: String, told: Told) {
        lock(&self.imports).push((owner, told));
    }

    pub(super) fn take_imports(&self) -> Vec<(String, Told)> {
        std::mem::take(&mut *lock(&self.imports))
    }

    /// Something that must not be.
    pub(super) fn find(&self, finding: String) {
        lock(&self.findings).push(finding);
    }

    pub(super) fn take_findings(&self) -> Vec<String> {
        std::mem::take(&mut *lock(&self.findings))
    }

    /// The orders since this was last asked.
    pub(super) fn take_orders(&self) -> BTreeMap<i64, (Order, Fate)> {
        std::mem::take(&mut *lock(&self.orders))
    }
}

fn key(amount: i64) -> String {
    format!("order-{amount}")
}

/// Whoever panicked while holding it has left nothing half done.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
