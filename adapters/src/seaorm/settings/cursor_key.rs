//! What cursors are sealed with.

use std::{fmt, sync::LazyLock};

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// The key that cursors are sealed with. `Debug` does not show it.
///
/// Not made from anything that others may know or try out, such as a password: whoever
/// has a cursor could test guesses at it.
#[derive(Clone)]
pub struct CursorKey([u8; 32]);

impl CursorKey {
    /// The least characters of a secret.
    pub const MIN_CHARS: usize = 32;

    /// The key that this secret stands for: the same in every process that has it. `None`
    /// when it is shorter than [`MIN_CHARS`](Self::MIN_CHARS).
    pub fn from_secret(secret: &str) -> Option<Self> {
        let long_enough = secret.chars().count() >= Self::MIN_CHARS;
        long_enough.then(|| Self(Sha256::digest(["cursor", secret].join("\0")).into()))
    }

    pub(crate) const fn bytes(&self) -> [u8; 32] {
        self.0
    }
}

impl Default for CursorKey {
    /// The random key of this process: its cursors end with it.
    #[expect(
        clippy::disallowed_methods,
        reason = "randomness for a key, not an identity"
    )]
    fn default() -> Self {
        static KEY: LazyLock<[u8; 32]> = LazyLock::new(|| {
            let random = [Uuid::new_v4(), Uuid::new_v4()].map(Uuid::into_bytes);
            Sha256::digest(random.concat()).into()
        });
        Self(*KEY)
    }
}

impl fmt::Debug for CursorKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("CursorKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_stands_for_one_key_and_must_be_long() {
        let secret = "x".repeat(32);
        let [one, other] = [&secret, &secret].map(|text| CursorKey::from_secret(text).unwrap());
        assert_eq!(one.bytes(), other.bytes());
        assert!(CursorKey::from_secret("short").is_none());
        assert_ne!(one.bytes(), CursorKey::default().bytes());
    }

    #[test]
    fn no_debug_output_shows_a_key() {
        assert_eq!(format!("{:?}", CursorKey::default()), "CursorKey(..)");
    }
}
