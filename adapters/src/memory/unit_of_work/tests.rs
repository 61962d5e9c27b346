use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use super::*;

type Numbers = MemoryStore<Vec<i32>>;
type Outcome = Result<(), DatabaseError>;

fn numbers() -> (Numbers, MemoryUnitOfWork<Vec<i32>>) {
    let store = Numbers::default();
    (store.clone(), MemoryUnitOfWork::new(store))
}

async fn push(store: &Numbers, number: i32) -> Outcome {
    let push = |numbers: &mut Vec<i32>| {
        numbers.push(number);
        Ok(())
    };
    store.write(push).await
}

async fn stored(store: &Numbers) -> Vec<i32> {
    store.read(|numbers| Ok(numbers.clone())).await.unwrap()
}

fn changed_my_mind() -> DatabaseError {
    DatabaseError::invalid_query("changed my mind")
}

#[tokio::test]
async fn ok_is_stored_and_err_is_not() {
    let (store, unit) = numbers();
    let kept: Outcome = ports::Atomic::atomic(&unit, || push(&store, 1)).await;
    kept.unwrap();
    let undone: Outcome = ports::Atomic::atomic(&unit, || async {
        push(&store, 2).await?;
        assert_eq!(stored(&store).await, [1, 2]);
        Err(changed_my_mind())
    })
    .await;
    assert!(undone.is_err());
    assert_eq!(stored(&store).await, [1]);
}

#[tokio::test]
async fn a_panic_and_a_dropped_future_store_nothing_and_lock_nothing() {
    let (store, unit) = numbers();
    let panicking = ports::Atomic::atomic(&unit, || async {
        push(&store, 1).await?;
        assert!(stored(&store).await.is_empty(), "on purpose");
        Ok::<_, DatabaseError>(())
    });
    assert!(AssertUnwindSafe(panicking).catch_unwind().await.is_err());
    let endless = ports::Atomic::atomic(&unit, || async {
        push(&store, 2).await?;
        std::future::pending::<Outcome>().await
    });
    let late = tokio::time::timeout(Duration::from_millis(10), endless).await;
    assert!(late.is_err());

    push(&store, 3).await.unwrap();
    assert_eq!(stored(&store).await, [3]);
}

#[tokio::test]
async fn an_inner_failure_leaves_the_outer_work_and_an_outer_one_takes_the_inner() {
    let (store, unit) = numbers();
    let inner = async |number, ending: fn() -> Outcome| -> Outcome {
        let store = &store;
        ports::Atomic::atomic(&unit, || async move {
            push(store, number).await?;
            ending()
        })
        .await
    };
    let kept: Outcome = ports::Atomic::atomic(&unit, || async {
        push(&store, 1).await?;
        assert!(inner(2, || Err(changed_my_mind())).await.is_err());
        inner(3, || Ok(())).await
    })
    .await;
    kept.unwrap();
    assert_eq!(stored(&store).await, [1, 3]);

    let undone: Outcome = ports::Atomic::atomic(&unit, || async {
        inner(4, || Ok(())).await?;
        Err(changed_my_mind())
    })
    .await;
    assert!(undone.is_err());
    assert_eq!(stored(&store).await, [1, 3]);
}

#[tokio::test]
async fn a_failure_that_is_swallowed_is_not_committed() {
    let (store, unit) = numbers();
    let swallowed: Outcome = ports::Atomic::atomic(&unit, || async {
        push(&store, 1).await?;
        let failed: Outcome = store.write(|_| Err(changed_my_mind())).await;
        assert!(failed.is_err());
        Ok(())
    })
    .await;
    assert!(matches!(
        swallowed,
        Err(DatabaseError::TransactionAborted(_))
    ));
    assert!(stored(&store).await.is_empty());
}

#[tokio::test]
async fn a_write_in_a_unit_of_work_for_reads_is_refused() {
    let (store, unit) = numbers();
    let reads = UnitOfWorkOptions::new().read_only();
    let refused: Outcome = ports::Atomic::atomic_with(&unit, reads, || push(&store, 1)).await;
    assert!(matches!(refused, Err(DatabaseError::ReadOnly(_))));
}

#[tokio::test]
async fn readers_outside_see_what_is_committed_and_writers_wait() {
    let (store, unit) = numbers();
    let slow = ports::Atomic::atomic(&unit, || async {
        push(&store, 1).await?;
        tokio::time::sleep(Duration::from_millis(20)).await;
        Ok::<_, DatabaseError>(())
    });
    let outside = async {
        tokio::task::yield_now().await;
        assert!(stored(&store).await.is_empty());
        push(&store, 2).await
    };
    let (inside, outside) = tokio::join!(slow, outside);
    inside.and(outside).unwrap();
    assert_eq!(stored(&store).await, [1, 2]);
}

#[tokio::test]
async fn hooks_run_once_after_the_outermost_commit() {
    let (store, unit) = numbers();
    let ran = Arc::new(AtomicU32::new(0));
    let count = || {
        let ran = Arc::clone(&ran);
        ports::Atomic::after_commit(&unit, async move || {
            ran.fetch_add(1, Ordering::Relaxed);
        })
    };
    assert!(matches!(count(), Err(DatabaseError::OutsideUnitOfWork(_))));
    for ending in [|| Ok(()), || Err(changed_my_mind())] {
        let ended: Outcome = ports::Atomic::atomic(&unit, || async {
            count()?;
            let inner: Outcome = ports::Atomic::atomic(&unit, || async { count() }).await;
            inner?;
            push(&store, 1).await?;
            assert_eq!(ran.load(Ordering::Relaxed), 0);
            ending()
        })
        .await;
        assert_eq!(ended.is_ok(), ran.swap(0, Ordering::Relaxed) == 2);
    }
}

#[tokio::test]
async fn what_the_work_does_before_its_future_takes_part() {
    let (_, unit) = numbers();
    let ended: Outcome = ports::Atomic::atomic(&unit, || {
        let deferred = ports::Atomic::after_commit(&unit, || async {});
        async { deferred }
    })
    .await;
    ended.unwrap();
}

#[test]
fn blocking_code_has_the_same_units_of_work() {
    let (store, unit) = numbers();
    let driver = Driver::new().unwrap();
    let push = |number| driver.block_on(push(&store, number)).unwrap();
    let ran = Arc::new(AtomicU32::new(0));
    let kept: Outcome = blocking::Atomic::atomic(&unit, || {
        let ran = Arc::clone(&ran);
        blocking::UnitOfWork::after_commit(
            &unit,
            Box::new(move || {
                ran.fetch_add(1, Ordering::Relaxed);
            }),
        )?;
        push(1)?;
        let undone: Outcome = blocking::Atomic::atomic(&unit, || {
            push(2)?;
            Err(changed_my_mind())
        });
        assert!(undone.is_err());
        Ok(())
    });
    kept.unwrap();
    assert_eq!(driver.block_on(stored(&store)).unwrap(), [1]);
    assert_eq!(ran.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn a_task_may_not_block() {
    let (_, unit) = numbers();
    let refused: Outcome = blocking::Atomic::atomic(&unit, || Ok(()));
    assert!(matches!(
        refused,
        Err(DatabaseError::BlockingInAsyncContext)
    ));
}
