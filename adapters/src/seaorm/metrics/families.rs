//! The metrics, one by one. `docs/metrics.md` lists them, too.

use std::fmt;

use prometheus_client::{
    encoding::{DescriptorEncoder, MetricEncoder, NoLabelSet},
    metrics::MetricType::{self, Counter, Gauge, Histogram},
    registry::Unit,
};

use super::{Figures, histogram::Snapshot};

/// One metric, with a series or more for each database.
pub(super) struct Family {
    name: &'static str,
    help: &'static str,
    kind: MetricType,
    figures: fn(&Figures, &mut Series<'_, '_, '_>) -> fmt::Result,
}

impl Family {
    const fn new(
        name: &'static str,
        help: &'static str,
        kind: MetricType,
        figures: fn(&Figures, &mut Series<'_, '_, '_>) -> fmt::Result,
    ) -> Self {
        Self {
            name,
            help,
            kind,
            figures,
        }
    }

    /// Histograms are of durations, all of them.
    pub(super) fn encode(
        &self,
        encoder: &mut DescriptorEncoder<'_>,
        databases: &[(String, Figures)],
    ) -> fmt::Result {
        let seconds = Unit::Seconds;
        let unit = matches!(self.kind, Histogram).then_some(&seconds);
        let mut metric = encoder.encode_descriptor(self.name, self.help, unit, self.kind)?;
        databases.iter().try_for_each(|(database, figures)| {
            let database = ("database", database.as_str());
            (self.figures)(figures, &mut Series(&mut metric, database))
        })
    }
}

/// The series of one database.
struct Series<'s, 'm, 'd>(&'s mut MetricEncoder<'m>, (&'static str, &'d str));

impl Series<'_, '_, '_> {
    fn gauge(&mut self, value: usize) -> fmt::Result {
        self.0.encode_family(&[self.1])?.encode_gauge(&value)
    }

    fn counter(&mut self, value: u64) -> fmt::Result {
        let labels = [self.1];
        let mut series = self.0.encode_family(&labels)?;
        series.encode_counter::<NoLabelSet, _, u64>(&value, None)
    }

    fn counters<'c>(
        &mut self,
        label: &'static str,
        values: impl IntoIterator<Item = (&'c str, u64)>,
    ) -> fmt::Result {
        values.into_iter().try_for_each(|(value, count)| {
            let labels = [self.1, (label, value)];
            let mut series = self.0.encode_family(&labels)?;
            series.encode_counter::<NoLabelSet, _, u64>(&count, None)
        })
    }

    fn histogram(&mut self, snapshot: &Snapshot) -> fmt::Result {
        let labels = [self.1];
        let mut series = self.0.encode_family(&labels)?;
        let Snapshot { buckets, sum } = snapshot;
        series.encode_histogram::<NoLabelSet>(*sum, snapshot.count(), buckets, None)
    }
}

pub(super) static FAMILIES: [Family; 16] = [
    Family::new(
        "database_pool_size",
        "Connections that are open",
        Gauge,
        |figures, series| series.gauge(figures.pool.status.size),
    ),
    Family::new(
        "database_pool_in_use",
        "Open connections that somebody uses",
        Gauge,
        |figures, series| {
            let status = figures.pool.status;
            series.gauge(status.size.saturating_sub(status.idle))
        },
    ),
    Family::new(
        "database_pool_idle",
        "Open connections that nobody uses",
        Gauge,
        |figures, series| series.gauge(figures.pool.status.idle),
    ),
    Family::new(
        "database_pool_waiting",
        "Callers that wait for a connection",
        Gauge,
        |figures, series| series.gauge(figures.pool.status.waiting),
    ),
    Family::new(
        "database_pool_max",
        "The most connections that may be open, overflow included",
        Gauge,
        |figures, series| series.gauge(figures.pool.status.max_size),
    ),
    Family::new(
        "database_pool_wait",
        "The time until a connection was handed out, or given up on",
        Histogram,
        |figures, series| series.histogram(&figures.pool.waits),
    ),
    Family::new(
        "database_pool_timeouts",
        "Waits for a connection that took too long",
        Counter,
        |figures, series| series.counter(figures.pool.timed_out),
    ),
    Family::new(
        "database_connections_opened",
        "Connections opened",
        Counter,
        |figures, series| series.counter(figures.pool.status.opened),
    ),
    Family::new(
        "database_connections_refused",
        "Connections that could not be opened",
        Counter,
        |figures, series| series.counter(figures.pool.refused),
    ),
    Family::new(
        "database_connections_recycled",
        "How often a connection was handed out again",
        Counter,
        |figures, series| series.counter(figures.pool.recycled),
    ),
    Family::new(
        "database_connections_discarded",
        "Connections closed, by the reason",
        Counter,
        |figures, series| {
            let discarded = figures.pool.discarded.iter();
            series.counters(
                "reason",
                discarded.map(|(reason, count)| (reason.label(), *count)),
            )
        },
    ),
    Family::new(
        "database_units_of_work_open",
        "Units of work that are open",
        Gauge,
        |figures, series| series.gauge(usize::try_from(figures.units.open).unwrap_or(usize::MAX)),
    ),
    Family::new(
        "database_units_of_work",
        "Units of work that have ended, by how",
        Counter,
        |figures, series| {
            let ended = figures.units.ended.iter();
            series.counters(
                "outcome",
                ended.map(|(outcome, count)| (outcome.label(), *count)),
            )
        },
    ),
    Family::new(
        "database_units_of_work_retried",
        "How often a unit of work was run again, by the reason",
        Counter,
        |figures, series| {
            let retried = figures.units.retried.iter();
            series.counters(
                "reason",
                retried.map(|(conflict, count)| (conflict.label(), *count)),
            )
        },
    ),
    Family::new(
        "database_units_of_work_long",
        "Units of work that were open for too long",
        Counter,
        |figures, series| series.counter(figures.units.long),
    ),
    Family::new(
        "database_unit_of_work_duration",
        "The time from the first BEGIN of a unit of work to its end, all attempts included",
        Histogram,
        |figures, series| series.histogram(&figures.units.lengths),
    ),
];
