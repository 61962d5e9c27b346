//! Serving the API on a socket until told to stop.

use std::{future::Future, io, time::Duration};

use axum::{Router, serve::ListenerExt as _};
use futures_util::FutureExt as _;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

/// Serves until `stop` is ready; then takes no more connections, lets the requests that are
/// being worked on finish, and gives up on them after `patience`.
///
/// # Errors
///
/// When the socket fails.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    stop: impl Future<Output = ()> + Send + 'static,
    patience: Duration,
) -> io::Result<()> {
    let stop = stop.shared();
    // An answer goes out at once, not when there is enough of it to fill a packet.
    let listener = listener.tap_io(|connection| drop(connection.set_nodelay(true)));
    let serving = axum::serve(listener, router).with_graceful_shutdown(stop.clone());
    let given_up = async {
        stop.await;
        tracing::info!(?patience, "stopping: requests may finish");
        tokio::time::sleep(patience).await;
    };
    tokio::select! {
        ended = serving => ended,
        () = given_up => {
            tracing::warn!("stopped with requests unfinished: their time was up");
            Ok(())
        }
    }
}

/// Ready when the process is asked to end: SIGTERM, as by an orchestrator, or ctrl-c.
///
/// # Errors
///
/// When the system refuses to tell us of signals.
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}
