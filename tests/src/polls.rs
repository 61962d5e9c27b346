//! Futures that are given up after so many polls.

use std::{
    future::poll_fn,
    pin::pin,
    task::Poll::{Pending, Ready},
};

/// More polls than anything here takes.
pub const MANY: usize = 100;

/// When a future is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// As soon as it waits: what it has asked for is on its way.
    Waiting,
    /// When it has been woken, and before it is polled: what it has asked for is there.
    Woken,
}

impl Moment {
    /// Both of them.
    pub const BOTH: [Self; 2] = [Self::Waiting, Self::Woken];
}

/// Runs a future until it has waited so many times and drops it; its output if it has ended
/// before.
pub async fn drop_after<F: Future>(polls: usize, moment: Moment, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut waited = 0;
    poll_fn(|context| {
        if waited == polls {
            return Ready(None);
        }
        if let Ready(output) = future.as_mut().poll(context) {
            return Ready(Some(output));
        }
        waited += 1;
        if waited == polls && moment == Moment::Waiting {
            return Ready(None);
        }
        Pending
    })
    .await
}
