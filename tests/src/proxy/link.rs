//! One connection, and what passes through it.

use super::{Shared, round_trips::Conversation};
use rustix::net::sockopt::set_socket_linger;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::atomic::{
    AtomicBool, AtomicUsize,
    Ordering::{AcqRel, Acquire, Release},
};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

/// How often a thread whose peer takes nothing looks whether the link has ended.
const LOOK: Duration = Duration::from_millis(20);
/// What is read at once.
const CHUNK: usize = 64 * 1024;
/// Chunks that may be on their way; whoever sends more has to wait.
const ON_THE_WAY: usize = 64;

#[derive(Debug)]
pub(super) struct Link {
    /// The threads have the sockets: one is closed when all who use it have ended.
    sockets: [Weak<TcpStream>; 2],
    threads: Mutex<Vec<JoinHandle<()>>>,
    ends: AtomicBool,
    /// The directions that something may still pass in.
    directions: AtomicUsize,
    conversation: Conversation,
}

impl Link {
    pub(super) fn start(client: TcpStream, server: TcpStream, shared: &Arc<Shared>) -> Arc<Self> {
        let [client, server] = [client, server].map(|socket| {
            // A socket whose peer is gone already says so when it is used.
            drop(socket.set_nodelay(true));
            drop(socket.set_write_timeout(Some(LOOK)));
            Arc::new(socket)
        });
        let link = Arc::new(Self {
            sockets: [&client, &server].map(Arc::downgrade),
            threads: Mutex::default(),
            ends: AtomicBool::new(false),
            directions: AtomicUsize::new(2),
            conversation: Conversation::default(),
        });
        let (requests, to_server) = sync_channel(ON_THE_WAY);
        let (answers, to_client) = sync_channel(ON_THE_WAY);
        let threads = vec![
            spawn(&link, shared, {
                let from = Arc::clone(&client);
                move |link, shared| {
                    link.read(&from, &requests, |bytes| {
                        link.conversation.asked(bytes, &shared.round_trips);
                    });
                }
            }),
            spawn(&link, shared, {
                let from = Arc::clone(&server);
                move |link, _| link.read(&from, &answers, |bytes| link.conversation.answered(bytes))
            }),
            spawn(&link, shared, move |link, shared| {
                link.write(&server, &to_server, shared);
            }),
            spawn(&link, shared, move |link, shared| {
                link.write(&client, &to_client, shared);
            }),
        ];
        *link.threads() = threads;
        link
    }

    pub(super) fn has_ended(&self) -> bool {
        self.ends.load(Acquire)
    }

    /// Both sides read the end of the stream.
    pub(super) fn cut(&self) {
        self.ends.store(true, Release);
        for socket in self.sockets.iter().filter_map(Weak::upgrade) {
            drop(socket.shutdown(Shutdown::Both));
        }
    }

    /// Both sides read a reset, as soon as the threads have let go of the sockets.
    pub(super) fn reset(&self) {
        self.ends.store(true, Release);
        for socket in self.sockets.iter().filter_map(Weak::upgrade) {
            // Without it the peer would read the end of the stream.
            let _ = set_socket_linger(&*socket, Some(Duration::ZERO));
            // Wakes whoever reads, and tells the peer nothing.
            drop(socket.shutdown(Shutdown::Read));
        }
    }

    pub(super) fn join(&self) {
        let threads: Vec<_> = self.threads().drain(..).collect();
        for thread in threads {
            drop(thread.join());
        }
    }

    fn read(&self, mut from: &TcpStream, to: &SyncSender<(Instant, Vec<u8>)>, see: impl Fn(&[u8])) {
        let mut buffer = vec![0; CHUNK];
        while !self.has_ended() {
            match from.read(&mut buffer) {
                Ok(0) => return,
                Ok(length) => {
                    let bytes = buffer.get(..length).unwrap_or_default();
                    see(bytes);
                    if to.send((Instant::now(), bytes.to_vec())).is_err() {
                        return;
                    }
                }
                Err(error) if is_a_look(error.kind()) => {}
                Err(_) => return self.cut(),
            }
        }
    }

    fn write(&self, to: &TcpStream, from: &Receiver<(Instant, Vec<u8>)>, shared: &Shared) {
        while let Ok((arrived, bytes)) = from.recv() {
            let goes = shared.weather.hold(arrived, || self.has_ended());
            if !goes || !self.write_all(to, &bytes) {
                return;
            }
        }
        if self.has_ended() {
            return;
        }
        if self.directions.fetch_sub(1, AcqRel) == 1 {
            self.cut();
        } else {
            drop(to.shutdown(Shutdown::Write));
        }
    }

    /// Answers whether the bytes were taken.
    fn write_all(&self, mut to: &TcpStream, mut bytes: &[u8]) -> bool {
        while !bytes.is_empty() && !self.has_ended() {
            match to.write(bytes) {
                Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
                Err(error) if is_a_look(error.kind()) => {}
                Err(_) => {
                    self.cut();
                    return false;
                }
            }
        }
        bytes.is_empty()
    }

    fn threads(&self) -> MutexGuard<'_, Vec<JoinHandle<()>>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn spawn(
    link: &Arc<Link>,
    shared: &Arc<Shared>,
    work: impl FnOnce(&Link, &Shared) + Send + 'static,
) -> JoinHandle<()> {
    let (link, shared) = (Arc::clone(link), Arc::clone(shared));
    thread::spawn(move || work(&link, &shared))
}

fn is_a_look(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}
