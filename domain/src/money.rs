//! Money: whole minor units of one currency.

use std::fmt;

use crate::Currency;

/// An amount of money, of either sign, in minor units (cents for EUR, yen for JPY).
///
/// There is no order between amounts: whether 1 EUR is more than 1 USD is not for this type.
///
/// ```
/// use domain::{Currency, Money};
///
/// let euro = Currency::new("EUR")?;
/// let sum = Money::new(1200, euro).checked_add(Money::new(34, euro))?;
/// assert_eq!(sum.to_string(), "12.34 EUR");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    minor: i64,
    currency: Currency,
}

impl Money {
    /// `minor` units of `currency`; every combination is an amount.
    pub const fn new(minor: i64, currency: Currency) -> Self {
        Self { minor, currency }
    }

    /// Nothing, in `currency`.
    pub const fn zero(currency: Currency) -> Self {
        Self::new(0, currency)
    }

    /// The amount in minor units.
    pub const fn minor(&self) -> i64 {
        self.minor
    }

    /// The currency.
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// Below zero.
    pub const fn is_negative(&self) -> bool {
        self.minor < 0
    }

    /// Exactly zero.
    pub const fn is_zero(&self) -> bool {
        self.minor == 0
    }

    /// Above zero.
    pub const fn is_positive(&self) -> bool {
        self.minor > 0
    }

    /// The sum of two amounts of one currency.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_add)
    }

    /// The difference of two amounts of one currency. It may be negative.
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.combine(other, i64::checked_sub)
    }

    fn combine(
        self,
        other: Self,
        operation: fn(i64, i64) -> Option<i64>,
    ) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch {
                left: self.currency,
                right: other.currency,
            });
        }
        operation(self.minor, other.minor)
            .map(|minor| Self::new(minor, self.currency))
            .ok_or(MoneyError::Overflow)
    }
}

/// The amount in major units with all of its decimals, then the code: `-0.05 EUR`, `100 JPY`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negative() { "-" } else { "" };
        let digits = self.currency.minor_units();
        let scale = 10_u64.pow(digits.into());
        // `i64::MIN` has no positive counterpart in an i64.
        let (major, minor) = (
            self.minor.unsigned_abs() / scale,
            self.minor.unsigned_abs() % scale,
        );
        write!(f, "{sign}{major}")?;
        if digits > 0 {
            write!(f, ".{minor:0width$}", width = usize::from(digits))?;
        }
        write!(f, " {}", self.currency)
    }
}

/// Why two amounts cannot be combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The amounts are of two currencies.
    #[error("amounts in {left} and {right} cannot be combined; both must be in one currency")]
    CurrencyMismatch {
        /// The currency of the amount that was added to or taken from.
        left: Currency,
        /// The currency of the other amount.
        right: Currency,
    },
    /// The result does not fit.
    #[error(
        "the result is out of range; an amount must be from {min} to {max} minor units",
        min = i64::MIN, max = i64::MAX
    )]
    Overflow,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::CurrencyError;

    fn money(minor: i64, code: &str) -> Result<Money, CurrencyError> {
        Ok(Money::new(minor, Currency::new(code)?))
    }

    #[test]
    fn an_amount_is_shown_in_major_units_with_every_decimal() -> Result<(), CurrencyError> {
        for (minor, code, shown) in [
            (1234, "EUR", "12.34 EUR"),
            (-5, "EUR", "-0.05 EUR"),
            (0, "EUR", "0.00 EUR"),
            (100, "JPY", "100 JPY"),
            (-100, "JPY", "-100 JPY"),
            (1001, "KWD", "1.001 KWD"),
            (i64::MAX, "EUR", "92233720368547758.07 EUR"),
            (i64::MIN, "EUR", "-92233720368547758.08 EUR"),
        ] {
            assert_eq!(money(minor, code)?.to_string(), shown);
        }
        Ok(())
    }

    #[test]
    fn exactly_one_sign_holds() -> Result<(), CurrencyError> {
        for (minor, signs) in [
            (-1, (true, false, false)),
            (0, (false, true, false)),
            (1, (false, false, true)),
        ] {
            let amount = money(minor, "EUR")?;
            assert_eq!(
                (amount.is_negative(), amount.is_zero(), amount.is_positive()),
                signs
            );
        }
        assert!(Money::zero(Currency::new("EUR")?).is_zero());
        Ok(())
    }

    #[test]
    fn amounts_of_one_currency_add_and_subtract() -> Result<(), CurrencyError> {
        let (three, five) = (money(3, "EUR")?, money(5, "EUR")?);
        assert_eq!(three.checked_add(five), Ok(money(8, "EUR")?));
        assert_eq!(three.checked_sub(five), Ok(money(-2, "EUR")?));
        Ok(())
    }

    #[test]
    fn amounts_of_two_currencies_do_not_combine() -> Result<(), CurrencyError> {
        let (left, right) = (Currency::new("EUR")?, Currency::new("USD")?);
        let mismatch = Err(MoneyError::CurrencyMismatch { left, right });
        assert_eq!(
            Money::new(1, left).checked_add(Money::new(1, right)),
            mismatch
        );
        assert_eq!(
            Money::new(1, left).checked_sub(Money::new(1, right)),
            mismatch
        );
        Ok(())
    }

    #[test]
    fn a_result_that_does_not_fit_is_an_error() -> Result<(), CurrencyError> {
        let one = money(1, "EUR")?;
        let overflow = Err(MoneyError::Overflow);
        assert_eq!(money(i64::MAX, "EUR")?.checked_add(one), overflow);
        assert_eq!(money(i64::MIN, "EUR")?.checked_sub(one), overflow);
        Ok(())
    }
}
