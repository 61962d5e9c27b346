//! What units of work tell Prometheus.

use std::{
    sync::atomic::{AtomicU32, Ordering::SeqCst},
    time::Duration,
};

use adapters::seaorm::{Databases, Observable};
use ports::{AsyncSessionManager as _, Atomic as _, DatabaseError};
use prometheus_client::registry::Registry;
use sea_orm::{TransactionSession as _, TransactionTrait as _};
use tests::Metrics;

use super::world::{OnPostgres, World, add, bounded, on_both, run};

on_both!(
    each_end_of_a_unit_of_work_is_counted,
    a_transaction_of_the_orm_is_a_unit_of_work_too,
    the_open_ones_are_counted_and_how_long_they_were,
);

struct Watched(Registry);

impl Watched {
    fn new(observable: &impl Observable) -> Self {
        let mut registry = Registry::default();
        Databases::registered(&mut registry).watch("main", observable);
        Self(registry)
    }

    /// Committed, rolled back, abandoned, unknown.
    fn ended(&self) -> [u64; 4] {
        ["committed", "rolled_back", "abandoned", "unknown"]
            .map(|outcome| self.of("_total", &format!(r#",outcome="{outcome}""#)))
    }

    fn of(&self, name: &str, labels: &str) -> u64 {
        let series = format!(r#"database_units_of_work{name}{{database="main"{labels}}}"#);
        Metrics::of(&self.0).count(&series)
    }
}

async fn each_end_of_a_unit_of_work_is_counted<W: World>(world: W) {
    let manager = world.manager();
    let watched = Watched::new(&manager);
    assert_eq!(watched.ended(), [0, 0, 0, 0]);

    let nested = || async {
        add(&manager, 1).await?;
        manager.atomic(|| add(&manager, 2)).await
    };
    manager.atomic(nested).await.unwrap();
    assert_eq!(watched.ended(), [1, 0, 0, 0]);

    manager.atomic(|| add(&manager, 1)).await.unwrap_err();
    assert_eq!(watched.ended(), [1, 1, 0, 0]);

    let endless = manager.atomic(|| async {
        add(&manager, 3).await?;
        std::future::pending::<Result<(), DatabaseError>>().await
    });
    let given_up = tokio::time::timeout(Duration::from_millis(100), endless);
    assert!(given_up.await.is_err());
    assert_eq!(watched.ended(), [1, 1, 1, 0]);
}

async fn a_transaction_of_the_orm_is_a_unit_of_work_too<W: World>(world: W) {
    let manager = world.manager();
    let watched = Watched::new(&manager);
    let begin = async || manager.session().unwrap().begin().await.unwrap();
    begin().await.commit().await.unwrap();
    begin().await.rollback().await.unwrap();
    drop(begin().await);
    assert_eq!(watched.ended(), [1, 1, 1, 0]);
}

async fn the_open_ones_are_counted_and_how_long_they_were<W: World>(world: W) {
    let manager = world.manager();
    let watched = Watched::new(&manager);
    let work = manager.atomic(|| async {
        assert_eq!(watched.of("_open", ""), 1);
        tokio::time::sleep(Duration::from_millis(30)).await;
        Ok::<_, DatabaseError>(())
    });
    work.await.unwrap();

    assert_eq!(watched.of("_open", ""), 0);
    let metrics = Metrics::of(&watched.0);
    let length =
        |part: &str| metrics.value(&format!("database_unit_of_work_duration_seconds_{part}"));
    assert!(length(r#"sum{database="main"}"#) >= 0.03, "{metrics:?}");
    assert!(length(r#"bucket{le="0.025",database="main"}"#) < 1.0);
    assert!((length(r#"bucket{le="+Inf",database="main"}"#) - 1.0).abs() < 1e-9);
}

#[tokio::test]
async fn retries_are_counted_by_their_reason_and_are_no_rollbacks() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let watched = Watched::new(&manager);
    for (code, failures) in [("40001", 2), ("40P01", 1)] {
        let runs = AtomicU32::new(0);
        let work = manager.atomic(|| async {
            if runs.fetch_add(1, SeqCst) < failures {
                let raise = "RAISE EXCEPTION 'told to' USING ERRCODE";
                run(&manager, &format!("DO $$ BEGIN {raise} = '{code}'; END $$")).await?;
            }
            Ok::<_, DatabaseError>(())
        });
        bounded(work).await.unwrap();
    }
    let retried = |reason| watched.of("_retried_total", &format!(r#",reason="{reason}""#));
    assert_eq!((retried("serialization"), retried("deadlock")), (2, 1));
    assert_eq!(watched.ended(), [2, 0, 0, 0]);
}

#[tokio::test]
async fn a_commit_whose_outcome_is_unknown_is_counted_as_such() {
    let world = OnPostgres::new().await;
    let manager = world.manager();
    let watched = Watched::new(&manager);
    let work = manager.atomic(|| async {
        add(&manager, 1).await?;
        world.0.terminate_backends("%").await;
        Ok::<_, DatabaseError>(())
    });
    bounded(work).await.unwrap_err();
    assert_eq!(watched.ended(), [0, 0, 0, 1]);
}
