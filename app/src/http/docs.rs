//! `/docs`: an explorer of the API, for browsers. It is part of the program and asks nobody else.

use std::{borrow::Cow, sync::Arc};

use axum::{
    body::Bytes,
    extract::Path,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use utoipa_axum::{router::OpenApiRouter, routes};
use utoipa_swagger_ui::Config;

use super::{
    Shared,
    openapi::{OPERATION, Problems},
    problem::{Problem, ProblemKind, kind},
};

const PAGE: &str = include_str!("docs/index.html");
const START: &str = include_str!("docs/start.js");

/// What the page needs of Swagger UI.
const PARTS: [&str; 3] = [
    "swagger-ui.css",
    "swagger-ui-bundle.js",
    "favicon-32x32.png",
];

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default()
        .routes(routes!(enter))
        .routes(routes!(page))
        .routes(routes!(part))
}

/// Go to the explorer
#[utoipa::path(
    get,
    path = "/docs",
    operation_id = "enterExplorer",
    tag = OPERATION,
    responses((
        status = PERMANENT_REDIRECT,
        description = "To the page",
        headers(("Location" = String, description = "Relative to this path."))
    ))
)]
async fn enter() -> Response {
    (
        StatusCode::PERMANENT_REDIRECT,
        [(header::LOCATION, "docs/")],
    )
        .into_response()
}

/// Explore the API in a browser
#[utoipa::path(
    get,
    path = "/docs/",
    operation_id = "explore",
    tag = OPERATION,
    responses((status = OK, description = "The page", body = String, content_type = "text/html"))
)]
async fn page() -> Html<&'static str> {
    Html(PAGE)
}

/// Read a part of the explorer
#[utoipa::path(
    get,
    path = "/docs/{part}",
    operation_id = "readExplorerPart",
    tag = OPERATION,
    params(("part" = String, Path, description = "A style sheet, a script or an icon", example = "start.js")),
    responses(
        (status = OK, description = "The part", content((String = "text/css"), (String = "text/javascript"), ("image/png"))),
        Problems<(kind::NotFound,)>,
    )
)]
async fn part(Path(part): Path<String>) -> Result<Response, Problem> {
    if part == "start.js" {
        return Ok(answer(
            "text/javascript",
            Bytes::from_static(START.as_bytes()),
        ));
    }
    let found = PARTS.contains(&part.as_str()).then(|| vendored(&part));
    let absent = || {
        let text = format!("there is nothing at /docs/{part}");
        Problem::new(ProblemKind::NotFound, text)
    };
    found.flatten().ok_or_else(absent)
}

fn vendored(part: &str) -> Option<Response> {
    let file = utoipa_swagger_ui::serve(part, Arc::new(Config::default())).ok()??;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Some(answer(&file.content_type, bytes))
}

fn answer(content_type: &str, bytes: Bytes) -> Response {
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, "public, max-age=3600"),
    ];
    (headers, bytes).into_response()
}
