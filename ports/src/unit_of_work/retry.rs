//! How often, and how soon, work is run again.

use std::time::Duration;

/// How often, and how soon, the outermost unit of work runs its work again after
/// a serialization failure or a deadlock.
///
/// The n-th wait is a random time between nothing and `base * 2^(n-1)`, at most
/// `cap` ("full jitter"): units of work that collided once do not collide again
/// in step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetryPolicy {
    /// The most runs, the first one included. 1 means no retry; 0 counts as 1.
    pub max_attempts: u32,
    /// The upper bound of the first wait.
    pub base: Duration,
    /// The upper bound of every wait.
    pub cap: Duration,
}

impl RetryPolicy {
    /// Run once.
    pub const NEVER: Self = Self {
        max_attempts: 1,
        base: Duration::ZERO,
        cap: Duration::ZERO,
    };

    /// The upper bound of the wait after attempt number `attempt` (from 1), or
    /// `None` when that was the last.
    pub fn bound_after(&self, attempt: u32) -> Option<Duration> {
        if attempt >= self.max_attempts {
            return None;
        }
        let doublings = attempt.saturating_sub(1).min(30);
        Some(self.base.saturating_mul(1 << doublings).min(self.cap))
    }
}

impl Default for RetryPolicy {
    /// Ten attempts, waits of up to 5 ms doubling up to 500 ms.
    fn default() -> Self {
        Self {
            max_attempts: 10,
            base: Duration::from_millis(5),
            cap: Duration::from_millis(500),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_doubles_until_the_cap_and_ends_with_the_attempts() {
        let policy = RetryPolicy {
            max_attempts: 5,
            base: Duration::from_millis(10),
            cap: Duration::from_millis(35),
        };
        let bounds: Vec<_> = (1..=5)
            .map(|n| policy.bound_after(n).map(|b| b.as_millis()))
            .collect();
        assert_eq!(bounds, [Some(10), Some(20), Some(35), Some(35), None]);
    }

    #[test]
    fn never_means_one_attempt() {
        assert_eq!(RetryPolicy::NEVER.bound_after(1), None);
    }

    #[test]
    fn a_huge_number_of_attempts_does_not_overflow() {
        let policy = RetryPolicy {
            max_attempts: u32::MAX,
            base: Duration::MAX,
            cap: Duration::from_secs(1),
        };
        assert_eq!(policy.bound_after(4_000_000), Some(Duration::from_secs(1)));
    }
}
