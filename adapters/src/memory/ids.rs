//! Identities that count up.

use std::sync::atomic::{AtomicU64, Ordering};

use ports::Ids;
use uuid::Uuid;

/// Identities that count up from one, in the shape of UUID version 7.
#[derive(Debug, Default)]
pub struct SequentialIds(AtomicU64);

impl SequentialIds {
    /// The identity with this number.
    pub fn nth(number: u64) -> Uuid {
        const VERSION_AND_VARIANT: u128 = 0x7000_8000_0000_0000_0000;
        Uuid::from_u128(VERSION_AND_VARIANT | u128::from(number & 0xffff_ffff_ffff))
    }
}

impl Ids for SequentialIds {
    fn next(&self) -> Uuid {
        Self::nth(self.0.fetch_add(1, Ordering::Relaxed) + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_are_of_version_7_and_in_order() {
        let ids = SequentialIds::default();
        let (first, second) = (ids.next(), ids.next());
        assert_eq!(first.to_string(), "00000000-0000-7000-8000-000000000001");
        assert_eq!(first.get_version_num(), 7);
        assert!(first < second);
    }
}
