//! Who gives back the connection of a unit of work that ends while somebody else still uses it.
//!
//! Neither waits for the other: the one ends it in the books, the other lets go of the
//! connection, and then each looks whether both has happened. Whoever comes last finds that it
//! has. The tests go through every order in which threads can do this.

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

#[cfg(test)]
mod tests {
    use loom::{
        sync::{Arc, Mutex},
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

        /// As a statement does: it has the connection to itself for a while.
        fn run(&self) {
            let floor = self.held.lock().unwrap();
            self.leave(floor);
        }

        /// As the drop of a unit of work does.
        fn abandon(&self) {
            self.end(|| *self.over.lock().unwrap() = true);
        }

        /// As a commit does: it takes the connection along.
        fn finish(&self) -> bool {
            let mut floor = self.held.lock().unwrap();
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
            let floor = unit.held.lock().unwrap();
            unit.sweep();
            drop(floor);
        };
        explore([Unit::abandon, looks_first], None);
    }
}
