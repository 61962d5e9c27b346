//! A histogram that is filled without a lock: the library's own has one.

use std::{
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::Duration,
};

/// Counts durations by the least of these bounds that they do not exceed.
pub(crate) struct Histogram<const N: usize> {
    bounds: &'static [Duration; N],
    counts: [AtomicU64; N],
    beyond: AtomicU64,
    nanos: AtomicU64,
}

/// What a histogram has counted so far.
#[derive(Debug)]
pub(crate) struct Snapshot {
    /// Each bound, in seconds, with what was counted between it and the one before.
    pub(super) buckets: Vec<(f64, u64)>,
    /// The sum of all durations, in seconds.
    pub(super) sum: f64,
}

impl<const N: usize> Histogram<N> {
    pub(crate) const fn new(bounds: &'static [Duration; N]) -> Self {
        Self {
            bounds,
            counts: [const { AtomicU64::new(0) }; N],
            beyond: AtomicU64::new(0),
            nanos: AtomicU64::new(0),
        }
    }

    /// Two additions.
    pub(crate) fn observe(&self, duration: Duration) {
        let place = self.bounds.partition_point(|bound| *bound < duration);
        let bucket = self.counts.get(place).unwrap_or(&self.beyond);
        bucket.fetch_add(1, Relaxed);
        let nanos = u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX);
        if nanos > 0 {
            self.nanos.fetch_add(nanos, Relaxed);
        }
    }

    pub(crate) fn snapshot(&self) -> Snapshot {
        let counted = self.bounds.iter().zip(&self.counts);
        let bounded = counted.map(|(bound, count)| (bound.as_secs_f64(), count.load(Relaxed)));
        let beyond = (f64::INFINITY, self.beyond.load(Relaxed));
        Snapshot {
            buckets: bounded.chain([beyond]).collect(),
            sum: Duration::from_nanos(self.nanos.load(Relaxed)).as_secs_f64(),
        }
    }
}

impl Snapshot {
    pub(super) fn count(&self) -> u64 {
        self.buckets.iter().map(|(_, count)| count).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static BOUNDS: [Duration; 2] = [Duration::from_millis(1), Duration::from_secs(1)];

    #[test]
    fn a_duration_is_counted_at_the_least_bound_that_it_does_not_exceed() {
        let histogram = Histogram::new(&BOUNDS);
        for millis in [0, 1, 2, 1_000, 1_001] {
            histogram.observe(Duration::from_millis(millis));
        }
        let snapshot = histogram.snapshot();
        let counts: Vec<u64> = snapshot.buckets.iter().map(|(_, count)| *count).collect();
        assert_eq!(counts, [2, 2, 1]);
        assert_eq!(snapshot.count(), 5);
        assert!((snapshot.sum - 2.004).abs() < 1e-9, "{snapshot:?}");
    }
}
