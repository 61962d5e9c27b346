//! All settings as they count, and all that is wrong with them.

use adapters::{
    Database,
    config::{Environment, Reading, Survey},
};
use ports::DatabaseError;

use super::Config;

/// What the settings of a process come to. Whatever the service reads is in it, because it is
/// made by reading: nothing has to be added for a new setting.
#[derive(Debug)]
pub struct Effective {
    /// Every setting, with where its value is from.
    pub readings: Vec<Reading>,
    /// All that is wrong, a line each.
    pub wrong: Vec<String>,
    /// Variables that look like settings of ours and are none.
    pub unread: Vec<String>,
    /// What the service would run with, if nothing is wrong.
    pub config: Option<Config>,
    /// The database, if nothing is wrong with its settings.
    pub database: Option<Database>,
    /// Whether `serve` brings the schema of a server's database up to date.
    pub migrates_on_start: bool,
}

impl Effective {
    /// Reads everything, although some of it may be wrong.
    pub fn read(environment: Environment) -> Self {
        let survey = Survey::new();
        let environment = environment.surveyed(&survey);
        let mut wrong = Vec::new();
        let config = kept(Config::read(&environment), &mut wrong);
        let database = kept(Database::read(&environment), &mut wrong);
        kept(migration::guard::read(&environment), &mut wrong);
        let migrates = environment
            .variables("DATABASE")
            .and_then(|variables| variables.flag_or("migrate_on_start", true));
        let readings = survey.readings();
        let is_wrong = |prefix: &str| {
            let mut ours = readings
                .iter()
                .filter(|known| known.name.starts_with(prefix));
            ours.any(|known| known.wrong.is_some())
        };
        let database = database.filter(|_| !is_wrong("DATABASE"));
        wrong.extend(survey.wrongs());
        Self {
            unread: survey.unread(),
            config: config.filter(|_| wrong.is_empty()),
            readings,
            wrong,
            database,
            migrates_on_start: migrates.unwrap_or(true),
        }
    }
}

/// What was read, unless that ended with a complaint.
fn kept<T>(read: Result<T, DatabaseError>, wrong: &mut Vec<String>) -> Option<T> {
    read.map_err(|error| wrong.push(error.to_string())).ok()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeMap, fs, path::Path};

    use adapters::config::{Origin, Source};

    use super::*;

    /// Settings of the tests themselves.
    const NOT_OF_THE_SERVICE: [&str; 1] = ["TEST_DATABASE_URL"];

    fn read(pairs: &[(&str, &str)]) -> Effective {
        Effective::read(Environment::of(pairs.iter().copied()))
    }

    fn of(effective: &Effective, name: &str) -> (String, Origin) {
        let mut readings = effective.readings.iter();
        let found = readings.find(|known| known.name == name).unwrap();
        (found.value.clone().unwrap_or_default(), found.origin)
    }

    /// The settings of both databases, with their defaults.
    fn defaults() -> BTreeMap<String, String> {
        let sqlite = read(&[]);
        let postgres = read(&[("DATABASE_USERNAME", "postgres")]);
        let all = sqlite.readings.into_iter().chain(postgres.readings);
        all.map(|known| (known.name, known.value.unwrap_or_default()))
            .collect()
    }

    fn text(name: &str) -> String {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        fs::read_to_string(root.join(name)).unwrap()
    }

    #[test]
    fn the_example_file_lists_what_is_read_and_nothing_else() {
        let example = text(".env.example");
        let lines = example.lines().filter_map(|line| {
            let (name, rest) = line.strip_prefix("# ")?.split_once('=')?;
            let is_name = |char: char| char.is_ascii_uppercase() || char == '_';
            name.chars().all(is_name).then(|| {
                let value = rest.split_once(" #").map_or(rest, |(value, _)| value);
                (name.to_owned(), value.trim().to_owned())
            })
        });
        let lines: BTreeMap<_, _> = lines.collect();
        let defaults = defaults();
        let listed: Vec<_> = lines
            .keys()
            .filter(|name| !NOT_OF_THE_SERVICE.contains(&name.as_str()))
            .collect();
        assert_eq!(listed, defaults.keys().collect::<Vec<_>>());
        for (name, value) in &lines {
            // Of the URL there is an example; whoever sets it leaves the default.
            if !value.is_empty() && !name.ends_with("_URL") {
                let default = defaults.get(name);
                assert_eq!(
                    default,
                    Some(value),
                    "{name}: read it by a method of Variables that ends in _or"
                );
            }
        }
    }

    #[test]
    fn the_table_in_the_readme_lists_what_is_read_and_nothing_else() {
        let readme = text("README.md");
        let mut listed: Vec<_> = readme.lines().flat_map(names_of_row).collect();
        listed.sort();
        listed.dedup();
        let defaults = defaults();
        let all: Vec<_> = defaults.keys().cloned().collect();
        assert_eq!(listed, all);
    }

    // | `DATABASE_HOST`, `_PORT` | .. has both, in full.
    fn names_of_row(line: &str) -> Vec<String> {
        let Some(first) = line
            .strip_prefix("| `")
            .and_then(|row| row.split('|').next())
        else {
            return Vec::new();
        };
        let words = first.split('`').map(str::trim);
        let is_name = |word: &&str| {
            let allowed = |char: char| char.is_ascii_uppercase() || char == '_';
            word.len() > 2 && word.chars().all(allowed)
        };
        let words: Vec<_> = words.filter(is_name).collect();
        let Some(first) = words.first().copied() else {
            return Vec::new();
        };
        let name = |word: &str| match word.strip_prefix('_') {
            Some(end) => {
                let begin = first.rsplit_once('_').map_or(first, |(begin, _)| begin);
                format!("{begin}_{end}")
            }
            None => word.to_owned(),
        };
        words.into_iter().map(name).collect()
    }

    #[test]
    fn each_value_tells_where_it_is_from() {
        let effective = read(&[
            ("DATABASE_URL", "postgres://ada:hunter2@db:6432/books"),
            ("DATABASE_NAME", "others"),
            ("LOG", "warn"),
        ]);
        assert_eq!(effective.wrong, [""; 0]);
        let set = Origin::Set(Source::Environment);
        let url = Origin::Other("DATABASE_URL");
        for (name, value, origin) in [
            ("DATABASE_URL", "postgres://ada:(hidden)@db:6432/books", set),
            ("DATABASE_HOST", "db", url),
            ("DATABASE_PORT", "6432", url),
            ("DATABASE_PASSWORD", "(hidden)", url),
            ("DATABASE_NAME", "others", set),
            ("LOG", "warn", set),
            ("DATABASE_POOL_RECYCLE", "10min", Origin::Default),
            ("HTTP_ADDR", "127.0.0.1:3000", Origin::Default),
        ] {
            assert_eq!(of(&effective, name), (value.to_owned(), origin), "{name}");
        }
    }

    #[test]
    fn everything_that_is_wrong_is_told_at_once() {
        let effective = read(&[
            ("DATABASE_URL", "postgres://ada:hunter2@db:port/books"),
            ("DATABASE_POOL_SIZE", "many"),
            ("DATABASE_POOL_SZIE", "5"),
            ("DATABASE_CURSOR_KEY", "tooshort"),
            ("DATABASE_SSL_ROOT_CERT", "/no/such/file"),
            ("HTTP_ADDR", "localhost"),
            ("LOG_FORMAT", "xml"),
        ]);
        assert_eq!(effective.wrong.len(), 7, "{:#?}", effective.wrong);
        assert!(effective.config.is_none() && effective.database.is_none());
        let all = format!("{effective:?}");
        assert!(
            !all.contains("hunter2") && !all.contains("tooshort"),
            "{all}"
        );
    }

    #[test]
    fn what_looks_like_a_setting_and_is_none_is_told_too() {
        let effective = read(&[("HTTP_MAX_INFLIGHT", "5"), ("PATH", "/bin")]);
        assert_eq!(effective.unread, ["HTTP_MAX_INFLIGHT"]);
    }
}
