//! One connection, and how long it is put up with.

use std::{
    future::poll_fn,
    net::SocketAddr,
    pin::pin,
    sync::{Arc, atomic::Ordering::Relaxed},
    task::Poll,
    time::Duration,
};

use hyper_util::{
    rt::{TokioExecutor, TokioIo},
    server::conn::auto::Builder,
    service::TowerToHyperService,
};
use tokio::{
    net::TcpStream,
    sync::watch,
    time::{Instant, sleep_until},
};

use super::{
    Shared,
    handler::Handler,
    is_set,
    meter::{Doing, Meter, Metered},
};
use crate::config::HttpConfig;

/// How long a connection may be unused while others wait for its place.
const CROWDED: Duration = Duration::from_secs(1);

/// How slow a client may be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bounds {
    head: Duration,
    idle: Duration,
}

impl Bounds {
    pub(super) const fn of(config: &HttpConfig) -> Self {
        Self {
            head: config.header_timeout,
            idle: config.idle_timeout,
        }
    }

    /// How long a connection may do this, without an end where that is somebody else's part:
    /// the limits of a request are the API's.
    fn for_doing(&self, doing: Doing, crowded: bool) -> Option<Duration> {
        match doing {
            Doing::Work => None,
            Doing::Head => Some(self.head),
            Doing::Nothing if crowded => Some(self.idle.min(CROWDED)),
            Doing::Nothing | Doing::Sending(_) => Some(self.idle),
        }
    }
}

impl Shared {
    pub(super) fn set_crowded(&self, crowded: bool) {
        if self.crowded.swap(crowded, Relaxed) != crowded && crowded {
            self.makes_room.notify_waiters();
        }
    }
}

enum Event {
    Ended,
    Changed,
    Stop,
    Late,
}

/// Serves a connection until it ends, is unused or too slow for too long, or the server stops.
pub(super) async fn serve(
    stream: TcpStream,
    peer: SocketAddr,
    shared: Arc<Shared>,
    mut stop: watch::Receiver<bool>,
) {
    // An answer goes out at once, not when there is enough of it to fill a packet.
    drop(stream.set_nodelay(true));
    let meter = Arc::new(Meter::new());
    let handler = Handler {
        router: shared.router.clone(),
        peer,
        meter: Arc::clone(&meter),
    };
    let io = TokioIo::new(Metered {
        stream,
        meter: Arc::clone(&meter),
    });
    // One request of a connection at a time: HTTP/2 would carry hundreds past all bounds.
    let mut builder = Builder::new(TokioExecutor::new()).http1_only();
    // The bounds here hold from the first byte on.
    builder.http1().header_read_timeout(None);
    let connection = builder.serve_connection(io, TowerToHyperService::new(handler));
    let mut connection = pin!(connection);
    let mut stop = pin!(is_set(&mut stop));

    let (mut doing, mut since, mut is_closing) = (meter.doing(), Instant::now(), false);
    loop {
        let makes_room = shared.makes_room.notified();
        let bound = match doing {
            Doing::Nothing | Doing::Sending(_) if is_closing => Some(shared.bounds.head),
            _ => shared.bounds.for_doing(doing, shared.crowded.load(Relaxed)),
        };
        let late = async {
            match bound {
                Some(bound) => sleep_until(since + bound).await,
                None => std::future::pending().await,
            }
        };
        let progress = poll_fn(|context| match connection.as_mut().poll(context) {
            Poll::Ready(_) => Poll::Ready(Event::Ended),
            Poll::Pending if meter.doing() != doing => Poll::Ready(Event::Changed),
            Poll::Pending => Poll::Pending,
        });
        let event = tokio::select! {
            biased;
            event = progress => event,
            () = &mut stop, if !is_closing => Event::Stop,
            () = late => Event::Late,
            () = makes_room, if doing == Doing::Nothing => continue,
        };
        match event {
            Event::Ended => return,
            Event::Changed => (doing, since) = (meter.doing(), Instant::now()),
            // Asked to close, and still there: nobody reads what is left to be sent.
            Event::Late if is_closing => return,
            Event::Stop | Event::Late => {
                // What is being answered is finished, and nothing else is begun.
                connection.as_mut().graceful_shutdown();
                (is_closing, since) = (true, Instant::now());
            }
        }
    }
}
