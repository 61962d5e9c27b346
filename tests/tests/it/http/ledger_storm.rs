//! Many clients, some of whom hang up in the middle, on a database whose connections break.
//!
//! What is random comes from a seed, which is printed; `STORM_SEED=.. cargo test storm` begins
//! with the same one. What the clients do is the same then, the order in which it happens is not.

mod truth;

use std::{
    env,
    sync::Arc,
    time::{Duration, Instant},
};

use app::config::HttpConfig;
use fastrand::Rng;
use serde_json::json;
use tests::{Answer, TestApp, TestDatabase};
use tokio::{io::AsyncWriteExt, net::TcpStream, time::sleep};
use truth::{
    each_accepted_one_is_stored_once, each_key_was_used_once, is_whole, money_is_what_it_was,
};

const CLIENTS: u64 = 64;
const ACCOUNTS: usize = 12;
const EACH: i64 = 10_000;
const DURATION: Duration = Duration::from_secs(8);

/// What a client knows afterwards.
#[derive(Default)]
struct Known {
    /// The ids of transfers that were accepted.
    accepted: Vec<String>,
    /// How many may have been carried out, or not.
    unclear: i64,
    /// How many were not.
    refused: i64,
    /// How often the answer of before was given once more.
    replayed: i64,
}

#[expect(
    clippy::print_stdout,
    reason = "who looks for a failure needs the seed"
)]
#[tokio::test(flavor = "multi_thread")]
async fn no_storm_makes_or_loses_money() {
    let given = env::var("STORM_SEED")
        .ok()
        .map(|seed| seed.parse().unwrap());
    let seed: u64 = given.unwrap_or_else(|| fastrand::u64(..));
    println!("STORM_SEED={seed}");
    let database = TestDatabase::postgres().await;
    let app = Arc::new(TestApp::with(&database.url(), &HttpConfig::default()).await);
    let mut accounts = Vec::new();
    for number in 0..ACCOUNTS {
        accounts.push(app.open(&format!("Client {number}"), EACH).await);
    }
    let accounts = Arc::new(accounts);

    let until = Instant::now() + DURATION;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let rng = Rng::with_seed(seed.wrapping_add(number));
            tokio::spawn(client(app.clone(), accounts.clone(), rng, until))
        })
        .collect();
    let lost = break_connections(&database, until).await;
    let mut all = Known::default();
    for client in clients {
        let known = client.await.unwrap();
        all.accepted.extend(known.accepted);
        all.unclear += known.unclear;
        all.refused += known.refused;
        all.replayed += known.replayed;
    }
    let accepted = all.accepted.len();
    let Known {
        unclear,
        refused,
        replayed,
        ..
    } = all;
    println!(
        "{accepted} accepted, {replayed} replayed, {unclear} unclear, {refused} refused, {lost} lost"
    );
    let is_storm = accepted > 20 && replayed > 5 && unclear > 5 && lost > 5;
    assert!(is_storm, "hardly a storm");

    is_whole(&app, &database).await;
    money_is_what_it_was(&database).await;
    each_accepted_one_is_stored_once(&database, &all).await;
    each_key_was_used_once(&database).await;
}

async fn client(
    app: Arc<TestApp>,
    accounts: Arc<Vec<String>>,
    mut rng: Rng,
    until: Instant,
) -> Known {
    let mut known = Known::default();
    let name = rng.u64(..);
    for number in 0_u64.. {
        if Instant::now() >= until {
            break;
        }
        let (from, to) = (rng.usize(..ACCOUNTS), rng.usize(..ACCOUNTS));
        if from == to {
            continue;
        }
        let kind = rng.u8(..8);
        let is_keyed = matches!(kind, 1..=3);
        let order = Order {
            key: format!("storm-{name:x}-{number}"),
            from: &accounts[from],
            to: &accounts[to],
            // What is moved under a key can be told afterwards: its amount is odd.
            amount: rng.i64(1..=EACH / 8) * 2 - i64::from(is_keyed),
        };
        match kind {
            0 => {
                hang_up(&app, &order, false, &mut rng).await;
                known.unclear += 1;
            }
            _ if is_keyed => pay_once(&app, &order, &mut rng, &mut known).await,
            _ => known.learn(&app.transfer(order.from, order.to, order.amount).await),
        }
    }
    known
}

/// A transfer that a client wants.
struct Order<'a> {
    key: String,
    from: &'a str,
    to: &'a str,
    amount: i64,
}

/// Sends an order under its key until it is known what became of it, however often that is; and
/// some of them once more, which makes no difference.
async fn pay_once(app: &TestApp, order: &Order<'_>, rng: &mut Rng, known: &mut Known) {
    let send = || app.transfer_once(&order.key, order.from, order.to, order.amount);
    let is_cut = rng.bool();
    if is_cut {
        hang_up(app, order, true, rng).await;
    }
    for _ in 0..100 {
        let answer = send().await;
        if answer.status == 503 {
            sleep(Duration::from_millis(rng.u64(10..100))).await;
            continue;
        }
        known.learn(&answer);
        if answer.status != 201 {
            // What was cut off before may still be under way.
            known.unclear += i64::from(is_cut);
            return;
        }
        if rng.bool() {
            let (one, other) = tokio::join!(send(), send());
            for again in [one, other].iter().filter(|again| again.status != 503) {
                assert_eq!((again.status, &again.body), (201, &answer.body));
                assert_eq!(again.header("idempotency-replayed"), "true");
                known.replayed += 1;
            }
        }
        return;
    }
    known.unclear += 1;
}

impl Known {
    fn learn(&mut self, answer: &Answer) {
        if answer.status == 201 {
            self.accepted.push(answer.text("id").to_owned());
            return;
        }
        match answer.problem() {
            (503, "outcome-unknown" | "request-timeout") => self.unclear += 1,
            (409, "insufficient-funds") | (503, "database-unavailable" | "overloaded") => {
                self.refused += 1;
            }
            other => panic!("{other:?}: {answer:?}"),
        }
    }
}

/// Sends an order, or a part of it, and is gone before the answer is.
async fn hang_up(app: &TestApp, order: &Order<'_>, is_keyed: bool, rng: &mut Rng) {
    let Order {
        key,
        from,
        to,
        amount,
    } = order;
    let body = json!({"from": from, "to": to, "amount": amount, "currency": "EUR"}).to_string();
    let key = if is_keyed {
        format!("Idempotency-Key: {key}\r\n")
    } else {
        String::new()
    };
    let request = format!(
        "POST /v1/transfers HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n\
         {key}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let sent = if rng.u8(..4) == 0 {
        rng.usize(..request.len())
    } else {
        request.len()
    };
    let mut stream = TcpStream::connect(app.addr()).await.unwrap();
    stream.write_all(&request.as_bytes()[..sent]).await.unwrap();
    sleep(Duration::from_micros(rng.u64(..20_000))).await;
}

/// Ends a few sessions of the service every now and then, whatever they are doing.
async fn break_connections(database: &TestDatabase, until: Instant) -> i64 {
    let mut lost = 0;
    while Instant::now() < until {
        sleep(Duration::from_millis(250)).await;
        lost += database
            .scalar::<i64>(
                "SELECT count(pg_terminate_backend(pid)) FROM (SELECT pid FROM pg_stat_activity \
                 WHERE datname = current_database() AND application_name = 'hexacoral' \
                 ORDER BY random() LIMIT 4) AS unlucky",
            )
            .await;
    }
    lost
}
