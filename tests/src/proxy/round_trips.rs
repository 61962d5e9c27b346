//! How often clients waited, told from the messages of PostgreSQL's protocol.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

/// Of all links together.
#[derive(Debug, Default)]
pub(super) struct RoundTrips(AtomicU64);

impl RoundTrips {
    pub(super) fn take(&self) -> u64 {
        self.0.swap(0, Relaxed)
    }
}

/// One link's: the requests that are not answered yet.
#[derive(Debug, Default)]
pub(super) struct Conversation(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    is_logged_in: bool,
    open: u64,
    client: Messages,
    server: Messages,
}

impl Conversation {
    /// Bytes of the client, before they are passed on.
    pub(super) fn asked(&self, bytes: &[u8], all: &RoundTrips) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        if !state.is_logged_in {
            return;
        }
        for letter in state.client.letters(bytes) {
            if matches!(letter, b'S' | b'Q') {
                if state.open == 0 {
                    all.0.fetch_add(1, Relaxed);
                }
                state.open += 1;
            }
        }
    }

    /// Bytes of the server, before they are passed on.
    pub(super) fn answered(&self, bytes: &[u8]) {
        let mut state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let state = &mut *state;
        // The answer to a client that asks for encryption: one byte, no message.
        if !state.is_logged_in && bytes == b"N" {
            return;
        }
        for letter in state.server.letters(bytes) {
            if letter == b'Z' {
                state.open = state.open.saturating_sub(1);
                state.is_logged_in = true;
            }
        }
    }
}

/// A stream of messages: a letter, a length that counts itself, and the rest.
#[derive(Debug, Default)]
struct Messages {
    /// The first five bytes of a message, as far as they are here.
    head: Vec<u8>,
    /// What is left of the message whose head has passed.
    rest: usize,
}

impl Messages {
    /// The letters of the messages that end in these bytes or begin in them.
    fn letters(&mut self, mut bytes: &[u8]) -> Vec<u8> {
        let mut letters = Vec::new();
        while !bytes.is_empty() {
            let skipped = self.rest.min(bytes.len());
            self.rest -= skipped;
            bytes = bytes.get(skipped..).unwrap_or_default();
            let Some((first, others)) = bytes.split_first() else {
                break;
            };
            self.head.push(*first);
            bytes = others;
            if let [letter, length @ ..] = self.head.as_slice()
                && let Ok(length) = <[u8; 4]>::try_from(length)
            {
                letters.push(*letter);
                self.rest = (u32::from_be_bytes(length) as usize).saturating_sub(4);
                self.head.clear();
            }
        }
        letters
    }
}
