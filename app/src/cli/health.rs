//! Asking the service that runs here, for containers without a shell or curl.

use std::{
    io::{self, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream},
    process::ExitCode,
    time::Duration,
};

use adapters::config::Variables;
use clap::Args;

use super::{Failure, console::say};
use crate::config::HttpConfig;

const HELP: &str = "\
Where it listens is HTTP_ADDR, as for serve. Exit code 0: it is well; 1: it is not, or nothing
answers.

Examples:
  app health
  app health --live                            although its database may be away
  HEALTHCHECK CMD [\"app\", \"health\"]            in a Dockerfile";

/// The longest answer that is read: the status is in its first line.
const MAX_HEAD: u64 = 1024;

/// What `health` is told.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct HealthArguments {
    /// Ask whether it is alive, not whether it can answer requests
    #[arg(long)]
    live: bool,
    /// The longest wait for the answer, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 3, value_parser = clap::value_parser!(u64).range(1..=60))]
    timeout: u64,
}

pub(super) fn run(arguments: &HealthArguments) -> Result<ExitCode, Failure> {
    let config = HttpConfig::from_variables(&Variables::of_process("HTTP")?)?;
    let path = if arguments.live {
        "/healthz"
    } else {
        "/readyz"
    };
    let addr = reachable(config.addr);
    let asked = ask(addr, path, Duration::from_secs(arguments.timeout));
    let status = asked.map_err(|error| Failure::new(format!("http://{addr}{path}: {error}")))?;
    say(&format!("http://{addr}{path}: {status}"))?;
    let is_well = status.starts_with("200");
    Ok(ExitCode::from(u8::from(!is_well)))
}

/// A service that listens on every address is asked on its own machine's.
fn reachable(mut addr: SocketAddr) -> SocketAddr {
    if addr.ip().is_unspecified() {
        addr.set_ip(match addr.ip() {
            IpAddr::V4(_) => Ipv4Addr::LOCALHOST.into(),
            IpAddr::V6(_) => Ipv6Addr::LOCALHOST.into(),
        });
    }
    addr
}

/// The status of the answer, such as `200 OK`.
fn ask(addr: SocketAddr, path: &str, patience: Duration) -> io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&addr, patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let head = format!("GET {path} HTTP/1.1\r\nHost: {addr}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes())?;
    let mut answer = Vec::new();
    stream.take(MAX_HEAD).read_to_end(&mut answer)?;
    let answer = String::from_utf8_lossy(&answer);
    let line = answer.lines().next().unwrap_or_default();
    let status = line.split_once(' ').map(|(_, status)| status.to_owned());
    let is_http = line.starts_with("HTTP/1.");
    status
        .filter(|_| is_http)
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "what answers there is not HTTP"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_is_asked_on_this_machine() {
        for (listens, asked) in [
            ("0.0.0.0:80", "127.0.0.1:80"),
            ("[::]:80", "[::1]:80"),
            ("10.0.0.1:80", "10.0.0.1:80"),
        ] {
            assert_eq!(reachable(listens.parse().unwrap()).to_string(), asked);
        }
    }
}
