//! The whole numbers of JSON.

/// What has more digits than this fits in no `i64`.
const MOST_DIGITS: usize = 19;

/// The number that this text stands for, if it is a whole one that fits.
///
/// JSON has one kind of number: 5.0 and 50e-1 are 5. No digit passes through a float, whose
/// rounding makes another amount of 9007199254740993.0 and a whole one of 4503599627370497.3.
pub(super) fn whole(number: &str) -> Option<i64> {
    let (sign, number) = match number.strip_prefix('-') {
        Some(number) => ("-", number),
        None => ("", number),
    };
    let (number, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
    let (before, after) = number.split_once('.').unwrap_or((number, ""));
    let digits = format!("{before}{after}");
    if digits.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let significant = digits.trim_end_matches('0');
    if significant.is_empty() {
        return Some(0);
    }
    let dropped = digits.len().checked_sub(significant.len())?;
    let shift = exponent.parse::<i64>().ok()?;
    let shift = shift.checked_sub(i64::try_from(after.len()).ok()?)?;
    let zeros = usize::try_from(shift.checked_add(i64::try_from(dropped).ok()?)?).ok()?;
    let significant = significant.trim_start_matches('0');
    if significant.len().checked_add(zeros)? > MOST_DIGITS {
        return None;
    }
    format!("{sign}{significant}{:0<zeros$}", "").parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::whole;

    #[test]
    fn every_spelling_of_a_whole_number_is_that_number() {
        for (text, expected) in [
            ("0", 0),
            ("-0", 0),
            ("-0.00", 0),
            ("0e99999999999999999999", 0),
            ("5.0", 5),
            ("-50E-1", -5),
            ("0.05e+2", 5),
            ("1.5e1", 15),
            ("1e18", 1_000_000_000_000_000_000),
            // serde_json reads it as 2006701171820071.2.
            ("2006701171820071.0", 2_006_701_171_820_071),
            // No f64.
            ("9007199254740993.0", 9_007_199_254_740_993),
            ("9223372036854775807.000", i64::MAX),
            ("-9223372036854775808", i64::MIN),
            ("-922337203685477580.8e1", i64::MIN),
        ] {
            assert_eq!(whole(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn nothing_else_is_one() {
        for text in [
            "0.5",
            "5e-1",
            "4503599627370497.3",
            "9223372036854775808",
            "-9223372036854775809.0",
            "1e19",
            "1e99999999999999999999",
            "1e-99999999999999999999",
            "1e9223372036854775807",
            "1.0e-9223372036854775808",
            "null",
            "\"5\"",
            "[]",
            "",
        ] {
            assert_eq!(whole(text), None, "{text}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn zeros_and_exponents_change_nothing(number: i64, zeros in 0_usize..30) {
            let padded = "0".repeat(zeros);
            prop_assert_eq!(whole(&format!("{number}.{padded}")), Some(number));
            prop_assert_eq!(whole(&format!("{number}{padded}e-{zeros}")), Some(number));
            prop_assert_eq!(whole(&format!("{number}.{padded}1")), None);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[-+.eE0-9]{0,40}", other: String) {
            for text in [text, other] {
                if let Ok(plain) = text.parse::<i64>() && !text.starts_with('+') {
                    prop_assert_eq!(whole(&text), Some(plain));
                } else {
                    let _ = whole(&text);
                }
            }
        }
    }
}
