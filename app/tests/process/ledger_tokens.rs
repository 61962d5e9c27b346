use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
};

use super::place::{Place, Service, text};

const SECRET: &str = "a secret of the tests, known to all";

/// The status of an answer to a request with this token.
fn status(service: &Service, token: &str) -> String {
    let mut stream = TcpStream::connect(&service.addr).unwrap();
    let head = format!(
        "GET /v1/accounts HTTP/1.1\r\nHost: test\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().to_owned()
}

#[test]
fn a_token_of_the_command_is_good_for_the_service() {
    let settings = [
        ("AUTH_SECRET", SECRET),
        ("AUTH_ISSUER", "me"),
        ("AUTH_AUDIENCE", "here"),
    ];
    let place = Place::new();
    let service = place.serve(&settings);
    let token = |arguments: &[&str]| {
        let all = [&["token", "--sub", "Ada"], arguments].concat();
        let made = place.run(&all, &settings);
        assert_eq!(made.status.code(), Some(0), "{}", text(&made.stderr));
        text(&made.stdout).trim_end().to_owned()
    };
    assert_eq!(status(&service, &token(&[])), "200");
    assert_eq!(
        status(
            &service,
            &token(&["--scope", "ledger:admin", "--ttl", "2h"])
        ),
        "200"
    );
    let both = [
        "--scope",
        "ledger:write ledger:read",
        "--scope",
        "ledger:admin",
    ];
    assert_eq!(status(&service, &token(&both)), "200");
    assert_eq!(
        status(&service, &token(&["--scope", "ledger:write"])),
        "403"
    );
    assert_eq!(status(&service, "x"), "401");

    let elsewhere = place.run(&["token", "--sub", "Ada"], &[("AUTH_SECRET", SECRET)]);
    assert_eq!(status(&service, text(&elsewhere.stdout).trim_end()), "401");
}
