//! Managers and their units of work.

use adapters::seaorm::{Backend, acting_as, carry};
use futures_util::FutureExt as _;
use ports::{Actor, AsyncSessionManager as _, Atomic as _, DatabaseError, UnitOfWorkOptions};

use super::{
    case::{Case, Step},
    rows::look,
};

pub(super) fn cases<B: Backend>() -> Vec<Case<B>> {
    vec![
        Case {
            is_apart: true,
            ..case(&["AsyncManager::ping"], |stage, _| {
                async move { stage.manager.ping().await }.boxed()
            })
        },
        case(&["AsyncManager::run", "Atomic::atomic"], |stage, first| {
            let nested = async move || {
                stage.add(first + 1).await?;
                let undone = stage.manager.atomic(|| {
                    async move {
                        stage.add(first + 2).await?;
                        Err::<(), _>(DatabaseError::invalid_query("changed my mind"))
                    }
                    .boxed()
                });
                assert!(undone.await.is_err());
                Ok(())
            };
            let work = move || {
                async move {
                    stage.add(first).await?;
                    let kept = stage.manager.atomic(|| nested().boxed()).await;
                    kept?;
                    stage.add(first + 3).await
                }
                .boxed()
            };
            async move { stage.manager.atomic(work).await }.boxed()
        }),
        // With modes to be set and set back, around it and inside, and a hook that is due.
        case(&["Atomic::atomic_with"], |stage, first| {
            let lock = UnitOfWorkOptions::new().lock_timeout(std::time::Duration::from_secs(9));
            let work = move || {
                async move {
                    stage.add(first).await?;
                    stage.manager.after_commit(|| async {})?;
                    let reads = UnitOfWorkOptions::new().read_only();
                    let refused = stage
                        .manager
                        .atomic_with(reads, || stage.add(first + 2).boxed());
                    assert!(refused.await.is_err());
                    stage.add(first + 1).await
                }
                .boxed()
            };
            async move { stage.manager.atomic_with(lock, work).await }.boxed()
        }),
        case(&["AsyncManager::remove_session"], |stage, first| {
            let work = move || {
                async move {
                    stage.add(first).await?;
                    stage.manager.remove_session().await
                }
                .boxed()
            };
            async move {
                match stage.manager.atomic(work).await {
                    Err(DatabaseError::TransactionAborted(_)) => Ok(()),
                    other => panic!("a unit of work without its session ends in {other:?}"),
                }
            }
            .boxed()
        }),
        case(&["carry"], |stage, first| {
            let work = move || {
                let one = carry(async move { stage.add(first).await });
                let other = carry(async move { stage.add(first + 1).await });
                async move { tokio::try_join!(one, other).map(drop) }.boxed()
            };
            async move { stage.manager.atomic(work).await }.boxed()
        }),
        case(&["acting_as"], |stage, first| {
            let actor = Actor::new("somebody").unwrap();
            acting_as(actor, stage.add(first)).boxed()
        }),
    ]
}

fn case<B: Backend>(covers: &'static [&'static str], run: Step<B>) -> Case<B> {
    Case {
        covers,
        before: None,
        run,
        is_apart: false,
        look,
    }
}
