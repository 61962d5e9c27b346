//! The service: use cases, HTTP, command line, and the one place that wires them.
//!
//! From the inside out: [`services`] are the use cases, on ports alone; [`http`] and [`cli`]
//! are two ways to call them; [`bootstrap`] gives them the adapters that [`config`] asks for.

pub mod background;
pub mod bootstrap;
pub mod cli;
pub mod config;
pub mod files;
pub mod http;
pub mod lifecycle;
pub mod server;
pub mod services;
pub mod signals;
pub mod telemetry;
