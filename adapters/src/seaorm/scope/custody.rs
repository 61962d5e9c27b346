//! Who gives back the connection of a unit of work that ends while somebody else still uses it.
//!
//! Neither waits for the other: the one ends it in the books, the other lets go of the
//! connection, and then each looks whether both has happened. Whoever comes last finds that it
//! has. This goes for everybody who has had the lock, also for a moment, and for whoever was
//! handed it while giving up. The tests go through the orders in which threads can do this.

/// Something that is used by one at a time, until it is over.
pub(super) trait Custody {
    /// What is given back.
    type Held;

    /// Whether it is over, as the books have it.
    fn is_over(&self) -> bool;

    /// What is held, unless somebody has it to themselves, or it is gone.
    fn try_take(&self) -> Option<Self::Held>;

    /// Gives it back.
    fn give_back(&self, held: Self::Held);

    /// Ends it: `end` writes that into the books.
    fn end(&self, end: impl FnOnce()) {
        end();
        self.sweep();
    }

    /// Lets go of what one had to oneself. Unlocked first: whoever ends it from now on finds it
    /// free.
    fn leave(&self, lock: impl Sized) {
        drop(lock);
        self.sweep();
    }

    /// Gives back what is over and used by nobody.
    fn sweep(&self) {
        if !self.is_over() {
            return;
        }
        if let Some(held) = self.try_take() {
            self.give_back(held);
        }
    }
}

/// Somebody waits for the lock. Whoever gives up may have been handed it just then, and lets go of
/// it without having had it: so they look as well.
pub(super) struct Waiting<'c, C: Custody>(Option<&'c C>);

impl<'c, C: Custody> Waiting<'c, C> {
    pub(super) const fn on(custody: &'c C) -> Self {
        Self(Some(custody))
    }

    /// The lock was had: its holder is going to leave.
    pub(super) fn end(mut self) {
        self.0 = None;
    }
}

impl<C: Custody> Drop for Waiting<'_, C> {
    fn drop(&mut self) {
        if let Some(custody) = self.0 {
            custody.sweep();
        }
    }
}

#[cfg(test)]
mod tests {
    use loom::{
        sync::{Arc, Mutex, MutexGuard},
        thread,
    };

    use super::*;

    /// As a scope has it, with locks that are explored.
    struct Unit {
        held: Mutex<Option<()>>,
        over: Mutex<bool>,
        given_back: Mutex<u32>,
    }

    impl Custody for Unit {
        type Held = ();

        fn is_over(&self) -> bool {
            *self.over.lock().unwrap()
        }

        fn try_take(&self) -> Option<()> {
            self.held.try_lock().ok().and_then(|mut held| held.take())
        }

        fn give_back(&self, (): ()) {
            *self.given_back.lock().unwrap() += 1;
        }
    }

    impl Unit {
        fn new() -> Arc<Self> {
            Arc::new(Self {
                held: Mutex::new(Some(())),
                over: Mutex::new(false),
                given_back: Mutex::new(0),
            })
        }

        /// The connection, to oneself. Meanwhile the books are looked into: others come in between
        /// only where threads do something with the same.
        fn hold(&self) -> MutexGuard<'_, Option<()>> {
            let floor = self.held.lock().unwrap();
            self.is_over();
            floor
        }

        /// As a statement does.
        fn run(&self) {
            self.leave(self.hold());
        }

        /// As a statement does that is given up when it was its turn.
        fn give_up(&self) {
            let waiting = Waiting::on(self);
            drop(self.hold());
            drop(waiting);
        }

        /// As the drop of a unit of work does.
        fn abandon(&self) {
            self.end(|| *self.over.lock().unwrap() = true);
        }

        /// As a commit does: it takes the connection along.
        fn finish(&self) -> bool {
            let mut floor = self.hold();
            let taken = floor.take().is_some();
            *self.over.lock().unwrap() = true;
            self.leave(floor);
            taken
        }

        fn check(&self) {
            let given_back = *self.given_back.lock().unwrap();
            assert_eq!(given_back, 1, "given back so often");
        }
    }

    /// Every order of threads that each do one of these, with so many interruptions of a thread
    /// at most: with three threads, all of them would take minutes.
    fn explore<const N: usize>(all: [fn(&Unit); N], interruptions: Option<usize>) {
        let mut orders = loom::model::Builder::new();
        orders.preemption_bound = interruptions;
        orders.check(move || {
            let unit = Unit::new();
            let threads = all.map(|one| {
                let unit = Arc::clone(&unit);
                thread::spawn(move || one(&unit))
            });
            for thread in threads {
                thread.join().unwrap();
            }
            unit.check();
        });
    }

    #[test]
    fn the_last_to_leave_gives_back_and_nobody_else_does() {
        explore([Unit::abandon, Unit::run], None);
        explore([Unit::abandon, Unit::give_up], None);
        explore([Unit::abandon, Unit::run, Unit::give_up], Some(2));
        explore([Unit::abandon, Unit::run, Unit::run], Some(2));
    }

    #[test]
    fn what_a_commit_has_taken_is_given_back_by_nobody_else() {
        loom::model(|| {
            let unit = Unit::new();
            let user = Arc::clone(&unit);
            let user = thread::spawn(move || user.run());
            assert!(unit.finish());
            user.join().unwrap();
            assert_eq!(*unit.given_back.lock().unwrap(), 0);
        });
    }

    #[test]
    #[should_panic(expected = "given back so often")]
    fn whoever_looks_before_letting_go_loses_it() {
        let looks_first: fn(&Unit) = |unit| {
            let floor = unit.hold();
            unit.sweep();
            drop(floor);
        };
        explore([Unit::abandon, looks_first], None);
    }

    #[test]
    #[should_panic(expected = "given back so often")]
    fn whoever_gives_up_without_looking_loses_it() {
        let looks_away: fn(&Unit) = |unit| drop(unit.hold());
        explore([Unit::abandon, looks_away], None);
    }
}
