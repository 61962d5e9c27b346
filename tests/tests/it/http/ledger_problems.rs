//! Every kind of problem there is, each brought about through HTTP.

use std::{any::Any, num::NonZeroU32, time::Duration};

use adapters::Database;
use app::{
    bootstrap,
    config::{Config, HttpConfig, RateLimit},
    http::ProblemKind,
    lifecycle::Phase,
};
use http::Method;
use sea_orm::sqlx::raw_sql;
use serde_json::json;
use tests::{Answer, SqliteFile, TestApp, TestDatabase};

use super::ledger_lost;

const NOBODY: &str = "01a20270-3325-7164-baf1-be95a42a1aa2";

#[tokio::test]
async fn every_problem_of_the_table_is_answered_on_postgres() {
    every_problem_is_answered(Ground::Postgres(TestDatabase::postgres().await)).await;
}

#[tokio::test]
async fn every_problem_of_the_table_is_answered_on_sqlite() {
    every_problem_is_answered(Ground::Sqlite(TestDatabase::sqlite().await)).await;
}

async fn every_problem_is_answered(ground: Ground) {
    let app = TestApp::on(&ground.url()).await;
    for kind in ProblemKind::ALL {
        let answer = match brought_about(*kind, &ground, &app).await {
            Ok(answer) => answer,
            Err(NotHere(reason)) => {
                assert!(!reason.is_empty());
                continue;
            }
        };
        let expected = (kind.status().as_u16(), kind.slug());
        assert_eq!(answer.problem(), expected, "{answer:?}");
        assert_eq!(answer.text("title"), kind.title());
    }
}

/// Why a kind of problem is not brought about here.
struct NotHere(&'static str);

/// A new kind does not compile until it is said here how a client comes to see it.
#[expect(clippy::too_many_lines, reason = "one arm for each row of the table")]
async fn brought_about(
    kind: ProblemKind,
    ground: &Ground,
    app: &TestApp,
) -> Result<Answer, NotHere> {
    Ok(match kind {
        ProblemKind::Malformed => app.post_text("/v1/accounts", "{").await,
        ProblemKind::UnknownParameter => app.get("/v1/accounts?colour=red").await,
        ProblemKind::Unauthenticated => {
            let guarded = TestApp::secured(&ground.url()).await;
            guarded.get("/v1/accounts").await
        }
        ProblemKind::InsufficientScope => {
            let guarded = TestApp::secured(&ground.url()).await;
            let reader = guarded.caller("Ada", &["ledger:read"]);
            reader.open_in("EUR", "Ada", 0).await
        }
        ProblemKind::AuthenticationUnavailable => {
            return Err(NotHere(
                "keys that can not be fetched need a server: ledger_tokens.rs",
            ));
        }
        ProblemKind::NotFound => app.get("/v2/accounts").await,
        ProblemKind::MethodNotAllowed => {
            let request = app.request(Method::PUT, "/v1/accounts");
            app.send(request).await
        }
        ProblemKind::Conflict => {
            let id = app.open("Conflict", 0).await;
            ground.execute(ground.ignored_updates()).await;
            let answer = app.change(&id, "freeze", None).await;
            ground.execute(ground.heeded_updates()).await;
            answer
        }
        ProblemKind::PreconditionRequired => {
            let id = app.open("Ada", 0).await;
            app.rename(&id, None, "Bob").await
        }
        ProblemKind::Stale => {
            let id = app.open("Ada", 0).await;
            app.rename(&id, Some("\"2\""), "Bob").await
        }
        ProblemKind::TooLarge => {
            let body = " ".repeat(HttpConfig::default().max_body_size + 1);
            app.post_text("/v1/accounts", &body).await
        }
        ProblemKind::SlowRequest => {
            return Err(NotHere(
                "a body that stops half way needs a socket: slow_body.rs",
            ));
        }
        ProblemKind::UnsupportedMediaType => {
            let mut request = app.request(Method::POST, "/v1/accounts");
            request.body_mut().push_str("{}");
            app.send(request).await
        }
        ProblemKind::InvalidValue => app.post("/v1/accounts", json!({})).await,
        ProblemKind::Internal => {
            let id = app.open("Corrupt", 0).await;
            ground.execute(ground.corruption()).await;
            app.get(&format!("/v1/accounts/{id}")).await
        }
        ProblemKind::Overloaded => overloaded(ground).await,
        ProblemKind::RateLimited => {
            let config = HttpConfig {
                rate_limit: Some(RateLimit {
                    per_second: NonZeroU32::MIN,
                    burst: NonZeroU32::MIN,
                }),
                ..HttpConfig::default()
            };
            let strict = TestApp::with(&ground.url(), &config).await;
            strict.get("/v1/nowhere").await;
            strict.get("/v1/nowhere").await
        }
        ProblemKind::Stopping => {
            let database = Database::from_url(&ground.url()).unwrap();
            let service = bootstrap::service(&database, &Config::default()).unwrap();
            service.api.lifecycle.enter(Phase::Stopping);
            let ending = TestApp::of(service, &HttpConfig::default()).await;
            ending.get("/readyz").await
        }
        ProblemKind::RequestTimeout => {
            let config = HttpConfig {
                request_timeout: Duration::from_millis(200),
                ..HttpConfig::default()
            };
            let impatient = TestApp::with(&ground.url(), &config).await;
            let lock = ground.lock().await;
            let answer = impatient.open_in("EUR", "Late", 0).await;
            drop(lock);
            answer
        }
        ProblemKind::DatabaseUnavailable => {
            let lost = TestApp::on(ground.nowhere()).await;
            lost.get("/v1/accounts").await
        }
        ProblemKind::OutcomeUnknown => match ground {
            Ground::Postgres(_) => ledger_lost::during_the_commit().await,
            Ground::Sqlite(_) => {
                return Err(NotHere("a COMMIT in the same process loses no answer"));
            }
        },
        ProblemKind::UnknownAccount => app.get(&format!("/v1/accounts/{NOBODY}")).await,
        ProblemKind::UnknownTransfer => app.get(&format!("/v1/transfers/{NOBODY}")).await,
        ProblemKind::AccountState => {
            let id = app.open("Ada", 0).await;
            app.change(&id, "unfreeze", None).await
        }
        ProblemKind::BalanceNotZero => {
            let id = app.open("Ada", 1).await;
            app.close(&id, None).await
        }
        ProblemKind::InsufficientFunds => {
            let (from, to) = (app.open("Ada", 1).await, app.open("Bob", 0).await);
            app.transfer(&from, &to, 2).await
        }
        ProblemKind::BalanceOverflow => {
            let (from, to) = (app.open("Ada", 1).await, app.open("Bob", i64::MAX).await);
            app.transfer(&from, &to, 1).await
        }
        ProblemKind::IdempotencyKeyReused => {
            let (from, to) = (app.open("Ada", 9).await, app.open("Bob", 0).await);
            app.transfer_once("the-same", &from, &to, 1).await;
            app.transfer_once("the-same", &from, &to, 2).await
        }
    })
}

/// One request waits for a lock in the only place that there is.
async fn overloaded(ground: &Ground) -> Answer {
    let config = HttpConfig {
        max_in_flight: 1,
        queue_timeout: Duration::ZERO,
        ..HttpConfig::default()
    };
    let app = TestApp::with(&ground.url(), &config).await;
    let lock = ground.lock().await;
    let other = async {
        loop {
            let answer = app.get("/v1/nowhere").await;
            if answer.status == 503 {
                break answer;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::select! {
        biased;
        answer = other => { drop(lock); answer }
        early = app.open_in("EUR", "Waiting", 0) => panic!("it did not wait: {early:?}"),
    }
}

enum Ground {
    Postgres(TestDatabase),
    Sqlite(SqliteFile),
}

impl Ground {
    fn url(&self) -> String {
        match self {
            Self::Postgres(database) => database.url(),
            Self::Sqlite(file) => file.url(),
        }
    }

    /// A database of this kind that is not there.
    const fn nowhere(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "postgres://nobody@127.0.0.1:1/nothing",
            Self::Sqlite(_) => "sqlite:///nowhere/to/be/found.sqlite?mode=rw",
        }
    }

    async fn execute(&self, sql: &str) {
        match self {
            Self::Postgres(database) => database.execute(sql).await,
            Self::Sqlite(file) => file.execute(sql).await,
        }
    }

    /// No account can be stored while this value is there.
    async fn lock(&self) -> Box<dyn Any> {
        match self {
            Self::Postgres(database) => {
                let mut session = database.connect().await;
                let sql = "BEGIN; LOCK TABLE accounts IN ACCESS EXCLUSIVE MODE";
                raw_sql(sql).execute(&mut session).await.unwrap();
                Box::new(session)
            }
            Self::Sqlite(file) => {
                let mut session = file.connect().await;
                raw_sql("BEGIN IMMEDIATE")
                    .execute(&mut session)
                    .await
                    .unwrap();
                Box::new(session)
            }
        }
    }

    /// From now on updates change nothing, as if somebody else had been quicker each time.
    const fn ignored_updates(&self) -> &'static str {
        match self {
            Self::Postgres(_) => {
                "CREATE FUNCTION ignore() RETURNS trigger LANGUAGE plpgsql
                    AS $$ BEGIN RETURN NULL; END $$;
                CREATE TRIGGER ignored BEFORE UPDATE ON accounts
                    FOR EACH ROW EXECUTE FUNCTION ignore()"
            }
            Self::Sqlite(_) => {
                "CREATE TRIGGER ignored BEFORE UPDATE ON accounts
                    BEGIN SELECT RAISE(IGNORE); END"
            }
        }
    }

    const fn heeded_updates(&self) -> &'static str {
        match self {
            Self::Postgres(_) => "DROP TRIGGER ignored ON accounts",
            Self::Sqlite(_) => "DROP TRIGGER ignored",
        }
    }

    /// An account that no rule allows.
    const fn corruption(&self) -> &'static str {
        match self {
            Self::Postgres(_) => {
                "ALTER TABLE accounts DROP CONSTRAINT accounts_status_known;
                UPDATE accounts SET status = 'gone' WHERE owner = 'Corrupt'"
            }
            Self::Sqlite(_) => {
                "PRAGMA ignore_check_constraints = ON;
                UPDATE accounts SET status = 'gone' WHERE owner = 'Corrupt'"
            }
        }
    }
}
