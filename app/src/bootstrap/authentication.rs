//! The wiring of authentication.

use std::sync::Arc;

use adapters::jwt::{JwtAuthenticator, JwtConfig};
use ports::{Authenticator, Clock, DatabaseError};
use tokio::runtime::Handle;

/// Who tells callers apart, by these settings. Where there is a runtime already, keys are
/// fetched in the background, so that the first caller need not wait for them.
///
/// # Errors
///
/// [`DatabaseError::Configuration`].
pub fn authenticator(
    config: Option<JwtConfig>,
    clock: Arc<dyn Clock>,
) -> Result<Option<Arc<dyn Authenticator>>, DatabaseError> {
    let Some(config) = config else {
        return Ok(None);
    };
    let authenticator = Arc::new(JwtAuthenticator::new(config, clock)?);
    if let Ok(runtime) = Handle::try_current() {
        let authenticator = authenticator.clone();
        runtime.spawn(async move { authenticator.warm_up().await });
    }
    Ok(Some(authenticator))
}
