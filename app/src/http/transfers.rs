//! `/v1/transfers`, and the transfers of an account.

use std::sync::Arc;

use axum::{
    extract::{FromRef, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{AccountId, Currency, Money, Transfer, TransferId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Api,
    extract::{Json, Path},
    page::{self, BY_KEY, List},
    parameters::{NoParameters, Parameters},
    problem::{Problem, ProblemKind},
    whole_number::WholeNumber,
};
use crate::services::{TransferOrder, TransferService};

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

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OrderTransfer {
    from: Uuid,
    to: Uuid,
    amount: WholeNumber,
    currency: String,
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
    headers: HeaderMap,
    Json(body): Json<OrderTransfer>,
) -> Result<Response, Problem> {
    refuse_idempotency_key(&headers)?;
    let transfer = transfers.transfer(body.parse()?).await?;
    let location = format!("/v1/transfers/{}", transfer.id());
    let body = axum::Json(TransferBody::from(transfer));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], body).into_response())
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
    Path(id): Path<Uuid>,
    _: NoParameters,
) -> Result<axum::Json<TransferBody>, Problem> {
    let found = transfers.find(TransferId::new(id)).await?;
    let absent = || {
        Problem::new(
            ProblemKind::UnknownTransfer,
            format!("transfer {id} does not exist"),
        )
    };
    Ok(axum::Json(found.ok_or_else(absent)?.into()))
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
    Path(id): Path<Uuid>,
    parameters: Parameters,
) -> Result<axum::Json<List<TransferBody>>, Problem> {
    parameters.allow(&BY_KEY)?;
    let page = page::request(&parameters)?;
    let found = transfers.list_by_account(AccountId::new(id), &page).await?;
    Ok(axum::Json(List::new(&page, found, TransferBody::from)))
}

/// A client that sends a key counts on its retries being harmless. Until they are, it had better
/// know, than have its money moved twice.
fn refuse_idempotency_key(headers: &HeaderMap) -> Result<(), Problem> {
    if !headers.contains_key("idempotency-key") {
        return Ok(());
    }
    let text = "keys are not kept yet, so sending the transfer twice would make two; leave \
                Idempotency-Key out, and look at the transfers of the account before a retry";
    Err(Problem::new(ProblemKind::IdempotencyNotSupported, text))
}

impl OrderTransfer {
    fn parse(self) -> Result<TransferOrder, Problem> {
        Ok(TransferOrder {
            from: AccountId::new(self.from),
            to: AccountId::new(self.to),
            amount: Money::new(self.amount.0, Currency::new(&self.currency)?),
        })
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
