//! The watch over units of work that stay open: one thread for the whole process, because
//! neither a task that does not yield nor a thread that is blocked could say it themselves.

use std::{
    collections::BTreeMap,
    panic::Location,
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, Instant},
};

use tracing::{Dispatch, Span, dispatcher};

use super::tally::Tally;

static WATCH: Watch = Watch {
    open: Mutex::new(Open::new()),
    sooner: Condvar::new(),
};

/// Watches over a unit of work until this is dropped. A limit of 0 is none.
pub(super) struct Watched(u64);

pub(super) fn watch(
    begun: Instant,
    limit: Duration,
    tally: &Arc<Tally>,
    opened_at: &'static Location<'static>,
) -> Option<Watched> {
    let due = begun.checked_add(limit).filter(|_| !limit.is_zero())?;
    Some(WATCH.add(Entry {
        begun,
        due,
        opened_at,
        tally: Arc::clone(tally),
        span: Span::current(),
        dispatch: dispatcher::get_default(Clone::clone),
    }))
}

struct Watch {
    open: Mutex<Open>,
    /// Told when something is due sooner than what the thread sleeps for.
    sooner: Condvar,
}

struct Open {
    units: BTreeMap<u64, Entry>,
    last: u64,
    has_thread: bool,
    /// When the thread is going to look; not at all while nothing is open.
    wakes: Option<Instant>,
}

/// An open unit of work, with what was around the code that opened it: the warning belongs
/// to its request, and into its log.
struct Entry {
    begun: Instant,
    due: Instant,
    opened_at: &'static Location<'static>,
    tally: Arc<Tally>,
    span: Span,
    dispatch: Dispatch,
}

impl Open {
    const fn new() -> Self {
        Self {
            units: BTreeMap::new(),
            last: 0,
            has_thread: false,
            wakes: None,
        }
    }

    /// What is due by now, not to be looked at again.
    fn take_due(&mut self, now: Instant) -> Vec<Entry> {
        self.units
            .extract_if(.., |_, entry| entry.due <= now)
            .map(|(_, entry)| entry)
            .collect()
    }
}

impl Watch {
    fn add(&'static self, entry: Entry) -> Watched {
        let mut open = self.lock();
        open.last += 1;
        let id = open.last;
        let due = entry.due;
        open.units.insert(id, entry);
        if !open.has_thread {
            open.has_thread = self.start();
        }
        // With one limit for all, this is so only after a time without any: the thread is not
        // woken for each of them.
        if open.wakes.is_none_or(|wakes| due < wakes) {
            open.wakes = Some(due);
            self.sooner.notify_one();
        }
        Watched(id)
    }

    fn start(&'static self) -> bool {
        let named = thread::Builder::new().name("open-units-of-work".into());
        match named.spawn(|| self.keep()) {
            Ok(_) => true,
            Err(error) => {
                tracing::warn!(%error, "nobody watches over units of work: no thread to be had");
                false
            }
        }
    }

    fn keep(&self) {
        let mut open = self.lock();
        loop {
            let now = Instant::now();
            let due = open.take_due(now);
            if !due.is_empty() {
                drop(open);
                due.into_iter().for_each(Entry::warn);
                open = self.lock();
                continue;
            }
            open.wakes = open.units.values().map(|entry| entry.due).min();
            open = match open.wakes {
                Some(wakes) => {
                    let pause = wakes.saturating_duration_since(now);
                    let woken = self.sooner.wait_timeout(open, pause);
                    woken.unwrap_or_else(PoisonError::into_inner).0
                }
                None => self
                    .sooner
                    .wait(open)
                    .unwrap_or_else(PoisonError::into_inner),
            };
        }
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Entry {
    fn warn(self) {
        self.tally.count_long();
        let (opened_at, open_for) = (self.opened_at, self.begun.elapsed());
        dispatcher::with_default(&self.dispatch, || {
            self.span.in_scope(|| {
                tracing::warn!(
                    target: "adapters::unit_of_work",
                    %opened_at,
                    ?open_for,
                    "a unit of work is open for too long: it keeps its connection and its locks"
                );
            });
        });
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let ended = WATCH.lock().units.remove(&self.0);
        // After the lock: the last to let go of a span closes it, and that may be logged.
        drop(ended);
    }
}
