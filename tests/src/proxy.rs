//! The network between a client and its server, for those who want to slow it down, cut it, or
//! count what passes.
//!
//! It has threads of its own and no runtime, so that it stands by whatever the client does with
//! its runtime, and keeps to delays far below a millisecond.

mod link;
mod round_trips;
mod weather;

use crate::proxy::link::Link;
use crate::proxy::round_trips::RoundTrips;
use crate::proxy::weather::Weather;
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;
use url::Url;

/// Passes connections on to a server on this machine. Dropping it cuts all of them.
///
/// Any protocol passes; only [`Proxy::round_trips`] wants PostgreSQL's, without TLS.
#[derive(Debug)]
pub struct Proxy {
    url: Url,
    addr: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    weather: Weather,
    links: Mutex<Vec<Arc<Link>>>,
    round_trips: RoundTrips,
    refuses: AtomicBool,
    ends: AtomicBool,
}

impl Proxy {
    /// Stands in front of the server of a URL, such as a database's, on a free port.
    pub fn to(url: &str) -> Self {
        let mut url = Url::parse(url).expect("a URL");
        let port = url.port_or_known_default().unwrap_or(5432);
        let server = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port for the proxy");
        let addr = listener.local_addr().expect("the port of the proxy");
        url.set_host(Some("127.0.0.1")).expect("a URL with a host");
        url.set_port(Some(addr.port())).expect("a URL with a port");
        let shared = Arc::<Shared>::default();
        let accepting = Arc::clone(&shared);
        thread::spawn(move || accepting.accept(&listener, server));
        Self { url, addr, shared }
    }

    /// The URL that was given, with the address of the proxy.
    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// Where it listens, on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.addr.port()
    }

    /// Holds each byte back for so long, each way: half of what a round trip becomes longer by.
    pub fn set_delay(&self, one_way: Duration) {
        self.shared.weather.set_delay(one_way);
    }

    /// Lets nothing pass from now on, as when a cable is pulled: nobody is told.
    pub fn stall(&self) {
        self.shared.weather.stall(true);
    }

    /// Lets everything pass again, and first what was held back.
    pub fn flow(&self) {
        self.shared.weather.stall(false);
    }

    /// Closes every connection, politely: both sides read the end of the stream.
    pub fn cut(&self) {
        for link in self.links().drain(..) {
            link.cut();
        }
    }

    /// Closes every connection with a reset, as a machine in between does that was restarted.
    pub fn reset(&self) {
        let links: Vec<_> = self.links().drain(..).collect();
        for link in &links {
            link.reset();
        }
        for link in links {
            link.join();
        }
    }

    /// Closes new connections at once, or serves them again.
    pub fn refuse(&self, refuses: bool) {
        self.shared.refuses.store(refuses, Relaxed);
    }

    /// How many connections are open now.
    pub fn connections(&self) -> usize {
        let mut links = self.links();
        links.retain(|link| !link.has_ended());
        links.len()
    }

    /// How many times clients waited for the server since this was last asked, logins not counted.
    /// Requests that were sent together, or before the answer to the one in front of them, are
    /// one round trip.
    pub fn round_trips(&self) -> u64 {
        self.shared.round_trips.take()
    }

    fn links(&self) -> MutexGuard<'_, Vec<Arc<Link>>> {
        self.shared.links()
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.ends.store(true, Relaxed);
        drop(TcpStream::connect(self.addr));
        self.flow();
        self.cut();
    }
}

impl Shared {
    fn accept(self: Arc<Self>, listener: &TcpListener, server: SocketAddr) {
        while let Ok((client, _)) = listener.accept() {
            if self.ends.load(Relaxed) {
                return;
            }
            if self.refuses.load(Relaxed) {
                continue;
            }
            // A server that is down refuses its clients; so does this.
            let Ok(server) = TcpStream::connect(server) else {
                continue;
            };
            let link = Link::start(client, server, &self);
            let mut links = self.links();
            links.retain(|link| !link.has_ended());
            links.push(link);
        }
    }

    fn links(&self) -> MutexGuard<'_, Vec<Arc<Link>>> {
        self.links.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
