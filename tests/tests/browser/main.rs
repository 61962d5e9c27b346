//! The explorer at `/docs`, in a real browser without a network. It is started on purpose:
//!
//!     cargo test -p tests --test browser
//!
//! `EXPLORER_PNG=docs/explorer.png` has the picture for the README made anew.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test fails by panicking"
)]

mod chromium;
// sample: begin
mod ledger;
// sample: end

use chromium::Chromium;
use tests::TestApp;

#[tokio::test]
async fn the_page_shows_the_api_and_asks_nobody_else() {
    let app = TestApp::sqlite().await;
    let browser = Chromium::start().await;

    browser.open(&app.url("/docs")).await;

    assert_eq!(
        browser.text_of(".info .title").await.lines().next(),
        Some("Hexacoral")
    );
    browser.wait_for("#operations-operation-isReady").await;
    browser.assert_nothing_went_wrong(&app.url("/")).await;
    browser.close().await;
}
