//! Transfers under a key whose connection to the database breaks: whatever was answered, the
//! same request once more tells, and money moves once.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use tests::{Answer, TestApp, TestDatabase};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};
use url::Url;

/// Makes the first INSERT take as long as nobody ends it.
const SLOW_INSERT: &str = "
    CREATE SEQUENCE dawdled;
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('dawdled') = 1 THEN PERFORM pg_sleep(60); END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER slow BEFORE INSERT ON transfers FOR EACH ROW EXECUTE FUNCTION dawdle()";

/// The same with COMMIT.
const SLOW_COMMIT: &str = "
    CREATE SEQUENCE dawdled;
    CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('dawdled') = 1 THEN PERFORM pg_sleep(60); END IF;
        RETURN NULL;
    END $$;
    CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON transfers
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()";

#[tokio::test]
async fn between_claim_and_commit_nothing_is_stored_and_the_key_is_free() {
    let (cut, again) = cut_while(SLOW_INSERT).await;
    assert_eq!(cut.problem(), (503, "database-unavailable"));
    assert!(!again.headers.contains_key("idempotency-replayed"));
}

#[tokio::test]
async fn during_the_commit_the_client_is_told_to_send_the_key_again() {
    let (cut, again) = cut_while(SLOW_COMMIT).await;
    check_unknown(&cut);
    assert!(!again.headers.contains_key("idempotency-replayed"));
}

/// What is answered when the connection is ended while this is slow, and to the same request
/// thereafter.
async fn cut_while(slow: &str) -> (Answer, Answer) {
    let database = TestDatabase::postgres().await;
    database.execute(slow).await;
    let app = TestApp::on(&database.url()).await;
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);
    let end = async {
        until_active(&database).await;
        database.terminate_backends("%").await;
    };
    let (cut, ()) = tokio::join!(app.transfer_once("key", &ada, &bob, 120), end);
    let again = app.transfer_once("key", &ada, &bob, 120).await;
    check_moved_once(&app, &again, &ada, &bob).await;
    (cut, again)
}

#[tokio::test]
async fn after_the_commit_the_same_key_finds_what_was_done() {
    let database = TestDatabase::postgres().await;
    let wire = Wire::to(&database.url()).await;
    let app = TestApp::on(&wire.url).await;
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);

    wire.cut_after_commit.store(true, SeqCst);
    let cut = app.transfer_once("key", &ada, &bob, 120).await;
    check_unknown(&cut);

    let again = app.transfer_once("key", &ada, &bob, 120).await;
    assert_eq!(again.header("idempotency-replayed"), "true");
    check_moved_once(&app, &again, &ada, &bob).await;
}

#[tokio::test]
async fn a_client_that_hangs_up_in_the_middle_sends_again_and_pays_once() {
    let database = TestDatabase::postgres().await;
    database.execute(SLOW_INSERT).await;
    let app = TestApp::on(&database.url()).await;
    let (ada, bob) = (app.open("Ada", 500).await, app.open("Bob", 0).await);
    let body = format!(r#"{{"from":"{ada}","to":"{bob}","amount":120,"currency":"EUR"}}"#);
    let request = format!(
        "POST /v1/transfers HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
         Idempotency-Key: key\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(app.addr()).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    until_active(&database).await;
    drop(stream);

    let again = app.transfer_once("key", &ada, &bob, 120).await;

    assert!(!again.headers.contains_key("idempotency-replayed"));
    check_moved_once(&app, &again, &ada, &bob).await;
}

/// Waits until a statement is slow.
async fn until_active(database: &TestDatabase) {
    let is_slow = async || {
        let count = "SELECT count(*) FROM pg_stat_activity \
                     WHERE wait_event = 'PgSleep' AND datname = current_database()";
        database.scalar::<i64>(count).await > 0
    };
    while !is_slow().await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

fn check_unknown(cut: &Answer) {
    assert_eq!(cut.problem(), (503, "outcome-unknown"));
    assert_eq!(cut.header("retry-after"), "1");
    let detail = cut.text("detail");
    assert!(detail.contains("same Idempotency-Key"), "{detail}");
}

async fn check_moved_once(app: &TestApp, answer: &Answer, ada: &str, bob: &str) {
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!((app.balance(ada).await, app.balance(bob).await), (380, 120));
    assert_eq!(app.transfers_of(ada).await, 1);
    let found = app.get(answer.header("location")).await;
    assert_eq!(found.body, answer.body);
}

/// A wire to the server that can be cut between a COMMIT and its answer.
struct Wire {
    url: String,
    cut_after_commit: Arc<AtomicBool>,
}

impl Wire {
    async fn to(url: &str) -> Self {
        let mut url = Url::parse(url).unwrap();
        let server = ("127.0.0.1", url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        url.set_port(Some(port)).unwrap();
        let cut_after_commit = Arc::<AtomicBool>::default();
        let cut = Arc::clone(&cut_after_commit);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(server).await.unwrap();
                tokio::spawn(relay(client, server, Arc::clone(&cut)));
            }
        });
        Self {
            url: url.into(),
            cut_after_commit,
        }
    }
}

/// Both ends are closed when this returns.
async fn relay(mut client: TcpStream, mut server: TcpStream, cut: Arc<AtomicBool>) {
    let (mut request, mut answer) = (vec![0; 65536], vec![0; 65536]);
    loop {
        tokio::select! {
            Ok(length) = client.read(&mut request) => {
                let bytes = request.get(..length).unwrap_or_default();
                if bytes.is_empty() || server.write_all(bytes).await.is_err() {
                    return;
                }
                let commits = bytes.windows(6).any(|word| word == b"COMMIT");
                if commits && cut.swap(false, SeqCst) {
                    let _ = server.read(&mut answer).await;
                    return;
                }
            }
            Ok(length) = server.read(&mut answer) => {
                let bytes = answer.get(..length).unwrap_or_default();
                if bytes.is_empty() || client.write_all(bytes).await.is_err() {
                    return;
                }
            }
            else => return,
        }
    }
}
