//! A server whose answers take a while, so that every wait for one is a wait.

use std::{net::SocketAddr, time::Duration};

use adapters::postgres::PostgresConfig;
use sea_orm::sqlx;
use tests::on_own_thread;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
    runtime::{Builder, Runtime},
};

use super::world::{OnPostgres, World};

/// Long against a switch of threads: an answer is never there before it is waited for.
const DELAY: Duration = Duration::from_millis(3);

/// PostgreSQL behind a proxy that holds back what the server says.
pub(super) struct OnSlowPostgres {
    world: OnPostgres,
    proxy: SocketAddr,
    runtime: Option<Runtime>,
}

impl World for OnSlowPostgres {
    type Db = sqlx::Postgres;

    async fn new() -> Self {
        let world = OnPostgres::new().await;
        let config = world.config();
        let runtime = Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let handle = runtime.handle().clone();
        let proxy = on_own_thread(async move {
            let listening = handle.spawn(TcpListener::bind("127.0.0.1:0"));
            let listener = listening.await.unwrap().unwrap();
            let address = listener.local_addr().unwrap();
            handle.spawn(serve(listener, config));
            address
        });
        Self {
            world,
            proxy,
            runtime: Some(runtime),
        }
    }

    fn config(&self) -> PostgresConfig {
        let mut config = self.world.config();
        config.host = self.proxy.ip().to_string();
        config.port = self.proxy.port();
        config
    }

    fn settings(config: &mut PostgresConfig) -> &mut adapters::seaorm::SessionSettings {
        OnPostgres::settings(config)
    }

    async fn stored(&self) -> Vec<i32> {
        self.world.stored().await
    }

    async fn settled(&self) {
        self.world.settled().await;
    }
}

impl Drop for OnSlowPostgres {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn serve(listener: TcpListener, server: PostgresConfig) {
    while let Ok((client, _)) = listener.accept().await {
        let server = (server.host.clone(), server.port);
        tokio::spawn(async move {
            let server = TcpStream::connect(server).await.unwrap();
            server.set_nodelay(true).unwrap();
            client.set_nodelay(true).unwrap();
            let (mut from_client, to_client) = client.into_split();
            let (from_server, mut to_server) = server.into_split();
            // Either side that closes takes the other with it.
            tokio::select! {
                _ = tokio::io::copy(&mut from_client, &mut to_server) => {}
                () = hold_back(from_server, to_client) => {}
            }
        });
    }
}

async fn hold_back(
    mut server: tokio::net::tcp::OwnedReadHalf,
    mut client: tokio::net::tcp::OwnedWriteHalf,
) {
    let mut said = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = server.read(&mut said).await {
        tokio::time::sleep(DELAY).await;
        let said = said.get(..length).unwrap_or_default();
        if client.write_all(said).await.is_err() {
            return;
        }
    }
}
