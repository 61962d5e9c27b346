//! Cursors: the values of the last row's keys, sealed.
//!
//! The seal is a keyed hash over the list, its order and the values. A cursor that was
//! changed, or that comes from another list, order or database, does not fit its seal.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use ports::{Cursor, DatabaseError, Value};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

const SEAL: usize = 16;

/// What seals the cursors of one list in one order.
pub(super) struct Sealer<'a> {
    pub(super) key: [u8; 32],
    pub(super) list: &'a str,
    pub(super) order: String,
}

/// A key's value on its way through a cursor. NULL has no value.
#[derive(Serialize, Deserialize)]
enum Plain {
    #[serde(rename = "n")]
    Null,
    #[serde(rename = "b")]
    Bool(bool),
    #[serde(rename = "i")]
    Int(i64),
    /// The bits, so that every number survives.
    #[serde(rename = "f")]
    Float(u64),
    #[serde(rename = "t")]
    Text(String),
    #[serde(rename = "u")]
    Uuid(u128),
    /// Seconds and nanoseconds.
    #[serde(rename = "m")]
    Timestamp(i64, u32),
}

impl Sealer<'_> {
    /// The cursor after a row with these values.
    pub(super) fn seal(&self, values: Vec<Option<Value>>) -> Result<Cursor, DatabaseError> {
        let plain: Vec<_> = values.into_iter().map(Plain::from).collect();
        let mut bytes = serde_json::to_vec(&plain).map_err(DatabaseError::query)?;
        let seal = self.mac(&bytes)?.finalize().into_bytes();
        bytes.extend(seal.iter().take(SEAL));
        Ok(Cursor::new(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The values in a cursor of this list and order.
    pub(super) fn open(&self, cursor: &Cursor) -> Result<Vec<Option<Value>>, DatabaseError> {
        let bytes = URL_SAFE_NO_PAD
            .decode(cursor.as_str())
            .map_err(|_| refused())?;
        let split = bytes.len().checked_sub(SEAL).ok_or_else(refused)?;
        let (plain, seal) = bytes.split_at_checked(split).ok_or_else(refused)?;
        self.mac(plain)?
            .verify_truncated_left(seal)
            .map_err(|_| refused())?;
        let plain: Vec<Plain> = serde_json::from_slice(plain).map_err(|_| refused())?;
        plain.into_iter().map(Plain::value).collect()
    }

    fn mac(&self, plain: &[u8]) -> Result<Hmac<Sha256>, DatabaseError> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).map_err(DatabaseError::query)?;
        for part in [self.list.as_bytes(), self.order.as_bytes(), plain] {
            mac.update(&part.len().to_be_bytes());
            mac.update(part);
        }
        Ok(mac)
    }
}

impl From<Option<Value>> for Plain {
    fn from(value: Option<Value>) -> Self {
        match value {
            None => Self::Null,
            Some(Value::Bool(flag)) => Self::Bool(flag),
            Some(Value::Int(number)) => Self::Int(number),
            Some(Value::Float(number)) => Self::Float(number.to_bits()),
            Some(Value::Text(text)) => Self::Text(text),
            Some(Value::Uuid(uuid)) => Self::Uuid(uuid.as_u128()),
            Some(Value::Timestamp(moment)) => {
                Self::Timestamp(moment.timestamp(), moment.timestamp_subsec_nanos())
            }
        }
    }
}

impl Plain {
    fn value(self) -> Result<Option<Value>, DatabaseError> {
        Ok(match self {
            Self::Null => None,
            Self::Bool(flag) => Some(Value::Bool(flag)),
            Self::Int(number) => Some(Value::Int(number)),
            Self::Float(bits) => Some(Value::Float(f64::from_bits(bits))),
            Self::Text(text) => Some(Value::Text(text)),
            Self::Uuid(bits) => Some(Value::Uuid(uuid::Uuid::from_u128(bits))),
            Self::Timestamp(seconds, nanos) => {
                let moment = chrono::DateTime::from_timestamp(seconds, nanos);
                Some(Value::Timestamp(moment.ok_or_else(refused)?))
            }
        })
    }
}

fn refused() -> DatabaseError {
    DatabaseError::invalid_query(
        "the cursor was changed, or belongs to another list or another order; begin again \
         without one",
    )
}

#[cfg(test)]
mod tests {
    use chrono::DateTime;
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn sealer(order: &str) -> Sealer<'static> {
        Sealer {
            key: [7; 32],
            list: "accounts",
            order: order.to_owned(),
        }
    }

    fn values() -> Vec<Option<Value>> {
        vec![
            None,
            Some(Value::Bool(true)),
            Some(Value::Int(i64::MIN)),
            Some(Value::Float(f64::MIN_POSITIVE)),
            Some(Value::Text("é\"\\".to_owned())),
            Some(Value::Uuid(Uuid::from_u128(u128::MAX))),
            DateTime::from_timestamp(1_700_000_000, 123_456_789).map(Value::Timestamp),
        ]
    }

    #[test]
    fn every_value_comes_back() {
        let cursor = sealer("-a").seal(values()).unwrap();
        assert_eq!(sealer("-a").open(&cursor).unwrap(), values());
    }

    #[test]
    fn another_order_list_or_key_is_refused() {
        let cursor = sealer("-a").seal(values()).unwrap();
        assert!(sealer("+a").open(&cursor).is_err());
        let other_list = Sealer {
            list: "transfers",
            ..sealer("-a")
        };
        assert!(other_list.open(&cursor).is_err());
        let other_key = Sealer {
            key: [8; 32],
            ..sealer("-a")
        };
        assert!(other_key.open(&cursor).is_err());
    }

    #[test]
    fn any_changed_character_is_refused() {
        let cursor = sealer("-a").seal(values()).unwrap();
        for at in 0..cursor.as_str().len() {
            let mut text = cursor.as_str().as_bytes().to_vec();
            text[at] = if text[at] == b'A' { b'B' } else { b'A' };
            let changed = Cursor::new(String::from_utf8(text).unwrap());
            assert!(sealer("-a").open(&changed).is_err(), "character {at}");
        }
        for text in ["", "x", "%%%", &"A".repeat(10_000)] {
            assert!(sealer("-a").open(&Cursor::new(text)).is_err(), "{text}");
        }
    }

    fn value() -> impl Strategy<Value = Option<Value>> {
        let moment = (any::<i64>(), 0_u32..2_000_000_000).prop_map(|(seconds, nanos)| {
            DateTime::from_timestamp(seconds >> 24, nanos).map(Value::Timestamp)
        });
        prop_oneof![
            Just(None),
            any::<bool>().prop_map(|flag| Some(flag.into())),
            any::<i64>().prop_map(|number| Some(number.into())),
            any::<f64>().prop_map(|number| Some(number.into())),
            any::<String>().prop_map(|text| Some(text.into())),
            any::<u128>().prop_map(|bits| Some(Uuid::from_u128(bits).into())),
            moment,
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn any_values_come_back_and_fit_a_url(
            values in prop::collection::vec(value(), 0..5), order in any::<String>(),
        ) {
            let cursor = sealer(&order).seal(values.clone()).unwrap();
            let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
            prop_assert!(cursor.as_str().chars().all(plain), "{}", cursor);
            let opened = sealer(&order).open(&cursor).unwrap();
            // Not compared as they are: a NaN is not itself.
            prop_assert_eq!(format!("{opened:?}"), format!("{values:?}"));
            let other = format!("{order}+");
            prop_assert!(sealer(&other).open(&cursor).is_err());
        }

        #[test]
        fn any_text_that_was_not_handed_out_is_refused(text in any::<String>(), bytes in any::<Vec<u8>>()) {
            for text in [text, URL_SAFE_NO_PAD.encode(bytes)] {
                let refused = sealer("-a").open(&Cursor::new(text));
                prop_assert!(matches!(refused, Err(DatabaseError::InvalidQuery(_))));
            }
        }

        #[test]
        fn a_cursor_that_was_changed_anywhere_is_refused(
            values in prop::collection::vec(value(), 0..4),
            at in any::<prop::sample::Index>(),
            bit in 0_u8..8,
            cut in any::<prop::sample::Index>(),
        ) {
            let cursor = sealer("-a").seal(values).unwrap();
            let mut bytes = URL_SAFE_NO_PAD.decode(cursor.as_str()).unwrap();
            let shorter = cursor.as_str().split_at(cut.index(cursor.as_str().len())).0;
            prop_assert!(sealer("-a").open(&Cursor::new(shorter)).is_err());
            let at = at.index(bytes.len());
            bytes[at] ^= 1 << bit;
            let changed = Cursor::new(URL_SAFE_NO_PAD.encode(bytes));
            prop_assert!(sealer("-a").open(&changed).is_err());
        }
    }
}
