//! The service locator: one sync and one async manager for a database, made when they
//! are first asked for.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ports::DatabaseError;

use crate::{
    repository::{SharedAsyncManager, SharedManager},
    seaorm::{AsyncManager, Backend, Manager},
};

/// The managers of one database. Two databases are two registries.
///
/// Each manager is made exactly once, however many threads ask at the same time. A
/// failure is answered, not kept: the next caller tries again. What was handed out stays
/// good for whoever has it, whatever is set or reset later.
#[doc(alias = "SessionManagerRegistry")]
#[doc(alias = "ServiceLocator")]
pub struct Registry<B: Backend> {
    configure: Box<dyn Fn() -> Result<B::Config, DatabaseError> + Send + Sync>,
    sync: Mutex<Option<SharedManager<B>>>,
    r#async: Mutex<Option<SharedAsyncManager<B>>>,
}

impl<B: Backend> Registry<B> {
    /// A registry whose managers are made from this configuration, which is asked for
    /// when the first manager of each kind is.
    pub fn configured(
        configure: impl Fn() -> Result<B::Config, DatabaseError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            configure: Box::new(configure),
            sync: Mutex::new(None),
            r#async: Mutex::new(None),
        }
    }

    /// The manager for blocking code.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    #[doc(alias = "get_sync_manager")]
    pub fn sync_manager(&self) -> Result<SharedManager<B>, DatabaseError> {
        get_or_make(&self.sync, || {
            let manager = Manager::<B>::new((self.configure)()?)?;
            Ok(Arc::new(manager) as SharedManager<B>)
        })
    }

    /// Puts another manager in place: any implementation of the port.
    pub fn set_sync_manager(&self, manager: SharedManager<B>) {
        let before = lock(&self.sync).replace(manager);
        drop(before);
    }

    /// The manager for async code.
    ///
    /// # Errors
    ///
    /// [`DatabaseError::Configuration`].
    #[doc(alias = "get_async_manager")]
    pub fn async_manager(&self) -> Result<SharedAsyncManager<B>, DatabaseError> {
        get_or_make(&self.r#async, || {
            let manager = AsyncManager::<B>::new((self.configure)()?)?;
            Ok(Arc::new(manager) as SharedAsyncManager<B>)
        })
    }

    /// Puts another manager in place: any implementation of the port.
    pub fn set_async_manager(&self, manager: SharedAsyncManager<B>) {
        let before = lock(&self.r#async).replace(manager);
        drop(before);
    }

    /// Forgets both managers; the next callers make new ones. Connections close when the
    /// last holder of the old manager has let go of it.
    pub fn reset(&self) {
        let before = (lock(&self.sync).take(), lock(&self.r#async).take());
        drop(before);
    }
}

/// Making a manager opens no connection and does not wait, so a plain lock is enough for
/// async callers too, and makes it exactly one.
fn get_or_make<T: Clone>(
    place: &Mutex<Option<T>>,
    make: impl FnOnce() -> Result<T, DatabaseError>,
) -> Result<T, DatabaseError> {
    let mut place = lock(place);
    if let Some(made) = place.as_ref() {
        return Ok(made.clone());
    }
    let manager = make()?;
    *place = Some(manager.clone());
    Ok(manager)
}

fn lock<T>(place: &Mutex<T>) -> MutexGuard<'_, T> {
    place.lock().unwrap_or_else(PoisonError::into_inner)
}

/// `new`, `global` and `Default` for the registry of one backend: a static can not be
/// generic.
macro_rules! process_wide {
    ($db:ty, $config:ty) => {
        impl $crate::registry::Registry<$db> {
            /// A registry of the process's own database: environment, over `.env`.
            pub fn new() -> Self {
                Self::configured(<$config>::from_env)
            }

            /// The registry of the whole process.
            pub fn global() -> &'static Self {
                static GLOBAL: std::sync::LazyLock<$crate::registry::Registry<$db>> =
                    std::sync::LazyLock::new($crate::registry::Registry::<$db>::new);
                &GLOBAL
            }
        }

        impl Default for $crate::registry::Registry<$db> {
            fn default() -> Self {
                Self::new()
            }
        }
    };
}
pub(crate) use process_wide;
