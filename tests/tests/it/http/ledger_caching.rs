//! What of the ledger may be kept by whom.

use tests::TestApp;

on_both!(what_has_a_version_is_revalidated_and_nothing_else_is_kept);

async fn what_has_a_version_is_revalidated_and_nothing_else_is_kept(app: TestApp) {
    let id = app.open("Ada", 1).await;
    let path = format!("/v1/accounts/{id}");
    let account = app.get(&path).await;
    assert_eq!(account.header("cache-control"), "private, no-cache");
    let mut again = app.request(http::Method::GET, &path);
    let tag = account.headers["etag"].clone();
    again.headers_mut().insert("if-none-match", tag);
    let unchanged = app.send(again).await;
    assert_eq!(unchanged.status, 304);
    assert_eq!(unchanged.header("cache-control"), "private, no-cache");
    assert_eq!(
        app.get("/v1/accounts").await.header("cache-control"),
        "no-store"
    );
}
