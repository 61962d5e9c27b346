use super::place::{Place, text};

const SECRET: &str = "a secret of the tests, known to all";

#[test]
fn a_service_without_a_secret_is_for_this_machine_alone_and_says_so() {
    for addr in [
        "0.0.0.0:0",
        "[::]:0",
        "192.0.2.1:80",
        "[::ffff:192.0.2.1]:80",
    ] {
        let ended = Place::new().run(&["serve"], &[("HTTP_ADDR", addr)]);
        let complaint = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        for part in ["HTTP_ADDR", addr, "AUTH_SECRET", "AUTH_JWKS", "127.0.0.1"] {
            assert!(complaint.contains(part), "{complaint}");
        }
    }
    let place = Place::new();
    let mut command = place.command(&[], &[("HTTP_ADDR", "127.0.0.1:0")]);
    let mut child = command
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(child.stderr.take().unwrap()));
    let warned = lines.any(|line| line.unwrap().contains("running open"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(warned);
}

#[test]
fn with_a_secret_it_listens_everywhere() {
    let settings = [("AUTH_SECRET", SECRET), ("HTTP_ADDR", "0.0.0.0:0")];
    let place = Place::new();
    let service = place.serve(&settings);
    assert!(service.addr.starts_with("0.0.0.0"), "{}", service.addr);
    assert!(service.get("/readyz").starts_with("HTTP/1.1 200"));
}

#[test]
fn a_token_that_can_not_be_made_is_one_line_with_what_is_missing() {
    let jwks = [
        ("AUTH_JWKS", "https://issuer/keys"),
        ("AUTH_AUDIENCE", "here"),
    ];
    let secret = [("AUTH_SECRET", SECRET)];
    for (arguments, settings, part) in [
        (&["--sub", "Ada"][..], &[][..], "AUTH_SECRET is not set"),
        (&["--sub", "Ada"], &jwks, "AUTH_JWKS is set"),
        (&["--sub", " Ada"], &secret, "white space"),
        (&["--sub", ""], &secret, "blank"),
        (
            &["--sub", "Ada", "--scope", "ledger:raed"],
            &secret,
            "ledger:read",
        ),
        (&["--sub", "Ada", "--ttl", "soon"], &secret, "10min"),
        (&["--sub", "Ada", "--ttl", "0s"], &secret, "10min"),
        (
            &["--sub", "Ada"],
            &[("AUTH_SECRET", "short")],
            "has 5 bytes",
        ),
    ] {
        let refused = Place::new().run(&[&["token"], arguments].concat(), settings);
        let complaint = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{complaint}");
        assert!(complaint.contains(part), "{complaint}");
        assert!(refused.stdout.is_empty(), "{complaint}");
    }
}

#[test]
fn half_of_a_configuration_ends_the_start() {
    for (settings, part) in [
        (&[("AUTH_ISSUER", "me")][..], "AUTH_ISSUER has no effect"),
        (
            &[("AUTH_SECRET", SECRET), ("AUTH_JWKS", "keys.json")],
            "both set",
        ),
        (&[("AUTH_SECRET", "short")], "AUTH_SECRET has 5 bytes"),
        (&[("AUTH_JWKS", "keys.json")], "AUTH_AUDIENCE is not set"),
        (
            &[("AUTH_JWKS", "keys.json"), ("AUTH_AUDIENCE", "here")],
            "keys.json can not be used",
        ),
        (&[("AUTH_SERCET", SECRET)], "AUTH_SERCET is no setting"),
    ] {
        let ended = Place::new().run(&["serve"], settings);
        let complaint = text(&ended.stderr);
        assert_eq!(ended.status.code(), Some(2), "{complaint}");
        assert_eq!(complaint.lines().count(), 1, "{complaint}");
        assert!(complaint.contains(part), "{complaint}");
        assert!(!complaint.contains(SECRET), "{complaint}");
    }
}

#[test]
fn it_starts_although_the_keys_of_its_issuer_can_not_be_reached_yet() {
    let settings = [
        ("AUTH_JWKS", "http://127.0.0.1:1/keys"),
        ("AUTH_AUDIENCE", "here"),
    ];
    let place = Place::new();
    let service = place.serve(&settings);
    assert!(service.get("/readyz").starts_with("HTTP/1.1 200"));
}
