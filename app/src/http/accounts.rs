//! `/v1/accounts`.

mod body;
mod life;
mod query;

use std::sync::Arc;

use axum::{
    extract::{FromRef, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{Account, AccountId, Version};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::{
    body::{AccountBody, OpenAccount},
    query::AccountQuery,
};
use super::{
    Shared, etag,
    extract::{Json, Path},
    openapi::{IfNoneMatch, Problems, named::EntityTag},
    page::{self, List},
    parameters::{NoParameters, Parameters},
    problem::{Problem, kind},
};
use crate::services::{AccountService, Reach};

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(list, open))
        .routes(routes!(find, life::change, life::close))
        .routes(routes!(life::freeze))
        .routes(routes!(life::unfreeze))
}

impl FromRef<Shared> for Arc<AccountService> {
    fn from_ref(api: &Shared) -> Self {
        api.services.accounts.clone()
    }
}

/// Open an account
#[utoipa::path(
    post,
    path = "/v1/accounts",
    operation_id = "openAccount",
    tag = "accounts",
    request_body(content = OpenAccount, example = json!({
        "owner": "Ada Lovelace",
        "currency": "EUR",
        "opening_balance": 10000,
    })),
    responses((
        status = CREATED,
        description = "The account",
        body = AccountBody,
        headers(
            ("Location" = String, description = "Where the account is."),
            ("ETag" = EntityTag, description = "Its version."),
        ),
        links(
            ("findAccount" = (
                operation_id = "findAccount",
                parameters(("id" = "$response.body#/id"))
            )),
            ("listTransfers" = (
                operation_id = "listTransfers",
                parameters(("id" = "$response.body#/id"))
            )),
            ("changeAccount" = (
                operation_id = "changeAccount",
                parameters(
                    ("id" = "$response.body#/id"),
                    ("If-Match" = "$response.header.ETag")
                )
            )),
            ("freezeAccount" = (
                operation_id = "freezeAccount",
                parameters(
                    ("id" = "$response.body#/id"),
                    ("If-Match" = "$response.header.ETag")
                )
            )),
            ("closeAccount" = (
                operation_id = "closeAccount",
                parameters(("id" = "$response.body#/id"))
            )),
        )
    ))
)]
async fn open(
    State(accounts): State<Arc<AccountService>>,
    reach: Reach,
    Json(body): Json<OpenAccount>,
) -> Result<Response, Problem> {
    let account = accounts.open(&reach, body.into()).await?;
    let location = format!("/v1/accounts/{}", account.id());
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, answer(account)).into_response())
}

/// Find an account
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}",
    operation_id = "findAccount",
    tag = "accounts",
    params(
        ("id" = Uuid, Path, description = "The id of the account"),
        IfNoneMatch,
    ),
    responses(
        (
            status = OK,
            description = "The account",
            body = AccountBody,
            headers(("ETag" = EntityTag, description = "Its version."))
        ),
        (
            status = NOT_MODIFIED,
            description = "The client has it",
            headers(("ETag" = EntityTag, description = "Its version."))
        ),
        Problems<(kind::UnknownAccount,)>,
    )
)]
async fn find(
    State(accounts): State<Arc<AccountService>>,
    reach: Reach,
    Path(id): Path<Uuid>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let account = accounts.find(&reach, AccountId::new(id)).await?;
    let tag = tag(account.version());
    if etag::is_known(&headers, &tag)? {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(answer(account))
}

/// List accounts
///
/// Those that are not closed, and that every filter lets through. By `limit` and `cursor`, or by
/// `page` and `page_size`.
#[utoipa::path(
    get,
    path = "/v1/accounts",
    operation_id = "listAccounts",
    tag = "accounts",
    params(AccountQuery),
    responses((
        status = OK,
        description = "A page of them",
        body = List<AccountBody>,
        links(("transfer" = (
            operation_id = "transfer",
            request_body = json!({
                "from": "$response.body#/items/0/id",
                "to": "$response.body#/items/1/id",
                "amount": 1,
                "currency": "$response.body#/items/0/currency",
            })
        )))
    ))
)]
async fn list(
    State(accounts): State<Arc<AccountService>>,
    reach: Reach,
    parameters: Parameters,
) -> Result<axum::Json<List<AccountBody>>, Problem> {
    let AccountQuery {
        filters,
        sort,
        page,
    } = AccountQuery::parse(parameters)?;
    let found = accounts.list(&reach, &filters, &sort, &page).await;
    let found = found.map_err(|error| page::refused(&page, error))?;
    Ok(axum::Json(List::new(&page, found, AccountBody::from)))
}

fn answer(account: Account) -> Response {
    let headers = [(header::ETAG, tag(account.version()))];
    (headers, axum::Json(AccountBody::from(account))).into_response()
}

fn tag(version: Version) -> HeaderValue {
    etag::of_number(version.get())
}
