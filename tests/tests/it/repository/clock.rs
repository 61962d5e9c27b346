//! A clock that stands still until it is moved.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use ports::Clock;
use sea_orm::entity::prelude::DateTimeUtc;

pub(crate) struct StoppedClock(Mutex<DateTimeUtc>);

impl StoppedClock {
    pub(crate) fn new() -> Arc<Self> {
        let start = "2026-05-01T12:00:00.000001Z".parse().unwrap();
        Arc::new(Self(Mutex::new(start)))
    }

    /// Goes on by an hour, and answers what it shows then.
    pub(crate) fn advance(&self) -> DateTimeUtc {
        let mut now = self.0.lock().unwrap();
        *now += Duration::from_hours(1);
        *now
    }
}

impl Clock for StoppedClock {
    fn now(&self) -> DateTimeUtc {
        *self.0.lock().unwrap()
    }
}
