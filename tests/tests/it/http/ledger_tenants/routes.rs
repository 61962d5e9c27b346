//! Every route, asked by those who may not, and about what is not theirs.

use app::http::document;
use http::Method;
use tests::TestApp;

use super::{
    ANY_VERSION, BOTH, NOBODY,
    town::{Town, ask, told},
};

secured_on_both!(
    every_route_asks_for_a_token,
    every_route_asks_for_its_scope,
    what_belongs_to_another_answers_as_what_is_not_there,
);

/// Every route to resources, with a body where it takes one. A new one is probed by all tests
/// here as soon as it has its line.
const ROUTES: [(Method, &str, Option<&str>); 10] = [
    (Method::GET, "/v1/accounts", None),
    (
        Method::POST,
        "/v1/accounts",
        Some(r#"{"owner": "Bob", "currency": "EUR", "opening_balance": 0}"#),
    ),
    (Method::GET, "/v1/accounts/{id}", None),
    (
        Method::PATCH,
        "/v1/accounts/{id}",
        Some(r#"{"owner": "Bob"}"#),
    ),
    (Method::DELETE, "/v1/accounts/{id}", None),
    (Method::POST, "/v1/accounts/{id}/freeze", None),
    (Method::POST, "/v1/accounts/{id}/unfreeze", None),
    (Method::GET, "/v1/accounts/{id}/transfers", None),
    (Method::POST, "/v1/transfers", Some("{}")),
    (Method::GET, "/v1/transfers/{id}", None),
];

/// Headers that make a route look more closely at what it finds.
const CONDITIONS: [&[(&str, &str)]; 8] = [
    &[],
    ANY_VERSION,
    &[("if-match", "\"1\"")],
    &[("if-match", "\"2\"")],
    &[("if-match", "\"7\"")],
    &[("if-none-match", "*")],
    &[("if-none-match", "\"1\"")],
    &[("if-match", "not a tag")],
];

#[test]
fn every_route_is_probed() {
    let document = serde_json::to_value(document()).unwrap();
    let paths = document["paths"].as_object().unwrap();
    let mut documented: Vec<_> = paths
        .iter()
        .filter(|(path, _)| path.starts_with("/v1/"))
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .filter(|route| !route.starts_with("PARAMETERS"))
        .collect();
    let mut probed: Vec<_> = ROUTES
        .map(|(method, path, _)| format!("{method} {path}"))
        .into();
    documented.sort();
    probed.sort();
    assert_eq!(probed, documented);
}

async fn every_route_asks_for_a_token(app: TestApp) {
    for (method, path, body) in ROUTES {
        let path = path.replace("{id}", NOBODY);
        let refused = ask(&app, &method, &path, &[], body).await;
        assert_eq!(
            refused.problem(),
            (401, "unauthenticated"),
            "{method} {path}"
        );
        assert!(refused.header("www-authenticate").starts_with("Bearer "));
    }
}

async fn every_route_asks_for_its_scope(app: TestApp) {
    for (method, path, body) in ROUTES {
        let path = path.replace("{id}", NOBODY);
        let (needed, other) = if method == Method::GET {
            (BOTH[0], BOTH[1])
        } else {
            (BOTH[1], BOTH[0])
        };
        for scopes in [&[][..], &[other], &["ledger", "ledger:administrator"]] {
            let refused = ask(&app.caller("Bob", scopes), &method, &path, &[], body).await;
            let problem = refused.problem();
            assert_eq!(problem, (403, "insufficient-scope"), "{method} {path}");
            assert!(refused.text("detail").contains(needed), "{refused:?}");
            let challenge = refused.header("www-authenticate");
            let expected = format!(r#"error="insufficient_scope", scope="{needed}""#);
            assert!(challenge.ends_with(&expected), "{challenge}");
        }
        for scope in [needed, "ledger:admin"] {
            let allowed = ask(&app.caller("Bob", &[scope]), &method, &path, &[], body).await;
            assert!(
                ![401, 403].contains(&allowed.status),
                "{method} {path}: {allowed:?}"
            );
        }
    }
}

async fn what_belongs_to_another_answers_as_what_is_not_there(app: TestApp) {
    let town = Town::new(app).await;
    let before = town.of_ada().await;
    let with_id = ROUTES
        .into_iter()
        .filter(|(_, path, _)| path.contains("{id}"));
    for (method, path, body) in with_id {
        let of_transfer = path.starts_with("/v1/transfers");
        let theirs = if of_transfer {
            std::slice::from_ref(&town.transfer)
        } else {
            &town.accounts
        };
        let bodies = [
            body,
            body.map(|_| r#"{"owner": "Ada"}"#),
            body.map(|_| "{}"),
        ];
        for headers in CONDITIONS {
            for body in bodies {
                let ask = async |id: &str| {
                    let answer =
                        ask(&town.bob, &method, &path.replace("{id}", id), headers, body).await;
                    told(&answer, id)
                };
                let absent = ask(NOBODY).await;
                for id in theirs {
                    assert_eq!(
                        ask(id).await,
                        absent,
                        "{method} {path} {headers:?} {body:?}"
                    );
                }
                assert!(absent.0 >= 400, "{method} {path} {headers:?}: {absent:?}");
            }
        }
        let found = ask(
            &town.bob,
            &method,
            &path.replace("{id}", &theirs[0]),
            ANY_VERSION,
            body,
        )
        .await;
        assert_eq!(found.status, 404, "{method} {path}");
    }
    assert_eq!(town.of_ada().await, before);
}
