//! Issuers of tokens, and servers of their keys.

#![expect(
    clippy::indexing_slicing,
    reason = "documents and keys of the tests' own making"
)]

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use rcgen::{KeyPair, PKCS_ECDSA_P256_SHA256, PKCS_ECDSA_P384_SHA384, PKCS_ED25519};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A key that is known to everybody, and good for nothing but tests: making one takes long.
const RSA: &str = include_str!("issuer/rsa.pem");

/// Somebody who signs tokens with a key of their own.
pub struct Issuer {
    key: EncodingKey,
    algorithm: Algorithm,
    jwk: Value,
}

impl Issuer {
    /// One with an RSA key of this name. Their key is always the same.
    pub fn rsa(id: &str, algorithm: Algorithm) -> Self {
        let key = EncodingKey::from_rsa_pem(RSA.as_bytes()).expect("a key in a file");
        let jwk = Jwk::from_encoding_key(&key, algorithm).expect("a public key");
        let mut jwk = serde_json::to_value(jwk).expect("a document");
        jwk["kid"] = json!(id);
        Self {
            key,
            algorithm,
            jwk,
        }
    }

    /// One with a new key of this name: for `ES256`, `ES384` or `EdDSA`.
    pub fn new(id: &str, algorithm: Algorithm) -> Self {
        let kind = match algorithm {
            Algorithm::ES256 => &PKCS_ECDSA_P256_SHA256,
            Algorithm::ES384 => &PKCS_ECDSA_P384_SHA384,
            _ => &PKCS_ED25519,
        };
        let pair = KeyPair::generate_for(kind).expect("a key");
        let (private, public) = (pair.serialize_der(), pair.public_key_raw());
        let point = |public: &[u8]| {
            let (x, y) = public[1..].split_at(public.len() / 2);
            (BASE64.encode(x), BASE64.encode(y))
        };
        let (key, jwk) = match algorithm {
            Algorithm::ES256 | Algorithm::ES384 => {
                let curve = if algorithm == Algorithm::ES256 {
                    "P-256"
                } else {
                    "P-384"
                };
                let (x, y) = point(public);
                let jwk = json!({"kty": "EC", "crv": curve, "x": x, "y": y, "kid": id});
                (EncodingKey::from_ec_der(&private), jwk)
            }
            _ => {
                let x = BASE64.encode(public);
                let jwk = json!({"kty": "OKP", "crv": "Ed25519", "x": x, "kid": id});
                (EncodingKey::from_ed_der(&private), jwk)
            }
        };
        Self {
            key,
            algorithm,
            jwk,
        }
    }

    /// The public key.
    pub fn jwk(&self) -> Value {
        self.jwk.clone()
    }

    /// A token that names its key.
    pub fn sign(&self, claims: &Value) -> String {
        let id = self.jwk["kid"].as_str().map(ToOwned::to_owned);
        self.sign_as(self.algorithm, id.as_deref(), claims)
    }

    /// A token that names another key or algorithm, or none.
    pub fn sign_as(&self, algorithm: Algorithm, id: Option<&str>, claims: &Value) -> String {
        let mut header = Header::new(algorithm);
        header.kid = id.map(ToOwned::to_owned);
        encode(&header, claims, &self.key).expect("a token")
    }
}

/// A token that is put together by hand.
pub fn forged(header: &Value, claims: &Value, signature: &[u8]) -> String {
    let part = |value: &Value| BASE64.encode(value.to_string());
    [part(header), part(claims), BASE64.encode(signature)].join(".")
}

/// A token with a header of this making, signed with a secret.
pub fn shared(header: &Header, secret: &[u8], claims: &Value) -> String {
    encode(header, claims, &EncodingKey::from_secret(secret)).expect("a token")
}

/// A server of keys on a free port. It ends with this value.
pub struct KeyServer {
    addr: SocketAddr,
    shown: Arc<Shown>,
    server: JoinHandle<()>,
}

struct Shown {
    answer: Mutex<(StatusCode, String)>,
    asked: AtomicUsize,
}

impl KeyServer {
    /// A server that shows these keys.
    pub async fn start(keys: &[&Issuer]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let addr = listener.local_addr().expect("an address");
        let shown = Arc::new(Shown {
            answer: Mutex::new((StatusCode::OK, key_set(keys).to_string())),
            asked: AtomicUsize::new(0),
        });
        let router = Router::new().fallback(answer).with_state(shown.clone());
        let server = tokio::spawn(async move {
            axum::serve(listener, router).await.expect("it is aborted");
        });
        Self {
            addr,
            shown,
            server,
        }
    }

    /// Where the keys are.
    pub fn url(&self) -> String {
        format!("http://{}/keys", self.addr)
    }

    /// Shows other keys from now on.
    pub fn show(&self, keys: &[&Issuer]) {
        self.answer_with(200, &key_set(keys).to_string());
    }

    /// Answers this from now on.
    pub fn answer_with(&self, status: u16, body: &str) {
        let status = StatusCode::from_u16(status).expect("a status");
        *self.shown.answer.lock().expect("no panic") = (status, body.to_owned());
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.shown.asked.load(Ordering::SeqCst)
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.server.abort();
    }
}

/// A document with these keys.
pub fn key_set(keys: &[&Issuer]) -> Value {
    let keys: Vec<_> = keys.iter().map(|issuer| issuer.jwk()).collect();
    json!({ "keys": keys })
}

async fn answer(State(shown): State<Arc<Shown>>) -> (StatusCode, String) {
    shown.asked.fetch_add(1, Ordering::SeqCst);
    shown.answer.lock().expect("no panic").clone()
}
