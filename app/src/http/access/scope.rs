//! What a caller can be allowed to do.

/// Looking at what is one's own.
pub const READ: &str = "ledger:read";
/// Changing what is one's own.
pub const WRITE: &str = "ledger:write";
/// Both, with what belongs to others.
pub const ADMIN: &str = "ledger:admin";

/// All of them.
pub const SCOPES: [&str; 3] = [READ, WRITE, ADMIN];
