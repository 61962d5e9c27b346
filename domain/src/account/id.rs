//! The identity of an account.

use std::fmt;

use uuid::Uuid;

/// The identity of an [`Account`](super::Account).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(Uuid);

impl AccountId {
    /// Any UUID is an id; where ids come from is not for the domain to know.
    pub const fn new(id: Uuid) -> Self {
        Self(id)
    }

    /// The UUID.
    pub const fn as_uuid(&self) -> Uuid {
        self.0
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_shows_as_its_uuid() {
        let uuid = Uuid::from_u128(7);
        assert_eq!(AccountId::new(uuid).to_string(), uuid.to_string());
        assert_eq!(AccountId::new(uuid).as_uuid(), uuid);
    }
}
