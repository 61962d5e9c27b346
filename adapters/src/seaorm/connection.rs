//! One connection, and whether it can be trusted.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use sea_orm::sqlx;
use tokio::runtime;

use super::{
    backend::{Backend, DriverError},
    pool::{Alarm, Pulse},
    request::Request,
    settings::SessionSettings,
    statement_log,
};
use crate::blocking::Driver;

/// A connection with its dirty flag.
///
/// The flag is set before a message goes out and cleared when its answer is in. A
/// future that is dropped in between leaves it set: nobody knows then what state the
/// connection is in, and it is closed instead of used.
pub(crate) struct Connection<B: Backend> {
    raw: B::Connection,
    driver: Option<Arc<Driver>>,
    pulse: Arc<Pulse>,
    alarm: Alarm,
    home: Option<runtime::Id>,
    dirty: bool,
    tainted: bool,
    in_transaction: bool,
    opened: Instant,
    pub(super) used: Instant,
    statements: u64,
}

impl<B: Backend> Connection<B> {
    pub(super) fn new(raw: B::Connection, driver: Option<Arc<Driver>>, pulse: Arc<Pulse>) -> Self {
        let now = Instant::now();
        Self {
            raw,
            driver,
            pulse,
            alarm: Alarm::default(),
            home: current_runtime(),
            dirty: false,
            tainted: false,
            in_transaction: false,
            opened: now,
            used: now,
            statements: 0,
        }
    }

    /// The runtime that drives this connection, on the blocking side.
    pub(super) const fn driver(&self) -> Option<&Arc<Driver>> {
        self.driver.as_ref()
    }

    /// Whether the runtime that drives this connection is the caller's. Only the one that
    /// it was opened on does; another would wait for it for ever.
    pub(super) fn is_at_home(&self) -> bool {
        self.driver.is_some() || self.home == current_runtime()
    }

    /// Whether the state of the connection is unknown.
    pub(super) const fn is_dirty(&self) -> bool {
        self.dirty
    }

    /// Whether it can be given to somebody else.
    pub(super) fn is_clean(&self) -> bool {
        let driven = self.driver.as_ref().is_none_or(|driver| driver.is_alive());
        driven && !self.dirty && !self.tainted && !self.in_transaction
    }

    /// Whether nothing was sent on it yet.
    pub(super) const fn is_fresh(&self) -> bool {
        self.statements == 0
    }

    /// Says that a transaction is now open, or over.
    pub(super) const fn set_in_transaction(&mut self, open: bool) {
        self.in_transaction = open;
    }

    /// Says that a statement left something behind that the next user would feel.
    pub(super) const fn taint(&mut self) {
        self.tainted = true;
    }

    /// How long it has been since it was opened.
    pub(super) fn age(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.opened)
    }

    /// How long it has been since the last message.
    pub(super) fn idle(&self, now: Instant) -> Duration {
        now.saturating_duration_since(self.used)
    }

    /// Replaces the connection by a new one, in place and under the same driver.
    pub(super) fn replace(&mut self, raw: B::Connection) {
        let driver = self.driver.take();
        *self = Self::new(raw, driver, Arc::clone(&self.pulse));
    }

    /// Asks the server for a sign of life.
    pub(super) async fn ping(&mut self) -> Result<(), sqlx::Error> {
        self.dirty = true;
        self.statements += 1;
        let _sent = self.pulse.send(Instant::now());
        sqlx::Connection::ping(&mut self.raw).await?;
        self.dirty = false;
        self.used = Instant::now();
        self.pulse.hear(self.used);
        Ok(())
    }

    /// Sends a request and waits for all of its answer.
    pub(super) async fn run<R: Request>(
        &mut self,
        request: R,
        settings: &SessionSettings,
    ) -> Result<R::Output, DriverError> {
        self.dirty = true;
        self.statements += 1;
        let begun = Instant::now();
        let entry = statement_log::Entry::begin(&request, settings);
        let sent = self.pulse.send(begun);
        let answered = self
            .pulse
            .attend_answer(&mut self.alarm, request.send::<B>(&mut self.raw))
            .await;
        let result = answered.unwrap_or_else(|silence| Err(sqlx::Error::Io(silence)));
        drop(sent);
        self.dirty = matches!(&result, Err(error) if B::is_lost(error));
        self.tainted |= matches!(&result, Err(error) if B::is_stale(error));
        self.used = Instant::now();
        if !self.dirty {
            self.pulse.hear(self.used);
        }
        let elapsed = self.used.saturating_duration_since(begun);
        entry.end(result.is_err(), elapsed, settings);
        result.map_err(Arc::new)
    }
}

fn current_runtime() -> Option<runtime::Id> {
    let handle = runtime::Handle::try_current().ok()?;
    Some(handle.id())
}
