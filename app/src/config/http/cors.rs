//! Which web pages of other origins may use the API.

use adapters::config::Variables;
use axum::http::{HeaderValue, Uri};
use ports::DatabaseError;

/// `HTTP_CORS_ORIGINS`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CorsOrigins {
    /// `*`: those of every origin.
    Any,
    /// Those of these origins, such as `https://example.org`.
    These(Vec<HeaderValue>),
}

impl CorsOrigins {
    pub(super) fn from_variables(variables: &Variables) -> Result<Option<Self>, DatabaseError> {
        let allowed = "* and origins separated by commas, such as \
                       https://example.org,http://localhost:8080";
        variables.otherwise("cors_origins", "none");
        variables.read("cors_origins", allowed, |text| {
            if text.trim() == "*" {
                return Some(Self::Any);
            }
            let origins = text.split(',').map(|text| origin(text.trim()));
            origins.collect::<Option<_>>().map(Self::These)
        })
    }
}

/// As browsers write it: scheme, host, and the port when it is not the usual one. A path, even
/// a slash, would never be equal to what they send.
fn origin(text: &str) -> Option<HeaderValue> {
    let (scheme, authority) = text.split_once("://")?;
    let known = matches!(scheme, "http" | "https");
    let plain = !authority.contains(['/', '?', '#', '@', '*']) && !authority.is_empty();
    let lower = !text.contains(|c: char| c.is_ascii_uppercase());
    let is_uri = text.parse::<Uri>().is_ok();
    let is_origin = known && plain && lower && is_uri;
    is_origin
        .then(|| HeaderValue::from_str(text).ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Option<CorsOrigins>, DatabaseError> {
        CorsOrigins::from_variables(&Variables::of("HTTP", [("HTTP_CORS_ORIGINS", text)])?)
    }

    #[test]
    fn origins_are_a_list_or_a_star() -> Result<(), DatabaseError> {
        assert_eq!(read("")?, None);
        assert_eq!(read("*")?, Some(CorsOrigins::Any));
        let two = ["https://a.example", "http://localhost:8080"];
        let two = two.map(HeaderValue::from_static).to_vec();
        assert_eq!(
            read("https://a.example, http://localhost:8080")?,
            Some(CorsOrigins::These(two))
        );
        Ok(())
    }

    #[test]
    fn what_no_browser_would_send_is_refused() {
        for text in [
            "example.org",
            "https://a.example/",
            "https://*.example",
            "https://A.example",
            "ftp://a.example",
            "https://a.example,,",
            "*,https://a.example",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
