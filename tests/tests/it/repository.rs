//! The generic adapter: every test body runs on PostgreSQL and on SQLite.

/// Makes a test of each body for each backend. A body takes a [`store::Store`] with nothing
/// in it.
macro_rules! on_every_backend {
    ($($body:ident),+ $(,)?) => {
        mod postgres {
            $(#[tokio::test]
            async fn $body() {
                super::$body(crate::repository::store::Store::postgres().await).await;
            })+
        }
        mod sqlite {
            $(#[tokio::test]
            async fn $body() {
                super::$body(crate::repository::store::Store::sqlite()).await;
            })+
        }
    };
}

mod archive;
mod audit;
mod blocking;
mod bulk;
mod clock;
mod combination;
mod composite;
mod cursor;
mod filter;
mod hook;
mod misfit;
mod nested;
mod page;
mod pattern;
mod plan;
mod row;
pub(crate) mod sample;
mod soft_delete;
mod store;
mod timestamp;
mod version;
mod walk;
mod weight;
