//! Currencies: the active codes of ISO 4217.

mod iso4217;

use std::fmt;
use std::str::FromStr;

use crate::excerpt::excerpt;
use iso4217::Listed;

/// A currency that is on the active list of ISO 4217 and has a minor unit.
///
/// It is a reference into the table, so a value cannot name a currency that is not listed.
///
/// ```
/// use domain::Currency;
///
/// let euro = Currency::new("EUR")?;
/// assert_eq!(euro.minor_units(), 2);
/// assert!(Currency::new("eur").is_err());
/// # Ok::<(), domain::CurrencyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(&'static Listed);

impl Currency {
    /// The currency of an upper-case code. Nothing is trimmed or folded: a code that is stored
    /// or sent in two spellings would be two filters and two cache keys.
    pub fn new(code: &str) -> Result<Self, CurrencyError> {
        if code.len() != 3 || !code.bytes().all(|byte| byte.is_ascii_uppercase()) {
            let given = excerpt(code);
            return Err(CurrencyError::Malformed { given });
        }
        iso4217::find(code)
            .map(Self)
            .ok_or_else(|| CurrencyError::Unknown { given: code.into() })
    }

    /// Every currency, in the order of their codes.
    pub fn all() -> impl Iterator<Item = Self> {
        iso4217::all().map(Self)
    }

    /// The three letters.
    pub fn code(&self) -> &'static str {
        self.0.code
    }

    /// How many decimal digits the minor unit stands behind the major one: 2 for EUR (a cent is
    /// 0.01), 0 for JPY, 3 for KWD.
    pub fn minor_units(&self) -> u8 {
        self.0.minor_units
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Currency({})", self.code())
    }
}

impl FromStr for Currency {
    type Err = CurrencyError;

    fn from_str(code: &str) -> Result<Self, Self::Err> {
        Self::new(code)
    }
}

impl TryFrom<&str> for Currency {
    type Error = CurrencyError;

    fn try_from(code: &str) -> Result<Self, Self::Error> {
        Self::new(code)
    }
}

/// Why a text is not a [`Currency`]. `given` is the text, cut short when it was long.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CurrencyError {
    /// Not the shape of a code.
    #[error(
        "currency {given:?} is not an ISO 4217 code; it must be exactly three upper-case \
         letters, such as EUR"
    )]
    Malformed {
        /// The refused text.
        given: String,
    },
    /// The right shape, but withdrawn, never assigned, or without a minor unit.
    #[error(
        "currency {given:?} is not in use; it must be on the active list of ISO 4217 and \
         have a minor unit, as EUR does"
    )]
    Unknown {
        /// The refused code.
        given: String,
    },
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minor_units_follow_the_standard() -> Result<(), CurrencyError> {
        for (code, minor_units) in [("JPY", 0), ("EUR", 2), ("KWD", 3), ("CLF", 4)] {
            let currency = Currency::new(code)?;
            assert_eq!(currency.code(), code);
            assert_eq!(currency.minor_units(), minor_units, "{code}");
        }
        Ok(())
    }

    #[test]
    fn every_way_in_accepts_and_refuses_the_same() {
        assert_eq!("USD".parse(), Currency::new("USD"));
        assert_eq!(Currency::try_from("usd"), Currency::new("usd"));
    }

    #[test]
    fn what_is_not_three_upper_case_letters_is_malformed() {
        for code in [
            "", "EU", "EURO", "eur", "Eur", " EUR", "E1R", "ÄR", "€", "E\0R",
        ] {
            let given = code.to_owned();
            assert_eq!(Currency::new(code), Err(CurrencyError::Malformed { given }));
        }
    }

    #[test]
    fn withdrawn_unassigned_and_unitless_codes_are_unknown() {
        for code in ["DEM", "HRK", "BGN", "ANG", "ZZZ", "XAU", "XXX"] {
            let given = code.to_owned();
            assert_eq!(Currency::new(code), Err(CurrencyError::Unknown { given }));
        }
    }

    #[test]
    fn errors_quote_what_was_given_and_cut_it_short() {
        let text = |code: &str| Currency::new(code).map_err(|error| error.to_string());
        assert!(text("e\nr").is_err_and(|text| text.starts_with(r#"currency "e\nr" is not"#)));
        assert!(text(&"x".repeat(10_000)).is_err_and(|text| text.len() < 150));
    }

    #[test]
    fn currencies_show_and_sort_by_their_code() -> Result<(), CurrencyError> {
        let euro = Currency::new("EUR")?;
        assert_eq!(
            format!("{euro} {euro:?} {euro:>5}"),
            "EUR Currency(EUR)   EUR"
        );
        assert!(euro < Currency::new("USD")?);
        Ok(())
    }
}
