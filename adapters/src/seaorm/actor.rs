//! Who is acting in the current scope.

use std::future::Future;

use ports::Actor;

tokio::task_local! {
    static ACTOR: Actor;
}

/// Runs a future in which `actor` is acting: what it creates and updates through the
/// generic adapter, on an entity that is [`Audited`](super::Audited), has that name
/// on it. Not inherited by spawned tasks, unless they are [carried](super::carry).
pub fn acting_as<F: Future>(actor: Actor, future: F) -> impl Future<Output = F::Output> {
    ACTOR.scope(actor, future)
}

/// [`acting_as`] for blocking code.
pub fn acting_as_blocking<R>(actor: Actor, work: impl FnOnce() -> R) -> R {
    ACTOR.sync_scope(actor, work)
}

/// Who is acting, if anybody has said so.
pub fn current_actor() -> Option<Actor> {
    ACTOR.try_with(Clone::clone).ok()
}

/// Runs a future with the actor of the caller, if there is one.
pub(super) async fn inherited<F: Future>(actor: Option<Actor>, future: F) -> F::Output {
    match actor {
        Some(actor) => acting_as(actor, future).await,
        None => future.await,
    }
}
