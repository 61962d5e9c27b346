//! A key, and the algorithms that it is used with.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jsonwebtoken::{
    Algorithm, AlgorithmFamily, DecodingKey, Validation,
    crypto::verify,
    decode,
    errors::ErrorKind,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse},
};
use ports::AuthenticationError;

use super::claims::Claims;

/// What is shorter than this has been broken; what is longer is not supported.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=4096;

/// A key that tokens are checked with.
pub(super) struct Key {
    pub(super) id: Option<String>,
    algorithms: Vec<Algorithm>,
    material: DecodingKey,
}

impl Key {
    /// A secret that issuer and service share. It is for HS256 alone.
    pub(super) fn shared(secret: &str) -> Self {
        Self {
            id: None,
            algorithms: vec![Algorithm::HS256],
            material: DecodingKey::from_secret(secret.as_bytes()),
        }
    }

    /// A public key of a set; `None` when it is not for checking signatures, or of a kind that
    /// is not supported. A secret in a public set is neither.
    pub(super) fn public(jwk: &Jwk) -> Option<Self> {
        let common = &jwk.common;
        let for_signatures = matches!(common.public_key_use, None | Some(PublicKeyUse::Signature));
        let operations = common.key_operations.as_ref();
        let for_checks = operations.is_none_or(|all| all.contains(&KeyOperations::Verify));
        if !(for_signatures && for_checks) {
            return None;
        }
        let mut algorithms = algorithms(&jwk.algorithm)?;
        if let Some(named) = common.key_algorithm {
            algorithms.retain(|algorithm| KeyAlgorithm::from(*algorithm) == named);
        }
        let material = DecodingKey::from_jwk(jwk).ok()?;
        let first = *algorithms.first()?;
        // A point that is not on its curve is found out only when it is used.
        verify("", b"", &material, first).ok()?;
        Some(Self {
            id: common.key_id.clone(),
            algorithms,
            material,
        })
    }

    /// Whether it is used with this algorithm.
    pub(super) fn takes(&self, algorithm: Algorithm) -> bool {
        self.algorithms.contains(&algorithm)
    }

    /// What the token says, if this key has signed it.
    pub(super) fn open(
        &self,
        token: &str,
        algorithm: Algorithm,
    ) -> Result<Claims, AuthenticationError> {
        // Claims are judged elsewhere, by a clock that is given.
        let mut signature_alone = Validation::new(algorithm);
        signature_alone.required_spec_claims.clear();
        signature_alone.validate_exp = false;
        signature_alone.validate_aud = false;
        let opened = decode::<Claims>(token, &self.material, &signature_alone);
        opened.map(|token| token.claims).map_err(|error| {
            AuthenticationError::refused(match error.kind() {
                ErrorKind::Json(_) | ErrorKind::Utf8(_) => {
                    "the claims of the token can not be read"
                }
                _ => "the signature of the token is wrong",
            })
        })
    }
}

/// The refusal of a token that asks for another algorithm than its key is used with.
pub(super) fn wrong_algorithm() -> AuthenticationError {
    AuthenticationError::refused("the token is not signed with the algorithm of its key")
}

fn algorithms(parameters: &AlgorithmParameters) -> Option<Vec<Algorithm>> {
    let of = |family: AlgorithmFamily| family.algorithms().to_vec();
    match parameters {
        AlgorithmParameters::RSA(key) => {
            let number = decoded(&key.n)?;
            let zeros = number.iter().take_while(|byte| **byte == 0).count();
            let fits = RSA_BITS.contains(&(8 * (number.len() - zeros)));
            fits.then(|| of(AlgorithmFamily::Rsa))
        }
        AlgorithmParameters::EllipticCurve(key) => {
            let (algorithm, length) = match key.curve {
                EllipticCurve::P256 => (Algorithm::ES256, 32),
                EllipticCurve::P384 => (Algorithm::ES384, 48),
                _ => return None,
            };
            let fits = decoded(&key.x)?.len() == length && decoded(&key.y)?.len() == length;
            fits.then(|| vec![algorithm])
        }
        // The length is checked here, since the library takes it for granted.
        AlgorithmParameters::OctetKeyPair(key)
            if key.curve == EllipticCurve::Ed25519 && decoded(&key.x)?.len() == 32 =>
        {
            Some(of(AlgorithmFamily::Ed))
        }
        _ => None,
    }
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}
