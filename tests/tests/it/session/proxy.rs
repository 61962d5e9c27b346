//! A wire to the server that can be listened to and cut.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};
use url::Url;

/// Stands between a manager and its server, on the runtime of the test.
pub(super) struct Proxy {
    url: Url,
    wire: Arc<Wire>,
}

#[derive(Default)]
struct Wire {
    round_trips: AtomicUsize,
    is_dead: AtomicBool,
}

impl Proxy {
    pub(super) async fn to(url: &str) -> Self {
        let mut url = Url::parse(url).unwrap();
        let server = ("127.0.0.1", url.port().unwrap_or(5432));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        url.set_port(Some(listener.local_addr().unwrap().port()))
            .unwrap();
        let wire = Arc::<Wire>::default();
        let shared = Arc::clone(&wire);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (from_client, to_client) = client.into_split();
                let server = TcpStream::connect(server).await.unwrap();
                let (from_server, to_server) = server.into_split();
                tokio::spawn(Arc::clone(&shared).requests(from_client, to_server));
                tokio::spawn(Arc::clone(&shared).answers(from_server, to_client));
            }
        });
        Self { url, wire }
    }

    pub(super) fn url(&self) -> &str {
        self.url.as_str()
    }

    /// How many times the server was asked for an answer since the last call, logins not counted.
    pub(super) fn round_trips(&self) -> usize {
        self.wire.round_trips.swap(0, Relaxed)
    }

    /// Has every byte vanish from now on, as when a cable is pulled, or pass again.
    pub(super) fn pull_the_cable(&self, pulled: bool) {
        self.wire.is_dead.store(pulled, Relaxed);
    }
}

impl Wire {
    /// A message is a letter, a length that counts itself, and the rest; the first has no letter.
    async fn requests(
        self: Arc<Self>,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
    ) -> io::Result<()> {
        let mut is_first = true;
        loop {
            let letter = if is_first {
                None
            } else {
                Some(from.read_u8().await?)
            };
            is_first = false;
            let length = from.read_u32().await?;
            let mut rest = vec![0; length as usize - 4];
            from.read_exact(&mut rest).await?;
            if matches!(letter, Some(b'S' | b'Q')) {
                self.round_trips.fetch_add(1, Relaxed);
            }
            if self.is_dead.load(Relaxed) {
                continue;
            }
            let mut message: Vec<u8> = letter.into_iter().collect();
            message.extend(length.to_be_bytes());
            message.extend(rest);
            to.write_all(&message).await?;
        }
    }

    async fn answers(
        self: Arc<Self>,
        mut from: OwnedReadHalf,
        mut to: OwnedWriteHalf,
    ) -> io::Result<()> {
        let mut bytes = vec![0; 64 * 1024];
        loop {
            let length = from.read(&mut bytes).await?;
            if length == 0 {
                return Ok(());
            }
            while self.is_dead.load(Relaxed) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            to.write_all(bytes.get(..length).unwrap_or_default())
                .await?;
        }
    }
}
