//! What happens to an account after it was opened. A change may be made to a version that the
//! client names in `If-Match`; giving an account away has to be.

use std::sync::Arc;

use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use domain::{AccountId, Version};
use uuid::Uuid;

use super::{
    answer,
    body::{AccountBody, ChangeAccount},
};
use crate::{
    http::{
        etag::Tags,
        extract::{Json, NoBody, Path},
        openapi::{IfMatch, Problems, RequiredIfMatch, named::EntityTag},
        parameters::NoParameters,
        problem::{Place, Problem, ProblemKind, kind},
    },
    services::{AccountService, ExpectedVersion, Reach},
};

/// Give an account another owner
#[utoipa::path(
    patch,
    path = "/v1/accounts/{id}",
    operation_id = "changeAccount",
    tag = "accounts",
    params(
        ("id" = Uuid, Path, description = "The id of the account"),
        RequiredIfMatch,
    ),
    request_body(content = ChangeAccount, example = json!({ "owner": "Grace Hopper" })),
    responses(
        (
            status = OK,
            description = "The account",
            body = AccountBody,
            headers(("ETag" = EntityTag, description = "Its new version."))
        ),
        Problems<(kind::UnknownAccount, kind::AccountState, kind::Stale, kind::PreconditionRequired)>,
    )
)]
pub(super) async fn change(
    State(accounts): State<Arc<AccountService>>,
    reach: Reach,
    Path(id): Path<Uuid>,
    headers: HeaderMap,
    Json(body): Json<ChangeAccount>,
) -> Result<Response, Problem> {
    let expected = expected(&headers)?.ok_or_else(unconditional)?;
    let changed = accounts.rename(&reach, AccountId::new(id), &expected, &body.owner);
    Ok(answer(changed.await?))
}

/// Freeze an account
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/freeze",
    operation_id = "freezeAccount",
    tag = "accounts",
    params(
        ("id" = Uuid, Path, description = "The id of the account"),
        IfMatch,
    ),
    responses(
        (
            status = OK,
            description = "The account",
            body = AccountBody,
            headers(("ETag" = EntityTag, description = "Its new version."))
        ),
        Problems<(kind::UnknownAccount, kind::AccountState, kind::Stale)>,
    )
)]
pub(super) async fn freeze(
    State(accounts): State<Arc<AccountService>>,
    reach: Reach,
    Path(id): Path<Uuid>,
    _: NoParameters,
    headers: HeaderMap,
    _: NoBody,
) -> Result<Response, Problem> {
    let expected = expected(&headers)?.unwrap_or_default();
    Ok(answer(
        accounts
            .freeze(&reach, AccountId::new(id), &expected)
            .await?,
    ))
}

/// Unfreeze an account
#[utoipa::path(
    post,
    path = "/v1/accounts/{id}/unfreeze",
    operation_id = "unfreezeAccount",
    tag = "accounts",
    params(
        ("id" = Uuid, Path, description = "The id of the account"),
        IfMatch,
    ),
    responses(
        (
            status = OK,
            description = "The account",
            body = AccountBody,
            headers(("ETag" = EntityTag, description = "Its new version."))
        ),
        Problems<(kind::UnknownAccount, kind::AccountState, kind::Stale)>,
    )
)]
pub(super) async fn unfreeze(
    State(accounts): State<Arc<AccountService>>,
    reach: Reach,
    Path(id): Path<Uuid>,
    _: NoParameters,
    headers: HeaderMap,
    _: NoBody,
) -> Result<Response, Problem> {
    let expected = expected(&headers)?.unwrap_or_default();
    let unfrozen = accounts.unfreeze(&reach, AccountId::new(id), &expected);
    Ok(answer(unfrozen.await?))
}

/// Close an account
///
/// A closed account is still found by its id: closing it once more is refused for its state, as
/// any other change is.
#[utoipa::path(
    delete,
    path = "/v1/accounts/{id}",
    operation_id = "closeAccount",
    tag = "accounts",
    params(
        ("id" = Uuid, Path, description = "The id of the account"),
        IfMatch,
    ),
    responses(
        (status = NO_CONTENT, description = "It is closed, and out of lists"),
        Problems<(
            kind::UnknownAccount,
            kind::AccountState,
            kind::BalanceNotZero,
            kind::Stale,
        )>,
    )
)]
pub(super) async fn close(
    State(accounts): State<Arc<AccountService>>,
    reach: Reach,
    Path(id): Path<Uuid>,
    _: NoParameters,
    headers: HeaderMap,
    _: NoBody,
) -> Result<StatusCode, Problem> {
    let expected = expected(&headers)?.unwrap_or_default();
    accounts
        .close(&reach, AccountId::new(id), &expected)
        .await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The versions that the client would have changed, if it says so.
fn expected(headers: &HeaderMap) -> Result<Option<ExpectedVersion>, Problem> {
    let tags = Tags::of(headers, &header::IF_MATCH)?;
    Ok(tags.map(|tags| match tags.versions() {
        None => ExpectedVersion::Any,
        Some(numbers) => {
            let versions = numbers.into_iter().map(Version::new);
            ExpectedVersion::OneOf(versions.filter_map(Result::ok).collect())
        }
    }))
}

fn unconditional() -> Problem {
    let text = "the header If-Match is missing; it must hold the ETag that the account was read \
                with, or * for whichever there is";
    Problem::new(ProblemKind::PreconditionRequired, text).at(Place::header("If-Match"))
}
