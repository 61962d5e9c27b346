//! `pgbench -M prepared`: what the server can do with these statements, and hardly any client.

use std::{fs, path::PathBuf, process::Command, thread};

use tempfile::TempDir;
use tests::Cluster;

use super::{
    contender::CONNECTIONS,
    load::{Length, Load, Runner, Side},
    operation::{BRANCHES, LIMIT, MEMO, OPENING_BALANCE, Operation, WALLETS},
    statement::{INSERT, LIST, LOCK, ONE, READ, STEP, UPDATE},
};

pub(crate) struct Pgbench {
    name: &'static str,
    program: PathBuf,
    url: String,
    scripts: TempDir,
}

impl Pgbench {
    /// `None` when there is no such program.
    pub(crate) fn new(name: &'static str, cluster: &Cluster, url: &str) -> Option<Self> {
        let program = program(cluster)?;
        let scripts = TempDir::new_in(cluster.directory()).unwrap();
        for operation in Operation::ALL {
            fs::write(scripts.path().join(operation.name()), script(operation)).unwrap();
        }
        Some(Self {
            name,
            program,
            url: url.to_owned(),
            scripts,
        })
    }

    /// Transactions per second. They end after a while, or after so many from each client.
    fn transactions(&self, load: &Load, end: String) -> f64 {
        let cores = thread::available_parallelism().map_or(1, usize::from);
        let output = Command::new(&self.program)
            .args(["--no-vacuum", "--protocol=prepared"])
            .arg(format!("--client={}", load.workers))
            .arg(format!("--jobs={}", load.workers.min(cores)))
            .arg(end)
            .arg(format!("--random-seed={}", load.seed))
            .arg(format!("--define=clients={}", load.workers))
            .arg("--file")
            .arg(self.scripts.path().join(load.operation.name()))
            .arg(&self.url)
            .output()
            .unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        let said = String::from_utf8_lossy(&output.stderr);
        let rate = text.lines().find_map(|line| line.strip_prefix("tps = "));
        let rate = rate.and_then(|rest| rest.split(' ').next()?.parse().ok());
        let is_whole = output.status.success() && !said.contains("aborted");
        rate.filter(|_| is_whole)
            .unwrap_or_else(|| panic!("pgbench failed: {text}{said}"))
    }
}

/// Where it is. `None` when there is no such program.
pub(crate) fn program(cluster: &Cluster) -> Option<PathBuf> {
    let program = cluster.program("pgbench");
    let version = Command::new(&program).arg("--version").output().ok()?;
    version.status.success().then_some(program)
}

impl Runner for Pgbench {
    fn name(&self) -> &'static str {
        self.name
    }

    fn side(&self) -> Side {
        Side::Limit
    }

    fn fits(&self, workers: usize) -> bool {
        workers <= CONNECTIONS
    }

    /// A round by the clock is a second: it knows no shorter ones. Each prepares its statements
    /// anew, which takes so much of a second from far that a round is three there.
    fn run(&self, load: &Load) -> f64 {
        let end = match load.length {
            Length::For(_) => format!("--time={}", if load.delayed { 3 } else { 1 }),
            Length::Times(times) => format!("--transactions={times}"),
        };
        self.transactions(load, end)
    }
}

/// The same statements, with variables of `pgbench` for their parameters.
fn script(operation: Operation) -> String {
    let read = |sql: &str, id: &str| bound(sql, &[id, "one"]);
    let constants = format!("\\set one {ONE}\n\\set step {STEP}\n\\set limit {LIMIT}\n");
    let amount = "\\set amount random(1, 999)\n";
    let body = match operation {
        Operation::Read => format!("\\set id random(1, {WALLETS})\n{};\n", read(READ, "id")),
        Operation::List => format!(
            "\\set branch random(0, {})\n\\set floor 0\n{};\n",
            BRANCHES - 1,
            bound(LIST, &["branch", "floor", "limit"])
        ),
        Operation::Insert => format!(
            "\\set id random(1, {WALLETS})\n{amount}{};\n",
            added("id", "amount")
        ),
        // It can not remember versions: one that is at least 1 is as much work to compare.
        Operation::Update => {
            let update = UPDATE.replace(r#""version" = $4"#, r#""version" >= $4"#);
            format!(
                "\\set id random(0, {WALLETS} / :clients - 1) * :clients + :client_id + 1\n\
                 \\set balance {OPENING_BALANCE} + random(0, 999)\n{};\n",
                bound(&update, &["balance", "step", "id", "one"])
            )
        }
        Operation::Transfer => {
            let changed = |sign: &str, of: &str| {
                let update = bound(
                    UPDATE,
                    &[
                        "balance",
                        "step",
                        &format!("{of}_id"),
                        &format!("{of}_version"),
                    ],
                );
                format!("\\set balance :{of}_balance {sign} :amount\n{update};\n")
            };
            format!(
                "\\set a random(1, {WALLETS})\n\
                 \\set b (:a + random(1, {WALLETS} - 1) - 1) % {WALLETS} + 1\n\
                 \\set low least(:a, :b)\n\\set high greatest(:a, :b)\n{amount}\
                 \\set minus 0 - :amount\n\
                 BEGIN;\n{} \\gset low_\n{} \\gset high_\n{}{}{};\n{};\nCOMMIT;\n",
                read(LOCK, "low"),
                read(LOCK, "high"),
                changed("-", "low"),
                changed("+", "high"),
                added("low", "minus"),
                added("high", "amount"),
            )
        }
    };
    constants + &body
}

/// The statement with `:name` where its parameters are.
fn bound(sql: &str, names: &[&str]) -> String {
    let numbered = (1..).zip(names);
    numbered.fold(sql.to_owned(), |sql, (number, name)| {
        sql.replace(&format!("${number}"), &format!(":{name}"))
    })
}

fn added(wallet: &str, amount: &str) -> String {
    bound(INSERT, &[wallet, amount]).replace("$3", &format!("'{MEMO}'"))
}
