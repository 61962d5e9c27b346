//! Where identities come from.

use ports::Ids;
use uuid::Uuid;

/// Random identities that sort by the time they were given out (UUID version 7).
#[derive(Debug, Clone, Copy, Default)]
pub struct UuidV7;

impl Ids for UuidV7 {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where identities come from"
    )]
    fn next(&self) -> Uuid {
        Uuid::now_v7()
    }
}
