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
    Api, etag,
    extract::{Json, Path},
    idempotency::{IDEMPOTENCY_REPLAYED, Keyed},
    members::{FromMembers, Members},
    page::{self, BY_KEY, List},
    parameters::{NoParameters, Parameters},
    problem::{Problem, ProblemKind},
};
use crate::services::{Made, Reach, TransferOrder, TransferService};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(transfer))
        .routes(routes!(find))
        .routes(routes!(list_by_account))
}

impl FromRef<Api> for Arc<TransferService> {
    fn from_ref(api: &Api) -> Self {
        api.services.transfers.clone()
    }
}

#[derive(ToSchema)]
struct OrderTransfer {
    from: Uuid,
    to: Uuid,
    #[schema(minimum = 1)]
    amount: i64,
    #[schema(value_type = String)]
    currency: Currency,
}

#[derive(Serialize)]
struct TransferBody {
    id: Uuid,
    from: Uuid,
    to: Uuid,
    amount: i64,
    currency: &'static str,
    created_at: DateTime<Utc>,
}

/// Move money
#[utoipa::path(
    post,
    path = "/v1/transfers",
    operation_id = "transfer",
    tag = "transfers"
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
    tag = "transfers"
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
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}/transfers",
    operation_id = "listTransfers",
    tag = "transfers"
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
