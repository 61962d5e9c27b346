//! Where log events go: to stderr, so that stdout is for what a command has to say.

use std::io::{self, IsTerminal as _};

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::{LogConfig, LogFormat};

/// Starts logging, for the rest of the process. A second call changes nothing.
pub fn start(config: &LogConfig) {
    let filter = EnvFilter::new(&config.filter);
    let builder = fmt().with_env_filter(filter).with_writer(io::stderr);
    // Whoever was first keeps it: a test that has a subscriber of its own.
    drop(match config.format {
        LogFormat::Human => builder.with_ansi(io::stderr().is_terminal()).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    });
}
