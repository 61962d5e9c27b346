//! Why a connection is thrown away.

/// Why a connection is closed rather than handed out again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Discard {
    /// Something that was sent on it was never answered, or left something behind.
    Unknown,
    /// It was one more than are kept.
    Overflow,
    /// It has reached the age at which connections are replaced.
    Age,
    /// It is driven by another runtime than its next user's.
    Runtime,
    /// A ping on it failed.
    Ping,
    /// A ping on another one was not answered in time.
    Mute,
    /// The pool was closed while it was idle or lent.
    Closed,
}

impl Discard {
    pub(crate) const ALL: [Self; 7] = [
        Self::Unknown,
        Self::Overflow,
        Self::Age,
        Self::Runtime,
        Self::Ping,
        Self::Mute,
        Self::Closed,
    ];

    /// The reason as the log has it.
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Unknown => "it was left in an unknown state",
            Self::Overflow => "it was one more than are kept",
            Self::Age => "it has reached its age",
            Self::Runtime => "it belongs to another runtime",
            Self::Ping => "the server does not answer on it",
            Self::Mute => "the server did not answer on another one",
            Self::Closed => "the pool was closed",
        }
    }

    /// The reason as the metrics have it.
    pub(crate) const fn label(self) -> &'static str {
        match self {
            Self::Unknown => "unknown_state",
            Self::Overflow => "overflow",
            Self::Age => "age",
            Self::Runtime => "other_runtime",
            Self::Ping => "ping_failed",
            Self::Mute => "server_mute",
            Self::Closed => "pool_closed",
        }
    }
}
