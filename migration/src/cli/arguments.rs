//! What is said on the command line.

use std::time::Duration;

use clap::{Args, Parser, Subcommand};

use crate::guard;

/// Changes the schema of the database.
///
/// Which database: --database-url, else DATABASE_URL or DATABASE_HOST and its like from the
/// environment or from .env, else the file data/hexacoral.db.
#[derive(Debug, Clone, Parser)]
#[command(name = "migration", version, arg_required_else_help = true)]
pub struct Arguments {
    /// The database's URL; nothing of the environment counts then. A password in it is seen by
    /// everybody on this machine, which one in the environment is not.
    #[arg(long, short = 'u', global = true, value_name = "URL")]
    pub database_url: Option<String>,

    /// How long to wait for another migrator, such as 90, 30s or 5min.
    #[arg(long, global = true, value_name = "TIME", default_value = "60s", value_parser = time)]
    pub lock_timeout: Duration,

    /// Log every step; RUST_LOG chooses more precisely.
    #[arg(long, short, global = true)]
    pub verbose: bool,

    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Apply pending migrations.
    Up {
        /// So many of them; all without it.
        #[arg(short = 'n', long, value_parser = clap::value_parser!(u32).range(1..))]
        steps: Option<u32>,
    },
    /// Take back the last migrations. Destroys data.
    Down {
        /// So many of them.
        #[arg(short = 'n', long, default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
        #[command(flatten)]
        #[expect(missing_docs, reason = "the help shows the flattened options' own")]
        consent: Consent,
    },
    /// Show which migrations are applied, pending, and unknown to this program.
    Status {
        /// Exit with 1 when something is pending.
        #[arg(long)]
        check: bool,
    },
    /// Drop every table of the schema, then apply everything. Destroys data.
    #[expect(missing_docs, reason = "the help shows the flattened options' own")]
    Fresh {
        #[command(flatten)]
        consent: Consent,
    },
    /// Take everything back, then apply it again. Destroys data.
    #[expect(missing_docs, reason = "the help shows the flattened options' own")]
    Refresh {
        #[command(flatten)]
        consent: Consent,
    },
    /// Take everything back. Destroys data.
    #[expect(missing_docs, reason = "the help shows the flattened options' own")]
    Reset {
        #[command(flatten)]
        consent: Consent,
    },
    /// Add an empty migration to the sources.
    Generate {
        /// What it does, such as add_email_to_accounts.
        name: String,
    },
}

/// What has to be said before data is destroyed: for a database on this machine --yes, or y at
/// a terminal; for any other, or where APP_ENV or ENVIRONMENT means production, both.
#[derive(Debug, Clone, Default, Args)]
pub struct Consent {
    /// Do not ask.
    #[arg(long, short)]
    pub yes: bool,

    /// The name of the database whose data is to be destroyed.
    #[arg(long, value_name = "NAME")]
    pub database_name: Option<String>,
}

impl From<Consent> for guard::Consent {
    fn from(consent: Consent) -> Self {
        Self {
            yes: consent.yes,
            database_name: consent.database_name,
        }
    }
}

fn time(text: &str) -> Result<Duration, humantime::DurationError> {
    match text.parse() {
        Ok(seconds) => Ok(Duration::from_secs(seconds)),
        Err(_) => humantime::parse_duration(text),
    }
}
