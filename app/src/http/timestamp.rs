//! Points in time in answers: RFC 3339, in UTC.

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serializer;

/// What chrono does by itself, as one text. It would hand it over in a dozen pieces, each of
/// which is looked through for what JSON has to escape.
pub(super) fn serialize<S: Serializer>(
    time: &DateTime<Utc>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time.to_rfc3339_opts(SecondsFormat::AutoSi, true))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_written_as_chrono_writes_it() {
        for nanos in [0, 5_000_000, 123_000_000, 123_456_000, 999_999_999] {
            let time = DateTime::from_timestamp(1_767_225_600, nanos).unwrap();
            let mut written = Vec::new();
            serialize(&time, &mut serde_json::Serializer::new(&mut written)).unwrap();
            assert_eq!(written, serde_json::to_vec(&time).unwrap());
        }
    }
}
