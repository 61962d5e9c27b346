//! What opens connections, and tells which of the idle ones are still good.

use std::{
    io,
    sync::Arc,
    time::{Duration, Instant},
};

use deadpool::managed::{Manager, Metrics, RecycleError, RecycleResult};
use ports::DatabaseError;
use sea_orm::sqlx;

use super::{discard::Discard, loan::Kept, pulse::Pulse, tally::Tally};
use crate::{
    blocking::Driver,
    seaorm::{
        backend::Backend,
        connection::Connection,
        error::{connect_timed_out, while_connecting},
        settings::{PrePing, SessionSettings},
    },
};

/// The longest wait for the answer to a ping, if a connection may take longer than that to
/// open: a healthy server needs a millisecond.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// Opens connections, and decides which of the idle ones are still good.
pub(crate) struct Keeper<B: Backend> {
    config: B::Config,
    blocking: bool,
    tally: Arc<Tally>,
    pulse: Arc<Pulse>,
}

impl<B: Backend> Keeper<B> {
    pub(super) const fn new(
        config: B::Config,
        blocking: bool,
        tally: Arc<Tally>,
        pulse: Arc<Pulse>,
    ) -> Self {
        Self {
            config,
            blocking,
            tally,
            pulse,
        }
    }

    pub(super) const fn config(&self) -> &B::Config {
        &self.config
    }

    fn settings(&self) -> &SessionSettings {
        B::settings(&self.config)
    }

    fn kept(&self, raw: B::Connection, driver: Option<Arc<Driver>>) -> Kept<B> {
        let connection = Connection::new(raw, driver, Arc::clone(&self.pulse));
        Kept::new(
            connection,
            Arc::clone(&self.tally),
            self.settings().echo_pool,
        )
    }

    /// The pool is asked from outside of any runtime here, so this may block.
    fn create_blocking(&self) -> Result<Kept<B>, DatabaseError> {
        let driver = Driver::new().map_err(|error| while_connecting(sqlx::Error::Io(error)))?;
        let raw = driver
            .block_on(self.pulse.attend(open::<B>(&self.config)))
            .ok_or_else(connect_timed_out)?
            .map_err(|silence| while_connecting(sqlx::Error::Io(silence)))??;
        Ok(self.kept(raw, Some(Arc::new(driver))))
    }

    /// Why an idle connection is not handed out again, if it is not.
    async fn unfit(&self, connection: &mut Connection<B>) -> Option<Discard> {
        let settings = self.settings();
        if !connection.is_clean() {
            return Some(Discard::Unknown);
        }
        if !connection.is_at_home() {
            return Some(Discard::Runtime);
        }
        let now = Instant::now();
        if connection.age(now) >= settings.pool_recycle {
            return Some(Discard::Age);
        }
        if self.tally.is_mute(connection.used) {
            return Some(Discard::Mute);
        }
        let due = match settings.pool_pre_ping {
            PrePing::Always => true,
            PrePing::AfterIdle(limit) => connection.idle(now) >= limit,
            PrePing::Never => false,
        };
        if due || self.tally.is_suspect(connection.used) {
            // Boxed, because it is rare, and would be a part of every statement.
            return Box::pin(self.unresponsive(connection)).await;
        }
        None
    }

    async fn unresponsive(&self, connection: &mut Connection<B>) -> Option<Discard> {
        let settings = self.settings();
        let answered = match connection.driver().cloned() {
            Some(driver) => driver.block_on(ping(connection, settings)),
            None => Some(ping(connection, settings).await),
        };
        match answered {
            Some(Ok(())) => return None,
            Some(Err(sqlx::Error::Io(error))) if error.kind() == io::ErrorKind::TimedOut => {
                self.tally.mute_all();
            }
            _ => self.tally.suspect_all(),
        }
        Some(Discard::Ping)
    }
}

/// Asks the server for a sign of life, and does not wait for it forever.
pub(in crate::seaorm) async fn ping<B: Backend>(
    connection: &mut Connection<B>,
    settings: &SessionSettings,
) -> Result<(), sqlx::Error> {
    let limit = settings.connect_timeout.min(PING_TIMEOUT);
    let answer = tokio::time::timeout(limit, connection.ping()).await;
    answer.unwrap_or_else(|_| {
        let text = "the server did not answer a ping in time";
        Err(io::Error::new(io::ErrorKind::TimedOut, text).into())
    })
}

impl<B: Backend> Manager for Keeper<B> {
    type Type = Kept<B>;
    type Error = DatabaseError;

    async fn create(&self) -> Result<Kept<B>, DatabaseError> {
        let begun = Instant::now();
        let created = if self.blocking {
            self.create_blocking()
        } else {
            // Boxed, because it is large and rare, and would be a part of every statement.
            let opened = Box::pin(open::<B>(&self.config)).await;
            opened.map(|raw| self.kept(raw, None))
        };
        match &created {
            Ok(_) => self.pulse.hear_of_new(begun.elapsed()),
            Err(_) => self.tally.count_refused(),
        }
        created
    }

    async fn recycle(&self, kept: &mut Kept<B>, _: &Metrics) -> RecycleResult<DatabaseError> {
        match self.unfit(&mut kept.connection).await {
            None => {
                self.tally.count_recycled();
                Ok(())
            }
            Some(reason) => {
                kept.reason = reason;
                Err(RecycleError::message(reason.text()))
            }
        }
    }
}

/// Opens a connection within the connect timeout.
pub(in crate::seaorm) async fn open<B: Backend>(
    config: &B::Config,
) -> Result<B::Connection, DatabaseError> {
    let limit = B::settings(config).connect_timeout;
    match tokio::time::timeout(limit, B::connect(config)).await {
        Ok(Ok(connection)) => Ok(connection),
        Ok(Err(error)) => Err(while_connecting(error)),
        Err(_) => Err(connect_timed_out()),
    }
}
