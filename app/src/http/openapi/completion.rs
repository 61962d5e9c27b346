//! What every operation has, and what follows from the shape of an operation.

use std::collections::BTreeSet;

use axum::http::Method;
use utoipa::{
    PartialSchema as _, ToSchema as _,
    openapi::{
        ObjectBuilder, OpenApi, PathItem, Ref, RefOr, Required, Schema,
        header::HeaderBuilder,
        path::{Operation, Parameter, ParameterBuilder, ParameterIn},
        schema::{AdditionalProperties, Type},
        security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme},
    },
};

use super::{
    OPERATION,
    named::{EntityTag, EntityTags, visible},
    problems,
};
use crate::http::{
    access::{ADMIN, READ, WRITE},
    middleware::request_id,
    problem::{Document, ProblemKind},
};

/// The id's name among the components, as a parameter and as a header.
const ID: &str = "RequestId";
/// The name of the way in which clients say who they are.
const SCHEME: &str = "bearer";

pub(super) fn complete(document: &mut OpenApi) {
    let components = document.components.get_or_insert_default();
    let mut schemas = Vec::new();
    Document::schemas(&mut schemas);
    schemas.push((Document::name().into_owned(), Document::schema()));
    // The types of headers are not looked for in what a handler says of its headers.
    schemas.push((EntityTag::name().into_owned(), EntityTag::schema()));
    schemas.push((EntityTags::name().into_owned(), EntityTags::schema()));
    components.schemas.extend(schemas);
    let (given, answered) = request_ids();
    components.parameters.insert(ID.to_owned(), given);
    let answered = RefOr::T(answered.build());
    components.headers.insert(ID.to_owned(), answered);
    components.add_security_scheme(SCHEME, bearer());
    let mut bodies = Vec::new();
    for item in document.paths.paths.values_mut() {
        for (method, operation) in operations(item) {
            add_problems(&method, operation);
            if is_resource(operation) {
                let scope = if method.is_safe() { READ } else { WRITE };
                let needed = SecurityRequirement::new(SCHEME, [scope]);
                operation.security = Some(vec![needed]);
            }
            add_request_ids(operation);
            bodies.extend(body_of(operation));
        }
    }
    for body in bodies {
        if let Some(RefOr::T(Schema::Object(body))) = components.schemas.get_mut(&body) {
            // Every handler refuses members that it does not know.
            body.additional_properties = Some(Box::new(AdditionalProperties::FreeForm(false)));
        }
    }
}

/// Whether it is for clients, who have to say who they are, rather than for operators.
fn is_resource(operation: &Operation) -> bool {
    let tags = operation.tags.as_deref().unwrap_or_default();
    !tags.iter().any(|tag| tag == OPERATION)
}

fn bearer() -> SecurityScheme {
    let text = format!(
        "A JSON Web Token. Its scope `{READ}` lets its subject look at what they own, `{WRITE}` \
         change it, and `{ADMIN}` do both with what everybody owns."
    );
    let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    let scheme = scheme.bearer_format("JWT").description(Some(text));
    SecurityScheme::Http(scheme.build())
}

/// The service runs without an authenticator: nobody is asked who they are.
pub(super) fn open(document: &mut OpenApi) {
    if let Some(components) = &mut document.components {
        components.security_schemes.clear();
    }
    for item in document.paths.paths.values_mut() {
        for (_, operation) in operations(item) {
            operation.security = None;
            let responses = &mut operation.responses.responses;
            responses.retain(|status, _| status != "401" && status != "403");
        }
    }
}

/// The name of the schema of its body.
fn body_of(operation: &Operation) -> Option<String> {
    let Some(RefOr::T(body)) = &operation.request_body else {
        return None;
    };
    let RefOr::T(content) = body.content.values().next()? else {
        return None;
    };
    match content.schema.as_ref()? {
        RefOr::Ref(to) => to.ref_location.rsplit('/').next().map(str::to_owned),
        RefOr::T(_) => None,
    }
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = (Method, &mut Operation)> {
    let all = [
        (Method::GET, &mut item.get),
        (Method::PUT, &mut item.put),
        (Method::POST, &mut item.post),
        (Method::PATCH, &mut item.patch),
        (Method::DELETE, &mut item.delete),
    ];
    let all = all.into_iter();
    all.filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Its own problems and the implied ones; those of one status become one response.
fn add_problems(method: &Method, operation: &mut Operation) {
    let mut kinds = implied(method, operation);
    for response in operation.responses.responses.values() {
        if let RefOr::T(response) = response {
            kinds.extend(problems::kinds_of(response));
        }
    }
    let responses = problems::by_status(&kinds).into_iter();
    let responses = responses.map(|(status, response)| (status, response.into()));
    operation.responses.responses.extend(responses);
}

fn implied(method: &Method, operation: &Operation) -> BTreeSet<ProblemKind> {
    use ProblemKind as K;
    let mut kinds = BTreeSet::from([K::Internal]);
    if !is_resource(operation) {
        return kinds;
    }
    kinds.extend([K::Unauthenticated, K::InsufficientScope]);
    kinds.insert(K::AuthenticationUnavailable);
    // Every path refuses parameters that it does not know, and has the limits around it.
    kinds.extend([K::Malformed, K::UnknownParameter]);
    kinds.extend([K::TooLarge, K::SlowRequest]);
    kinds.extend([K::RateLimited, K::Overloaded]);
    kinds.extend([K::RequestTimeout, K::DatabaseUnavailable]);
    if !method.is_safe() {
        kinds.extend([K::Conflict, K::OutcomeUnknown]);
    }
    let parameters = operation.parameters.iter().flatten();
    let is_read = |parameter: &RefOr<Parameter>| matches!(parameter, RefOr::T(known) if known.parameter_in != ParameterIn::Header);
    if parameters.clone().any(is_read) {
        kinds.insert(K::InvalidValue);
    }
    if operation.request_body.is_some() {
        kinds.extend([K::InvalidValue, K::UnsupportedMediaType]);
    }
    kinds
}

fn add_request_ids(operation: &mut Operation) {
    let parameters = operation.parameters.get_or_insert_default();
    parameters.push(RefOr::Ref(Ref::new(format!(
        "#/components/parameters/{ID}"
    ))));
    for response in operation.responses.responses.values_mut() {
        if let RefOr::T(response) = response {
            let header = RefOr::Ref(Ref::new(format!("#/components/headers/{ID}")));
            response.headers.insert("X-Request-Id".to_owned(), header);
        }
    }
}

fn request_ids() -> (RefOr<Parameter>, HeaderBuilder) {
    let given = ParameterBuilder::new()
        .name("X-Request-Id")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(format!(
            "What the request is called in the log: up to {} visible ASCII characters. Anything \
             else is not kept, and the request is given an id.",
            request_id::MAX_LENGTH
        )))
        .schema(Some(ObjectBuilder::new().schema_type(Type::String)));
    let answered = HeaderBuilder::new()
        .schema(Some(visible(request_id::MAX_LENGTH)))
        .description(Some("What the request is called in the log."));
    (RefOr::T(given.build()), answered)
}
