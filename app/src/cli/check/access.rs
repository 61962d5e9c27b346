//! Whether the service knows who may use it.

use std::net::SocketAddr;

use super::{Finding, Name};

pub(super) fn find(addr: SocketAddr, is_guarded: bool) -> Finding {
    let name = Name::Access;
    let is_loopback = addr.ip().to_canonical().is_loopback();
    match (is_guarded, is_loopback) {
        (true, _) => Finding::ok(name, "callers need a token"),
        (false, true) => Finding::warn(
            name,
            format!("open to everybody on this machine, at {addr}"),
            "fine for development; else set AUTH_SECRET or AUTH_JWKS",
        ),
        (false, false) => Finding::fail(
            name,
            format!("{addr} can be reached from elsewhere, and nothing says who may use it"),
            "set AUTH_SECRET or AUTH_JWKS, or a loopback address as HTTP_ADDR",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::super::Verdict;
    use super::*;

    #[test]
    fn an_open_service_is_for_loopback_alone() {
        for (addr, is_guarded, verdict) in [
            ("127.0.0.1:3000", false, Verdict::Warn),
            ("[::1]:3000", false, Verdict::Warn),
            ("0.0.0.0:3000", false, Verdict::Fail),
            ("0.0.0.0:3000", true, Verdict::Ok),
        ] {
            let found = find(addr.parse().unwrap(), is_guarded);
            assert_eq!(found.verdict, verdict, "{found}");
        }
    }
}
