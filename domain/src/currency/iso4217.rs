//! The table behind [`Currency`](super::Currency): ISO 4217 list one as published on 2026-01-01.
//!
//! Sorted by code, so that a look-up is a binary search and an amendment is a change of one line.
//! Left out are the codes whose minor unit the standard gives as "N.A." (XAU, XDR, XTS, XXX and
//! the like): an integer of minor units says nothing about them.

/// One line of the standard's list.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Listed {
    /// Three upper-case ASCII letters.
    pub(super) code: &'static str,
    /// The power of ten between the major unit and the minor one.
    pub(super) minor_units: u8,
}

/// The line of `code`, if it is listed.
pub(super) fn find(code: &str) -> Option<&'static Listed> {
    let index = LIST.binary_search_by(|listed| listed.code.cmp(code)).ok()?;
    LIST.get(index)
}

/// Every line.
pub(super) fn all() -> impl Iterator<Item = &'static Listed> {
    LIST.iter()
}

const fn listed(code: &'static str, minor_units: u8) -> Listed {
    Listed { code, minor_units }
}

static LIST: [Listed; 165] = [
    listed("AED", 2),
    listed("AFN", 2),
    listed("ALL", 2),
    listed("AMD", 2),
    listed("AOA", 2),
    listed("ARS", 2),
    listed("AUD", 2),
    listed("AWG", 2),
    listed("AZN", 2),
    listed("BAM", 2),
    listed("BBD", 2),
    listed("BDT", 2),
    listed("BHD", 3),
    listed("BIF", 0),
    listed("BMD", 2),
    listed("BND", 2),
    listed("BOB", 2),
    listed("BOV", 2),
    listed("BRL", 2),
    listed("BSD", 2),
    listed("BTN", 2),
    listed("BWP", 2),
    listed("BYN", 2),
    listed("BZD", 2),
    listed("CAD", 2),
    listed("CDF", 2),
    listed("CHE", 2),
    listed("CHF", 2),
    listed("CHW", 2),
    listed("CLF", 4),
    listed("CLP", 0),
    listed("CNY", 2),
    listed("COP", 2),
    listed("COU", 2),
    listed("CRC", 2),
    listed("CUP", 2),
    listed("CVE", 2),
    listed("CZK", 2),
    listed("DJF", 0),
    listed("DKK", 2),
    listed("DOP", 2),
    listed("DZD", 2),
    listed("EGP", 2),
    listed("ERN", 2),
    listed("ETB", 2),
    listed("EUR", 2),
    listed("FJD", 2),
    listed("FKP", 2),
    listed("GBP", 2),
    listed("GEL", 2),
    listed("GHS", 2),
    listed("GIP", 2),
    listed("GMD", 2),
    listed("GNF", 0),
    listed("GTQ", 2),
    listed("GYD", 2),
    listed("HKD", 2),
    listed("HNL", 2),
    listed("HTG", 2),
    listed("HUF", 2),
    listed("IDR", 2),
    listed("ILS", 2),
    listed("INR", 2),
    listed("IQD", 3),
    listed("IRR", 2),
    listed("ISK", 0),
    listed("JMD", 2),
    listed("JOD", 3),
    listed("JPY", 0),
    listed("KES", 2),
    listed("KGS", 2),
    listed("KHR", 2),
    listed("KMF", 0),
    listed("KPW", 2),
    listed("KRW", 0),
    listed("KWD", 3),
    listed("KYD", 2),
    listed("KZT", 2),
    listed("LAK", 2),
    listed("LBP", 2),
    listed("LKR", 2),
    listed("LRD", 2),
    listed("LSL", 2),
    listed("LYD", 3),
    listed("MAD", 2),
    listed("MDL", 2),
    listed("MGA", 2),
    listed("MKD", 2),
    listed("MMK", 2),
    listed("MNT", 2),
    listed("MOP", 2),
    listed("MRU", 2),
    listed("MUR", 2),
    listed("MVR", 2),
    listed("MWK", 2),
    listed("MXN", 2),
    listed("MXV", 2),
    listed("MYR", 2),
    listed("MZN", 2),
    listed("NAD", 2),
    listed("NGN", 2),
    listed("NIO", 2),
    listed("NOK", 2),
    listed("NPR", 2),
    listed("NZD", 2),
    listed("OMR", 3),
    listed("PAB", 2),
    listed("PEN", 2),
    listed("PGK", 2),
    listed("PHP", 2),
    listed("PKR", 2),
    listed("PLN", 2),
    listed("PYG", 0),
    listed("QAR", 2),
    listed("RON", 2),
    listed("RSD", 2),
    listed("RUB", 2),
    listed("RWF", 0),
    listed("SAR", 2),
    listed("SBD", 2),
    listed("SCR", 2),
    listed("SDG", 2),
    listed("SEK", 2),
    listed("SGD", 2),
    listed("SHP", 2),
    listed("SLE", 2),
    listed("SOS", 2),
    listed("SRD", 2),
    listed("SSP", 2),
    listed("STN", 2),
    listed("SVC", 2),
    listed("SYP", 2),
    listed("SZL", 2),
    listed("THB", 2),
    listed("TJS", 2),
    listed("TMT", 2),
    listed("TND", 3),
    listed("TOP", 2),
    listed("TRY", 2),
    listed("TTD", 2),
    listed("TWD", 2),
    listed("TZS", 2),
    listed("UAH", 2),
    listed("UGX", 0),
    listed("USD", 2),
    listed("USN", 2),
    listed("UYI", 0),
    listed("UYU", 2),
    listed("UYW", 4),
    listed("UZS", 2),
    listed("VED", 2),
    listed("VES", 2),
    listed("VND", 0),
    listed("VUV", 0),
    listed("WST", 2),
    listed("XAD", 2),
    listed("XAF", 0),
    listed("XCD", 2),
    listed("XCG", 2),
    listed("XOF", 0),
    listed("XPF", 0),
    listed("YER", 2),
    listed("ZAR", 2),
    listed("ZMW", 2),
    listed("ZWG", 2),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_strictly_sorted_or_the_binary_search_misses() {
        assert!(LIST.is_sorted_by(|left, right| left.code < right.code));
    }

    #[test]
    fn every_code_is_three_upper_case_letters() {
        for listed in &LIST {
            assert_eq!(listed.code.len(), 3, "{}", listed.code);
            assert!(
                listed.code.bytes().all(|byte| byte.is_ascii_uppercase()),
                "{}",
                listed.code
            );
        }
    }

    #[test]
    fn every_listed_code_is_found() {
        for listed in &LIST {
            assert_eq!(find(listed.code).map(|found| found.code), Some(listed.code));
        }
    }
}
