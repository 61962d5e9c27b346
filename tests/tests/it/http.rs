//! The HTTP API, through real HTTP, on both backends.

/// Runs each of these tests on PostgreSQL and on SQLite.
macro_rules! on_both {
    ($($test:ident),* $(,)?) => {
        mod postgres {
            $(#[tokio::test] async fn $test() {
                super::$test(tests::TestApp::postgres().await).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test] async fn $test() {
                super::$test(tests::TestApp::sqlite().await).await;
            })*
        }
    };
}

// sample: begin
/// The same, where the service asks for tokens.
macro_rules! secured_on_both {
    ($($test:ident),* $(,)?) => {
        mod postgres {
            $(#[tokio::test] async fn $test() {
                super::$test(tests::TestApp::secured_postgres().await).await;
            })*
        }
        mod sqlite {
            $(#[tokio::test] async fn $test() {
                super::$test(tests::TestApp::secured_sqlite().await).await;
            })*
        }
    };
}

mod accounts;
mod accounts_life;
mod accounts_list;
mod accounts_races;
mod ledger_caching;
mod ledger_failures;
mod ledger_lost;
mod ledger_metrics;
mod ledger_overload;
mod ledger_problems;
mod ledger_storm;
mod ledger_tenants;
mod ledger_tokens;
mod transfers;
mod transfers_cut;
mod transfers_once;
// sample: end
mod compression;
mod cors;
mod document;
mod headers;
mod health;
mod methods;
mod metrics;
mod panic;
mod rate;
mod slow_body;
mod trace;
