//! Answers that are compressed, and those that are not.

use app::config::HttpConfig;
use http::{HeaderValue, Method, header};
use tests::{Answer, TestApp, TestDatabase};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const SMALL: &str = "/healthz";

/// What no plain answer satisfies, and some of it no answer at all.
const PICKY: [&str; 6] = [
    "identity;q=0",
    "*;q=0",
    "gzip;q=0, identity;q=0",
    "deflate, Identity ; Q=0.000",
    "gzip, *;q=0",
    "br;q=0, gzip;q=0, *;q=0.0",
];

on_both!(
    whoever_wants_no_plain_answer_gets_what_was_done,
    // sample: begin
    what_was_done_is_not_called_unacceptable,
    // sample: end
);

/// There is nothing at it, as the answer says, and that is more than a packet.
fn large() -> String {
    format!("/{}", "nowhere/".repeat(500))
}

#[tokio::test]
async fn a_large_answer_is_compressed_for_who_accepts_it() {
    let file = TestDatabase::sqlite().await;
    let app = TestApp::on(&file.url()).await;
    for encoding in ["gzip", "br"] {
        let answer = get(&app, &large(), encoding).await;
        let expected = format!("content-encoding: {encoding}");
        assert!(answer.contains(&expected), "{answer}");
        assert!(answer.contains("vary: accept-encoding"), "{answer}");
        assert!(answer.len() < 2048, "{}", answer.len());
    }
    for (path, encoding) in [(large().as_str(), "identity"), (SMALL, "gzip")] {
        let answer = get(&app, path, encoding).await;
        assert!(!answer.contains("content-encoding"), "{answer}");
        assert!(answer.contains("content-length: "), "{answer}");
        assert!(answer.ends_with('}'), "{answer}");
    }
    // Who says nothing of codings gets another answer than who does: a cache has to know.
    let plain = app.get(&large()).await;
    assert_eq!(plain.header("vary"), "accept-encoding", "{plain:?}");
}

async fn whoever_wants_no_plain_answer_gets_what_was_done(app: TestApp) {
    for accepted in PICKY {
        assert_eq!(
            send(&app, Method::GET, SMALL, accepted, "").await.status,
            200
        );
        let nowhere = send(&app, Method::GET, "/v1/nowhere", accepted, "").await;
        assert_eq!(nowhere.problem(), (404, "not-found"), "{accepted}");
    }
    for accepted in [
        "gzip, *;q=0",
        "identity;q=0, gzip;q=0.5",
        "*, br;q=0, identity;q=0",
    ] {
        let answer = get(&app, &large(), accepted).await;
        assert!(answer.contains("content-encoding: gzip"), "{answer}");
    }
}

// sample: begin
async fn what_was_done_is_not_called_unacceptable(app: TestApp) {
    let ada = r#"{"owner": "Ada", "currency": "EUR", "opening_balance": 0}"#;
    for accepted in PICKY {
        let opened = send(&app, Method::POST, "/v1/accounts", accepted, ada).await;
        assert_eq!(opened.status, 201, "{accepted}");
    }
}
// sample: end

async fn send(app: &TestApp, method: Method, path: &str, accepted: &str, body: &str) -> Answer {
    let mut request = app.request(method, path).map(|_| body.to_owned());
    let headers = request.headers_mut();
    headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
    let json = HeaderValue::from_static("application/json");
    headers.insert(header::CONTENT_TYPE, json);
    app.send(request).await
}

#[tokio::test]
async fn it_can_be_switched_off() {
    let file = TestDatabase::sqlite().await;
    let config = HttpConfig {
        compression: false,
        ..HttpConfig::default()
    };
    let app = TestApp::with(&file.url(), &config).await;
    let answer = get(&app, &large(), "gzip").await;
    assert!(!answer.contains("content-encoding"), "{answer}");
}

/// The answer as it is, on a connection of its own.
async fn get(app: &TestApp, path: &str, encoding: &str) -> String {
    let mut stream = TcpStream::connect(app.addr()).await.unwrap();
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: test\r\nAccept-Encoding: {encoding}\r\n\
         Connection: close\r\n\r\n"
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.unwrap();
    String::from_utf8_lossy(&bytes).into_owned()
}
