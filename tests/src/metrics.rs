//! What Prometheus reads.

use prometheus_client::{encoding::text, registry::Registry};

/// What one scrape has brought.
#[derive(Debug)]
pub struct Metrics(pub String);

impl Metrics {
    /// What this registry answers.
    pub fn of(registry: &Registry) -> Self {
        let mut scraped = String::new();
        text::encode(&mut scraped, registry).expect("a text takes whatever is written to it");
        Self(scraped)
    }

    /// The value of the series that is written like this, such as `up{database="main"}`.
    pub fn value(&self, series: &str) -> f64 {
        self.find(series)
            .unwrap_or_else(|| panic!("no series {series} in\n{}", self.0))
    }

    /// The same, if there is such a series.
    pub fn find(&self, series: &str) -> Option<f64> {
        let mut lines = self.0.lines();
        let value = lines.find_map(|line| line.strip_prefix(series)?.strip_prefix(' '))?;
        Some(value.parse().expect("a number"))
    }

    /// The same as a count.
    pub fn count(&self, series: &str) -> u64 {
        let value = self.value(series);
        assert!(value >= 0.0 && value.fract() == 0.0, "{series} is {value}");
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a test does not count that far"
        )]
        let count = value as u64;
        count
    }
}
