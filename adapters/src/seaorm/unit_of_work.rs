//! How a unit of work runs: begin, work, end, and once more if that is worth it.

mod tally;
mod watch;

use std::{panic::AssertUnwindSafe, sync::Arc, time::Duration};

use futures_util::FutureExt as _;
use ports::{DatabaseError, RetryPolicy, UnitOfWorkOptions, Verdict, unit_of_work::Attempt};

use super::{
    ambient::Surroundings,
    backend::Backend,
    engine::{Engine, Held, Slot},
    scope::{Hook, RootGuard, Scope},
};
use crate::blocking::Driver;

pub(super) use tally::{Conflict, Figures, Outcome, Tally, Unit};

impl<B: Backend> Engine<B> {
    /// Runs work in a unit of work of its own, or in a savepoint of the caller's.
    pub(super) async fn run_unit<'a>(
        &self,
        options: UnitOfWorkOptions,
        work: &'a (dyn Fn() -> Attempt<'a> + Send + Sync + 'a),
    ) -> Result<Verdict, DatabaseError> {
        let around = Surroundings::current();
        if let Some((scope, level)) = around.find::<Scope<B>>(self.id()) {
            let inner = scope.open(level, options).await?;
            let inside = around.with(self.id(), scope, inner.level());
            let verdict = inside.enter(async { work().await }).await;
            return inner.close(verdict).await;
        }
        let mut unit = self.unit(options);
        let mut attempt = 1;
        loop {
            let root = unit.begun(Scope::begin(self, options).await)?;
            let scope = Arc::clone(root.scope());
            let inside = around
                .clone()
                .with(self.id(), Arc::clone(&scope), RootGuard::<B>::LEVEL);
            // Called inside as well: what it does before its future is part of the work.
            let verdict = inside.enter(async { work().await }).await;
            let ended = match root.finish(verdict).await {
                Ok(Some(hooks)) => {
                    unit.ended(Outcome::Committed);
                    self.run_due_hooks(hooks).await;
                    return Ok(Verdict::Commit);
                }
                Ok(None) => Ok(Verdict::Rollback),
                Err(error) => Err(error),
            };
            let Some(pause) = self.pause(&scope, &options, attempt, &ended) else {
                unit.ended(Outcome::of(&ended));
                return ended;
            };
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }

    /// As [`run_unit`](Self::run_unit), on a thread that may block.
    pub(super) fn run_unit_blocking(
        &self,
        options: UnitOfWorkOptions,
        work: &dyn Fn() -> Verdict,
    ) -> Result<Verdict, DatabaseError> {
        crate::blocking::check()?;
        let around = Surroundings::current();
        if let Some((scope, level)) = around.find::<Scope<B>>(self.id()) {
            let driver = scope.driver();
            let inner = on(driver.as_deref(), scope.open(level, options))?;
            let inside = around.with(self.id(), scope, inner.level());
            let verdict = inside.enter_blocking(work);
            return on(driver.as_deref(), inner.close(verdict));
        }
        let mut unit = self.unit(options);
        let mut attempt = 1;
        loop {
            let root = unit.begun(self.begin_blocking(options))?;
            let scope = Arc::clone(root.scope());
            let driver = scope.driver();
            let left = Arc::clone(&scope);
            let parting = Parting::new(driver.clone(), move || left.is_held());
            let inside = around
                .clone()
                .with(self.id(), Arc::clone(&scope), RootGuard::<B>::LEVEL);
            let verdict = inside.enter_blocking(work);
            let ended = match on(driver.as_deref(), root.finish(verdict)) {
                Ok(Some(hooks)) => {
                    unit.ended(Outcome::Committed);
                    drop((scope, driver));
                    drop(parting);
                    self.run_hooks_blocking(hooks);
                    return Ok(Verdict::Commit);
                }
                Ok(None) => Ok(Verdict::Rollback),
                Err(error) => Err(error),
            };
            let Some(pause) = self.pause(&scope, &options, attempt, &ended) else {
                unit.ended(Outcome::of(&ended));
                return ended;
            };
            std::thread::sleep(pause);
            attempt += 1;
        }
    }

    /// Runs a future to its end on the calling thread, on one connection.
    pub(super) fn drive<F: Future>(&self, future: F) -> Result<F::Output, DatabaseError> {
        crate::blocking::check()?;
        let around = Surroundings::current();
        if let Some((scope, _)) = around.find::<Scope<B>>(self.id()) {
            let driver = scope
                .driver()
                .ok_or(DatabaseError::BlockingInAsyncContext)?;
            return driver
                .block_on(future)
                .ok_or(DatabaseError::BlockingInAsyncContext);
        }
        let pooled = self.pool().get_blocking()?;
        let driver = pooled.driver().cloned();
        let slot = Arc::new(Slot::new(pooled));
        let inside = around.with(self.id(), Arc::clone(&slot), 0);
        let driver = driver.ok_or(DatabaseError::BlockingInAsyncContext)?;
        let _parting = Parting::new(Some(Arc::clone(&driver)), move || {
            !Arc::into_inner(slot).is_some_and(|slot| slot.is_alone())
        });
        let output = driver.block_on(inside.enter(future));
        output.ok_or(DatabaseError::BlockingInAsyncContext)
    }

    fn begin_blocking(&self, options: UnitOfWorkOptions) -> Result<RootGuard<B>, DatabaseError> {
        let script = B::begin(&options)?;
        loop {
            let pooled = self.pool().get_blocking()?;
            let driver = pooled.driver().cloned();
            let begin = Scope::begin_on(self, options, &script, Held::Pooled(pooled));
            if let Some(root) = on(driver.as_deref(), begin)? {
                return Ok(root);
            }
        }
    }

    /// How long to wait before the next attempt, if there is to be one.
    fn pause(
        &self,
        scope: &Scope<B>,
        options: &UnitOfWorkOptions,
        attempt: u32,
        ended: &Result<Verdict, DatabaseError>,
    ) -> Option<Duration> {
        let conflict = match ended {
            Err(error) => Conflict::of(error),
            Ok(_) => scope.conflict(),
        }?;
        let policy = options.retry.unwrap_or(self.settings().retry);
        let pause = jittered(&policy, attempt)?;
        self.units().count_retry(conflict);
        tracing::debug!(target: "adapters::unit_of_work", attempt, ?pause, reason = conflict.label(), opened_at = %options.opened_at, "running a unit of work again");
        Some(pause)
    }

    /// Runs the hooks of a commit, in a task of their own: they are due even if the caller
    /// is gone by now. A blocking manager's stay on the connection that drives them.
    pub(super) async fn run_due_hooks(&self, hooks: Vec<Hook>) {
        if hooks.is_empty() {
            return;
        }
        if self.is_blocking() {
            run_hooks(hooks).await;
        } else if tokio::spawn(run_hooks(hooks)).await.is_err() {
            tracing::error!("the hooks of a commit were cut short: the runtime is ending");
        }
    }

    fn run_hooks_blocking(&self, hooks: Vec<Hook>) {
        for hook in hooks {
            match hook {
                Hook::Blocking(hook) => contain(std::panic::catch_unwind(AssertUnwindSafe(hook))),
                Hook::Async(hook) => {
                    let hook = AssertUnwindSafe(async move { hook().await });
                    match self.drive(hook.catch_unwind()) {
                        Ok(ended) => contain(ended),
                        Err(error) => {
                            tracing::error!(error = %error, "a hook was not run after its commit");
                        }
                    }
                }
            }
        }
    }
}

/// Looks, when a blocking call is over in whichever way, whether a task was left behind
/// that uses its connection. Nobody is going to drive it any more: its runtime is ended,
/// or the place in the pool would be lost with it.
struct Parting<F: FnOnce() -> bool> {
    driver: Option<Arc<Driver>>,
    is_used: Option<F>,
}

impl<F: FnOnce() -> bool> Parting<F> {
    const fn new(driver: Option<Arc<Driver>>, is_used: F) -> Self {
        Self {
            driver,
            is_used: Some(is_used),
        }
    }
}

impl<F: FnOnce() -> bool> Drop for Parting<F> {
    fn drop(&mut self) {
        let used = self.is_used.take().is_some_and(|is_used| is_used());
        if let Some(driver) = self.driver.take().filter(|_| used) {
            driver.retire();
        }
    }
}

/// Runs the hooks of a committed unit of work, one after the other. A panic in one of
/// them is logged: the commit stands, and the others are due as well.
async fn run_hooks(hooks: Vec<Hook>) {
    for hook in hooks {
        match hook {
            Hook::Async(hook) => {
                let hook = AssertUnwindSafe(async move { hook().await });
                contain(hook.catch_unwind().await);
            }
            Hook::Blocking(hook) => contain(std::panic::catch_unwind(AssertUnwindSafe(hook))),
        }
    }
}

fn contain(ended: std::thread::Result<()>) {
    if ended.is_err() {
        tracing::error!("a hook panicked after its commit");
    }
}

/// A random part of the bound of this attempt ("full jitter").
fn jittered(policy: &RetryPolicy, attempt: u32) -> Option<Duration> {
    let bound = policy.bound_after(attempt)?;
    Some(bound.mul_f64(fastrand::f64()))
}

/// Runs a step of a unit of work on the driver of its connection.
fn on<T>(
    driver: Option<&Driver>,
    step: impl Future<Output = Result<T, DatabaseError>>,
) -> Result<T, DatabaseError> {
    driver
        .and_then(|driver| driver.block_on(step))
        .unwrap_or(Err(DatabaseError::BlockingInAsyncContext))
}
