//! Serving the API on a socket until told to stop.
//!
//! axum's own server waits for a slow client for as long as it likes; this one has a bound for
//! each way in which a client can be slow, and for how many there may be.

mod connection;
mod handler;
mod meter;

use std::{
    io,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use axum::Router;
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};

use crate::config::HttpConfig;
use connection::Bounds;

/// How long to wait when the system has nothing left to accept a connection with.
const EXHAUSTED: Duration = Duration::from_millis(100);

/// What the connections of a server have in common.
pub(crate) struct Shared {
    router: Router,
    bounds: Bounds,
    /// There is no room for another connection: those that nobody uses had better go.
    crowded: AtomicBool,
    makes_room: tokio::sync::Notify,
}

/// A server that runs. Dropped, it ends at once and takes its connections with it.
#[derive(Debug)]
pub struct Server {
    stop: watch::Sender<bool>,
    running: JoinHandle<()>,
}

impl Server {
    /// Starts serving.
    pub fn start(listener: TcpListener, router: Router, config: &HttpConfig) -> Self {
        let (stop, stopped) = watch::channel(false);
        let shared = Arc::new(Shared {
            router,
            bounds: Bounds::of(config),
            crowded: AtomicBool::new(false),
            makes_room: tokio::sync::Notify::new(),
        });
        let running = serve(listener, shared, config.max_connections, stopped);
        Self {
            stop,
            running: tokio::spawn(running),
        }
    }

    /// Takes no more connections, lets the requests that are being worked on finish, closes
    /// each connection after its last one, and gives up after `patience`. Answers whether
    /// everything was finished.
    pub async fn drain(mut self, patience: Duration) -> bool {
        self.stop.send_replace(true);
        tokio::time::timeout(patience, &mut self.running)
            .await
            .is_ok()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.abort();
    }
}

async fn serve(
    listener: TcpListener,
    shared: Arc<Shared>,
    max_connections: usize,
    mut stopped: watch::Receiver<bool>,
) {
    let mut connections = JoinSet::new();
    let stopping = stopped.clone();
    let mut stop = std::pin::pin!(is_set(&mut stopped));
    loop {
        let has_room = connections.len() < max_connections;
        shared.set_crowded(!has_room);
        tokio::select! {
            () = &mut stop => break,
            Some(_) = connections.join_next() => {}
            accepted = listener.accept(), if has_room => match accepted {
                Ok((stream, peer)) => {
                    let stop = stopping.clone();
                    connections.spawn(connection::serve(stream, peer, shared.clone(), stop));
                }
                Err(error) => pause(&error).await,
            },
        }
    }
    drop(listener);
    while connections.join_next().await.is_some() {}
}

/// Ready once this was set, or nobody can set it any more.
pub(crate) async fn is_set(flag: &mut watch::Receiver<bool>) {
    drop(flag.wait_for(|set| *set).await);
}

/// A client that left before it was accepted is no trouble; a system without file descriptors
/// is, and trying again at once would keep a processor busy for nothing.
async fn pause(error: &io::Error) {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if matches!(
        error.kind(),
        ConnectionAborted | ConnectionRefused | ConnectionReset
    ) {
        return;
    }
    tracing::error!(%error, "no connection can be accepted");
    tokio::time::sleep(EXHAUSTED).await;
}

#[cfg(test)]
mod tests {
    use axum::{body::Body, routing::get};
    use futures_util::{StreamExt as _, stream};
    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpStream,
    };

    use super::*;

    #[tokio::test]
    async fn a_body_that_panics_costs_its_connection_and_nothing_else() {
        let panics = || async {
            let parts = stream::iter([true, false]).map(|whole| {
                assert!(whole, "a panic of a test");
                Ok::<_, io::Error>("half")
            });
            Body::from_stream(parts)
        };
        let router = Router::new()
            .route("/panics", get(panics))
            .route("/fine", get(|| async { "fine" }));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let _server = Server::start(listener, router, &HttpConfig::default());

        let cut = answer(addr, "/panics").await;
        assert!(!cut.contains("0\r\n\r\n"), "it must not look whole: {cut}");
        assert!(answer(addr, "/fine").await.ends_with("fine"));
    }

    async fn answer(addr: std::net::SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        let head = format!("GET {path} HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut bytes = Vec::new();
        // It may be reset.
        drop(stream.read_to_end(&mut bytes).await);
        String::from_utf8(bytes).unwrap()
    }
}
