//! The same for threads, which drive their connections themselves.
//!
//! The async side has others to look at the time while a statement waits: the request's own end,
//! if nobody else. A thread is inside of its statement until that is answered, so the statement
//! itself has to notice that there is no server any more. The question is put by a thread of its
//! own, for a runtime that is driven only while a call lasts would forget about it.

use std::{
    future::{Future, poll_fn},
    io,
    pin::{Pin, pin},
    sync::{Arc, atomic::Ordering::Relaxed},
    task::{Context, Poll},
    thread,
    time::{Duration, Instant},
};

use tokio::{
    runtime::Builder,
    time::{Sleep, sleep},
};

use super::{DOUBT, Pulse, Question, TICK, Tally, micros, silence};
use crate::seaorm::backend::Backend;

/// How long nothing is heard before what was sent is given up: longer than whoever has sent
/// nothing yet has to wait, because work is lost, and a network may only be away for a moment.
const LOST: Duration = Duration::from_secs(5);

/// The longest time between two questions while one statement goes on.
const RARELY: Duration = Duration::from_secs(30);

/// Puts the question, on a thread of its own.
pub(super) type Asker = Box<dyn Fn(Question) + Send + Sync>;

pub(super) fn asker<B: Backend>(config: B::Config, tally: Arc<Tally>) -> Asker {
    Box::new(move |question| {
        let (config, tally) = (config.clone(), Arc::clone(&tally));
        let put = move || {
            // Without a runtime it is put another time.
            if let Ok(runtime) = Builder::new_current_thread().enable_all().build() {
                runtime.block_on(question.put::<B>(config, tally));
            }
        };
        let named = thread::Builder::new().name("database-pulse".to_owned());
        // Without a thread, too: the question is dropped.
        drop(named.spawn(put));
    })
}

/// Has a waiting thread look up now and then: every [`TICK`], and the first time at any moment
/// before. It belongs to a connection, and is set again only after it has gone off: to set one for
/// each statement would be a part of its time.
#[derive(Default)]
pub(crate) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    /// Ready when the thread has to look up. Set from within the runtime of the connection, which
    /// it is a part of.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let due = self.0.get_or_insert_with(|| Box::pin(sleep(TICK)));
        if due.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        due.as_mut().reset(tokio::time::Instant::now() + TICK);
        Poll::Ready(())
    }
}

impl Pulse {
    /// Waits on the calling thread for something of the server's, for as long as there is a
    /// server. On the async side, and where there is no server, it just waits.
    pub(crate) async fn attend<T>(
        self: &Arc<Self>,
        waiting: impl Future<Output = T>,
    ) -> io::Result<T> {
        let mut alarm = Alarm::default();
        self.attend_for(Duration::ZERO, &mut alarm, waiting).await
    }

    /// The same for the answer to something that was sent.
    pub(crate) async fn attend_answer<T>(
        self: &Arc<Self>,
        alarm: &mut Alarm,
        waiting: impl Future<Output = T>,
    ) -> io::Result<T> {
        self.attend_for(LOST, alarm, waiting).await
    }

    async fn attend_for<T>(
        self: &Arc<Self>,
        least: Duration,
        alarm: &mut Alarm,
        waiting: impl Future<Output = T>,
    ) -> io::Result<T> {
        let Some(asker) = &self.asker else {
            return Ok(waiting.await);
        };
        let mut waiting = pin!(waiting);
        let begun = Instant::now();
        let since = self.micros_at(begun);
        loop {
            let looked_up = poll_fn(|context| match waiting.as_mut().poll(context) {
                Poll::Ready(got) => Poll::Ready(Some(got)),
                Poll::Pending => alarm.poll(context).map(|()| None),
            });
            if let Some(got) = looked_up.await {
                return Ok(got);
            }
            // Whatever is known of the server so far, this statement has been sent just now.
            if begun.elapsed() < TICK {
                continue;
            }
            // A statement may take hours, and the server is asked ever less often meanwhile.
            let doubt = (begun.elapsed() / 2).clamp(DOUBT, RARELY);
            if self.quiet_since(since) >= micros(doubt) {
                let now = self.micros_at(Instant::now());
                let first = self.asked.compare_exchange(0, now, Relaxed, Relaxed);
                if first.is_ok() {
                    asker(Question(Arc::downgrade(self)));
                }
            }
            if self.is_silent_for(least) {
                return Err(silence());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::pending;

    use tokio::time::timeout;

    use super::*;

    /// What is known of a server that was asked long ago, and has not said anything.
    fn silent() -> Arc<Pulse> {
        let long_ago = Instant::now().checked_sub(2 * LOST);
        let pulse = Pulse {
            epoch: long_ago.unwrap(),
            asker: Some(Box::new(drop)),
            ..Pulse::new()
        };
        pulse.asked.store(2, Relaxed);
        Arc::new(pulse)
    }

    #[test]
    fn what_is_sent_to_a_silent_server_has_time_to_be_answered() {
        let (pulse, mut alarm) = (silent(), Alarm::default());
        let runtime = Builder::new_current_thread().enable_all().build();
        runtime.unwrap().block_on(async {
            let earlier = pulse.attend_answer(&mut alarm, pending::<()>());
            timeout(TICK / 10, earlier).await.unwrap_err();
            // The alarm of the earlier statement is due by now.
            sleep(2 * TICK).await;
            let answered = pulse.attend_answer(&mut alarm, sleep(TICK / 5)).await;
            assert!(answered.is_ok(), "{answered:?}");
            let lost = pulse.attend_answer(&mut alarm, pending::<()>()).await;
            assert_eq!(lost.unwrap_err().kind(), io::ErrorKind::TimedOut);
        });
    }
}
