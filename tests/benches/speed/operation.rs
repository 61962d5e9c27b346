//! What is measured: the operations, and what each is asked to do.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering::Relaxed},
    },
};

use super::{entry, wallet};

/// Wallets, each as likely as the others.
pub(crate) const WALLETS: i64 = 10_000;

/// The wallets of one branch are `WALLETS / BRANCHES`.
pub(crate) const BRANCHES: i32 = 100;

/// Enough for any number of transfers.
pub(crate) const OPENING_BALANCE: i64 = 1_000_000_000;

/// How long a list is.
pub(crate) const LIMIT: i64 = 20;

/// What is written into the rows that are added.
pub(crate) const MEMO: &str = "a memo of the usual length";

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Read,
    List,
    Insert,
    Update,
    Transfer,
}

impl Operation {
    pub(crate) const ALL: [Self; 5] = [
        Self::Read,
        Self::List,
        Self::Insert,
        Self::Update,
        Self::Transfer,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Read => "point read",
            Self::List => "list of 20",
            Self::Insert => "insert",
            Self::Update => "update",
            Self::Transfer => "transfer",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A list of one branch, from this balance up.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Query {
    pub(crate) branch: i32,
    pub(crate) floor: i64,
}

impl Query {
    /// Fails unless this is what was asked for.
    pub(crate) fn check(&self, found: &[wallet::Model]) {
        assert_eq!(found.len(), usize::try_from(LIMIT).unwrap());
        assert!(found.iter().all(|wallet| wallet.branch == self.branch));
    }
}

/// A new balance for the wallet that has this version.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Change {
    pub(crate) id: i64,
    pub(crate) balance: i64,
    pub(crate) version: i64,
}

/// Money from one wallet to another.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Order {
    pub(crate) from: i64,
    pub(crate) to: i64,
    pub(crate) amount: i64,
}

impl Order {
    /// The order in which the two are locked: no two transfers wait in a circle.
    pub(crate) fn locked(&self) -> [i64; 2] {
        [self.from.min(self.to), self.from.max(self.to)]
    }

    /// The rows to be added.
    pub(crate) fn entries(&self) -> [entry::New; 2] {
        [self.from, self.to].map(|wallet_id| entry::New {
            wallet_id,
            amount: self.change_of(wallet_id),
            memo: MEMO.to_owned(),
        })
    }

    /// What becomes of one of the two.
    pub(crate) fn changed(&self, id: i64, balance: i64, version: i64) -> Change {
        let balance = balance + self.change_of(id);
        Change {
            id,
            balance,
            version,
        }
    }

    fn change_of(&self, id: i64) -> i64 {
        if id == self.from {
            -self.amount
        } else {
            self.amount
        }
    }
}

/// Which version each wallet has.
pub(crate) type Versions = Arc<[AtomicI64]>;

/// The jobs of one worker. The same seed makes the same jobs.
pub(crate) struct Jobs {
    random: fastrand::Rng,
    worker: i64,
    workers: i64,
    versions: Versions,
}

impl Jobs {
    pub(crate) fn new(seed: u64, worker: usize, workers: usize, versions: Versions) -> Self {
        Self {
            random: fastrand::Rng::with_seed(seed.wrapping_mul(1_000) + worker as u64),
            worker: i64::try_from(worker).unwrap(),
            workers: i64::try_from(workers).unwrap(),
            versions,
        }
    }

    pub(crate) fn id(&mut self) -> i64 {
        self.random.i64(1..=WALLETS)
    }

    pub(crate) fn query(&mut self) -> Query {
        Query {
            branch: self.random.i32(0..BRANCHES),
            floor: 0,
        }
    }

    pub(crate) fn entry(&mut self) -> entry::New {
        entry::New {
            wallet_id: self.id(),
            amount: self.random.i64(1..1_000),
            memo: MEMO.to_owned(),
        }
    }

    /// A wallet that no other worker changes, so that its version is known.
    pub(crate) fn change(&mut self) -> Change {
        let own = self.random.i64(0..WALLETS / self.workers);
        let id = own * self.workers + self.worker + 1;
        Change {
            id,
            balance: OPENING_BALANCE + self.random.i64(0..1_000),
            version: self.version(id).load(Relaxed),
        }
    }

    pub(crate) fn changed(&self, wallet: &wallet::Model) {
        self.version(wallet.id).store(wallet.version, Relaxed);
    }

    pub(crate) fn order(&mut self) -> Order {
        let from = self.id();
        let to = (from + self.random.i64(1..WALLETS) - 1) % WALLETS + 1;
        Order {
            from,
            to,
            amount: self.random.i64(1..100),
        }
    }

    fn version(&self, id: i64) -> &AtomicI64 {
        &self.versions[usize::try_from(id - 1).unwrap()]
    }
}
