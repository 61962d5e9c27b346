//! How much one client may ask for.

use std::{
    net::{IpAddr, Ipv6Addr, SocketAddr},
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

use axum::{
    RequestExt as _,
    extract::{ConnectInfo, Request},
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};
use axum_client_ip::{ClientIp, ClientIpSource};
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock, QuantaInstant, Reference as _},
};

use crate::{
    config::{ClientAddress, RateLimit},
    http::problem::{Problem, ProblemKind},
};

/// How many clients are remembered one by one. Beyond them, all share what one may have: memory
/// stays bounded, whoever knocks.
const MOST_CLIENTS: usize = 100_000;

/// What each client has left.
pub(super) struct Rates {
    limiter: DefaultKeyedRateLimiter<Option<IpAddr>>,
    clock: DefaultClock,
    began: QuantaInstant,
    /// In which second those were last forgotten that have been quiet for long enough.
    tidied: AtomicU64,
    source: Option<ClientIpSource>,
    most: usize,
}

impl Rates {
    pub(super) fn new(limit: RateLimit, address: ClientAddress) -> Self {
        Self::remembering(MOST_CLIENTS, limit, address)
    }

    fn remembering(most: usize, limit: RateLimit, address: ClientAddress) -> Self {
        let quota = Quota::per_second(limit.per_second).allow_burst(limit.burst);
        let clock = DefaultClock::default();
        Self {
            limiter: RateLimiter::keyed(quota),
            began: clock.now(),
            clock,
            tidied: AtomicU64::new(0),
            source: source(address),
            most,
        }
    }

    /// Fails with an answer when the client has sent too many.
    pub(super) async fn admit(&self, request: &mut Request) -> Result<(), Response> {
        // Without an address there is no server below, as in a test of the router alone.
        let Some(client) = self.client(request).await else {
            return Ok(());
        };
        self.take(client).map_err(refused)
    }

    /// How long this client had better wait, if it has nothing left.
    fn take(&self, client: IpAddr) -> Result<(), Duration> {
        self.tidy_up();
        let is_full = self.limiter.len() >= self.most;
        let key = (!is_full).then(|| key(client));
        self.limiter
            .check_key(&key)
            .map_err(|denied| denied.wait_time_from(self.clock.now()))
    }

    fn tidy_up(&self) {
        let since: Duration = self.clock.now().duration_since(self.began).into();
        let now = since.as_secs();
        let last = self.tidied.load(Relaxed);
        let is_due = now > last;
        if is_due
            && self
                .tidied
                .compare_exchange(last, now, Relaxed, Relaxed)
                .is_ok()
        {
            self.limiter.retain_recent();
        }
    }

    async fn client(&self, request: &mut Request) -> Option<IpAddr> {
        if let Some(source) = &self.source {
            request.extensions_mut().insert(source.clone());
            if let Ok(ClientIp(address)) = request.extract_parts().await {
                return Some(address);
            }
            // Not by way of the proxy.
        }
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        peer.map(|ConnectInfo(peer)| peer.ip())
    }
}

/// A client with IPv6 has a network of 64 bits to itself, and may use any address in it.
fn key(client: IpAddr) -> IpAddr {
    match client.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            Ipv6Addr::from_bits(network).into()
        }
        v4 @ IpAddr::V4(_) => v4,
    }
}

fn source(address: ClientAddress) -> Option<ClientIpSource> {
    Some(match address {
        ClientAddress::Peer => return None,
        ClientAddress::XForwardedFor => ClientIpSource::RightmostXForwardedFor,
        ClientAddress::XRealIp => ClientIpSource::XRealIp,
        ClientAddress::CfConnectingIp => ClientIpSource::CfConnectingIp,
        ClientAddress::TrueClientIp => ClientIpSource::TrueClientIp,
        ClientAddress::FlyClientIp => ClientIpSource::FlyClientIp,
        ClientAddress::CloudFrontViewerAddress => ClientIpSource::CloudFrontViewerAddress,
        ClientAddress::XEnvoyExternalAddress => ClientIpSource::XEnvoyExternalAddress,
    })
}

fn refused(wait: Duration) -> Response {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let text = "this client has sent more requests than it may; wait, then go on more slowly";
    let mut response = Problem::new(ProblemKind::RateLimited, text).into_response();
    let after = HeaderValue::from(seconds.max(1));
    response.headers_mut().insert(header::RETRY_AFTER, after);
    response
}

#[cfg(test)]
mod tests {
    use std::num::NonZeroU32;

    use super::*;

    fn rates(most: usize) -> Rates {
        let limit = RateLimit {
            per_second: NonZeroU32::new(1).unwrap(),
            burst: NonZeroU32::new(2).unwrap(),
        };
        Rates::remembering(most, limit, ClientAddress::Peer)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn each_client_has_a_limit_of_its_own() {
        let rates = rates(10);
        let (one, other) = (address("10.0.0.1"), address("10.0.0.2"));
        assert!(rates.take(one).is_ok() && rates.take(one).is_ok());
        assert!(
            rates
                .take(one)
                .is_err_and(|wait| wait <= Duration::from_secs(1))
        );
        assert!(rates.take(other).is_ok());
    }

    #[test]
    fn the_addresses_of_one_network_are_one_client() {
        let rates = rates(10);
        for (index, is_ok) in [true, true, false].into_iter().enumerate() {
            let client = address(&format!("2001:db8:0:1::{index}"));
            assert_eq!(rates.take(client).is_ok(), is_ok, "{client}");
        }
        assert!(rates.take(address("2001:db8:0:2::1")).is_ok());
        assert!(rates.take(address("::ffff:10.0.0.1")).is_ok());
        assert_eq!(key(address("::ffff:10.0.0.1")), address("10.0.0.1"));
    }

    #[test]
    fn however_many_clients_there_are_few_are_remembered() {
        let rates = rates(10);
        let served = (0..200).filter(|last| rates.take(address(&format!("10.0.0.{last}"))).is_ok());
        // Those that are remembered, and two for all of the others.
        assert_eq!(served.count(), 12);
        assert!(rates.limiter.len() <= 11);

        // Who was quiet is forgotten: the others have limits of their own again.
        while rates.limiter.len() >= 10 {
            std::thread::sleep(Duration::from_millis(50));
            rates.tidy_up();
        }
        assert!(rates.take(address("10.0.1.1")).is_ok());
    }
}
