//! A process that is started, and asked until it answers.

use std::{
    env,
    io::{Read as _, Write as _},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::{Duration, Instant},
};

/// How long nobody waits any more.
const PATIENCE: Duration = Duration::from_secs(20);

/// From before this program is started again, with these variables alone, to when `/readyz` has
/// said that the database is there.
pub(super) fn first_answer(variables: &[(&str, String)], directory: &Path) -> Duration {
    let addr = free_address();
    let mut command = Command::new(env::current_exe().unwrap());
    command
        .env_clear()
        .envs(variables.iter().map(|(name, value)| (name, value)))
        .env("HTTP_ADDR", addr.to_string())
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::null());
    let begun = Instant::now();
    let _child = Ended(command.spawn().unwrap());
    while !is_ready(addr) {
        assert!(begun.elapsed() < PATIENCE, "no answer with {variables:?}");
        sleep(Duration::from_micros(200));
    }
    begun.elapsed()
}

fn is_ready(addr: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(addr) else {
        return false;
    };
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let request = format!("GET /readyz HTTP/1.1\r\nhost: {addr}\r\nconnection: close\r\n\r\n");
    let mut answer = String::new();
    stream.write_all(request.as_bytes()).is_ok()
        && stream.read_to_string(&mut answer).is_ok()
        && answer.starts_with("HTTP/1.1 200")
}

/// A port that was free a moment ago.
fn free_address() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    listener.local_addr().unwrap()
}

/// It ends in order when its standard input does, so that the next one finds files in order. The
/// end of this process is the end of its input, too.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        drop(self.0.stdin.take());
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if self.0.try_wait().is_ok_and(|status| status.is_some()) {
                return;
            }
            sleep(Duration::from_millis(1));
        }
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
