//! What a connection is doing, as far as its bytes and its requests tell.

use std::{
    io,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed},
    },
    task::{Context, Poll},
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};

/// What a connection is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// Nothing: the next request may come.
    Nothing,
    /// Receiving the head of a request.
    Head,
    /// Answering a request.
    Work,
    /// Sending what the client does not take, and how much it has taken, in parts of `ENOUGH`.
    Sending(usize),
}

/// In bytes: a client that takes less, within the time that it has, does not read its answer.
const ENOUGH: usize = 16 * 1024;

/// Counts what a connection does.
#[derive(Debug)]
pub(super) struct Meter {
    requests: AtomicUsize,
    in_head: AtomicBool,
    is_stuck: AtomicBool,
    sent: AtomicUsize,
}

impl Meter {
    /// Of a connection that is new: a client that connects has something to ask.
    pub(super) const fn new() -> Self {
        Self {
            requests: AtomicUsize::new(0),
            in_head: AtomicBool::new(true),
            is_stuck: AtomicBool::new(false),
            sent: AtomicUsize::new(0),
        }
    }

    pub(super) fn doing(&self) -> Doing {
        // Before anything else: the next request is not worked on either while the answer to
        // the one before does not leave.
        if self.is_stuck.load(Relaxed) {
            Doing::Sending(self.sent.load(Relaxed) / ENOUGH)
        } else if self.requests.load(Relaxed) > 0 {
            Doing::Work
        } else if self.in_head.load(Relaxed) {
            Doing::Head
        } else {
            Doing::Nothing
        }
    }

    /// Counts a request in, until the value is dropped.
    pub(super) fn begin(self: &Arc<Self>) -> Working {
        self.requests.fetch_add(1, Relaxed);
        self.in_head.store(false, Relaxed);
        Working(Arc::clone(self))
    }

    fn received(&self) {
        if self.requests.load(Relaxed) == 0 {
            self.in_head.store(true, Relaxed);
        }
    }

    fn written(&self, written: &Poll<io::Result<usize>>) {
        self.is_stuck.store(written.is_pending(), Relaxed);
        if let Poll::Ready(Ok(bytes)) = written {
            self.sent.fetch_add(*bytes, Relaxed);
        }
    }
}

/// A request that is being answered.
#[derive(Debug)]
pub(super) struct Working(Arc<Meter>);

impl Drop for Working {
    fn drop(&mut self) {
        self.0.requests.fetch_sub(1, Relaxed);
    }
}

/// A socket whose reading and writing are noticed.
pub(super) struct Metered {
    pub(super) stream: TcpStream,
    pub(super) meter: Arc<Meter>,
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        if buffer.filled().len() > before {
            self.meter.received();
        }
        read
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.meter.written(&written);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, slices);
        self.meter.written(&written);
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}
