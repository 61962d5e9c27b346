//! The warning about a unit of work that stays open: `LONG_UNIT_OF_WORK`.

use std::time::Duration;

use adapters::{
    postgres::PostgresSessionManager,
    seaorm::{AsyncManager, Databases, Observable},
};
use ports::{Atomic as _, DatabaseError, blocking::Atomic as _};
use prometheus_client::registry::Registry;
use tests::Metrics;

use super::world::{OnPostgres, World, on_both};
use crate::session::log::Log;

const LIMIT: Duration = Duration::from_millis(50);

on_both!(
    it_is_warned_of_once_while_it_is_open_with_the_place_that_opened_it,
    a_short_one_is_not_warned_of,
    nothing_is_warned_of_when_switched_off,
);

fn manager<W: World>(world: &W, limit: Duration) -> AsyncManager<W::Db> {
    let mut config = world.config();
    W::settings(&mut config).long_unit_of_work = limit;
    AsyncManager::new(config).unwrap()
}

fn counted(observable: &impl Observable) -> impl Fn() -> u64 {
    let mut registry = Registry::default();
    Databases::registered(&mut registry).watch("main", observable);
    move || Metrics::of(&registry).count(r#"database_units_of_work_long_total{database="main"}"#)
}

async fn it_is_warned_of_once_while_it_is_open_with_the_place_that_opened_it<W: World>(world: W) {
    let log = Log::at("info");
    let read = log.reader();
    let manager = manager(&world, LIMIT);
    let count = counted(&manager);
    let here = line!() + 1;
    let work = manager.atomic(|| async {
        tokio::time::timeout(Duration::from_secs(20), async {
            while !read().contains("open for too long") {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        })
        .await
        .expect("a warning while it is open");
        // Time enough for another one.
        tokio::time::sleep(LIMIT * 3).await;
        Ok::<_, DatabaseError>(())
    });
    tracing::Instrument::instrument(work, tracing::info_span!("request", request_id = "r-1"))
        .await
        .unwrap();

    let text = log.text();
    assert_eq!(text.matches("open for too long").count(), 1, "{text}");
    for part in [
        " WARN ",
        "adapters::unit_of_work",
        &format!("unit_of_work/long.rs:{here}"),
        "open_for=",
        r#"request{request_id="r-1"}"#,
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    assert_eq!(count(), 1);
}

async fn a_short_one_is_not_warned_of<W: World>(world: W) {
    let log = Log::at("info");
    let manager = manager(&world, LIMIT);
    let count = counted(&manager);
    for _ in 0..3 {
        manager
            .atomic(|| async { Ok::<_, DatabaseError>(()) })
            .await
            .unwrap();
    }
    tokio::time::sleep(LIMIT * 3).await;
    assert_eq!((log.text().as_str(), count()), ("", 0));
}

async fn nothing_is_warned_of_when_switched_off<W: World>(world: W) {
    let log = Log::at("info");
    let manager = manager(&world, Duration::ZERO);
    let count = counted(&manager);
    let work = manager.atomic(|| async {
        tokio::time::sleep(LIMIT * 3).await;
        Ok::<_, DatabaseError>(())
    });
    work.await.unwrap();
    assert_eq!((log.text().as_str(), count()), ("", 0));
}

#[tokio::test]
async fn a_thread_that_is_blocked_is_warned_of_too() {
    let world = OnPostgres::new().await;
    let mut config = world.config();
    config.session.long_unit_of_work = LIMIT;
    let (done, ended) = tokio::sync::oneshot::channel();
    let thread = std::thread::spawn(move || {
        let log = Log::at("info");
        let manager = PostgresSessionManager::new(config).unwrap();
        let count = counted(&manager);
        let here = line!() + 1;
        let work = manager.atomic(|| {
            std::thread::sleep(LIMIT * 4);
            Ok::<_, DatabaseError>((log.text(), count()))
        });
        drop(done.send((work, here)));
    });
    let (work, here) = ended.await.unwrap();
    thread.join().unwrap();

    let (text, count) = work.unwrap();
    assert!(text.contains("open for too long"), "{text}");
    assert!(
        text.contains(&format!("unit_of_work/long.rs:{here}")),
        "{text}"
    );
    assert_eq!(count, 1);
}
