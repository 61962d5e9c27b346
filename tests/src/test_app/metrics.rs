//! What Prometheus reads of the service.

use super::TestApp;
use crate::metrics::Metrics;
use http::{Method, Response};
use http_body_util::BodyExt as _;

impl TestApp {
    /// Scrapes `/metrics`.
    pub async fn metrics(&self) -> Metrics {
        let (_, body) = self.scrape().await.into_parts();
        Metrics(body)
    }

    /// The same with its head.
    pub async fn scrape(&self) -> Response<String> {
        let request = self.request(Method::GET, "/metrics");
        let answer = self.client.request(request).await.expect("an answer");
        let (head, body) = answer.into_parts();
        let bytes = body.collect().await.expect("the whole answer").to_bytes();
        let text = String::from_utf8(bytes.into()).expect("a text");
        Response::from_parts(head, text)
    }
}
