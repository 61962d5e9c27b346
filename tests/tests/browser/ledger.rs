//! What the explorer is for: trying the API out.

use std::{env, fs, path::Path};

use tests::TestApp;

use crate::chromium::Chromium;

#[tokio::test]
async fn an_account_is_opened_by_trying_it_out() {
    let app = TestApp::sqlite().await;
    let browser = Chromium::start().await;
    browser.open(&app.url("/docs")).await;

    let operation = "#operations-accounts-openAccount";
    browser
        .click(&format!("{operation} .opblock-summary-control"))
        .await;
    browser.click(&format!("{operation} .try-out__btn")).await;
    let body = r#"{"owner": "Ada Lovelace", "currency": "EUR", "opening_balance": 10000}"#;
    browser
        .fill(&format!("{operation} textarea.body-param__text"), body)
        .await;
    browser.click(&format!("{operation} .execute")).await;

    let answer = format!("{operation} .live-responses-table .response");
    let status = browser
        .text_of(&format!("{answer} .response-col_status"))
        .await;
    assert_eq!(status.lines().next(), Some("201"), "{status}");
    let shown = browser
        .text_of(&format!("{answer} .response-col_description"))
        .await;
    let found = app.get("/v1/accounts?owner=Ada+Lovelace").await;
    assert_eq!(found.of_items("balance"), [10_000], "{found:?}");
    let id = found.of_items("id");
    let id = id.first().and_then(|id| id.as_str()).unwrap();
    assert!(shown.contains(id), "{shown}");
    browser.assert_nothing_went_wrong(&app.url("/")).await;

    let picture = browser.picture_of(operation).await;
    if let Some(file) = env::var_os("EXPLORER_PNG") {
        // From where the command was given, which is not where a test runs.
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        fs::write(root.join(file), picture).unwrap();
    }
    browser.close().await;
}
