//! The network in between does what it is told, and counts right.

use sea_orm::sqlx::{Connection, Executor, PgConnection, query_scalar};
use std::io::{ErrorKind, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};
use tests::{Proxy, TestDatabase};

/// A server that sends back what it gets, until its client has sent everything.
fn echo() -> Proxy {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        while let Ok((socket, _)) = listener.accept() {
            thread::spawn(move || std::io::copy(&mut &socket, &mut &socket));
        }
    });
    Proxy::to(&format!("http://127.0.0.1:{port}"))
}

fn connect(proxy: &Proxy) -> TcpStream {
    let socket = TcpStream::connect((Ipv4Addr::LOCALHOST, proxy.port())).unwrap();
    socket.set_nodelay(true).unwrap();
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    socket
}

fn ask(socket: &mut TcpStream) -> std::io::Result<()> {
    socket.write_all(b"?")?;
    socket.read_exact(&mut [0])
}

#[test]
fn a_delay_holds_back_each_way() {
    let proxy = echo();
    let mut socket = connect(&proxy);
    ask(&mut socket).unwrap();
    proxy.set_delay(Duration::from_millis(50));
    let begun = Instant::now();
    ask(&mut socket).unwrap();
    assert!(
        begun.elapsed() >= Duration::from_millis(100),
        "{:?}",
        begun.elapsed()
    );
    proxy.set_delay(Duration::ZERO);
}

#[test]
fn what_was_held_back_arrives_when_the_network_flows_again() {
    let proxy = echo();
    let mut socket = connect(&proxy);
    ask(&mut socket).unwrap();
    proxy.stall();
    socket
        .set_read_timeout(Some(Duration::from_millis(200)))
        .unwrap();
    let silent = ask(&mut socket).unwrap_err();
    assert!(
        matches!(silent.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut),
        "{silent}"
    );
    socket
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    proxy.flow();
    socket.read_exact(&mut [0]).unwrap();
    assert_eq!(proxy.connections(), 1);
}

#[test]
fn a_cut_ends_the_stream_and_a_reset_is_an_error() {
    let proxy = echo();
    let mut socket = connect(&proxy);
    ask(&mut socket).unwrap();
    proxy.cut();
    assert_eq!(socket.read(&mut [0]).unwrap(), 0);
    let mut socket = connect(&proxy);
    ask(&mut socket).unwrap();
    proxy.reset();
    let lost = socket.read(&mut [0]).unwrap_err();
    assert_eq!(lost.kind(), ErrorKind::ConnectionReset);
    assert_eq!(proxy.connections(), 0);
}

#[test]
fn who_is_refused_is_told_at_once_and_served_later() {
    let proxy = echo();
    proxy.refuse(true);
    assert!(ask(&mut connect(&proxy)).is_err());
    proxy.refuse(false);
    ask(&mut connect(&proxy)).unwrap();
}

#[test]
fn the_end_of_one_direction_leaves_the_other_open() {
    let proxy = echo();
    let mut socket = connect(&proxy);
    proxy.set_delay(Duration::from_millis(20));
    socket.write_all(&vec![7; 300_000]).unwrap();
    socket.shutdown(std::net::Shutdown::Write).unwrap();
    let mut all = Vec::new();
    socket.read_to_end(&mut all).unwrap();
    assert_eq!(all, vec![7; 300_000]);
}

#[tokio::test]
async fn requests_that_are_sent_together_are_one_round_trip() {
    let database = TestDatabase::empty().await;
    let proxy = Proxy::to(&database.url());
    let mut connection = PgConnection::connect(proxy.url()).await.unwrap();
    proxy.round_trips();
    // Two statements in one message, then one that is prepared first.
    connection.execute("SELECT 1; SELECT 2").await.unwrap();
    assert_eq!(proxy.round_trips(), 1);
    for trips in [2, 1] {
        let one: i32 = query_scalar("SELECT $1")
            .bind(1)
            .fetch_one(&mut connection)
            .await
            .unwrap();
        assert_eq!((one, proxy.round_trips()), (1, trips));
    }
    // What is larger than a packet is counted once, too.
    let long = "x".repeat(1_000_000);
    let length: i32 = query_scalar("SELECT length($1)")
        .bind(&long)
        .fetch_one(&mut connection)
        .await
        .unwrap();
    assert_eq!((length, proxy.round_trips()), (1_000_000, 2));
}
