//! The question whether the server is there.

use std::{
    future::Future,
    io,
    sync::{Arc, Weak, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

use futures_util::{StreamExt as _, stream::FuturesUnordered};
use ports::DatabaseError;
use sea_orm::sqlx;
use tokio::time::timeout;

use super::{PATIENCE, Pulse};
use crate::seaorm::{
    backend::Backend,
    pool::{keeper::open, tally::Tally},
};

/// How many attempts to connect are made at a time.
const ATTEMPTS: usize = 5;

/// The server is being asked. Dropped, it is not any more: its runtime may end.
pub(super) struct Question(pub(super) Weak<Pulse>);

impl Question {
    /// Tries to connect, again and again and with several attempts at a time: one whose first
    /// packet was lost may take as long as it likes.
    pub(super) async fn put<B: Backend>(self, config: B::Config, tally: Arc<Tally>) {
        let mut attempts = FuturesUnordered::new();
        let mut is_gone = false;
        loop {
            if attempts.len() < ATTEMPTS {
                attempts.push(timed(open::<B>(&config)));
            }
            let answered = timeout(PATIENCE, async {
                while let Some((outcome, took)) = attempts.next().await {
                    if is_answer(outcome.as_ref().err()) {
                        return outcome.is_ok().then_some(took);
                    }
                }
                std::future::pending().await
            });
            let answered = answered.await;
            let Some(pulse) = self.0.upgrade() else {
                return;
            };
            match answered {
                Ok(Some(took)) => pulse.hear_of_new(took),
                Ok(None) => pulse.hear(Instant::now()),
                Err(_) => {}
            }
            if !pulse.is_waited_for() {
                if is_gone {
                    tracing::info!(target: "adapters::pool", "the server answers again");
                }
                return;
            }
            if !pulse.is_silent() {
                continue;
            }
            if !is_gone {
                tracing::warn!(target: "adapters::pool", "the server does not answer at all");
                tally.mute_all();
            }
            is_gone = true;
        }
    }
}

impl Drop for Question {
    fn drop(&mut self) {
        if let Some(pulse) = self.0.upgrade() {
            pulse.asked.store(0, Relaxed);
        }
    }
}

async fn timed<F: Future>(attempt: F) -> (F::Output, Duration) {
    let begun = Instant::now();
    (attempt.await, begun.elapsed())
}

/// Whether this, a refusal too, is something that the server or its machine has said: whoever
/// tries to connect now learns as quickly. What the own machine says is none: that it has
/// heard nothing, that it knows no such name, that it has no ports left.
fn is_answer(error: Option<&DatabaseError>) -> bool {
    use io::ErrorKind::{
        BrokenPipe, ConnectionAborted, ConnectionRefused, ConnectionReset, UnexpectedEof,
    };
    let Some(DatabaseError::Connection(cause)) = error else {
        return true;
    };
    let failed = match cause.downcast_ref::<sqlx::Error>() {
        Some(sqlx::Error::Io(failed)) => Some(failed),
        Some(_) => None,
        None => cause.downcast_ref::<io::Error>(),
    };
    failed.is_none_or(|failed| {
        matches!(
            failed.kind(),
            ConnectionRefused | ConnectionReset | ConnectionAborted | BrokenPipe | UnexpectedEof
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_comes_from_the_server_is_an_answer() {
        use io::ErrorKind::{ConnectionRefused, NetworkDown, TimedOut, UnexpectedEof};
        let failed = |error: io::Error| DatabaseError::Connection(Arc::new(sqlx::Error::Io(error)));
        assert!(is_answer(None));
        for kind in [ConnectionRefused, UnexpectedEof] {
            assert!(is_answer(Some(&failed(kind.into()))), "{kind}");
        }
        for kind in [TimedOut, NetworkDown] {
            assert!(!is_answer(Some(&failed(kind.into()))), "{kind}");
        }
        // As when a name can not be looked up.
        assert!(!is_answer(Some(&failed(io::Error::other("no such name")))));
    }
}
