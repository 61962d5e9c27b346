//! The service, as its clients see it.

mod callers;
pub(crate) mod documented;
// sample: begin
mod ledger;
// sample: end
mod metrics;

use crate::answer::Answer;
use crate::test_database::TestDatabase;
use adapters::{Database, seaorm::PoolStatus};
use app::bootstrap::{self, Pool, Service};
use app::config::{Config, HttpConfig, LogConfig};
use app::{http::router, server::Server, telemetry};
use http::{Method, Request, header};
use http_body_util::BodyExt;
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use ports::Authenticator;
use serde_json::Value;
use std::any::Any;
use std::env;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::TcpListener;

/// The real router on a real port. It ends with this value.
pub struct TestApp {
    addr: SocketAddr,
    client: Client<HttpConnector, String>,
    /// What the service runs on. Callers have none: theirs is another's.
    _server: Option<Server>,
    pool: Arc<dyn Pool>,
    /// The `Authorization` header of every request.
    authorization: Option<String>,
    /// What keeps the database there.
    database: Option<Box<dyn Any + Send + Sync>>,
}

impl TestApp {
    /// The service on a PostgreSQL database of its own.
    pub async fn postgres() -> Self {
        let database = TestDatabase::postgres().await;
        let url = database.url();
        Self::on(&url).await.keeping(database)
    }

    /// The service on a SQLite database of its own.
    pub async fn sqlite() -> Self {
        let file = TestDatabase::sqlite().await;
        let url = file.url();
        Self::on(&url).await.keeping(file)
    }

    /// The service on the database at this URL, which is taken as it is.
    pub async fn on(url: &str) -> Self {
        Self::with(url, &HttpConfig::default()).await
    }

    /// The same with other settings of HTTP.
    pub async fn with(url: &str, config: &HttpConfig) -> Self {
        Self::guarded(url, config, None).await
    }

    /// The same with somebody who tells its callers apart.
    pub async fn guarded(
        url: &str,
        config: &HttpConfig,
        authenticator: Option<Arc<dyn Authenticator>>,
    ) -> Self {
        let config = Config {
            http: config.clone(),
            ..Config::default()
        };
        Self::configured(url, &config, authenticator).await
    }

    /// The same with any settings. Its address is always a free port.
    pub async fn configured(
        url: &str,
        config: &Config,
        authenticator: Option<Arc<dyn Authenticator>>,
    ) -> Self {
        // Silent, unless whoever looks for a failure says `LOG=info cargo test ..`.
        if env::var_os("LOG").is_some() {
            telemetry::start(&LogConfig::from_env().expect("LOG"));
        }
        let database = Database::from_url(url).expect("a URL of the harness");
        let service = bootstrap::service(&database, config);
        let mut service = service.expect("a configuration of the harness");
        service.api.authenticator = authenticator;
        Self::of(service, &config.http).await
    }

    /// A service that the test has put together. Its background tasks are not run.
    pub async fn of(service: Service, config: &HttpConfig) -> Self {
        let Service { api, pool, .. } = service;
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let router = router(api, config);
        Self {
            addr,
            client: Client::builder(TokioExecutor::new()).build_http(),
            _server: Some(Server::start(listener, router, config)),
            pool,
            authorization: None,
            database: None,
        }
    }

    /// Where it listens.
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// How full its pool of connections is.
    pub fn pool(&self) -> PoolStatus {
        self.pool.status()
    }

    /// Where this path is, for other clients.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.addr)
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(self.request(Method::GET, path)).await
    }

    /// POST, with JSON.
    pub async fn post(&self, path: &str, body: Value) -> Answer {
        self.post_text(path, &body.to_string()).await
    }

    /// POST, with what claims to be JSON.
    pub async fn post_text(&self, path: &str, body: &str) -> Answer {
        let mut request = self.request(Method::POST, path);
        let json = http::HeaderValue::from_static("application/json");
        request.headers_mut().insert(header::CONTENT_TYPE, json);
        body.clone_into(request.body_mut());
        self.send(request).await
    }

    /// Any request, to be completed and sent.
    pub fn request(&self, method: Method, path: &str) -> Request<String> {
        let mut request = Request::builder().method(method).uri(self.url(path));
        if let Some(authorization) = &self.authorization {
            request = request.header(header::AUTHORIZATION, authorization);
        }
        request
            .body(String::new())
            .expect("a request of the test's")
    }

    /// Sends a request and reads the answer.
    pub async fn send(&self, request: Request<String>) -> Answer {
        let asked = (request.method().clone(), request.uri().path().to_owned());
        let path = (request.method() != Method::HEAD).then_some(asked.1.clone());
        let answer = self.client.request(request).await;
        let (head, body) = answer.expect("an answer").into_parts();
        let bytes = body.collect().await.expect("the whole answer").to_bytes();
        let head = http::Response::from_parts(head, ());
        let answer = Answer::read(&head, &bytes, path.as_deref());
        documented::assert(&asked.0, &asked.1, &answer);
        answer
    }

    fn keeping(mut self, database: impl Any + Send + Sync) -> Self {
        self.database = Some(Box::new(database));
        self
    }
}

impl fmt::Debug for TestApp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the service at {}", self.addr)
    }
}
