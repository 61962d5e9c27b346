//! `/v1/transfers`, and the transfers of an account.

use std::sync::Arc;

use axum::{
    extract::{FromRef, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{AccountId, Currency, Money, Transfer, TransferError, TransferId};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Shared, etag,
    extract::{Json, Path},
    idempotency::{IDEMPOTENCY_REPLAYED, Keyed},
    ledger_schemas::CurrencyCode,
    members::{FromMembers, Members},
    openapi::{IdempotencyKeyParameter, IfNoneMatch, Problems, named::EntityTag},
    page::{self, BY_KEY, KeyedPage, KeyedQuery, List},
    parameters::{NoParameters, Parameters},
    problem::{Problem, ProblemKind, kind},
    timestamp,
};
use crate::services::{Made, Reach, TransferOrder, TransferService};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(transfer))
        .routes(routes!(find))
        .routes(routes!(list_by_account))
}

impl FromRef<Shared> for Arc<TransferService> {
    fn from_ref(api: &Shared) -> Self {
        api.services.transfers.clone()
    }
}

/// What money is moved by.
#[derive(ToSchema)]
struct OrderTransfer {
    from: Uuid,
    /// Another account than `from`.
    to: Uuid,
    /// In minor units: 2500 is 25.00 EUR.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    amount: i64,
    /// That of both accounts.
    #[schema(value_type = CurrencyCode)]
    currency: Currency,
}

/// Money that has moved.
#[derive(Serialize, ToSchema)]
#[schema(as = Transfer, example = json!({
    "id": "019a0000-0000-7000-8000-000000000003",
    "from": "019a0000-0000-7000-8000-000000000001",
    "to": "019a0000-0000-7000-8000-000000000002",
    "amount": 2500,
    "currency": "EUR",
    "created_at": "2026-01-01T12:00:00Z",
}))]
struct TransferBody {
    id: Uuid,
    from: Uuid,
    to: Uuid,
    /// In minor units: 2500 is 25.00 EUR.
    #[schema(minimum = 1)]
    amount: i64,
    #[schema(value_type = CurrencyCode)]
    currency: &'static str,
    #[serde(serialize_with = "timestamp::serialize")]
    created_at: DateTime<Utc>,
}

/// Move money
#[utoipa::path(
    post,
    path = "/v1/transfers",
    operation_id = "transfer",
    tag = "transfers",
    params(IdempotencyKeyParameter),
    request_body(content = OrderTransfer, example = json!({
        "from": "019a0000-0000-7000-8000-000000000001",
        "to": "019a0000-0000-7000-8000-000000000002",
        "amount": 2500,
        "currency": "EUR",
    })),
    responses(
        (
            status = CREATED,
            description = "The transfer",
            body = TransferBody,
            headers(
                ("Location" = String, description = "Where the transfer is."),
                (
                    "Idempotency-Replayed" = String,
                    description = "`true` when it was made by an earlier request with this key."
                ),
            ),
            links(("findTransfer" = (
                operation_id = "findTransfer",
                parameters(("id" = "$response.body#/id"))
            )))
        ),
        Problems<(
            kind::UnknownAccount,
            kind::AccountState,
            kind::InsufficientFunds,
            kind::BalanceOverflow,
            kind::IdempotencyKeyReused,
        )>,
    )
)]
async fn transfer(
    State(transfers): State<Arc<TransferService>>,
    reach: Reach,
    Keyed(once): Keyed,
    Json(body): Json<OrderTransfer>,
) -> Result<Response, Problem> {
    let order = body.into();
    let made = match once {
        None => Made::now(transfers.transfer(&reach, order).await?),
        Some(once) => {
            let made = transfers.transfer_once(&reach, order, &once).await;
            made.map_err(|error| Problem::from(error).under_a_key())?
        }
    };
    Ok(created(made))
}

/// The same answer each time, but for the header that tells.
fn created(Made { value, replayed }: Made<Transfer>) -> Response {
    let location = format!("/v1/transfers/{}", value.id());
    let body = axum::Json(TransferBody::from(value));
    let mut response = (StatusCode::CREATED, [(header::LOCATION, location)], body).into_response();
    if replayed {
        let yes = HeaderValue::from_static("true");
        response.headers_mut().insert(IDEMPOTENCY_REPLAYED, yes);
    }
    response
}

/// Find a transfer
#[utoipa::path(
    get,
    path = "/v1/transfers/{id}",
    operation_id = "findTransfer",
    tag = "transfers",
    params(
        ("id" = Uuid, Path, description = "The id of the transfer"),
        IfNoneMatch,
    ),
    responses(
        (
            status = OK,
            description = "The transfer",
            body = TransferBody,
            headers(("ETag" = EntityTag, description = "Its version: it never changes."))
        ),
        (
            status = NOT_MODIFIED,
            description = "The client has it",
            headers(("ETag" = EntityTag, description = "Its version."))
        ),
        Problems<(kind::UnknownTransfer,)>,
    )
)]
async fn find(
    State(transfers): State<Arc<TransferService>>,
    reach: Reach,
    Path(id): Path<Uuid>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let found = transfers.find(&reach, TransferId::new(id)).await?;
    let absent = || {
        Problem::new(
            ProblemKind::UnknownTransfer,
            format!("transfer {id} does not exist"),
        )
    };
    let transfer = found.ok_or_else(absent)?;
    // A transfer never changes.
    let tag = etag::of_number(1);
    if etag::is_known(&headers, &tag)? {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    let body = axum::Json(TransferBody::from(transfer));
    Ok(([(header::ETAG, tag)], body).into_response())
}

/// List the transfers of an account
///
/// The newest come first.
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/transfers",
    operation_id = "listTransfers",
    tag = "transfers",
    params(("id" = Uuid, Path, description = "The id of the account"), KeyedQuery),
    responses(
        (status = OK, description = "A page of them", body = KeyedPage<TransferBody>),
        Problems<(kind::UnknownAccount,)>,
    )
)]
async fn list_by_account(
    State(transfers): State<Arc<TransferService>>,
    reach: Reach,
    Path(id): Path<Uuid>,
    mut parameters: Parameters,
) -> Result<axum::Json<List<TransferBody>>, Problem> {
    parameters.allow(&BY_KEY);
    let page = page::by_key(&mut parameters);
    let page = parameters.finish(page)?;
    let found = transfers.list_by_account(&reach, AccountId::new(id), &page);
    let found = found.await;
    let found = found.map_err(|error| page::refused(&page, error))?;
    Ok(axum::Json(List::new(&page, found, TransferBody::from)))
}

impl FromMembers for OrderTransfer {
    fn read(members: &mut Members) -> Option<Self> {
        let (from, to) = (members.uuid("from"), members.uuid("to"));
        let amount = members.whole_number("amount", 1..=i64::MAX);
        let currency = members.text("currency", Currency::new);
        if from.is_some() && from == to {
            members.invalid("to", TransferError::SameAccount);
        }
        Some(Self {
            from: from?,
            to: to?,
            amount: amount?,
            currency: currency?,
        })
    }
}

impl From<OrderTransfer> for TransferOrder {
    fn from(body: OrderTransfer) -> Self {
        Self {
            from: AccountId::new(body.from),
            to: AccountId::new(body.to),
            amount: Money::new(body.amount, body.currency),
        }
    }
}

impl From<Transfer> for TransferBody {
    fn from(transfer: Transfer) -> Self {
        Self {
            id: transfer.id().as_uuid(),
            from: transfer.from().as_uuid(),
            to: transfer.to().as_uuid(),
            amount: transfer.amount().minor(),
            currency: transfer.amount().currency().code(),
            created_at: transfer.created_at(),
        }
    }
}
