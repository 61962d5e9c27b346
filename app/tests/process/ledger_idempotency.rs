use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    time::{Duration, Instant},
};

use adapters::Database;
use sea_orm::{ConnectionTrait as _, Statement};

use super::place::{Place, Service};

fn post(service: &Service, path: &str, key: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(&service.addr).unwrap();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\
         Content-Type: application/json\r\nIdempotency-Key: {key}\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    answer
}

fn open(service: &Service, owner: &str) -> String {
    let body = format!(r#"{{"owner":"{owner}","currency":"EUR","opening_balance":9}}"#);
    let answer = post(service, "/v1/accounts", "-", &body);
    let (_, rest) = answer.split_once(r#""id":""#).unwrap();
    rest.chars().take(36).collect()
}

/// How many keys the service in this place remembers, expired or not.
fn keys(place: &Place) -> i64 {
    let file = place.path().join("data/hexacoral.db");
    let url = format!("sqlite://{}", file.display());
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    runtime.unwrap().block_on(async {
        let database = Database::from_url(&url).unwrap().connection().unwrap();
        let count = Statement::from_string(
            database.get_database_backend(),
            "SELECT count(*) FROM idempotency_keys",
        );
        let row = database.query_one_raw(count).await.unwrap().unwrap();
        let count = row.try_get_by_index(0).unwrap();
        database.close().await.unwrap();
        count
    })
}

#[test]
fn a_key_is_remembered_for_its_time_and_then_removed() {
    let place = Place::new();
    let service = place.serve(&[
        ("IDEMPOTENCY_KEY_TTL", "2s"),
        ("IDEMPOTENCY_PURGE_INTERVAL", "100ms"),
    ]);
    let (ada, bob) = (open(&service, "Ada"), open(&service, "Bob"));
    let body = format!(r#"{{"from":"{ada}","to":"{bob}","amount":1,"currency":"EUR"}}"#);
    post(&service, "/v1/transfers", "key", &body);
    assert_eq!(keys(&place), 1);

    let deadline = Instant::now() + Duration::from_secs(30);
    while keys(&place) > 0 {
        assert!(Instant::now() < deadline, "the key was not removed");
        std::thread::sleep(Duration::from_millis(50));
    }
    let again = post(&service, "/v1/transfers", "key", &body);
    assert!(!again.contains("idempotency-replayed"), "{again}");
}

#[test]
fn a_key_outlives_a_restart_and_is_not_removed_before_its_time() {
    let place = Place::new();
    let often = [("IDEMPOTENCY_PURGE_INTERVAL", "10ms")];
    let service = place.serve(&often);
    let (ada, bob) = (open(&service, "Ada"), open(&service, "Bob"));
    let body = format!(r#"{{"from":"{ada}","to":"{bob}","amount":1,"currency":"EUR"}}"#);
    post(&service, "/v1/transfers", "key", &body);
    drop(service);

    let service = place.serve(&often);
    std::thread::sleep(Duration::from_millis(200));
    let again = post(&service, "/v1/transfers", "key", &body);
    assert!(again.contains("idempotency-replayed: true"), "{again}");
}
