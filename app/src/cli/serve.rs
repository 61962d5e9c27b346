//! Serving, and what is said when it begins.

use std::{io, net::SocketAddr, pin::pin, process::ExitCode, time::Duration};

use adapters::Database;
use tokio::{
    net::TcpListener,
    runtime,
    time::{Instant, sleep, timeout, timeout_at},
};

use super::{Failure, console::say};
use crate::{
    background::Background,
    bootstrap::{self, Service, Sources},
    config::{Config, HttpConfig, LogFormat},
    files, http,
    lifecycle::{Lifecycle, Phase},
    server::Server,
    signals::{Signals, Stop},
};

/// How long a database that is there takes to be ready.
const PROMPT: Duration = Duration::from_millis(500);

pub(super) fn run(
    config: &Config,
    database: &Database,
    sources: &Sources,
) -> Result<ExitCode, Failure> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::new)?;
    runtime.block_on(serve(config, database, sources))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: &Config, database: &Database, sources: &Sources) -> Result<(), Failure> {
    let authenticator = bootstrap::authenticator(config.auth.clone(), sources.clock.clone())?;
    if authenticator.is_none() {
        refuse_strangers(config.http.addr)?;
    }
    let mut signals = Signals::catch().map_err(Failure::new)?;
    files::make_room_for(config.http.max_connections);
    let listener = listen(config.http.addr).await?;
    let addr = listener.local_addr().map_err(Failure::new)?;
    let Service {
        mut api,
        tasks,
        pool,
    } = bootstrap::service_from(database, config, sources)?;
    let lifecycle = Lifecycle::starting();
    api.lifecycle = lifecycle.clone();
    api.authenticator = authenticator;
    let server = Server::start(listener, http::router(api, &config.http), &config.http);

    let mut preparing = pin!(prepare(database, &lifecycle));
    // A database that is there is ready by the time that anybody can read of it.
    let prompt = match database {
        Database::Postgres(_) => timeout(PROMPT, &mut preparing).await.ok(),
        Database::Sqlite(_) => Some((&mut preparing).await),
    };
    let is_prepared = prompt.transpose()?.is_some();
    announce(config, database, addr);
    let early = if is_prepared {
        None
    } else {
        tokio::select! {
            ended = preparing => ended.map(|()| None)?,
            stop = signals.next() => Some(stop),
        }
    };
    let (background, stop) = if let Some(stop) = early {
        (None, stop)
    } else {
        let background = Background::start(tasks, &lifecycle);
        (Some(background), signals.next().await)
    };

    lifecycle.enter(Phase::Stopping);
    tokio::select! {
        () = end(server, background, stop, &config.http) => {}
        _ = signals.next() => tracing::warn!("asked once more: ending at once"),
    }
    pool.close();
    Ok(())
}

async fn prepare(database: &Database, lifecycle: &Lifecycle) -> Result<(), Failure> {
    let prepared = bootstrap::prepare(database).await;
    prepared.map_err(|error| Failure::of_database(database, error))?;
    lifecycle.enter(Phase::Serving);
    Ok(())
}

/// Ends what runs, in an order in which nobody has to notice.
async fn end(server: Server, background: Option<Background>, stop: Stop, config: &HttpConfig) {
    let (delay, patience) = (config.shutdown_delay, config.shutdown_timeout);
    if stop == Stop::Asked {
        tracing::info!(?delay, "stopping: not ready any more, and still there");
        sleep(delay).await;
    }
    tracing::info!(?patience, "stopping: requests may finish");
    let deadline = Instant::now() + patience;
    if !server.drain(patience).await {
        tracing::warn!("stopped with requests unfinished: their time was up");
    }
    if let Some(background) = background
        && timeout_at(deadline, background.ended()).await.is_err()
    {
        tracing::warn!("stopped with background tasks unfinished: their time was up");
    }
}

fn announce(config: &Config, database: &Database, addr: SocketAddr) {
    if config.auth.is_none() {
        tracing::warn!(
            "running open: whoever can connect may do everything; AUTH_SECRET or AUTH_JWKS ends that"
        );
    }
    match config.log.format {
        LogFormat::Human => drop(say(&greeting(database, addr))),
        LogFormat::Json => tracing::info!(%database, %addr, "listening"),
    }
}

/// An open service is for whoever has an account on this machine, and for nobody else.
fn refuse_strangers(addr: SocketAddr) -> Result<(), Failure> {
    if addr.ip().to_canonical().is_loopback() {
        return Ok(());
    }
    Err(Failure::of_settings(format!(
        "HTTP_ADDR: {addr} can be reached from elsewhere, and nothing says who may use the \
         service: set AUTH_SECRET, to 32 or more random bytes, or AUTH_JWKS; without either, \
         the address must be a loopback one, such as 127.0.0.1:3000"
    )))
}

async fn listen(addr: SocketAddr) -> Result<TcpListener, Failure> {
    TcpListener::bind(addr).await.map_err(|error| {
        let reason = match error.kind() {
            io::ErrorKind::AddrInUse => "another program listens there".to_owned(),
            _ => error.to_string(),
        };
        Failure::of_settings(format!(
            "HTTP_ADDR: {addr} can not be listened on: {reason}; HTTP_ADDR=127.0.0.1:0 takes \
             any free port"
        ))
    })
}

/// What runs where, and what to try next.
fn greeting(database: &Database, addr: SocketAddr) -> String {
    let mut lines = vec![format!("Running on {database}.")];
    if matches!(database, Database::Sqlite(_)) {
        lines.extend([
            "  It is embedded: nothing to install, one writer at a time. To move to PostgreSQL:"
                .to_owned(),
            "  DATABASE_URL=postgres://user:password@localhost:5432/database cargo run".to_owned(),
        ]);
    }
    lines.extend([
        format!("Listening on http://{addr} (ctrl-c stops it). Try:"),
        format!("  curl -i http://{addr}/readyz"),
    ]);
    // sample: begin
    lines.extend([
        format!("  curl -i http://{addr}/v1/accounts -H 'content-type: application/json' \\"),
        r#"    -d '{"owner": "Ada", "currency": "EUR", "opening_balance": 500}'"#.to_owned(),
    ]);
    // sample: end
    lines.join("\n")
}
