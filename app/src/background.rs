//! Work beside the requests: begins when the database is ready, ends with the service.
//!
//! To add some: make a [`Task`] in `bootstrap.rs`. It lasts until
//! [`Lifecycle::stopping`](crate::lifecycle::Lifecycle::stopping); what it still does when the
//! time for ending is up is dropped.

use std::{future::Future, panic::AssertUnwindSafe, time::Duration};

use futures_util::{FutureExt as _, future::BoxFuture};
use tokio::task::JoinSet;
use tracing::Instrument as _;

use crate::lifecycle::Lifecycle;

/// Something to be done for as long as the service serves.
pub struct Task {
    name: &'static str,
    work: Box<dyn FnOnce(Lifecycle) -> BoxFuture<'static, ()> + Send>,
}

impl Task {
    /// Work that ends by itself once the service is stopping.
    pub fn new<F>(name: &'static str, work: impl FnOnce(Lifecycle) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self {
            name,
            work: Box::new(move |lifecycle| work(lifecycle).boxed()),
        }
    }

    /// Work that is done again and again, with this pause before each time. A turn that has
    /// begun is finished.
    pub fn every<F>(
        name: &'static str,
        pause: Duration,
        work: impl Fn() -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self::new(name, move |lifecycle| async move {
            loop {
                tokio::select! {
                    () = lifecycle.stopping() => return,
                    () = tokio::time::sleep(pause) => work().await,
                }
            }
        })
    }

    async fn run(self, lifecycle: Lifecycle) {
        let name = self.name;
        let work = (self.work)(lifecycle);
        if AssertUnwindSafe(work).catch_unwind().await.is_err() {
            tracing::error!(
                task = name,
                "a background task panicked, and is not done any more"
            );
        }
    }
}

/// The tasks that run. Dropped, they end at once.
pub struct Background(JoinSet<()>);

impl Background {
    /// Starts these tasks.
    pub fn start(tasks: Vec<Task>, lifecycle: &Lifecycle) -> Self {
        let mut running = JoinSet::new();
        for task in tasks {
            let span = tracing::info_span!("background", task = task.name);
            running.spawn(task.run(lifecycle.clone()).instrument(span));
        }
        Self(running)
    }

    /// Ready when all of them have ended.
    pub async fn ended(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering::Relaxed},
    };

    use super::*;
    use crate::lifecycle::Phase;

    #[tokio::test]
    async fn a_task_is_done_again_and_again_until_the_service_stops() {
        let turns = Arc::new(AtomicUsize::new(0));
        let counted = turns.clone();
        let task = Task::every("count", Duration::from_millis(1), move || {
            let counted = counted.clone();
            async move {
                counted.fetch_add(1, Relaxed);
            }
        });
        let panics = Task::new("panic", |_| async { panic!("of a test") });
        let lifecycle = Lifecycle::default();
        let background = Background::start(vec![panics, task], &lifecycle);
        while turns.load(Relaxed) < 3 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        lifecycle.enter(Phase::Stopping);
        let ended = tokio::time::timeout(Duration::from_secs(10), background.ended()).await;
        assert!(ended.is_ok());
    }
}
