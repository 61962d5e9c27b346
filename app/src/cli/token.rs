//! Tokens for development.

use std::{collections::BTreeSet, process::ExitCode, time::Duration};

use adapters::{
    SystemClock,
    config::Environment,
    jwt::{JwtConfig, NewToken, issue},
};
use clap::Args;
use domain::Owner;
use ports::{Actor, Clock as _};

use super::{Failure, console::say};
use crate::http::access::{READ, SCOPES, WRITE};

const HELP: &str = "\
The token is signed with AUTH_SECRET, and has the issuer and the audience of AUTH_ISSUER and
AUTH_AUDIENCE, where they are set. It is all there is on stdout.

Scopes: ledger:read and ledger:write for what the subject owns; ledger:admin for everything.

Examples:
  export AUTH_SECRET=$(openssl rand -base64 32)
  app token --sub Ada
  app token --sub operations --scope ledger:admin --ttl 10min
  curl -H \"Authorization: Bearer $(app token --sub Ada)\" http://127.0.0.1:3000/v1/accounts";

/// What `token` is told.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub struct TokenArguments {
    /// Whose token it is: the owner of what it gives access to
    #[arg(long, value_name = "NAME", value_parser = subject)]
    sub: Actor,
    /// What it allows, once for each scope or with blanks between them
    #[arg(long, value_name = "SCOPE", default_values = [READ, WRITE], value_parser = scopes)]
    scope: Vec<Scopes>,
    /// For how long, such as 90s, 10min or 12h
    #[arg(long, value_name = "TIME", default_value = "1h", value_parser = lifetime)]
    ttl: Duration,
}

/// The scopes of one argument.
#[derive(Debug, Clone)]
struct Scopes(Vec<&'static str>);

/// Needs no settings but those of tokens: it works although others are wrong.
pub(super) fn run(arguments: &TokenArguments) -> Result<ExitCode, Failure> {
    let variables = Environment::of_process()?.variables("AUTH")?;
    let Some(auth) = JwtConfig::from_variables(&variables)? else {
        return Err(Failure::of_settings(
            "AUTH_SECRET is not set: there is nothing to sign a token with, and a service \
             without it asks for none; allowed are 32 or more random bytes, as from `openssl \
             rand -base64 32`, the same for `token` and `serve`",
        ));
    };
    let scopes = arguments.scope.iter().flat_map(|given| &given.0);
    let scopes: BTreeSet<String> = scopes.map(ToString::to_string).collect();
    let token = NewToken {
        subject: &arguments.sub,
        scopes: &scopes,
        lifetime: arguments.ttl,
    };
    say(&issue(&auth, &token, SystemClock.now())?)?;
    Ok(ExitCode::SUCCESS)
}

/// A name that the service would take.
fn subject(text: &str) -> Result<Actor, String> {
    let owner = Owner::new(text).map_err(|error| error.to_string())?;
    if owner.as_str() != text {
        return Err("there is white space around it".to_owned());
    }
    Actor::new(text).map_err(|error| error.to_string())
}

fn scopes(text: &str) -> Result<Scopes, String> {
    let known = |name: &str| SCOPES.into_iter().find(|scope| *scope == name);
    let found = text.split_ascii_whitespace().map(|name| {
        known(name).ok_or_else(|| format!("{name:?} is none; there are {}", SCOPES.join(", ")))
    });
    found.collect::<Result<_, _>>().map(Scopes)
}

fn lifetime(text: &str) -> Result<Duration, String> {
    let allowed = "allowed are lengths of time from 1s on, such as 90s, 10min or 12h";
    let read = adapters::config::duration(text).filter(|time| time.as_secs() > 0);
    read.ok_or_else(|| allowed.to_owned())
}
