//! Clients that take their time to send what they have announced.

use std::time::Duration;

use app::config::HttpConfig;
use tests::{TestApp, TestDatabase};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

const HEAD: &str = "POST /v1/anything HTTP/1.1\r\nHost: test\r\nContent-Length: 100\r\n\
                    Content-Type: application/json\r\n\r\n{";

#[tokio::test]
async fn a_body_that_does_not_come_is_not_waited_for_and_takes_nobody_s_place() {
    let (postgres, sqlite) = (TestDatabase::postgres().await, TestDatabase::sqlite().await);
    for url in [postgres.url(), sqlite.url()] {
        check_slow_bodies(&url).await;
    }
}

async fn check_slow_bodies(url: &str) {
    let config = HttpConfig {
        body_timeout: Duration::from_secs(1),
        max_in_flight: 1,
        queue_timeout: Duration::ZERO,
        ..HttpConfig::default()
    };
    let app = TestApp::with(url, &config).await;
    let mut slow = Vec::new();
    for _ in 0..8 {
        let mut stream = TcpStream::connect(app.addr()).await.unwrap();
        stream.write_all(HEAD.as_bytes()).await.unwrap();
        slow.push(stream);
    }
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(app.get("/v1/anything").await.status, 404);
    for mut stream in slow {
        let mut bytes = [0; 2048];
        let length = stream.read(&mut bytes).await.unwrap();
        let answer = String::from_utf8_lossy(&bytes[..length]);
        assert!(answer.starts_with("HTTP/1.1 408"), "{answer}");
        assert!(answer.contains("/problems/slow-request"), "{answer}");
    }
}

#[tokio::test]
async fn a_body_that_says_that_it_is_too_large_is_not_waited_for() {
    let file = TestDatabase::sqlite().await;
    let config = HttpConfig {
        body_timeout: Duration::from_mins(1),
        max_body_size: 99,
        ..HttpConfig::default()
    };
    let app = TestApp::with(&file.url(), &config).await;
    let expectant = HEAD.replace("Host", "Expect: 100-continue\r\nHost");
    for head in [HEAD, expectant.trim_end_matches('{')] {
        let mut stream = TcpStream::connect(app.addr()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut bytes = [0; 2048];
        let read = timeout(Duration::from_secs(20), stream.read(&mut bytes));
        let length = read.await.unwrap().unwrap();
        let answer = String::from_utf8_lossy(&bytes[..length]);
        assert!(answer.starts_with("HTTP/1.1 413"), "{answer}");
        assert!(answer.contains("/problems/too-large"), "{answer}");
    }
}
