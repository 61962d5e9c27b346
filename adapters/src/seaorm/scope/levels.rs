//! The books of a unit of work: which scopes are open in it, and what has gone wrong.

use std::sync::Arc;

use ports::{DatabaseError, UnitOfWorkOptions, blocking, unit_of_work};

use crate::seaorm::unit_of_work::Conflict;

/// Work that is due after the commit.
pub(crate) enum Hook {
    /// Registered by async code.
    Async(unit_of_work::Hook),
    /// Registered by blocking code.
    Blocking(blocking::Hook),
}

/// Whose turn it is to talk to the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// The asking level's.
    Mine,
    /// A scope's inside of the asking level.
    Inner,
    /// The asking level has ended.
    Over,
}

/// The open levels, outermost first, and what has gone wrong in them.
///
/// What drops a level hands it out, hooks and all, to be dropped by the caller after
/// the lock around this: a hook holds whatever it likes.
pub(super) struct Levels {
    open: Vec<Level>,
    last_id: u64,
    failure: Option<Failure>,
    abandoned: Option<(u64, UnitOfWorkOptions)>,
    removed: bool,
    asked: UnitOfWorkOptions,
    pub(super) conflict: Option<Conflict>,
}

#[must_use]
pub(super) struct Level {
    id: u64,
    hooks: Vec<Hook>,
    in_force: UnitOfWorkOptions,
}

/// The first failure since the last recovery.
struct Failure {
    level: u64,
    error: DatabaseError,
}

impl Levels {
    /// The transaction itself, as level 0.
    pub(super) fn new(options: UnitOfWorkOptions) -> Self {
        Self {
            open: vec![Level::new(0, options)],
            last_id: 0,
            failure: None,
            abandoned: None,
            removed: false,
            asked: options,
            conflict: None,
        }
    }

    pub(super) fn turn(&self, level: u64) -> Turn {
        match self.open.last() {
            Some(top) if top.id == level => Turn::Mine,
            Some(_) if self.open.iter().any(|open| open.id == level) => Turn::Inner,
            _ => Turn::Over,
        }
    }

    pub(super) fn is_inside(&self, inner: u64, outer: u64) -> bool {
        let place = |level| self.open.iter().position(|open| open.id == level);
        matches!((place(inner), place(outer)), (Some(inner), Some(outer)) if inner > outer)
    }

    /// The options of the innermost level, with what it has from those around it.
    pub(super) fn in_force(&self) -> UnitOfWorkOptions {
        self.open.last().map_or(self.asked, |level| level.in_force)
    }

    /// The innermost level, and the options of the one around it.
    pub(super) fn innermost(&self) -> (u64, UnitOfWorkOptions) {
        let mut levels = self.open.iter().rev();
        let innermost = levels.next().map_or(0, |level| level.id);
        let around = levels.next().map_or(self.asked, |level| level.in_force);
        (innermost, around)
    }

    /// The options of the transaction, with the modes that were set in it at any time.
    pub(super) const fn asked(&self) -> UnitOfWorkOptions {
        self.asked
    }

    pub(super) const fn is_over(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) const fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    pub(super) fn push(&mut self, id: u64, options: &UnitOfWorkOptions) {
        let mut in_force = self.in_force();
        in_force.read_only |= options.read_only;
        in_force.statement_timeout = options.statement_timeout.or(in_force.statement_timeout);
        in_force.lock_timeout = options.lock_timeout.or(in_force.lock_timeout);
        self.asked.read_only |= options.read_only;
        self.open.push(Level::new(id, in_force));
    }

    /// Adds a hook to a level: its own, even while a scope inside of it is open.
    pub(super) fn defer(&mut self, level: u64, hook: Hook) -> Result<(), DatabaseError> {
        let mut open = self.open.iter_mut();
        let found = open.find(|open| open.id == level);
        found.ok_or_else(super::over)?.hooks.push(hook);
        Ok(())
    }

    /// Closes what is still open inside of this level, though an inner scope must not
    /// outlive its turn.
    pub(super) fn close_inner_of(&mut self, level: u64) -> Result<Vec<Level>, DatabaseError> {
        if self.removed {
            return Err(DatabaseError::TransactionAborted(Arc::new(Removed)));
        }
        let place = self.open.iter().position(|open| open.id == level);
        let place = place.ok_or_else(super::over)? + 1;
        let inner = self.open.get(place).map(|inner| inner.id);
        Ok(inner.map_or_else(Vec::new, |inner| self.abandon(inner)))
    }

    /// Forgets a level and all inside of it, to be rolled back before anything else.
    pub(super) fn abandon(&mut self, level: u64) -> Vec<Level> {
        let Some(place) = self.open.iter().position(|open| open.id == level) else {
            return Vec::new();
        };
        let mut modes = self.in_force();
        if let Some((_, earlier)) = self.abandoned {
            modes.read_only |= earlier.read_only;
        }
        // An earlier one was inside of the innermost level, and so of this one.
        self.abandoned = Some((level, modes));
        self.open.split_off(place)
    }

    /// What was abandoned and can be rolled back: unless the transaction failed outside
    /// of it.
    pub(super) fn mendable(&self) -> Option<(u64, UnitOfWorkOptions)> {
        self.abandoned.filter(|(level, _)| {
            let failure = self.failure.as_ref();
            failure.is_none_or(|failure| failure.level >= *level)
        })
    }

    /// The modes that were in force in what was abandoned.
    pub(super) fn left_behind(&self) -> Option<UnitOfWorkOptions> {
        self.abandoned.map(|(_, modes)| modes)
    }

    /// Closes the innermost level. Its hooks pass to the level around it, if it was kept.
    pub(super) fn pop(&mut self, level: u64, kept: bool) -> Option<Level> {
        if self.turn(level) != Turn::Mine {
            return None;
        }
        let mut ended = self.open.pop()?;
        if let (true, Some(outer)) = (kept, self.open.last_mut()) {
            outer.hooks.append(&mut ended.hooks);
        }
        Some(ended)
    }

    /// Closes everything.
    pub(super) fn end(&mut self) -> Vec<Level> {
        std::mem::take(&mut self.open)
    }

    /// Closes everything because the session was removed.
    pub(super) fn forget(&mut self) -> Vec<Level> {
        self.removed = true;
        std::mem::take(&mut self.open)
    }

    /// Remembers the first failure since the last recovery, and whether any of them
    /// is worth another attempt.
    pub(super) fn fail(&mut self, error: DatabaseError) {
        self.conflict = self.conflict.or_else(|| Conflict::of(&error));
        let level = self.open.last().map_or(0, |level| level.id);
        self.failure.get_or_insert(Failure { level, error });
    }

    /// The work went on after a failure that was rolled back: it has dealt with it, and
    /// to run again would not be for that failure's sake.
    pub(super) const fn proceeded(&mut self) {
        if self.failure.is_none() {
            self.conflict = None;
        }
    }

    /// A rollback to a savepoint has undone what failed, and all that was abandoned
    /// inside of it.
    pub(super) fn recovered(&mut self) {
        self.failure = None;
        self.abandoned = None;
    }

    pub(super) fn health(&self) -> Result<(), DatabaseError> {
        if self.removed {
            return Err(DatabaseError::TransactionAborted(Arc::new(Removed)));
        }
        match &self.failure {
            None => Ok(()),
            Some(first) => Err(DatabaseError::TransactionAborted(Arc::new(
                first.error.clone(),
            ))),
        }
    }
}

impl Level {
    const fn new(id: u64, in_force: UnitOfWorkOptions) -> Self {
        Self {
            id,
            hooks: Vec::new(),
            in_force,
        }
    }
}

/// The hooks of the outermost of these levels.
pub(super) fn hooks(levels: Vec<Level>) -> Vec<Hook> {
    let outermost = levels.into_iter().next();
    outermost.map(|level| level.hooks).unwrap_or_default()
}

#[derive(Debug, thiserror::Error)]
#[error("the session was removed while its unit of work was open")]
struct Removed;
