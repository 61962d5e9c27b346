//! A Chromium without a window, driven over WebDriver.

use std::{
    io::{BufRead as _, BufReader, Read as _},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use fantoccini::{
    Client, ClientBuilder, Locator,
    elements::Element,
    error::CmdError,
    wd::{Capabilities, WebDriverCompatibleCommand},
};
use http::Method;
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};
use tempfile::TempDir;
use url::{ParseError, Url};

/// Generous: the machine may be busy, and a page that is broken stays so.
const PATIENCE: Duration = Duration::from_secs(60);
const WIDTH: u32 = 1200;
const HEIGHT: u32 = 1500;

/// A browser with a profile of its own. [`close`](Self::close) it, or its driver ends it.
pub(crate) struct Chromium {
    client: Client,
    driver: Driver,
    _profile: TempDir,
}

/// `chromedriver`, which ends with this value.
struct Driver {
    process: Child,
    /// Open for as long as it may say something.
    _said: BufReader<ChildStdout>,
    url: String,
}

impl Chromium {
    pub(crate) async fn start() -> Self {
        let driver = Driver::start();
        let profile = TempDir::new().expect("a folder for the profile");
        let mut builder = ClientBuilder::new(HttpConnector::new());
        let client = builder
            .capabilities(capabilities(&profile))
            .connect(&driver.url)
            .await;
        let client = client.unwrap_or_else(|error| {
            panic!("Chromium does not start (Debian: apt-get install chromium): {error}")
        });
        client.set_window_size(WIDTH, HEIGHT).await.unwrap();
        Self {
            client,
            driver,
            _profile: profile,
        }
    }

    pub(crate) async fn open(&self, url: &str) {
        self.client.goto(url).await.unwrap();
    }

    /// The element, once it is shown.
    pub(crate) async fn wait_for(&self, css: &str) -> Element {
        let waited = self.client.wait().at_most(PATIENCE);
        let found = waited.for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("no {css} on the page: {error}"))
    }

    pub(crate) async fn text_of(&self, css: &str) -> String {
        self.wait_for(css).await.text().await.unwrap()
    }

    pub(crate) async fn click(&self, css: &str) {
        self.wait_for(css).await.click().await.unwrap();
    }

    pub(crate) async fn fill(&self, css: &str, text: &str) {
        let field = self.wait_for(css).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Nothing was asked of anybody but this service, and the console has no complaint, such as
    /// one about the page's own policy.
    pub(crate) async fn assert_nothing_went_wrong(&self, service: &str) {
        let events = self.log("performance").await;
        let asked: Vec<_> = events.iter().filter_map(|event| asked(event)).collect();
        assert!(!asked.is_empty(), "requests are logged: {events:?}");
        let elsewhere = asked.iter().filter(|url| !url.starts_with(service));
        let elsewhere: Vec<_> = elsewhere.collect();
        assert!(elsewhere.is_empty(), "{elsewhere:?}");
        let complaints = self.log("browser").await;
        assert!(complaints.is_empty(), "{complaints:?}");
    }

    /// What is seen when this element is at the top, as PNG.
    pub(crate) async fn picture_of(&self, css: &str) -> Vec<u8> {
        let script = "document.querySelector(arguments[0]).scrollIntoView()";
        self.client.execute(script, vec![css.into()]).await.unwrap();
        self.client.screenshot().await.unwrap()
    }

    pub(crate) async fn close(self) {
        self.client.close().await.unwrap();
        drop(self.driver);
    }

    async fn log(&self, name: &'static str) -> Vec<Value> {
        let answered = self.client.issue_cmd(Log(name)).await;
        let entries: Result<Value, CmdError> = answered;
        entries.unwrap().as_array().cloned().unwrap_or_default()
    }
}

/// The address of a request that goes out, if the event is one. What Chromium reads of itself,
/// such as its empty tab, and what a page has inline does not go out.
fn asked(event: &Value) -> Option<String> {
    let message: Value = serde_json::from_str(event.get("message")?.as_str()?).ok()?;
    let message = message.get("message")?;
    if message.get("method")? != "Network.requestWillBeSent" {
        return None;
    }
    let url = message.pointer("/params/request/url")?.as_str()?;
    let goes_out = ["http:", "https:", "ws:", "wss:"];
    let goes_out = goes_out.iter().any(|scheme| url.starts_with(scheme));
    goes_out.then(|| url.to_owned())
}

fn capabilities(profile: &TempDir) -> Capabilities {
    let profile = format!("--user-data-dir={}", profile.path().display());
    let options = json!({
        "args": [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            // There is no network but the service itself.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            profile,
        ],
    });
    let logged = json!({ "performance": "ALL", "browser": "ALL" });
    [
        ("goog:chromeOptions".to_owned(), options),
        ("goog:loggingPrefs".to_owned(), logged),
    ]
    .into_iter()
    .collect()
}

impl Driver {
    fn start() -> Self {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| {
                panic!("chromedriver (Debian: apt-get install chromium-driver): {error}")
            });
        let mut said = BufReader::new(process.stdout.take().unwrap());
        // "ChromeDriver was started successfully on port 12345."
        let port = said
            .by_ref()
            .lines()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse::<u16>().ok()
            });
        let port = port.expect("chromedriver says where it listens");
        Self {
            process,
            _said: said,
            url: format!("http://127.0.0.1:{port}"),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Chromium's own command: what it has logged since it was last asked.
#[derive(Debug)]
struct Log(&'static str);

impl WebDriverCompatibleCommand for Log {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        base_url.join(&format!(
            "session/{}/se/log",
            session_id.unwrap_or_default()
        ))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(json!({ "type": self.0 }).to_string()))
    }
}
