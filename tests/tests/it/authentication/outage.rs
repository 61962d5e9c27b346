use std::time::{Duration, Instant};

use futures_util::future::join_all;
use jsonwebtoken::Algorithm;
use tests::issuer::{Issuer, KeyServer};

use super::Door;

const UNKNOWN: &str = "the token is signed with a key that is not known here";

fn issuers() -> (Issuer, Issuer) {
    let new = |id| Issuer::new(id, Algorithm::ES256);
    (new("old"), new("new"))
}

/// Waits for what happens in the background.
async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        assert!(begun.elapsed() < Duration::from_secs(20), "it never came");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_new_key_is_fetched_when_a_token_names_it_and_one_taken_back_ends_with_age() {
    let (old, new) = issuers();
    let server = KeyServer::start(&[&old]).await;
    let door = Door::trusting(&server.url());
    assert!(door.admits(&old.sign(&door.claims())).await);
    assert!(door.admits(&old.sign(&door.claims())).await);
    assert_eq!(server.asked(), 1);

    server.show(&[&old, &new]);
    door.later(30);
    assert!(door.admits(&new.sign(&door.claims())).await);
    assert_eq!(server.asked(), 2);

    server.show(&[&new]);
    assert!(door.admits(&old.sign(&door.claims())).await);
    door.later(600);
    assert!(
        door.admits(&old.sign(&door.claims())).await,
        "it is fetched meanwhile"
    );
    eventually(async || door.show(&old.sign(&door.claims())).await.is_err()).await;
    assert_eq!(server.asked(), 3);
}

#[tokio::test]
async fn keys_that_nobody_has_are_not_asked_for_again_and_again() {
    let (old, new) = issuers();
    let server = KeyServer::start(&[&old]).await;
    let door = Door::trusting(&server.url());
    let ask = async |round: usize| {
        let tokens = (0..200).map(|number| {
            let id = format!("{round}-{number}");
            new.sign_as(Algorithm::ES256, Some(&id), &door.claims())
        });
        let shown = tokens.map(async |token| door.show(&token).await);
        for refused in join_all(shown).await {
            assert_eq!(refused, Err(UNKNOWN.to_owned()));
        }
    };
    ask(1).await;
    assert_eq!(server.asked(), 1, "one for all who wait");
    ask(2).await;
    door.later(29);
    ask(3).await;
    assert_eq!(server.asked(), 1, "no more than once in an interval");
    door.later(1);
    ask(4).await;
    assert_eq!(server.asked(), 2);
    door.later(-3600);
    ask(5).await;
    assert_eq!(
        server.asked(),
        3,
        "a clock that was set back does not stop it"
    );
}

#[tokio::test]
async fn the_keys_from_before_stay_while_there_are_no_others() {
    let (old, new) = issuers();
    let server = KeyServer::start(&[&old]).await;
    let door = Door::trusting(&server.url());
    assert!(door.admits(&old.sign(&door.claims())).await);

    for (status, body) in [
        (500, "oops"),
        (200, "<html>"),
        (200, r#"{"keys": []}"#),
        (404, ""),
    ] {
        server.answer_with(status, body);
        door.later(601);
        let refused = door.show(&new.sign(&door.claims())).await.unwrap_err();
        assert!(refused.starts_with("503"), "{body}: {refused}");
        assert!(door.admits(&old.sign(&door.claims())).await, "{body}");
    }
    server.show(&[&new]);
    door.later(30);
    assert!(door.admits(&new.sign(&door.claims())).await);
}

#[tokio::test]
async fn a_document_without_end_is_not_read_to_its_end() {
    let (old, _) = issuers();
    let server = KeyServer::start(&[&old]).await;
    server.answer_with(200, &" ".repeat(600_000));
    let door = Door::trusting(&server.url());
    let refused = door.show(&old.sign(&door.claims())).await.unwrap_err();
    assert!(refused.starts_with("503"), "{refused}");
}

#[tokio::test]
async fn a_server_that_is_not_there_yet_is_asked_again_soon() {
    let (old, _) = issuers();
    let server = KeyServer::start(&[&old]).await;
    server.answer_with(503, "");
    let door = Door::trusting(&server.url());
    door.authenticator.warm_up().await;
    let token = old.sign(&door.claims());
    for _ in 0..3 {
        let refused = door.show(&token).await.unwrap_err();
        assert!(refused.starts_with("503"), "{refused}");
    }
    assert_eq!(server.asked(), 1);

    server.show(&[&old]);
    door.later(1);
    assert!(door.admits(&token).await);
}

#[tokio::test]
async fn a_caller_who_hangs_up_takes_no_key_away_from_others() {
    let (old, _) = issuers();
    let server = KeyServer::start(&[&old]).await;
    let door = Door::trusting(&server.url());
    let token = old.sign(&door.claims());
    // Polled once: the request is on its way.
    let hung_up = tokio::time::timeout(Duration::ZERO, door.show(&token)).await;
    assert!(hung_up.is_err());
    assert!(door.admits(&token).await);
    assert_eq!(server.asked(), 1);
}
