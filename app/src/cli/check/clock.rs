//! Whether the clock of this machine is right, as far as the database's tells.

use adapters::{Database, SystemClock};
use chrono::{DateTime, Utc};
use ports::Clock as _;
use sea_orm::sqlx::query_scalar;

use super::{Finding, Name, database};
use crate::http::chain;

/// The clocks of two machines that are kept in time differ by less.
const SLIGHT: f64 = 2.0;

/// Tokens and the order of rows are no longer to be trusted beyond this.
const GREAT: f64 = 30.0;

const ADVICE: &str = "keep both machines in time (chrony, systemd-timesyncd)";

pub(super) async fn find(database: &Database) -> Finding {
    let name = Name::Clock;
    let Database::Postgres(_) = database else {
        return Finding::skip(name, "SQLite has no clock of its own to compare with");
    };
    let compared = async {
        let mut session = database::session(database).await?;
        let before = SystemClock.now();
        let sql = "SELECT extract(epoch FROM clock_timestamp())::float8";
        let theirs: f64 = query_scalar(sql).fetch_one(&mut session).await?;
        Ok::<_, sea_orm::sqlx::Error>(difference(before, theirs, SystemClock.now()))
    };
    match compared.await {
        Ok(seconds) => judge(seconds),
        Err(error) => Finding::fail(name, chain(&error), "see the line about the database"),
    }
}

/// By how much our clock is ahead of theirs, which was read between the two.
fn difference(before: DateTime<Utc>, theirs: f64, after: DateTime<Utc>) -> f64 {
    let seconds = |time: DateTime<Utc>| {
        std::time::Duration::from_micros(time.timestamp_micros().try_into().unwrap_or_default())
            .as_secs_f64()
    };
    let (before, after) = (seconds(before), seconds(after));
    (before - theirs).max(0.0) + (after - theirs).min(0.0)
}

fn judge(seconds: f64) -> Finding {
    let name = Name::Clock;
    let way = if seconds < 0.0 { "behind" } else { "ahead of" };
    let text = format!("{:.1}s {way} the database's", seconds.abs());
    match seconds.abs() {
        small if small <= SLIGHT => Finding::ok(name, text),
        medium if medium <= GREAT => Finding::warn(name, text, ADVICE),
        _ => Finding::fail(name, text, ADVICE),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn a_slow_answer_is_no_difference() {
        let at = |seconds| DateTime::from_timestamp(seconds, 0).unwrap();
        for (before, theirs, after, expected) in [
            (100, 105.0, 110, 0.0),
            (100, 90.0, 110, 10.0),
            (100, 140.0, 110, -30.0),
        ] {
            let found = difference(at(before), theirs, at(after));
            assert!((found - expected).abs() < 0.001, "{found}");
        }
    }

    #[test]
    fn a_clock_that_is_wrong_is_told_of_with_the_way() {
        for (seconds, verdict, text) in [
            (0.5, Verdict::Ok, "0.5s ahead of"),
            (-12.0, Verdict::Warn, "12.0s behind"),
            (3600.0, Verdict::Fail, "3600.0s ahead of"),
        ] {
            let found = judge(seconds);
            assert_eq!(found.verdict, verdict);
            assert!(found.text.starts_with(text), "{found}");
        }
    }
}
