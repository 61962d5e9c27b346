//! The processes that are measured: this program again, told to serve.

use std::{
    env,
    io::{BufRead as _, BufReader, Read as _},
    net::{Ipv4Addr, SocketAddr},
    process::{Child, ChildStdin, Command, Stdio},
};

use tests::TestApp;
use tokio::runtime::Runtime;

use super::bare;

/// Names the contender and its database to a process that is to serve.
const VARIABLE: &str = "SPEED_LEDGER_HTTP";

/// Where the bare handlers listen, as with the service. Without it, where there is room.
const ADDR: &str = "HTTP_ADDR";

#[derive(Clone, Copy)]
pub(crate) enum Kind {
    Ours,
    Bare,
}

/// A running process, which logs nothing. It ends when its standard input does.
pub(crate) struct Contender {
    child: Child,
    stdin: Option<ChildStdin>,
    addr: SocketAddr,
    url: String,
}

impl Contender {
    pub(crate) fn start(kind: Kind, url: &str) -> Self {
        let (variable, task) = task(kind, url);
        let mut child = Command::new(env::current_exe().unwrap())
            .env(variable, task)
            .env_remove(ADDR)
            .env_remove("LOG")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = child.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        Self {
            stdin: child.stdin.take(),
            child,
            addr: line.trim().parse().unwrap(),
            url: url.to_owned(),
        }
    }

    pub(crate) const fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// Its database.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Contender {
    fn drop(&mut self) {
        drop(self.stdin.take());
        drop(self.child.wait());
    }
}

/// The variable that makes a process of this program such a contender, and its value.
pub(crate) fn task(kind: Kind, url: &str) -> (&'static str, String) {
    let kind = match kind {
        Kind::Ours => "ours",
        Kind::Bare => "bare",
    };
    (VARIABLE, format!("{kind} {url}"))
}

pub(crate) fn is_asked_for() -> Option<(Kind, String)> {
    let text = env::var(VARIABLE).ok()?;
    let (kind, url) = text.split_once(' ')?;
    let kind = if kind == "ours" {
        Kind::Ours
    } else {
        Kind::Bare
    };
    Some((kind, url.to_owned()))
}

/// Serves until the process that started this one lets go of it.
pub(crate) fn serve(kind: Kind, url: &str) {
    let runtime = Runtime::new().unwrap();
    runtime.block_on(async {
        let (addr, _app) = match kind {
            Kind::Ours => {
                let app = TestApp::on(url).await;
                (app.addr(), Some(app))
            }
            Kind::Bare => (bare::serve(url, addr()).await, None),
        };
        println!("{addr}");
        let wait = || std::io::stdin().read_to_end(&mut Vec::new());
        tokio::task::spawn_blocking(wait).await.unwrap().unwrap();
    });
}

fn addr() -> SocketAddr {
    let any = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
    env::var(ADDR).map_or(any, |addr| addr.parse().unwrap())
}
