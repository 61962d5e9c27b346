//! Whether the connection is encrypted, and whom it trusts: `SSL_MODE`, `SSL_ROOT_CERT`.

use super::{ask, ask_blocking, manager, on_thread, sync_manager};
use ports::DatabaseError;
use std::{error::Error, path::PathBuf};
use tests::{Cluster, ClusterOptions};

const ENCRYPTED: &str = "SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()";

#[tokio::test]
async fn each_mode_encrypts_and_trusts_as_it_says() {
    let cluster = Cluster::start(&ClusterOptions::tls());
    let stranger = Cluster::start(&ClusterOptions::tls());
    let right = Some(cluster.ca_certificate());
    let wrong = Some(stranger.ca_certificate());
    let expected = [
        ("disable", None, Some(false)),
        ("disable", right.clone(), Some(false)),
        ("prefer", None, Some(true)),
        ("prefer", wrong.clone(), Some(true)),
        ("require", None, Some(true)),
        ("require", right.clone(), Some(true)),
        ("require", wrong.clone(), None),
        ("verify-ca", None, None),
        ("verify-ca", right.clone(), Some(true)),
        ("verify-ca", wrong.clone(), None),
        ("verify-full", None, None),
        ("verify-full", right.clone(), Some(true)),
        ("verify-full", wrong, None),
    ];
    for (mode, root, encrypted) in expected {
        let found = encrypted_with(&cluster.url("postgres"), mode, root.as_ref()).await;
        match encrypted {
            Some(encrypted) => assert_eq!(found.unwrap(), encrypted, "{mode}, {root:?}"),
            None => assert_untrusted(found, &format!("{mode}, {root:?}")),
        }
    }
    // The certificate names localhost and 127.0.0.1, and not this address of the same machine.
    let elsewhere = cluster
        .url("postgres")
        .replace("127.0.0.1", "[::ffff:127.0.0.1]");
    let named = encrypted_with(&elsewhere, "verify-ca", right.as_ref()).await;
    assert!(named.unwrap());
    assert_untrusted(
        encrypted_with(&elsewhere, "verify-full", right.as_ref()).await,
        "host",
    );
}

#[tokio::test]
async fn without_encryption_on_the_server_only_the_lax_modes_connect() {
    let cluster = Cluster::start(&ClusterOptions::default());
    let url = cluster.url("postgres");
    for mode in ["disable", "prefer"] {
        assert!(!encrypted_with(&url, mode, None).await.unwrap(), "{mode}");
    }
    for mode in ["require", "verify-ca", "verify-full"] {
        assert_untrusted(encrypted_with(&url, mode, None).await, mode);
    }
}

#[test]
fn the_url_and_the_blocking_side_have_the_same_modes() {
    let cluster = Cluster::start(&ClusterOptions::tls());
    let root = cluster.ca_certificate();
    let parameters = format!("sslmode=verify-full&sslrootcert={}", root.display());
    let url = format!("{}?{parameters}", cluster.url("postgres"));
    let encrypted = |mode| {
        let manager = sync_manager(&url, mode);
        on_thread(move || ask_blocking::<bool>(&manager, ENCRYPTED))
    };
    assert!(encrypted(&[]).unwrap());
    assert!(!encrypted(&[("SSL_MODE", "disable")]).unwrap());
}

async fn encrypted_with(
    url: &str,
    mode: &str,
    root: Option<&PathBuf>,
) -> Result<bool, DatabaseError> {
    let root = root.map(|path| path.display().to_string());
    let mut settings = vec![("SSL_MODE", mode)];
    settings.extend(root.as_deref().map(|path| ("SSL_ROOT_CERT", path)));
    ask(&manager(url, &settings), ENCRYPTED).await
}

fn assert_untrusted(found: Result<bool, DatabaseError>, when: &str) {
    let error = found.expect_err(when);
    assert!(
        matches!(error, DatabaseError::Connection(_)),
        "{when}: {error:?}"
    );
    assert!(error.source().is_some(), "{when}: {error:?}");
}
