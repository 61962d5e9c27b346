//! The command that opens the accounts of a file, while something breaks.

use std::{
    fs, io,
    process::{Child, Stdio},
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use tokio::task::{JoinHandle, spawn_blocking};

use super::place::Place;

/// How many accounts are in a file.
pub(super) const ROWS: usize = 400;

/// A command that takes longer than this hangs.
const LONGEST: Duration = Duration::from_secs(25);

/// What the command has said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// Every account is open.
    All,
    /// Or none of them.
    None,
    /// It could not know.
    Unclear,
}

/// Imports files of its own, one after the other, for so long.
pub(super) fn start(place: &Arc<Place>, round: usize, until: Instant) -> JoinHandle<()> {
    let place = Arc::clone(place);
    spawn_blocking(move || {
        let mut imports = 0;
        while Instant::now() < until {
            imports += 1;
            open_all(&place, format!("Import {round}-{imports}"));
        }
    })
}

/// Imports one file when nothing is wrong any more, so all of it.
pub(super) fn in_the_calm(place: &Place, round: usize) {
    let owner = format!("Import {round}-calm");
    let told = open_all(place, owner.clone());
    if told.is_some_and(|told| told != Told::All) {
        let finding = format!("{owner}: was told {told:?}, although nothing was wrong any more");
        place.book.find(finding);
    }
}

/// Imports the accounts of one owner, and keeps in mind what was said of it.
fn open_all(place: &Place, owner: String) -> Option<Told> {
    match import(place, &owner) {
        Ok(told) => {
            place.book.learn_import(owner, told);
            Some(told)
        }
        Err(error) => {
            place.book.find(format!("{owner}: {error}"));
            None
        }
    }
}

fn import(place: &Place, owner: &str) -> io::Result<Told> {
    let file = place.directory.join(format!("{owner}.csv"));
    let rows = format!("{owner},JPY,0\n").repeat(ROWS);
    fs::write(&file, format!("owner,currency,opening_balance\n{rows}"))?;
    let path = file.display().to_string();
    let mut settings = place.settings();
    settings.retain(|(name, _)| name != "LOG");
    settings.extend([
        ("LOG".to_owned(), "error".to_owned()),
        ("DATABASE_APPLICATION_NAME".to_owned(), "import".to_owned()),
    ]);
    let mut command = place.launch.command(&["import", &path], &settings);
    let command = command
        .current_dir(&place.directory)
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut child = command.spawn()?;
    let status = ended(&mut child)?;
    let mut said = String::new();
    if let Some(mut stderr) = child.stderr.take() {
        io::Read::read_to_string(&mut stderr, &mut said)?;
    }
    fs::remove_file(&file)?;
    match (status, said.contains("all rows may be stored, or none")) {
        (Some(0), _) => Ok(Told::All),
        (Some(1), true) => Ok(Told::Unclear),
        (Some(1), false) if said.contains("error: ") => Ok(Told::None),
        (code, _) => Err(io::Error::other(format!("exit code {code:?}: {said}"))),
    }
}

fn ended(child: &mut Child) -> io::Result<Option<i32>> {
    let deadline = Instant::now() + LONGEST;
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status.code());
        }
        if Instant::now() > deadline {
            child.kill()?;
            child.wait()?;
            let text = format!("the command did not end within {LONGEST:?}");
            return Err(io::Error::other(text));
        }
        thread::sleep(Duration::from_millis(10));
    }
}
