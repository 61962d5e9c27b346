//! What the server was sent, as its log has it.

use std::{collections::BTreeMap, fs, path::PathBuf, thread::sleep, time::Duration};

use tests::Cluster;

use crate::stage::execute;

/// How long the server may take to hear of a setting, or to write.
const MOMENT: Duration = Duration::from_millis(200);

/// A log of every statement, for as long as this value lives.
pub(crate) struct Log {
    path: PathBuf,
    url: String,
}

impl Log {
    pub(crate) fn of(cluster: &Cluster) -> Self {
        let log = Self {
            path: cluster.log(),
            url: cluster.url("postgres"),
        };
        log.set("ALTER SYSTEM SET log_statement = 'all'");
        log
    }

    /// The statements about the ledger that were sent while this ran, with how often each was,
    /// as a multiple of the rarest: how many requests there were makes no difference.
    pub(crate) fn statements(&self, run: impl FnOnce()) -> BTreeMap<String, usize> {
        let before = self.text().len();
        run();
        sleep(MOMENT);
        let text = self.text();
        let mut statements = BTreeMap::new();
        for sql in text[before..].lines().filter_map(about_the_ledger) {
            *statements.entry(sql.to_owned()).or_default() += 1;
        }
        let rarest = statements.values().copied().min().unwrap_or(1);
        for times in statements.values_mut() {
            *times = (*times + rarest / 2) / rarest;
        }
        statements
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    fn set(&self, setting: &str) {
        execute(&self.url, &[setting, "SELECT pg_reload_conf()"]);
        sleep(MOMENT);
    }
}

/// The statement of a line that has one, unless it is about something else.
fn about_the_ledger(line: &str) -> Option<&str> {
    let (_, said) = line.split_once("LOG:  ")?;
    let (how, sql) = said.split_once(": ")?;
    let is_sent = how == "statement" || how.starts_with("execute");
    let words = ["BEGIN", "COMMIT", "accounts", "transfers"];
    (is_sent && words.iter().any(|word| sql.contains(word))).then_some(sql)
}

impl Drop for Log {
    fn drop(&mut self) {
        self.set("ALTER SYSTEM RESET log_statement");
    }
}
