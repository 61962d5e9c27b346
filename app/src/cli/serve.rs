//! Serving, and what is said when it begins.

use std::{io, net::SocketAddr, process::ExitCode};

use adapters::Database;
use tokio::{net::TcpListener, runtime};

use super::{Failure, console::say};
use crate::{
    bootstrap,
    config::{Config, LogFormat},
    http, server,
};

pub(super) fn run(config: &Config, database: &Database) -> Result<ExitCode, Failure> {
    let runtime = runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(Failure::new)?;
    runtime.block_on(serve(config, database))?;
    Ok(ExitCode::SUCCESS)
}

async fn serve(config: &Config, database: &Database) -> Result<(), Failure> {
    let stop = server::stop_signal().map_err(Failure::new)?;
    let listener = listen(config.http.addr).await?;
    let addr = listener.local_addr().map_err(Failure::new)?;
    let migrated = bootstrap::migrate(database).await;
    migrated.map_err(|error| Failure::of_database(database, error))?;
    let router = http::router(bootstrap::api(database)?, &config.http);
    match config.log.format {
        LogFormat::Human => say(&greeting(database, addr)),
        LogFormat::Json => tracing::info!(%database, %addr, "listening"),
    }
    let served = server::serve(listener, router, stop, config.http.shutdown_timeout).await;
    served.map_err(Failure::new)
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
