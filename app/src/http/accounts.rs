//! `/v1/accounts`.

mod query;

use std::sync::Arc;

use axum::{
    extract::{FromRef, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use chrono::{DateTime, Utc};
use domain::{Account, AccountId, Currency, Money, Owner, Version};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use self::query::AccountQuery;
use super::{
    Api, etag,
    extract::{Json, Path},
    page::List,
    parameters::{NoParameters, Parameters},
    problem::Problem,
    whole_number::WholeNumber,
};
use crate::services::{AccountService, NewAccount};

pub(super) fn routes() -> OpenApiRouter<Api> {
    OpenApiRouter::default()
        .routes(routes!(list, open))
        .routes(routes!(find))
}

impl FromRef<Api> for Arc<AccountService> {
    fn from_ref(api: &Api) -> Self {
        api.services.accounts.clone()
    }
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct OpenAccount {
    owner: String,
    currency: String,
    opening_balance: WholeNumber,
}

#[derive(Serialize)]
struct AccountBody {
    id: Uuid,
    owner: String,
    currency: &'static str,
    balance: i64,
    status: &'static str,
    version: i64,
    created_at: DateTime<Utc>,
    updated_at: DateTime<Utc>,
}

/// Open an account
#[utoipa::path(
    post,
    path = "/v1/accounts",
    operation_id = "openAccount",
    tag = "accounts"
)]
async fn open(
    State(accounts): State<Arc<AccountService>>,
    Json(body): Json<OpenAccount>,
) -> Result<Response, Problem> {
    let account = accounts.open(body.parse()?).await?;
    let location = format!("/v1/accounts/{}", account.id());
    let headers = [(header::LOCATION, location)];
    Ok((StatusCode::CREATED, headers, answer(account)).into_response())
}

/// Find an account
#[utoipa::path(
    get,
    path = "/v1/accounts/{id}",
    operation_id = "findAccount",
    tag = "accounts"
)]
async fn find(
    State(accounts): State<Arc<AccountService>>,
    Path(id): Path<Uuid>,
    _: NoParameters,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let account = accounts.find(AccountId::new(id)).await?;
    let tag = tag(account.version());
    if etag::is_known(&headers, &tag) {
        return Ok((StatusCode::NOT_MODIFIED, [(header::ETAG, tag)]).into_response());
    }
    Ok(answer(account))
}

/// List accounts
#[utoipa::path(
    get,
    path = "/v1/accounts",
    operation_id = "listAccounts",
    tag = "accounts"
)]
async fn list(
    State(accounts): State<Arc<AccountService>>,
    parameters: Parameters,
) -> Result<axum::Json<List<AccountBody>>, Problem> {
    let AccountQuery {
        filters,
        sort,
        page,
    } = AccountQuery::parse(&parameters)?;
    let found = accounts.list(&filters, &sort, &page).await?;
    Ok(axum::Json(List::new(&page, found, AccountBody::from)))
}

impl OpenAccount {
    fn parse(self) -> Result<NewAccount, Problem> {
        let currency = Currency::new(&self.currency)?;
        Ok(NewAccount {
            owner: Owner::new(self.owner)?,
            opening_balance: Money::new(self.opening_balance.0, currency),
        })
    }
}

impl From<Account> for AccountBody {
    fn from(account: Account) -> Self {
        Self {
            id: account.id().as_uuid(),
            owner: account.owner().to_string(),
            currency: account.currency().code(),
            balance: account.balance().minor(),
            status: account.status().as_str(),
            version: account.version().get(),
            created_at: account.created_at(),
            updated_at: account.updated_at(),
        }
    }
}

fn answer(account: Account) -> Response {
    let headers = [(header::ETAG, tag(account.version()))];
    (headers, axum::Json(AccountBody::from(account))).into_response()
}

fn tag(version: Version) -> HeaderValue {
    etag::of_number(version.get())
}
