//! What the session layer tells Prometheus: read when it is scraped, from what is counted
//! anyway.

mod families;
mod histogram;

use std::{
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use prometheus_client::{collector::Collector, encoding::DescriptorEncoder, registry::Registry};

use families::FAMILIES;
pub(crate) use histogram::{Histogram, Snapshot};

use super::{
    backend::Backend,
    manager::{AsyncManager, Manager},
    pool::PoolFigures,
    session::Session,
    unit_of_work,
};

/// The figures of any number of databases: their pools and their units of work, told apart by
/// the label `database`. Cheap to clone; clones are the same list.
///
/// ```
/// # use adapters::{postgres::AsyncPostgresSessionManager, seaorm::Databases};
/// # fn sketch(reports: &AsyncPostgresSessionManager) {
/// let mut registry = prometheus_client::registry::Registry::default();
/// let databases = Databases::registered(&mut registry);
/// databases.watch("reports", reports);
/// # }
/// ```
#[derive(Clone, Default)]
pub struct Databases(Arc<Mutex<Vec<Named>>>);

type Named = (String, Box<dyn Source>);

/// What has a pool and units of work to tell of: a manager, or a session of one.
pub trait Observable {
    /// Adds what is to be told to the list.
    #[doc(hidden)]
    fn add_to(&self, databases: &Databases, name: &str);
}

/// Where figures come from, for as long as they do.
pub(super) trait Source: Send + Sync {
    fn figures(&self) -> Option<Figures>;
}

pub(super) struct Figures {
    pub(super) pool: PoolFigures,
    pub(super) units: unit_of_work::Figures,
}

impl Databases {
    /// An empty list whose figures this registry is going to have.
    pub fn registered(registry: &mut Registry) -> Self {
        let databases = Self::default();
        registry.register_collector(Box::new(databases.clone()));
        databases
    }

    /// Adds a manager, in place of one that had this name. Its figures are gone when it is.
    pub fn watch(&self, name: &str, observable: &impl Observable) {
        observable.add_to(self, name);
    }

    fn add(&self, name: &str, source: impl Source + 'static) {
        let mut list = self.lock();
        list.retain(|(known, _)| known != name);
        list.push((name.to_owned(), Box::new(source)));
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Named>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<B: Backend> Observable for AsyncManager<B> {
    fn add_to(&self, databases: &Databases, name: &str) {
        databases.add(name, self.engine().source());
    }
}

impl<B: Backend> Observable for Manager<B> {
    fn add_to(&self, databases: &Databases, name: &str) {
        databases.add(name, self.engine().source());
    }
}

impl<B: Backend> Observable for Session<B> {
    fn add_to(&self, databases: &Databases, name: &str) {
        databases.add(name, self.engine().source());
    }
}

impl<F: Fn() -> Option<Figures> + Send + Sync> Source for F {
    fn figures(&self) -> Option<Figures> {
        self()
    }
}

impl fmt::Debug for Databases {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = self.lock();
        f.debug_list()
            .entries(list.iter().map(|(name, _)| name))
            .finish()
    }
}

impl Collector for Databases {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> fmt::Result {
        let mut list = self.lock();
        let mut all = Vec::new();
        list.retain(|(name, source)| {
            let figures = source.figures();
            let is_there = figures.is_some();
            all.extend(figures.map(|figures| (name.clone(), figures)));
            is_there
        });
        drop(list);
        if all.is_empty() {
            return Ok(());
        }
        FAMILIES
            .iter()
            .try_for_each(|family| family.encode(&mut encoder, &all))
    }
}
