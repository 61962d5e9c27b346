//! Answers that are compressed, and those that are not.

use app::config::HttpConfig;
use tests::{TestApp, TestDatabase};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const SMALL: &str = "/healthz";

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
