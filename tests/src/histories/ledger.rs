//! Histories of the ledger: its services and repositories, used by many at once.

mod book;

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use adapters::seaorm::{AsyncManager, Backend};
use app::services::{AccountServiceError, ExpectedVersion, Reach, TransferServiceError};
use domain::{Account, AccountId, Owner, Transfer, TransferId};
use fastrand::Rng;
use futures_util::{FutureExt as _, future::join_all};
use ports::{Atomic as _, DatabaseError, Isolation, UnitOfWorkOptions};
use tokio::{sync::Barrier, time::timeout};

use book::Book;
pub use book::{OPENING, SKEW};

/// What came of one history of the ledger.
#[derive(Debug, Default, Clone, Copy)]
pub struct Tally {
    /// Transfers that were answered, each once.
    pub transfers: usize,
    /// Orders that were answered from what their key had done before.
    pub repeated: usize,
    /// Changes of owners that were stored.
    pub renamed: usize,
    /// What was refused, by the domain or as a conflict.
    pub refused: usize,
}

/// What was answered so far.
#[derive(Default)]
struct Answered {
    transfers: BTreeMap<TransferId, Transfer>,
    renamed: BTreeMap<AccountId, i64>,
    tally: Tally,
}

/// Has many move money, rename accounts and look around at once, and holds what is stored at
/// the end against what they were answered.
///
/// # Errors
///
/// What does not fit: an update that was lost, a transfer that was stored twice, or not, or
/// although it was refused; a sum that was never there.
pub async fn history<B: Backend>(manager: &AsyncManager<B>, seed: u64) -> Result<Tally, String> {
    let mut rng = Rng::with_seed(seed);
    let book = Book::open(manager, rng.usize(2..=4)).await;
    let answered = Mutex::new(Answered::default());
    let workers = (0..4).map(|_| {
        let rng = rng.fork();
        work(&book, &answered, rng)
    });
    let results = join_all(workers).await;
    results.into_iter().collect::<Result<Vec<()>, _>>()?;
    let answered = answered
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    compare(&book, &answered).await?;
    Ok(answered.tally)
}

async fn work<B: Backend>(
    book: &Book<B>,
    answered: &Mutex<Answered>,
    mut rng: Rng,
) -> Result<(), String> {
    for _ in 0..3 {
        match rng.usize(0..8) {
            0 => look(book).await?,
            1 => rename(book, answered, &mut rng).await?,
            2 => rename_carelessly(book, answered, &mut rng).await?,
            3 | 4 => pay_once(book, answered, &mut rng).await?,
            _ => {
                let order = book.order(&mut rng);
                let paid = book.transfers.transfer(&Reach::Everything, order).await;
                note(answered, paid.map(|transfer| (transfer, false)))?;
            }
        }
    }
    Ok(())
}

/// One of two orders, each under its key: whoever comes later has the same answer.
async fn pay_once<B: Backend>(
    book: &Book<B>,
    answered: &Mutex<Answered>,
    rng: &mut Rng,
) -> Result<(), String> {
    let (order, once) = book.keyed(rng.usize(0..2));
    let paid = book
        .transfers
        .transfer_once(&Reach::Everything, order, &once);
    note(answered, paid.await.map(|made| (made.value, made.replayed)))
}

fn note(
    answered: &Mutex<Answered>,
    paid: Result<(Transfer, bool), TransferServiceError>,
) -> Result<(), String> {
    let mut answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
    match paid {
        Ok((transfer, is_repeated)) => {
            let before = answered.transfers.insert(transfer.id(), transfer);
            if before.is_some_and(|before| before != transfer) {
                return Err(format!("answered as {before:?} and as {transfer:?}"));
            }
            answered.tally.transfers += usize::from(before.is_none());
            answered.tally.repeated += usize::from(is_repeated);
            Ok(())
        }
        Err(TransferServiceError::Transfer(_)) => {
            answered.tally.refused += 1;
            Ok(())
        }
        Err(TransferServiceError::Database(error)) if is_conflict(&error) => {
            answered.tally.refused += 1;
            Ok(())
        }
        Err(other) => Err(format!("a transfer ends in {other:?}")),
    }
}

async fn rename<B: Backend>(
    book: &Book<B>,
    answered: &Mutex<Answered>,
    rng: &mut Rng,
) -> Result<(), String> {
    let id = book.any(rng);
    let owner = owner(rng.u64(..));
    let any = ExpectedVersion::Any;
    let renamed = book
        .services
        .rename(&Reach::Everything, id, &any, &owner)
        .await;
    let mut answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
    match renamed {
        Ok(_) => {
            *answered.renamed.entry(id).or_default() += 1;
            answered.tally.renamed += 1;
        }
        Err(AccountServiceError::Database(error)) if is_conflict(&error) => {
            answered.tally.refused += 1;
        }
        Err(other) => return Err(format!("a change of owners ends in {other:?}")),
    }
    Ok(())
}

/// Reads and saves without a lock: the version is all that keeps an update from being lost.
async fn rename_carelessly<B: Backend>(
    book: &Book<B>,
    answered: &Mutex<Answered>,
    rng: &mut Rng,
) -> Result<(), String> {
    let id = book.any(rng);
    let owner = owner(rng.u64(..));
    let renamed = book.rename_carelessly(id, owner).await;
    let mut answered = answered.lock().unwrap_or_else(PoisonError::into_inner);
    match renamed {
        Ok(()) => {
            *answered.renamed.entry(id).or_default() += 1;
            answered.tally.renamed += 1;
        }
        Err(error) if is_conflict(&error) => answered.tally.refused += 1,
        Err(other) => return Err(format!("a careless change ends in {other:?}")),
    }
    Ok(())
}

/// All balances as of one moment: none is between two accounts.
async fn look<B: Backend>(book: &Book<B>) -> Result<(), String> {
    match book.sum().await {
        Ok(sum) if sum == book.total() => Ok(()),
        Ok(sum) => Err(format!(
            "a sum of {sum} was seen, and there are {}",
            book.total()
        )),
        Err(error) if is_conflict(&error) => Ok(()),
        Err(error) => Err(format!("looking ends in {error:?}")),
    }
}

/// A refusal that leaves nothing behind.
const fn is_conflict(error: &DatabaseError) -> bool {
    matches!(
        error,
        DatabaseError::Conflict { .. }
            | DatabaseError::Serialization(_)
            | DatabaseError::Deadlock(_)
    )
}

async fn compare<B: Backend>(book: &Book<B>, answered: &Answered) -> Result<(), String> {
    let mut expected: BTreeMap<AccountId, (i64, i64)> =
        book.ids().map(|id| (id, (OPENING, 1))).collect();
    for transfer in answered.transfers.values() {
        let amount = transfer.amount().minor();
        for (id, change) in [(transfer.from(), -amount), (transfer.to(), amount)] {
            let account = expected.entry(id).or_default();
            account.0 += change;
            account.1 += 1;
        }
    }
    for (id, times) in &answered.renamed {
        expected.entry(*id).or_default().1 += times;
    }
    for (id, (balance, version)) in expected {
        let account = book.find(id).await;
        let stored = (account.balance().minor(), account.version().get());
        if stored != (balance, version) {
            return Err(format!(
                "an account has {stored:?} as its balance and version, and what was answered \
                 makes {balance} and {version}"
            ));
        }
        if balance < 0 {
            return Err(format!("an account has {balance}"));
        }
        let history = book.history(id).await;
        let theirs = answered.transfers.values();
        let theirs = theirs.filter(|transfer| transfer.from() == id || transfer.to() == id);
        let theirs: BTreeMap<_, _> = theirs.map(|transfer| (transfer.id(), *transfer)).collect();
        let stored: BTreeMap<_, _> = history.iter().map(|one| (one.id(), *one)).collect();
        let same = |(id, one): (&TransferId, &Transfer)| {
            theirs
                .get(id)
                .is_some_and(|other| other.amount() == one.amount())
        };
        if history.len() != theirs.len() || !stored.iter().all(same) {
            return Err(format!(
                "stored are {stored:?}, and answered were {theirs:?}"
            ));
        }
    }
    Ok(())
}

/// Two units of work that each look at two accounts, and take from one of them as long as
/// together they have enough: whether they ended up with less than that.
///
/// # Panics
///
/// When one of them ends in anything but `Ok` or a conflict.
pub async fn is_skewed<B: Backend>(manager: &AsyncManager<B>, isolation: Isolation) -> bool {
    let book = Book::open(manager, 2).await;
    let both = Barrier::new(2);
    let options = UnitOfWorkOptions::new().isolation(isolation);
    let book = &book;
    let both = &both;
    let takers = book.ids().map(|id| {
        let work = move || {
            async move {
                let accounts = book.all().await?;
                // Both have looked before either takes, where both can look at once.
                let _ = timeout(Duration::from_millis(20), both.wait()).await;
                let sum: i64 = accounts.iter().map(|one| one.balance().minor()).sum();
                if sum - SKEW >= OPENING {
                    let own = accounts.into_iter().find(|one| one.id() == id);
                    book.take(own.expect("an account that was found"), SKEW)
                        .await?;
                }
                Ok::<_, DatabaseError>(())
            }
            .boxed()
        };
        manager.atomic_with(options, work)
    });
    for taken in join_all(takers).await {
        if let Err(error) = taken {
            assert!(is_conflict(&error), "it ends in {error:?}");
        }
    }
    let accounts: Vec<Account> = book.all().await.expect("both accounts");
    let left: i64 = accounts.iter().map(|one| one.balance().minor()).sum();
    left < OPENING
}

/// Names that accounts are given.
fn owner(number: u64) -> Owner {
    Owner::new(format!("owner {number}")).expect("a name")
}
