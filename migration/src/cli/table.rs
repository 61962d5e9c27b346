//! What `status` shows.

use std::fmt;

use adapters::Database;

use crate::Status;

/// What `status` shows: a line for each migration, in the order of names.
pub(super) struct Table<'a>(pub(super) &'a Database, pub(super) &'a Status);

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self(database, status) = self;
        let groups = [
            ("applied", &status.applied),
            ("pending", &status.pending),
            ("unknown", &status.unknown),
        ];
        let mut lines: Vec<_> = groups
            .into_iter()
            .flat_map(|(state, names)| names.iter().map(move |name| (name, state)))
            .collect();
        lines.sort();
        let width = lines.iter().map(|(name, _)| name.len()).max();
        let width = width.unwrap_or_default();
        for (name, state) in lines {
            writeln!(f, "{name:width$}  {state}")?;
        }
        let [applied, pending, unknown] = groups.map(|(_, names)| names.len());
        writeln!(
            f,
            "{applied} applied, {pending} pending, {unknown} unknown: {database}"
        )
    }
}
