//! `IDEMPOTENCY_..`.

use std::{ops::RangeInclusive, time::Duration};

use adapters::config::Variables;
use ports::DatabaseError;

const SECOND: Duration = Duration::from_secs(1);
const TEN_YEARS: Duration = Duration::from_hours(10 * 365 * 24);
const MILLISECOND: Duration = Duration::from_millis(1);
const DAY: Duration = Duration::from_hours(24);

/// For how long it is remembered what was carried out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IdempotencyConfig {
    /// `IDEMPOTENCY_KEY_TTL`: how long a key is remembered.
    pub key_ttl: Duration,
    /// `IDEMPOTENCY_PURGE_INTERVAL`: how often keys that have expired are removed.
    pub purge_interval: Duration,
}

impl Default for IdempotencyConfig {
    fn default() -> Self {
        Self {
            key_ttl: DAY,
            purge_interval: Duration::from_mins(10),
        }
    }
}

impl IdempotencyConfig {
    /// The settings of the process.
    pub fn from_env() -> Result<Self, DatabaseError> {
        Self::from_variables(&Variables::of_process("IDEMPOTENCY")?)
    }

    /// The settings in these variables.
    pub fn from_variables(variables: &Variables) -> Result<Self, DatabaseError> {
        let default = Self::default();
        variables.refuse_unknown(&["key_ttl", "purge_interval"])?;
        let ttl = (SECOND..=TEN_YEARS, "1s to 3650d");
        let interval = (MILLISECOND..=DAY, "1ms to 24h");
        Ok(Self {
            key_ttl: within(variables, "key_ttl", ttl, default.key_ttl)?,
            purge_interval: within(
                variables,
                "purge_interval",
                interval,
                default.purge_interval,
            )?,
        })
    }
}

fn within(
    variables: &Variables,
    key: &str,
    (range, shown): (RangeInclusive<Duration>, &str),
    default: Duration,
) -> Result<Duration, DatabaseError> {
    let time = variables.duration_or(key, default)?;
    if range.contains(&time) {
        return Ok(time);
    }
    let (name, text) = (variables.name(key), variables.text(key).unwrap_or_default());
    let error = format!("{name} is {text:?}; allowed are lengths of time from {shown}");
    variables.refuse(key, DatabaseError::configuration(error))?;
    Ok(default)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<IdempotencyConfig, String> {
        Variables::of("IDEMPOTENCY", pairs.iter().copied())
            .and_then(|variables| IdempotencyConfig::from_variables(&variables))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn what_is_not_set_has_its_default() {
        let config = read(&[("IDEMPOTENCY_KEY_TTL", "2h")]);
        let expected = IdempotencyConfig {
            key_ttl: Duration::from_hours(2),
            ..IdempotencyConfig::default()
        };
        assert_eq!(config, Ok(expected));
    }

    #[test]
    fn what_is_not_allowed_is_named() {
        for (name, value, part) in [
            ("IDEMPOTENCY_KEY_TTL", "0", "from 1s to 3650d"),
            ("IDEMPOTENCY_KEY_TTL", "11years", "from 1s to 3650d"),
            ("IDEMPOTENCY_KEY_TTL", "long", "such as 250ms"),
            ("IDEMPOTENCY_PURGE_INTERVAL", "0s", "from 1ms to 24h"),
            ("IDEMPOTENCY_TTL", "1h", "IDEMPOTENCY_KEY_TTL"),
        ] {
            let refused = read(&[(name, value)]).err().unwrap_or_default();
            assert!(
                refused.contains(name) && refused.contains(part),
                "{refused}"
            );
        }
    }
}
