use std::{sync::Arc, time::Duration};

use adapters::memory::{
    FixedClock, KeyTable, MemoryIdempotencyKeys, MemoryStore, MemoryUnitOfWork, SequentialIds,
};
use app::services::{IdempotencyError, IdempotencyService, Once};
use chrono::TimeDelta;
use ports::{Atomic as _, IdempotencyKey};

#[tokio::test]
async fn what_has_expired_is_removed_however_much_it_is() {
    let store = MemoryStore::<KeyTable>::default();
    let clock = Arc::new(FixedClock::default());
    let keys = Arc::new(MemoryIdempotencyKeys::new(store.clone()));
    let service = IdempotencyService::new(keys, clock.clone(), Duration::from_secs(10));
    let unit_of_work = MemoryUnitOfWork::new(store);
    let claim = async |number: u128| {
        let once = Once {
            caller: String::new(),
            key: IdempotencyKey::new(number.to_string()).unwrap(),
        };
        let id = SequentialIds::nth(1);
        let claimed: Result<_, IdempotencyError> = unit_of_work
            .atomic(|| service.claim(&once, "a request", id))
            .await;
        claimed.unwrap()
    };
    for number in 0..1100 {
        assert_eq!(claim(number).await, None);
    }
    clock.advance(TimeDelta::seconds(9));
    assert_eq!(claim(2000).await, None);
    assert_eq!(service.remove_expired().await.unwrap(), 0);
    assert!(claim(0).await.is_some());

    clock.advance(TimeDelta::seconds(1));

    assert_eq!(service.remove_expired().await.unwrap(), 1100);
    assert!(claim(2000).await.is_some());
    assert_eq!(claim(0).await, None);
}
