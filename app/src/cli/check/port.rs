//! Whether the service may listen where it is to.

use std::{
    io,
    net::{SocketAddr, TcpListener},
};

use super::{Finding, Name};

/// Listens for a moment; nobody can tell, unless they connect in that moment.
pub(super) fn find(addr: SocketAddr) -> Finding {
    let name = Name::Port;
    match TcpListener::bind(addr) {
        Ok(_) => Finding::ok(name, format!("{addr} is free")),
        Err(error) => {
            let (text, advice) = reason(addr, &error);
            Finding::fail(name, text, advice)
        }
    }
}

fn reason(addr: SocketAddr, error: &io::Error) -> (String, &'static str) {
    match error.kind() {
        io::ErrorKind::AddrInUse => (
            format!("another program listens on {addr}"),
            "stop it, or choose another HTTP_ADDR; --skip port if it is this service",
        ),
        io::ErrorKind::PermissionDenied => (
            format!("this user may not listen on {addr}"),
            "choose a port from 1024, or give the program CAP_NET_BIND_SERVICE",
        ),
        io::ErrorKind::AddrNotAvailable => (
            format!("this machine has no address {}", addr.ip()),
            "choose one of its own for HTTP_ADDR, or 0.0.0.0 for all of them",
        ),
        _ => (
            format!("{addr} can not be listened on: {error}"),
            "choose another HTTP_ADDR",
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_has_its_advice() {
        let addr = "192.0.2.1:80".parse().unwrap();
        for (kind, advice) in [
            (io::ErrorKind::AddrInUse, "--skip port"),
            (io::ErrorKind::PermissionDenied, "CAP_NET_BIND_SERVICE"),
            (io::ErrorKind::AddrNotAvailable, "0.0.0.0"),
        ] {
            let (_, given) = reason(addr, &kind.into());
            assert!(given.contains(advice), "{given}");
        }
    }

    #[test]
    fn an_address_of_another_machine_is_refused() {
        let found = find("192.0.2.1:1".parse().unwrap());
        assert!(found.text.contains("no address 192.0.2.1"), "{found}");
    }
}
