//! Connections that are handed out, and what becomes of them when they come back.

use std::{
    ops::{Deref, DerefMut},
    sync::Arc,
};

use deadpool::managed::Object;

use super::{discard::Discard, keeper::Keeper, tally::Tally};
use crate::seaorm::{backend::Backend, connection::Connection};

/// A connection on loan. Goes back on drop if it is clean, and is closed if it is not.
pub(crate) struct Pooled<B: Backend> {
    object: Option<Object<Keeper<B>>>,
    keep: usize,
}

impl<B: Backend> Pooled<B> {
    pub(super) const fn new(object: Object<Keeper<B>>, keep: usize) -> Self {
        Self {
            object: Some(object),
            keep,
        }
    }
}

impl<B: Backend> Deref for Pooled<B> {
    type Target = Connection<B>;

    fn deref(&self) -> &Self::Target {
        #[expect(clippy::expect_used, reason = "only `drop` takes the object out")]
        &self
            .object
            .as_ref()
            .expect("a connection on loan")
            .connection
    }
}

impl<B: Backend> DerefMut for Pooled<B> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        #[expect(clippy::expect_used, reason = "only `drop` takes the object out")]
        &mut self
            .object
            .as_mut()
            .expect("a connection on loan")
            .connection
    }
}

impl<B: Backend> Drop for Pooled<B> {
    fn drop(&mut self) {
        let Some(mut object) = self.object.take() else {
            return;
        };
        let reason = if object.connection.is_clean() {
            if !is_overflow(&mut object, self.keep) {
                return;
            }
            Discard::Overflow
        } else {
            Discard::Unknown
        };
        object.reason = reason;
        // Out of the pool first: its place is free before the socket is closed.
        drop(Object::take(object));
    }
}

/// Whether this connection is one too many. While somebody waits for a connection none is:
/// it would be opened again at once.
fn is_overflow<B: Backend>(object: &mut Object<Keeper<B>>, keep: usize) -> bool {
    if !object.tally.is_above(keep) {
        return false;
    }
    let awaited = Object::pool(object).is_some_and(|pool| pool.status().waiting > 0);
    object.claimed = !awaited && object.tally.claim_excess(keep);
    object.claimed
}

/// What deadpool keeps.
pub(crate) struct Kept<B: Backend> {
    /// Boxed: it changes hands often on its way.
    pub(super) connection: Box<Connection<B>>,
    pub(super) reason: Discard,
    tally: Arc<Tally>,
    claimed: bool,
    echo: bool,
}

impl<B: Backend> Kept<B> {
    pub(super) fn new(connection: Connection<B>, tally: Arc<Tally>, echo: bool) -> Self {
        let opened = tally.count_in();
        if echo {
            tracing::info!(target: "adapters::pool", opened, "connection opened");
        }
        Self {
            connection: Box::new(connection),
            reason: Discard::Closed,
            tally,
            claimed: false,
            echo,
        }
    }
}

impl<B: Backend> Drop for Kept<B> {
    fn drop(&mut self) {
        self.tally.count_out(self.claimed, self.reason);
        if self.echo {
            tracing::info!(target: "adapters::pool", reason = self.reason.text(), "connection closed");
        }
    }
}
