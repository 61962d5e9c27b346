//! The document against the router, in both directions.

use std::collections::{BTreeMap, BTreeSet};

use adapters::Database;
use app::{
    bootstrap,
    config::{Config, HttpConfig},
    http::{document, router},
};
use http::Method;
use serde_json::Value;
use tests::TestApp;

on_both! {
    every_operation_is_served,
    a_method_that_no_operation_has_is_refused_with_those_that_there_are,
    an_operation_takes_the_parameters_that_it_says_and_no_others,
}

const METHODS: [Method; 5] = [
    Method::GET,
    Method::PUT,
    Method::POST,
    Method::PATCH,
    Method::DELETE,
];

#[test]
fn the_paths_of_the_router_are_those_of_the_document() {
    let database = Database::from_url("sqlite::memory:").unwrap();
    let api = bootstrap::service(&database, &Config::default());
    let api = api.unwrap().api;
    // It does not tell its paths in another way.
    let shown = format!("{:?}", router(api, &HttpConfig::default()));
    let quoted = shown.split('"').skip(1).step_by(2);
    // These two are where its fallback is.
    let fallback = ["/", "/{*__private__axum_fallback}"];
    let served = quoted.filter(|text| text.starts_with('/') && !fallback.contains(text));
    let served: BTreeSet<_> = served.collect();
    let document = read();
    let said: BTreeSet<_> = operations(&document).keys().copied().collect();
    assert_eq!(served, said);
}

#[test]
fn the_document_is_one_of_openapi_3_1() {
    let document = read();
    assert_eq!(document["openapi"], "3.1.0");
    let mut ids = BTreeSet::new();
    for (path, methods) in operations(&document) {
        for (method, operation) in methods {
            let name = format!("{method} {path}");
            let id = operation["operationId"].as_str().unwrap();
            assert!(ids.insert(id.to_owned()), "{name}: {id} is there twice");
            assert!(operation["summary"].is_string(), "{name}");
            let parameters = parameters(&document, operation);
            for part in path.split('/').filter_map(|part| part.strip_prefix('{')) {
                let part = part.trim_end_matches('}');
                assert!(parameters.contains(&("path", part)), "{name}: {part}");
            }
            let responses = operation["responses"].as_object().unwrap();
            assert!(
                responses.keys().any(|status| status < &"400".to_owned()),
                "{name}"
            );
            for (status, response) in responses {
                assert!(response["description"].is_string(), "{name} {status}");
                assert!(
                    response["headers"]["X-Request-Id"].is_object(),
                    "{name} {status}"
                );
                if status.as_str() >= "400" {
                    let content = &response["content"]["application/problem+json"];
                    assert!(
                        !content["examples"].as_object().unwrap().is_empty(),
                        "{name} {status}"
                    );
                }
            }
        }
    }
    assert_resolved(&document, &document);
}

#[tokio::test]
async fn what_is_served_says_whether_a_token_is_needed() {
    let open = TestApp::sqlite().await.get("/openapi.json").await.body;
    assert!(open["components"].get("securitySchemes").is_none());
    let secured = read();
    assert_eq!(
        secured["components"]["securitySchemes"]["bearer"]["scheme"],
        "bearer"
    );
    for (path, methods) in operations(&secured) {
        for (method, operation) in methods {
            let name = format!("{method} {path}");
            // Whoever watches the service is not asked.
            let is_asked = path.starts_with("/v1/");
            assert_eq!(operation.get("security").is_some(), is_asked, "{name}");
            for status in ["401", "403"] {
                let responses = &operation["responses"];
                assert_eq!(responses.get(status).is_some(), is_asked, "{name} {status}");
            }
            let served = &open["paths"][path][method.as_str().to_lowercase()];
            assert!(served.is_object(), "{name}");
            assert!(served.get("security").is_none(), "{name}");
        }
    }
}

async fn every_operation_is_served(app: TestApp) {
    let document = read();
    for (path, methods) in operations(&document) {
        for method in methods.keys() {
            let answer = app
                .send(app.request(method.clone(), &example_of(path)))
                .await;
            assert_ne!(answer.status, 405, "{method} {path}");
            let kind = answer.body["type"].as_str().unwrap_or_default();
            assert_ne!(kind, "/problems/not-found", "{method} {path}");
        }
    }
}

async fn a_method_that_no_operation_has_is_refused_with_those_that_there_are(app: TestApp) {
    let document = read();
    for (path, methods) in operations(&document) {
        for method in METHODS
            .iter()
            .filter(|method| !methods.contains_key(method))
        {
            let answer = app
                .send(app.request(method.clone(), &example_of(path)))
                .await;
            assert_eq!(answer.status, 405, "{method} {path}");
            let allowed = answer
                .header("allow")
                .split(',')
                .filter(|name| *name != "HEAD");
            let allowed: BTreeSet<_> = allowed.map(str::to_owned).collect();
            let said: BTreeSet<_> = methods.keys().map(ToString::to_string).collect();
            assert_eq!(allowed, said, "{path}");
        }
    }
}

async fn an_operation_takes_the_parameters_that_it_says_and_no_others(app: TestApp) {
    let document = read();
    for (path, methods) in operations(&document) {
        for (method, operation) in methods {
            let said = parameters(&document, operation);
            let said: BTreeSet<_> = said.iter().filter(|(place, _)| *place == "query").collect();
            let said: BTreeSet<_> = said.iter().map(|(_, name)| *name).collect();
            let target = format!("{}?no-such-parameter=1", example_of(path));
            let answer = app.send(app.request(method.clone(), &target)).await;
            if operation["responses"].get("400").is_none() {
                assert!(answer.status < 400, "{method} {path}: {answer:?}");
                continue;
            }
            assert_eq!(
                answer.text("type"),
                "/problems/unknown-parameter",
                "{method} {path}"
            );
            let (_, allowed) = answer.text("detail").split_once("allowed are ").unwrap();
            let allowed: BTreeSet<_> = match allowed {
                "none" => BTreeSet::new(),
                some => some.split(", ").collect(),
            };
            assert_eq!(allowed, said, "{method} {path}");
        }
    }
}

#[test]
fn every_answer_that_is_json_has_an_example() {
    let document = read();
    for (path, methods) in operations(&document) {
        for (method, operation) in methods {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let content = &resolved(&document, response)["content"]["application/json"];
                // The document is an example of itself.
                let is_meant = !content.is_null() && path != "/openapi.json";
                let is_there = has_example(&document, content);
                assert!(!is_meant || is_there, "{method} {path} {status}");
            }
        }
    }
}

fn has_example(document: &Value, value: &Value) -> bool {
    match resolved(document, value) {
        Value::Object(members) => {
            let mut inside = members.values();
            members.contains_key("example") || inside.any(|value| has_example(document, value))
        }
        Value::Array(items) => items.iter().any(|item| has_example(document, item)),
        _ => false,
    }
}

fn read() -> Value {
    serde_json::to_value(document()).unwrap()
}

fn operations(document: &Value) -> BTreeMap<&str, BTreeMap<Method, &Value>> {
    let paths = document["paths"].as_object().unwrap();
    paths
        .iter()
        .map(|(path, item)| {
            let there = METHODS.iter().filter_map(|method| {
                let operation = item.get(method.as_str().to_lowercase())?;
                Some((method.clone(), operation))
            });
            (path.as_str(), there.collect())
        })
        .collect()
}

/// Where its parameters are, and their names.
fn parameters<'a>(document: &'a Value, operation: &'a Value) -> BTreeSet<(&'a str, &'a str)> {
    let given = operation["parameters"].as_array().unwrap();
    let given = given.iter().map(|parameter| resolved(document, parameter));
    given
        .map(|parameter| {
            let text = |member: &str| parameter[member].as_str().unwrap();
            (text("in"), text("name"))
        })
        .collect()
}

fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    let Some(to) = value.get("$ref").and_then(Value::as_str) else {
        return value;
    };
    let found = to.strip_prefix('#').and_then(|to| document.pointer(to));
    found.unwrap_or_else(|| panic!("{to} is not in the document"))
}

fn assert_resolved(document: &Value, value: &Value) {
    resolved(document, value);
    match value {
        Value::Object(members) => {
            members
                .values()
                .for_each(|value| assert_resolved(document, value));
        }
        Value::Array(items) => items
            .iter()
            .for_each(|item| assert_resolved(document, item)),
        _ => {}
    }
}

/// The path with something in the place of its parameters.
fn example_of(path: &str) -> String {
    path.replace("{id}", "019a0000-0000-7000-8000-000000000001")
        .replace("{part}", "start.js")
}
