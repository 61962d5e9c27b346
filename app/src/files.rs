//! How many files, sockets among them, the process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// What is open besides the connections of clients: the pool, the log, files.
const OTHERS: u64 = 128;

/// Asks the system for as many as this many connections need. Many systems begin with a
/// thousand, and let each process have more.
pub fn make_room_for(connections: usize) {
    let needed = (connections as u64).saturating_add(OTHERS);
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let Some(before) = current.filter(|current| *current < needed) else {
        return;
    };
    let granted = maximum.map_or(needed, |maximum| maximum.min(needed));
    let asked = Rlimit {
        current: Some(granted),
        maximum,
    };
    let has = match setrlimit(Resource::Nofile, asked) {
        Ok(()) => granted,
        Err(_) => before,
    };
    if has < needed {
        tracing::warn!(
            connections,
            open_files = has,
            "the system allows fewer open files than HTTP_MAX_CONNECTIONS connections need"
        );
    }
}
