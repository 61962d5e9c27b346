//! What a `postgres://` URL says.

use ports::DatabaseError;
use secrecy::SecretString;
use url::{ParseError, Url};

use super::SslMode;
use crate::config::Allowed;

/// What a `postgres://` URL says.
#[derive(Default)]
pub(super) struct Parts {
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) name: Option<String>,
    pub(super) username: Option<String>,
    pub(super) password: Option<SecretString>,
    pub(super) ssl_mode: Option<SslMode>,
    pub(super) ssl_root_cert: Option<String>,
    pub(super) application_name: Option<String>,
}

const PARAMETERS: &str = "sslmode, sslrootcert, application_name, host";

const ALLOWED: &str = "allowed is postgres://user:password@host:port/database, with the \
                       characters : / ? # @ % and blanks of a password percent-encoded, or the \
                       password in DATABASE_PASSWORD as it is";

/// Takes a URL apart. Its errors do not repeat it: it may hold a password.
pub(super) fn parse(text: &str) -> Result<Parts, DatabaseError> {
    let parsed = match Url::parse(text) {
        // A user and no host is allowed by PostgreSQL's own clients, not by the crate.
        Err(ParseError::EmptyHost) => Url::parse(&text.replacen("@/", "@localhost/", 1)),
        parsed => parsed,
    };
    let url = parsed.map_err(|error| refuse(format!("is not a URL ({error}); {ALLOWED}")))?;
    if !matches!(url.scheme(), "postgres" | "postgresql") {
        return Err(refuse(format!(
            "begins with {:?}; allowed are postgres:// and postgresql://",
            url.scheme()
        )));
    }
    if has_rest_of_password(&url) {
        return Err(refuse(format!("is cut off at a / ? or #; {ALLOWED}")));
    }
    let mut parts = Parts {
        host: filled(url.host_str().unwrap_or_default(), "host")?,
        port: url.port(),
        name: filled(url.path().trim_start_matches('/'), "database name")?,
        username: filled(url.username(), "user name")?,
        password: filled(url.password().unwrap_or_default(), "password")?.map(SecretString::from),
        ..Parts::default()
    };
    parts.host = parts
        .host
        .map(|host| host.trim_matches(['[', ']']).to_owned());
    for (name, value) in url.query_pairs() {
        parts.take(&name, value.into_owned())?;
    }
    Ok(parts)
}

impl Parts {
    fn take(&mut self, name: &str, value: String) -> Result<(), DatabaseError> {
        match name {
            "sslmode" | "ssl-mode" => {
                let modes = Allowed(&SslMode::WORDS);
                self.ssl_mode =
                    Some(modes.find(&value).ok_or_else(|| {
                        refuse(format!("has sslmode={value}; allowed are {modes}"))
                    })?);
            }
            "sslrootcert" | "ssl-root-cert" => self.ssl_root_cert = Some(value),
            "application_name" => self.application_name = Some(value),
            "host" => self.host = Some(value),
            _ => {
                return Err(refuse(format!(
                    "has the parameter {name}; allowed are {PARAMETERS}"
                )));
            }
        }
        Ok(())
    }
}

/// Whether the authority has ended too early: at a character of the password that should
/// have been encoded. What follows is then a secret, and the host is not the host.
fn has_rest_of_password(url: &Url) -> bool {
    let in_query = url.query().is_some_and(|query| query.contains('@'));
    in_query || url.path().contains('@') || url.fragment().is_some()
}

/// A part of the URL with its percent-encoding undone; `None` when it is empty.
fn filled(part: &str, what: &str) -> Result<Option<String>, DatabaseError> {
    let decoded = percent_decoded(part).ok_or_else(|| {
        refuse(format!(
            "has a {what} that is not UTF-8 when percent-decoded"
        ))
    })?;
    Ok(Some(decoded).filter(|decoded| !decoded.is_empty()))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        match (first, after.get(..2).and_then(hex)) {
            (b'%', Some(byte)) => {
                bytes.push(byte);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => bytes.push(*first),
        }
    }
    String::from_utf8(bytes).ok()
}

fn hex(digits: &[u8]) -> Option<u8> {
    let digits = std::str::from_utf8(digits).ok()?;
    // The radix parser would take a sign.
    let digits = digits
        .bytes()
        .all(|digit| digit.is_ascii_hexdigit())
        .then_some(digits)?;
    u8::from_str_radix(digits, 16).ok()
}

fn refuse(what: String) -> DatabaseError {
    DatabaseError::configuration(format!("DATABASE_URL {what}"))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn every_part_is_decoded() {
        let parts =
            parse("postgres://us%40er:p%3Aw%20%25%23%C3%A9@[::1]:6432/da%2Fta?sslmode=verify-full");
        let parts = parts.unwrap();
        assert_eq!(parts.host.as_deref(), Some("::1"));
        assert_eq!(parts.port, Some(6432));
        assert_eq!(parts.name.as_deref(), Some("da/ta"));
        assert_eq!(parts.username.as_deref(), Some("us@er"));
        let password = parts.password.as_ref().map(ExposeSecret::expose_secret);
        assert_eq!(password, Some("p:w %#é"));
        assert_eq!(parts.ssl_mode, Some(SslMode::VerifyFull));
    }

    #[test]
    fn a_percent_sign_that_encodes_nothing_stands_for_itself() {
        for (encoded, password) in [("100%", "100%"), ("%zz", "%zz"), ("%+1", "%+1")] {
            let parts = parse(&format!("postgres://u:{encoded}@h/x")).unwrap();
            let decoded = parts.password.as_ref().map(ExposeSecret::expose_secret);
            assert_eq!(decoded, Some(password));
        }
    }

    #[test]
    fn a_socket_directory_is_a_host() {
        for url in [
            "postgres:///x?host=/run/pg",
            "postgres://u@/x?host=/run/pg",
            "postgres://%2Frun%2Fpg/x",
        ] {
            assert_eq!(
                parse(url).unwrap().host.as_deref(),
                Some("/run/pg"),
                "{url}"
            );
        }
    }

    #[test]
    fn refusals_do_not_repeat_the_password() {
        for url in [
            "postgres://u:hunter2@h:port/x",
            "mysql://u:hunter2@h/x",
            "postgres://u:hunter2@h/x?sslmode=maybe",
            "postgres://u:hunter2@h/x?colour=red",
        ] {
            let message = parse(url).err().map(|error| error.to_string());
            let message = message.unwrap_or_default();
            assert!(message.starts_with("DATABASE_URL "), "{message}");
            assert!(!message.contains("hunter2"), "{message}");
        }
    }
}
