//! Whether the schema is current.

use adapters::Database;
use migration::Status;

use super::{Finding, Name};
use crate::cli::Failure;

pub(super) async fn find(database: &Database, migrates_on_start: bool) -> Finding {
    let name = Name::Schema;
    match migration::status(database).await {
        Ok(status) => {
            let embedded = matches!(database, Database::Sqlite(_));
            judge(&status, embedded || migrates_on_start)
        }
        Err(error) => {
            let failure = Failure::of_database(database, error);
            Finding::fail(
                name,
                failure.to_string(),
                "give the role the right to read its tables",
            )
        }
    }
}

fn judge(status: &Status, migrates_on_start: bool) -> Finding {
    let name = Name::Schema;
    let Status {
        pending, unknown, ..
    } = status;
    match (pending.len(), unknown.len()) {
        (0, 0) => Finding::ok(name, "current"),
        (0, count) => Finding::warn(
            name,
            format!("ahead of this program by {count}: {}", unknown.join(", ")),
            "fine while a new version is rolled out; else run that version",
        ),
        (count, _) => {
            let text = format!("{count} pending: {}", pending.join(", "));
            if migrates_on_start {
                let advice = "serve applies them when it starts, and `app migrate up` does now";
                return Finding::warn(name, text, advice);
            }
            Finding::fail(
                name,
                text,
                "run `app migrate up`: DATABASE_MIGRATE_ON_START is false",
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn what_is_pending_fails_only_if_nobody_applies_it() {
        let names = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        let status = |pending: &[&str], unknown: &[&str]| Status {
            applied: Vec::new(),
            pending: names(pending),
            unknown: names(unknown),
        };
        for (status, migrates, verdict) in [
            (status(&[], &[]), false, Verdict::Ok),
            (status(&["m1"], &[]), true, Verdict::Warn),
            (status(&["m1"], &["m2"]), false, Verdict::Fail),
            (status(&[], &["m2"]), false, Verdict::Warn),
        ] {
            assert_eq!(judge(&status, migrates).verdict, verdict, "{status:?}");
        }
    }
}
