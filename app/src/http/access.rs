//! Who may do what.
//!
//! A caller is asked who they are before their request is looked at any further, and what they
//! may do is known before a handler runs: none can forget to ask. How far they reach is an
//! argument of every use case.

mod challenge;
mod scope;

use std::sync::Arc;

use adapters::seaorm::acting_as;
use axum::{
    Router,
    extract::{FromRequestParts, Request},
    http::{HeaderMap, Method, header, request::Parts},
    response::{IntoResponse as _, Response},
};
use domain::Owner;
use ports::{AuthenticationError, Authenticator, Caller};

pub(super) use challenge::beyond;
pub use scope::{ADMIN, READ, SCOPES, WRITE};

use super::{
    middleware::{Around, Inside},
    problem::{Problem, ProblemKind},
};
use crate::services::Reach;

/// Lets a request pass whose caller is known and may do what it asks for. Its handler runs in the
/// name of the caller.
pub(super) fn guard(router: Router, authenticator: Arc<dyn Authenticator>) -> Router {
    router.layer(Around::new(move |request, inside| {
        let authenticator = authenticator.clone();
        async move { admit(authenticator.as_ref(), request, inside).await }
    }))
}

/// Without an authenticator everybody may do everything.
pub(super) fn open(request: &mut Request) {
    request.extensions_mut().insert(Reach::Everything);
}

async fn admit(
    authenticator: &dyn Authenticator,
    mut request: Request,
    inside: Inside,
) -> Response {
    let scheme = authenticator.scheme();
    let admitted = match identify(authenticator, request.headers()).await {
        Ok((caller, owner)) => {
            allow(&caller, owner, request.method(), scheme).map(|reach| (caller.subject, reach))
        }
        Err(problem) => Err(problem),
    };
    match admitted {
        Ok((actor, reach)) => {
            // It has done its work, and goes nowhere else.
            request.headers_mut().remove(header::AUTHORIZATION);
            request.extensions_mut().insert(reach);
            let mut answered = acting_as(actor, inside.answer(request)).await;
            challenge::complete(&mut answered, scheme);
            answered
        }
        Err(problem) => problem.into_response(),
    }
}

/// How far the caller of this request reaches. Where nobody has asked who the caller is, it
/// reaches nothing: the request fails.
impl<S: Send + Sync> FromRequestParts<S> for Reach {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let kind = ProblemKind::Internal;
        let reach = parts.extensions.get::<Self>().cloned();
        reach.ok_or_else(|| Problem::internal(kind, Unguarded))
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the route is not guarded: nobody has asked who its caller is")]
struct Unguarded;

async fn identify(
    authenticator: &dyn Authenticator,
    headers: &HeaderMap,
) -> Result<(Caller, Owner), Problem> {
    let scheme = authenticator.scheme();
    let credential = credential(headers, scheme)?;
    let known = authenticator.authenticate(credential).await;
    let caller = known.map_err(|error| match error {
        AuthenticationError::Refused(reason) => challenge::refused(scheme, reason),
        error @ AuthenticationError::Unavailable(_) => {
            let kind = ProblemKind::AuthenticationUnavailable;
            let text = "who you are can not be checked at the moment; try again a little later";
            Problem::new(kind, text).because(error)
        }
    })?;
    match owner(&caller) {
        Some(owner) => Ok((caller, owner)),
        None => Err(challenge::refused(
            scheme,
            "the subject is no name that an owner could have".into(),
        )),
    }
}

/// What follows the name of the scheme in the one `Authorization` header.
fn credential<'a>(headers: &'a HeaderMap, scheme: &'static str) -> Result<&'a str, Problem> {
    let mut given = headers.get_all(header::AUTHORIZATION).iter();
    let value = match (given.next(), given.next()) {
        (None, _) => return Err(challenge::missing(scheme)),
        (Some(value), None) => value,
        (Some(_), Some(_)) => {
            let text = "there is more than one Authorization header";
            return Err(challenge::refused(scheme, text.into()));
        }
    };
    let parts = value.to_str().ok().and_then(|text| text.split_once(' '));
    match parts {
        Some((name, credential)) if name.eq_ignore_ascii_case(scheme) => Ok(credential.trim()),
        _ => Err(challenge::missing(scheme)),
    }
}

/// Whose things are the caller's: theirs who have the very same name. A subject that an owner's
/// name would be made from by tidying it up is nobody: else two subjects could be one owner.
fn owner(caller: &Caller) -> Option<Owner> {
    let subject = caller.subject.as_str();
    let owner = Owner::new(subject).ok()?;
    (owner.as_str() == subject).then_some(owner)
}

/// Reads need one scope, changes another; either is part of administration.
fn allow(
    caller: &Caller,
    owner: Owner,
    method: &Method,
    scheme: &'static str,
) -> Result<Reach, Problem> {
    if caller.has(ADMIN) {
        return Ok(Reach::Everything);
    }
    let needed = if method.is_safe() { READ } else { WRITE };
    if caller.has(needed) {
        return Ok(Reach::OwnedBy(owner));
    }
    let text = format!("this needs the scope {needed}, which was not granted");
    Err(challenge::insufficient(scheme, text, needed))
}
