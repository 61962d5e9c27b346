//! Who a client is, and how much one of them may ask for.

use std::num::NonZeroU32;

use adapters::config::{Allowed, Variables};
use ports::DatabaseError;

/// How much one client may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// `HTTP_RATE_LIMIT`: requests in a second, on average.
    pub per_second: NonZeroU32,
    /// `HTTP_RATE_BURST`: requests at once, after a while without any.
    pub burst: NonZeroU32,
}

impl RateLimit {
    pub(super) fn from_variables(variables: &Variables) -> Result<Option<Self>, DatabaseError> {
        variables.otherwise("rate_limit", "no limit");
        variables.otherwise("rate_burst", "that of a second");
        let positive = |key| {
            variables.read(key, "whole numbers from 1 to 1000000", |text| {
                let number: NonZeroU32 = text.parse().ok()?;
                (number.get() <= 1_000_000).then_some(number)
            })
        };
        let (per_second, burst) = (positive("rate_limit")?, positive("rate_burst")?);
        let Some(per_second) = per_second else {
            return match burst {
                None => Ok(None),
                Some(_) => Err(DatabaseError::configuration(
                    "HTTP_RATE_BURST has no effect without HTTP_RATE_LIMIT",
                )),
            };
        };
        Ok(Some(Self {
            per_second,
            burst: burst.unwrap_or(per_second),
        }))
    }
}

/// `HTTP_CLIENT_IP_SOURCE`: where the address of a client is found.
///
/// A header is to be believed only if a proxy sets it, and nobody gets past the proxy: whoever
/// can write it is whoever they want to be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientAddress {
    /// The other end of the connection.
    #[default]
    Peer,
    /// The last address in `X-Forwarded-For`: the one that the nearest proxy has seen.
    XForwardedFor,
    /// `X-Real-Ip`, as of nginx.
    XRealIp,
    /// `CF-Connecting-IP`, of Cloudflare.
    CfConnectingIp,
    /// `True-Client-IP`, of Akamai and Cloudflare.
    TrueClientIp,
    /// `Fly-Client-IP`, of Fly.io.
    FlyClientIp,
    /// `CloudFront-Viewer-Address`, of AWS `CloudFront`.
    CloudFrontViewerAddress,
    /// `X-Envoy-External-Address`, of Envoy and Istio.
    XEnvoyExternalAddress,
}

impl ClientAddress {
    pub(super) fn from_variables(variables: &Variables) -> Result<Self, DatabaseError> {
        let sources = [
            ("peer", Self::Peer),
            ("x-forwarded-for", Self::XForwardedFor),
            ("x-real-ip", Self::XRealIp),
            ("cf-connecting-ip", Self::CfConnectingIp),
            ("true-client-ip", Self::TrueClientIp),
            ("fly-client-ip", Self::FlyClientIp),
            ("cloudfront-viewer-address", Self::CloudFrontViewerAddress),
            ("x-envoy-external-address", Self::XEnvoyExternalAddress),
        ];
        variables.one_of_or("client_ip_source", &Allowed(&sources), Self::default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Option<RateLimit>, String> {
        let variables = Variables::of("HTTP", pairs.iter().copied());
        let limit = variables.and_then(|variables| RateLimit::from_variables(&variables));
        limit.map_err(|error| error.to_string())
    }

    #[test]
    fn nothing_is_limited_unless_asked_for_and_a_burst_is_a_second_s_worth() {
        assert_eq!(read(&[]), Ok(None));
        let five = NonZeroU32::new(5).unwrap();
        let limit = RateLimit {
            per_second: five,
            burst: five,
        };
        assert_eq!(read(&[("HTTP_RATE_LIMIT", "5")]), Ok(Some(limit)));
    }

    #[test]
    fn a_burst_without_a_limit_is_refused() {
        let refused = read(&[("HTTP_RATE_BURST", "5")]);
        assert!(refused.is_err_and(|text| text.contains("HTTP_RATE_LIMIT")));
        let refused = read(&[("HTTP_RATE_LIMIT", "0")]);
        assert!(refused.is_err_and(|text| text.contains("from 1")));
    }
}
