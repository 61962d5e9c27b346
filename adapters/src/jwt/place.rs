//! Where a set of keys is.

use std::{error::Error, fmt, io, path::PathBuf, time::Duration};

use reqwest::{Client, StatusCode, redirect::Policy};
use url::{Host, Url};

use super::key_set::{KeySet, KeySetError};

/// The longest document that is read, in bytes.
const MAX_DOCUMENT: usize = 512 * 1024;

const MAX_REDIRECTS: usize = 3;

/// Where a set of keys is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In a file.
    File(PathBuf),
    /// Behind a URL, whose scheme is `https` or `http`.
    Url(Url),
}

/// How to get at it.
pub(super) enum Reader {
    File(PathBuf),
    Url(Client, Url),
}

/// Why the keys could not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum ReadError {
    #[error("the file can not be read")]
    File(#[source] io::Error),
    #[error("the server can not be asked")]
    Request(#[source] reqwest::Error),
    #[error("the server answers {0}")]
    Status(StatusCode),
    #[error("the document is larger than {MAX_DOCUMENT} bytes")]
    TooLarge,
    #[error("the document is not what it should be")]
    Document(#[source] KeySetError),
    #[error("the reading was interrupted")]
    Interrupted(#[source] Box<dyn Error + Send + Sync>),
}

impl Place {
    /// A path, or a URL with one of the two schemes; `None` when it looks like a URL and is none
    /// that could be asked.
    pub fn read(text: &str) -> Option<Self> {
        if !text.contains("://") {
            return Some(Self::File(text.into()));
        }
        let url = Url::parse(text).ok()?;
        let of_the_web = ["https", "http"].contains(&url.scheme());
        // A password would be in the log before long.
        let has_credentials = !url.username().is_empty() || url.password().is_some();
        (of_the_web && !has_credentials).then_some(Self::Url(url))
    }

    /// Whether somebody in between could put keys of their own in place of these.
    pub(super) fn is_open_to_forgery(&self) -> bool {
        let Self::Url(url) = self else { return false };
        let is_local = match url.host() {
            Some(Host::Ipv4(addr)) => addr.is_loopback(),
            Some(Host::Ipv6(addr)) => addr.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost",
            None => false,
        };
        url.scheme() == "http" && !is_local
    }
}

/// Without a query string, which may hold a secret.
impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => path.display().fmt(f),
            Self::Url(url) => {
                let mut shown = url.clone();
                shown.set_query(None);
                shown.set_fragment(None);
                shown.fmt(f)
            }
        }
    }
}

impl Reader {
    /// Fails when the system has no certificates that an HTTPS server could be told by.
    pub(super) fn new(place: &Place, timeout: Duration) -> Result<Self, reqwest::Error> {
        let url = match place {
            Place::File(path) => return Ok(Self::File(path.clone())),
            Place::Url(url) => url.clone(),
        };
        // Whoever came first has chosen; without a choice, the client would panic.
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = Client::builder()
            .timeout(timeout)
            .redirect(Policy::limited(MAX_REDIRECTS));
        let client = match url.scheme() {
            "https" => client.https_only(true),
            // No certificates are needed, and a small container may have none.
            _ => client.tls_certs_only([]),
        };
        Ok(Self::Url(client.build()?, url))
    }

    /// The keys as they are now.
    pub(super) async fn read(&self) -> Result<KeySet, ReadError> {
        let document = match self {
            Self::File(path) => {
                let path = path.clone();
                let read = tokio::task::spawn_blocking(move || std::fs::read(path)).await;
                let read = read.map_err(|error| ReadError::Interrupted(Box::new(error)))?;
                read.map_err(ReadError::File)?
            }
            Self::Url(client, url) => fetch(client, url.clone()).await?,
        };
        KeySet::read(&document).map_err(ReadError::Document)
    }

    /// The keys of a file, on the calling thread; `None` when they are elsewhere.
    pub(super) fn read_file(&self) -> Option<Result<KeySet, ReadError>> {
        let Self::File(path) = self else { return None };
        let read = std::fs::read(path).map_err(ReadError::File);
        Some(read.and_then(|text| KeySet::read(&text).map_err(ReadError::Document)))
    }
}

async fn fetch(client: &Client, url: Url) -> Result<Vec<u8>, ReadError> {
    // The URL is said elsewhere, without its query string.
    let failed = |error: reqwest::Error| ReadError::Request(error.without_url());
    let mut answer = client.get(url).send().await.map_err(failed)?;
    if !answer.status().is_success() {
        return Err(ReadError::Status(answer.status()));
    }
    let mut document = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(failed)? {
        document.extend_from_slice(&piece);
        if document.len() > MAX_DOCUMENT {
            return Err(ReadError::TooLarge);
        }
    }
    Ok(document)
}
