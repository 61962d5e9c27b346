//! What one would write without this skeleton: axum's handlers on sqlx's pool, with the same
//! SQL and the same bodies, and none of the checks.

use std::net::SocketAddr;

use adapters::{SystemClock, UuidV7};
use axum::{
    Json, Router,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use ports::{Clock as _, Ids as _};
use sea_orm::sqlx::{
    Error, FromRow, PgPool, Row as _,
    postgres::{PgPoolOptions, PgRow},
    query_as, raw_sql,
};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::{OVERFLOW, POOL_SIZE};
use crate::contender::sqlx::options;

// What the service sends, to the letter.
const FIND: &str = r#"SELECT "accounts"."id", "accounts"."owner", "accounts"."currency", "accounts"."balance", "accounts"."status", "accounts"."version", "accounts"."created_at", "accounts"."updated_at", "accounts"."deleted_at", "accounts"."created_by", "accounts"."updated_by" FROM "accounts" WHERE "accounts"."id" = $1"#;
const LOCK: &str = r#"SELECT "accounts"."id", "accounts"."owner", "accounts"."currency", "accounts"."balance", "accounts"."status", "accounts"."version", "accounts"."created_at", "accounts"."updated_at", "accounts"."deleted_at", "accounts"."created_by", "accounts"."updated_by" FROM "accounts" WHERE "accounts"."id" = ANY($1) ORDER BY "accounts"."id" ASC FOR NO KEY UPDATE"#;
const LIST: &str = r#"SELECT "accounts"."id", "accounts"."owner", "accounts"."currency", "accounts"."balance", "accounts"."status", "accounts"."version", "accounts"."created_at", "accounts"."updated_at", "accounts"."deleted_at", "accounts"."created_by", "accounts"."updated_by" FROM "accounts" WHERE "accounts"."deleted_at" IS NULL ORDER BY "accounts"."created_at" DESC, "accounts"."id" DESC LIMIT 21"#;
const OPEN: &str = r#"INSERT INTO "accounts" ("id", "owner", "currency", "balance", "status", "version", "created_at", "updated_at") VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING "id", "owner", "currency", "balance", "status", "version", "created_at", "updated_at", "deleted_at", "created_by", "updated_by""#;
const SAVE: &str = r#"UPDATE "accounts" SET "owner" = $1, "balance" = $2, "status" = $3, "updated_at" = $4, "version" = "version" + (1) WHERE "accounts"."id" = $5 AND "accounts"."version" = $6 RETURNING "id", "owner", "currency", "balance", "status", "version", "created_at", "updated_at", "deleted_at", "created_by", "updated_by""#;
const ADD: &str = r#"INSERT INTO "transfers" ("id", "from_account_id", "to_account_id", "amount", "currency", "created_at", "created_by") VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING "id", "from_account_id", "to_account_id", "amount", "currency", "created_at", "created_by""#;

#[derive(Serialize)]
struct Account {
    id: Uuid,
    owner: String,
    currency: String,
    balance: i64,
    status: String,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
    #[serde(skip)]
    _hidden: Hidden,
}

/// What is read, and not shown.
type Hidden = (Option<DateTime<Utc>>, Option<String>, Option<String>);

/// By position: the least that decoding can cost.
impl FromRow<'_, PgRow> for Account {
    fn from_row(row: &PgRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.try_get(0)?,
            owner: row.try_get(1)?,
            currency: row.try_get(2)?,
            balance: row.try_get(3)?,
            status: row.try_get(4)?,
            version: row.try_get(5)?,
            created_at: row.try_get(6)?,
            updated_at: row.try_get(7)?,
            _hidden: (row.try_get(8)?, row.try_get(9)?, row.try_get(10)?),
        })
    }
}

/// A transfer, as it is stored.
type Added = (Uuid, Uuid, Uuid, i64, String, DateTime<Utc>, Option<String>);

#[derive(Serialize)]
struct Page {
    items: Vec<Account>,
    next_cursor: Option<String>,
}

#[derive(Deserialize)]
struct Open {
    owner: String,
    currency: String,
    opening_balance: i64,
}

#[derive(Deserialize, Serialize, Clone)]
struct Order {
    from: Uuid,
    to: Uuid,
    amount: i64,
    currency: String,
}

#[derive(Serialize)]
struct Transfer {
    id: Uuid,
    #[serde(flatten)]
    order: Order,
    created_at: DateTime<Utc>,
}

struct Failed(Error);

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        (StatusCode::INTERNAL_SERVER_ERROR, self.0.to_string()).into_response()
    }
}

/// Serves for as long as the runtime lives.
pub(crate) async fn serve(url: &str, addr: SocketAddr) -> SocketAddr {
    let connections = u32::try_from(POOL_SIZE).unwrap();
    let pool = PgPoolOptions::new().max_connections(connections + OVERFLOW);
    let router = Router::new()
        .route("/v1/accounts", get(list).post(open))
        .route("/v1/accounts/{id}", get(find))
        .route("/v1/transfers", post(transfer))
        .route("/readyz", get(ready))
        .with_state(pool.connect_with(options(url)).await.unwrap());
    let listener = TcpListener::bind(addr).await.unwrap();
    let addr = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    addr
}

async fn ready(State(pool): State<PgPool>) -> Result<(), Failed> {
    raw_sql("SELECT 1").execute(&pool).await?;
    Ok(())
}

async fn find(State(pool): State<PgPool>, Path(id): Path<Uuid>) -> Result<Response, Failed> {
    let found: Option<Account> = query_as(FIND).bind(id).fetch_optional(&pool).await?;
    Ok(match found {
        Some(account) => Json(account).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    })
}

async fn list(State(pool): State<PgPool>) -> Result<Json<Page>, Failed> {
    let mut items: Vec<Account> = query_as(LIST).fetch_all(&pool).await?;
    let next_cursor = (items.len() > 20).then(|| items.pop()).flatten();
    Ok(Json(Page {
        items,
        next_cursor: next_cursor.map(|account| account.id.to_string()),
    }))
}

async fn open(State(pool): State<PgPool>, Json(new): Json<Open>) -> Result<Response, Failed> {
    let now = SystemClock.now();
    let mut transaction = pool.begin().await?;
    let account: Account = query_as(OPEN)
        .bind(UuidV7.next())
        .bind(new.owner)
        .bind(new.currency)
        .bind(new.opening_balance)
        .bind("active")
        .bind(1_i64)
        .bind(now)
        .bind(now)
        .fetch_one(&mut *transaction)
        .await?;
    transaction.commit().await?;
    Ok((StatusCode::CREATED, Json(account)).into_response())
}

async fn transfer(
    State(pool): State<PgPool>,
    Json(order): Json<Order>,
) -> Result<Response, Failed> {
    let mut transaction = pool.begin().await?;
    let both: Vec<Account> = query_as(LOCK)
        .bind([order.from, order.to])
        .fetch_all(&mut *transaction)
        .await?;
    let now = SystemClock.now();
    for account in both {
        let change = if account.id == order.from {
            -order.amount
        } else {
            order.amount
        };
        let _: Account = query_as(SAVE)
            .bind(account.owner)
            .bind(account.balance + change)
            .bind(account.status)
            .bind(now)
            .bind(account.id)
            .bind(account.version)
            .fetch_one(&mut *transaction)
            .await?;
    }
    let id = UuidV7.next();
    let _: Added = query_as(ADD)
        .bind(id)
        .bind(order.from)
        .bind(order.to)
        .bind(order.amount)
        .bind(&order.currency)
        .bind(now)
        .bind(None::<String>)
        .fetch_one(&mut *transaction)
        .await?;
    transaction.commit().await?;
    let transfer = Transfer {
        id,
        order,
        created_at: now,
    };
    Ok((StatusCode::CREATED, Json(transfer)).into_response())
}
