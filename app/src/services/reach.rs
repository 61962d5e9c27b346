//! How far a caller reaches.

use domain::Owner;

/// What a caller may see and change. Whatever is out of reach is, for that caller, not there:
/// a use case answers exactly as if it did not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reach {
    /// All there is: an administrator, the command line, or a service that runs open.
    Everything,
    /// What belongs to this owner.
    OwnedBy(Owner),
}

impl Reach {
    /// Whether what belongs to this owner is within reach.
    pub fn covers(&self, owner: &Owner) -> bool {
        match self {
            Self::Everything => true,
            Self::OwnedBy(own) => own == owner,
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::OwnerError;

    use super::*;

    #[test]
    fn an_owner_reaches_what_is_its_own() -> Result<(), OwnerError> {
        let (ada, bob) = (Owner::new("Ada")?, Owner::new("Bob")?);
        let reach = Reach::OwnedBy(ada.clone());
        assert!(reach.covers(&ada) && !reach.covers(&bob));
        assert!(!reach.covers(&Owner::new("ada")?), "names are told apart");
        assert!(Reach::Everything.covers(&bob));
        Ok(())
    }
}
